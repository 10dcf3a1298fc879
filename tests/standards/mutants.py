"""Records grown from real titles, each broken (or not) in ways that a seed decides."""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any

from tests.standards.makers import PROVIDER, Document

PORTALS = Path(__file__).parents[3] / "shared" / "data" / "catalog-cn" / "portals"
_TITLES = ("标题", "资源名称", "信息资源名称", "目录名称")
_PROVIDERS = (
    "数据提供方", "数源单位", "来源部门", "提供单位", "提供机构", "信息资源提供方", "提供部门",
)  # fmt: skip
# in the manner of the real ones, for where those are absent
_OWN_TITLES = ("户籍人口信息", "企业登记信息", "公交线路信息（主表）", "2022年社团年检_各区县")

ODD: tuple[Any, ...] = (
    None, True, False, 0, 1, 2, 3, 9, -1, 1.0, 2.5, 10**30, "", " ", "　", "1", "true", "07", "a\n",
    "𠮷" * 201, "７", "ａ", "é", "\u0000", "\x85", [], {}, [None], [[1], [True]], ["a", "a"],
    [1, 1.0], {"a": 1}, [{}], "x" * 5000,
)  # fmt: skip
Change = Callable[[Random, Document], object]


def real_titles() -> list[tuple[str, str]]:
    """Title and provider of the real records; of a few of our own where there are none."""
    pairs = [
        (title, _first(each, _PROVIDERS) or "某市政务部门")
        for path in sorted(PORTALS.glob("*.json"))
        for each in json.loads(path.read_text(encoding="utf-8"))
        if (title := _first(each, _TITLES))
    ]
    return pairs or [(title, "某市统计局") for title in _OWN_TITLES]


def _first(record: dict[str, Any], keys: tuple[str, ...]) -> str:
    texts = (str(record.get(key) or "").strip() for key in keys)
    return next((text[:200] for text in texts if text), "")


def grown(random: Random, title: str, provider: str) -> Document:
    """A valid record as an import may bring it, of one of six shapes."""
    number = random.randint(1, 99)
    record: Document = {
        "resource_id": f"real-{random.randint(0, 10**6)}",
        "name": title,
        "provider_code": PROVIDER,
        "provider_name": provider,
        "abstract": f"{title}，由{provider}提供",
        "classification": {"lei": "3", "xiang": "07", "mu": f"{number:03}", "ximu": "01"},
        "resource_code": f"307{number:03}01/{random.randint(1, 999)}",
        "format": {"category": random.choice([2, 3]), "type": "csv"},
        "items": [
            {"id": "code", "name": f"{title[:20]}编号", "data_type": "C", "length": 20},
            {"id": "name", "name": "名称", "data_type": "C", "share_type": 3,
             "share_condition": "含个人信息"},
        ],
        "share_type": 1,
        "share_method": "platform",
        "open": False,
        "update_cycle": "monthly",
        "secrecy": False,
        "keywords": [title[:6]],
    }  # fmt: skip
    random.choice(SHAPES)(record)
    return record


def _conditional(record: Document) -> None:
    record |= {"share_type": 2, "share_condition": "依申请", "share_method": "query"}


def _refused(record: Document) -> None:
    record |= {"share_type": 3, "share_condition": "统计法", "non_share_reason_type": 1}
    record |= {"non_share_basis": {"basis": "statistics_law", "clause": "第二十五条"}}
    del record["share_method"]


def _open(record: Document) -> None:
    record |= {"open": True, "open_type": "conditional", "open_condition": "实名"}
    record["items"][0]["open_type"] = "not_open"  # type: ignore[index]


def _interface(record: Document) -> None:
    parameters = [{"name": "code", "place": "query", "data_type": "C", "required": True}]
    record |= {"kind": "interface", "format": {"category": 7, "type": "api"}}
    record["interface"] = {"url": "/a", "method": "GET", "parameters": parameters}


def _file(record: Document) -> None:
    record |= {"kind": "file", "format": {"category": 1, "type": "pdf"}}
    record["file"] = {"media_types": ["application/pdf"]}
    del record["items"]


def _rich(record: Document) -> None:
    record |= {
        "category_gb21063_4": [{"name": "矿藏", "code": "ZCC00"}],
        "uses": ["work_reference"],
        "net_type": "1",
        "data_kind": [1, 16],
        "expectations": {"rows": {"minimum": 1, "reason": "年报"}},
    }


SHAPES: tuple[Callable[[Document], None], ...] = (
    _conditional, _refused, _open, _interface, _file, _rich,
)  # fmt: skip


# --- changes aimed at one rule of domain.md 1.8 each, right and wrong ones alike ---


def _blank(random: Random) -> Any:
    return random.choice([..., "", " ", "　\n", None, "依申请"])


def _share_condition(random: Random, record: Document) -> None:
    record["share_type"] = 2
    record["share_condition"] = _blank(random)


