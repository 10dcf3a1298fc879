"""Reads YAML and JSON documents so that codes, dates and numbers stay what their author wrote.

Plain scalars follow the YAML 1.2 core schema, made stricter: `07` and `2026-01-01` are text, only
true and false are booleans, a key is always text and may stand once, NaN and aliases are refused.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

import yaml

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+([eE][-+]?[0-9]+)?")
_NOT_A_NUMBER = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_JSON_CONSTANT = re.compile(r"(?<![\w\"])(NaN|-?Infinity)(?![\w\"])")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
_WORDS: Mapping[str, bool | None] = {
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
    "null": None,
    "Null": None,
    "NULL": None,
    "~": None,
    "": None,
}
_PROBLEMS: Mapping[str, str] = {
    "found character that cannot start any token": "此处有制表符或特殊符号；缩进用空格，值加引号",
    "found a tab character": "此处有制表符；缩进请用空格",
    "did not find expected key": "缩进不一致，或上一行缺少引号、冒号",
    "could not find expected ':'": "缺少冒号，或冒号后没有空格",
    "mapping values are not allowed": "一行有两个冒号，或缩进不一致；值里含冒号时请加引号",
    "did not find expected ',' or ']'": "方括号 [ ] 没有写完，或缺少逗号",
    "did not find expected ',' or '}'": "花括号 { } 没有写完，或缺少逗号",
    "block sequence entries are not allowed": "此处不能用短横线列表，请另起一行",
    "did not find expected '-' indicator": "列表各项的短横线没有对齐",
    "found unexpected end of stream": "引号没有写完",
    "but found another document": "一个文件只能写一份文档，请去掉 --- 之后的内容",
}
_PLAIN_TAGS = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map"))


class DocumentError(Exception):
    """A document that cannot be read; says the line (counted from 1) and what would be right."""

    def __init__(self, zh: str, en: str, line: int) -> None:
        super().__init__(zh, en, line)
        self.zh = zh
        self.en = en
        self.line = line

    def __str__(self) -> str:
        return f"第 {self.line} 行：{self.zh} / line {self.line}: {self.en}"


@dataclass(frozen=True, slots=True)
class Lines:
    """The line of each part of a document, counted from 1, by its path such as items/3/length."""

    by_path: Mapping[str, int]

    def of(self, path: str) -> int:
        """The line of the part, or of the nearest one around it that is there."""
        while path not in self.by_path and path:
            path = path.rpartition("/")[0]
        return self.by_path.get(path, 1)

    def place(self, path: str) -> str:
        """The line as it is told: 第 12 行."""
        return f"第 {self.of(path)} 行"


def load_document(text: str) -> dict[str, object]:
    """Read one YAML or JSON mapping; raises DocumentError with the line that is at fault."""
    return _read(text)[0]


def load_with_lines(text: str) -> tuple[dict[str, object], Lines]:
    """Read as `load_document` does, and tell the line of each part."""
    document, root = _read(text)
    return document, Lines(dict(_lines("", root or _compose_json(text))))


def _read(text: str) -> tuple[dict[str, object], yaml.Node | None]:
    """The document, and where YAML was read the node it came from."""
    text = text.removeprefix("\ufeff")
    if text.lstrip().startswith("{"):
        document = _read_json(text)
        if document is not None:
            return document, None
    return _read_yaml(text)


def _compose_json(text: str) -> yaml.Node | None:
    """JSON as YAML reads it, for its lines; None in the rare case that YAML cannot.

    A tab and an escaped half of a character are JSON but not YAML; neither changes a line.
    """
    plain = _SURROGATE.sub(r"\\u0041", text.removeprefix("\ufeff").replace("\t", " "))
    try:
        return yaml.compose(plain, Loader=_LOADER)
    except (yaml.YAMLError, RecursionError):
        return None


def _lines(path: str, node: yaml.Node | None) -> Iterator[tuple[str, int]]:
    if node is None:
        return
    if isinstance(node, yaml.MappingNode):
        parts = [(key.value, key, value) for key, value in node.value]
    elif isinstance(node, yaml.SequenceNode):
        parts = [(str(place), value, value) for place, value in enumerate(node.value)]
    else:
        return
    for name, begins, value in parts:
        inner = f"{path}/{name}".removeprefix("/")
        yield inner, begins.start_mark.line + 1
        yield from _lines(inner, value)


def canonical_json(value: object) -> str:
    """One text for one value: keys sorted, no spaces, characters as they are; ValueError on NaN."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


class _NeedsLine(Exception):
    """JSON found a fault but does not know the line; the YAML reader will say it."""