def _basis(random: Random, record: Document) -> None:
    record["share_type"] = 3
    key = random.choice(["share_condition", "non_share_reason_type", "share_method"])
    record[key] = "platform" if key == "share_method" else _blank(random)


def _method(random: Random, record: Document) -> None:
    record["share_type"] = random.choice([1, 2])
    record["share_method"] = random.choice([..., "", "fax", "query"])


def _open_condition(random: Random, record: Document) -> None:
    record |= {"open": True, "open_type": "conditional", "open_condition": _blank(random)}


def _no_items(random: Random, record: Document) -> None:
    record["format"] = {"category": random.choice([2, 3]), "type": "csv"}
    record["items"] = random.choice([..., [], None])


def _items(record: Document) -> list[Any]:
    """The items, made anew where an earlier change has taken them."""
    items = record.get("items")
    if (
        not isinstance(items, list)
        or not items
        or not all(isinstance(each, dict) for each in items)
    ):
        items = [{"id": "code", "name": "编号", "data_type": "C"}]
        record["items"] = items
    return items


def _same_names(random: Random, record: Document) -> None:
    items = _items(record)
    items.append({**items[0], "id": f"twin{random.randint(1, 99)}"})


def _provider(random: Random, record: Document) -> None:
    company = "91420000757013137P"  # right, but of no department
    wrong = ["12100000400000624E", PROVIDER.lower(), f"{PROVIDER}\n"]
    record["provider_code"] = random.choice([*wrong, company, company, PROVIDER])


def _code_grammar(random: Random, record: Document) -> None:
    wrong = ["401001/1", "10101/1", "101001-1", "101001/", "101001/1\n", "101001/１", "", 307]
    record["resource_code"] = random.choice(wrong)


def _code_front(random: Random, record: Document) -> None:
    record["resource_code"] = random.choice(["101001/1", "30700101/5", "2010010001/12"])


def _secret(random: Random, record: Document) -> None:
    record["secrecy"] = random.choice([True, True, "涉密", 0, False])


def _published(random: Random, record: Document) -> None:
    record["publish_date"] = random.choice(["2026-01-01", None, ""])


def _realtime(_random: Random, record: Document) -> None:
    record["update_cycle"] = "realtime"


def _looser(random: Random, record: Document) -> None:
    record |= {"share_type": random.choice([2, 3]), "share_condition": "依申请"}
    items = _items(record)
    items[random.randrange(len(items))]["share_type"] = random.choice([1, 2, 3])


AIMED: tuple[Change, ...] = (
    _share_condition, _basis, _method, _open_condition, _no_items, _same_names, _provider,
    _code_grammar, _code_front, _secret, _published, _realtime, _looser,
)  # fmt: skip


# --- changes anywhere ---


def places(value: object) -> Iterator[tuple[Any, Any]]:
    """Every place inside a document: what holds it, and its key there."""
    keys = list(value) if isinstance(value, dict) else []
    keys = list(range(len(value))) if isinstance(value, list) else keys
    for key in keys:
        yield value, key
        yield from places(value[key])  # type: ignore[index]


def _swap(random: Random, record: Document) -> None:
    holder, key = random.choice(list(places(record)))
    holder[key] = deepcopy(random.choice(ODD))


def _drop(random: Random, record: Document) -> None:
    holder, key = random.choice(list(places(record)))
    del holder[key]


def _strange_key(random: Random, record: Document) -> None:
    mappings = [
        record,
        *(held for holder, key in places(record) if isinstance(held := holder[key], dict)),
    ]
    random.choice(mappings)[random.choice(["nmae", "共享类型", "x-1", "", "format"])] = 1


def _known_key(random: Random, record: Document) -> None:
    keys = [
        "level", "sensitivity_level", "net_type", "online_url", "data_range", "open_type", "file",
        "null_values", "data_kind", "uses", "interface", "expectations", "field_domain",
    ]  # fmt: skip
    record[random.choice(keys)] = deepcopy(random.choice((*ODD, "1", [1], "23", "https://a.cn/b")))


def _newline(random: Random, record: Document) -> None:
    texts = [(held, key) for held, key in places(record) if isinstance(held[key], str)]
    holder, key = random.choice(texts)
    holder[key] += random.choice(["\n", "\r\n", " ", "\u2028", "Ａ"])


ANYWHERE: tuple[Change, ...] = (_swap, _drop, _strange_key, _known_key, _newline)


def mutant(random: Random, titles: list[tuple[str, str]]) -> Document:
    """A record of a real title after none to two changes, one in two of them aimed at a rule."""
    record = grown(random, *random.choice(titles))
    for _ in range(random.choice([0, 1, 1, 1, 2])):
        change = random.choice(AIMED if random.random() < 0.65 else ANYWHERE)
        change(random, record)
        record = {key: value for key, value in record.items() if value is not ...}
    return record