def _read_json(text: str) -> dict[str, object] | None:
    try:
        document = json.loads(text, object_pairs_hook=_pairs, parse_constant=_constant)
    except (json.JSONDecodeError, _NeedsLine, RecursionError):
        _refuse_json_constants(text)
        return None
    if "\\u" in text or not _is_whole(text):  # else it cannot hold half a character
        _refuse_surrogates(document)
    return document if isinstance(document, dict) else None


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    keys = dict(pairs)
    if len(keys) != len(pairs):
        raise _NeedsLine
    return keys


def _constant(_: str) -> NoReturn:
    raise _NeedsLine


def _refuse_json_constants(text: str) -> None:
    for number, line in enumerate(text.splitlines(), start=1):
        found = _JSON_CONSTANT.search(line)
        if found is not None:
            raise _not_a_number(found.group(1), number)


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refuse_surrogates(value: object) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        zh, en = "含有不成对的代理字符，请改成完整字符", "holds half a surrogate pair; write whole"
        raise DocumentError(zh, f"{en} characters", 1) from error


def _read_yaml(text: str) -> tuple[dict[str, object], yaml.Node]:
    try:
        root = yaml.compose(text, Loader=_LOADER)
        if not isinstance(root, yaml.MappingNode):
            line = 1 if root is None else root.start_mark.line + 1
            zh, en = "文档应是“键: 值”的形式", "a document is a mapping of keys to values"
            raise DocumentError(zh, en, line)
        document = _mapping(root, set())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = 1 if mark is None else mark.line + 1
        raise DocumentError(
            f"不是合法的 YAML 或 JSON：{_in_chinese(error.problem)}",
            f"not valid YAML or JSON: {error.problem}",
            line,
        ) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, max(error.position, 0)) + 1
        zh, en = "含有不允许的控制字符", "holds a control character that is not allowed"
        raise DocumentError(zh, en, line) from error
    except RecursionError as error:
        raise DocumentError("嵌套太深", "nested too deeply", 1) from error
    _refuse_surrogates(document)
    return document, root


def _in_chinese(problem: str | None) -> str:
    """What the parser says, for who reads no English; its own words where they are rare."""
    said = problem or ""
    return next((zh for en, zh in _PROBLEMS.items() if en in said), said)


def _value(node: yaml.Node, seen: set[int]) -> object:
    if node.tag not in _PLAIN_TAGS:
        raise DocumentError(
            f"不支持标签 {node.tag}，请直接写值",
            f"the tag {node.tag} is not supported; write the plain value",
            node.start_mark.line + 1,
        )
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, seen)
    _refuse_alias(node, seen)
    if isinstance(node, yaml.SequenceNode):
        return [_value(child, seen) for child in node.value]
    return _scalar(node)


def _mapping(node: yaml.MappingNode, seen: set[int]) -> dict[str, object]:
    _refuse_alias(node, seen)
    document: dict[str, object] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise DocumentError("键必须是文字", "a key must be text", line)
        key = str(key_node.value)
        if key in document:
            raise DocumentError(
                f"键 {key} 重复，只能写一次", f"the key {key} is repeated; write it once", line
            )
        document[key] = _value(value_node, seen)
    return document


def _refuse_alias(node: yaml.Node, seen: set[int]) -> None:
    # An alias hands out the very node again: it may never end, or grow a line to gigabytes.
    if id(node) in seen:
        zh, en = (
            "不支持 YAML 别名（*名），请写出全部内容",
            "aliases (*name) are not supported; write",
        )
        raise DocumentError(zh, f"{en} the value out", node.start_mark.line + 1)
    seen.add(id(node))


def _scalar(node: yaml.Node) -> object:
    text = str(node.value)
    plain = isinstance(node, yaml.ScalarNode) and not node.style  # "" from the C parser
    return _plain(text, node.start_mark.line + 1) if plain else text


def _plain(text: str, line: int) -> object:
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text) if len(text) <= 40 else text
    if _DECIMAL.fullmatch(text):
        return float(text)
    if _NOT_A_NUMBER.fullmatch(text):
        raise _not_a_number(text, line)
    return text


def _not_a_number(text: str, line: int) -> DocumentError:
    return DocumentError(
        f"{text} 不是数，请写出数值，或加引号写成文字",
        f"{text} is not a number; write one, or quote it as text",
        line,
    )


def as_mapping(value: object) -> Mapping[str, object]:
    """The value as a mapping, or an empty one: for reading parts of a checked document."""
    return value if isinstance(value, Mapping) else {}


def as_sequence(value: object) -> Sequence[object]:
    """The value as a list, or an empty one: for reading parts of a checked document."""
    return value if isinstance(value, list | tuple) else ()
