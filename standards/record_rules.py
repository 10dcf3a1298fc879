"""The rules of a record that JSON Schema cannot say, in one function that runs after the schema."""

import json
from collections.abc import Iterator, Mapping

from standards.code_lists import CodeLists
from standards.documents import as_mapping, as_sequence, canonical_json
from standards.faults import error, not_in_list, warning
from standards.identifiers import IdentifierKind, check_identifier
from standards.item_rules import check_items
from standards.records import ResourceKind, kind_of
from standards.registers import Registers
from standards.resource_rules import check_expectations, check_interface, check_parts
from standards.themes import check_themes
from standards.violations import Violation

_GOVERNMENT = "1"  # 机构编制, first character of a credit code (GB 32100-2015)
_OF_THE_PLATFORM = {
    "publish_date": ("发布日期由平台在发布时填写", "the platform sets it on publication"),
    "metadata_id": ("元数据标识符由平台赋予", "the platform gives it"),
    "metadata_updated_at": ("元数据更新日期由平台填写", "the platform sets it"),
}
_CODE = ("信息资源代码由平台在注册时赋予", "the platform gives the resource code at registration")


def check_rules(
    document: Mapping[str, object], code_lists: CodeLists, registers: Registers, *, imported: bool
) -> tuple[Violation, ...]:
    """The violations of all rules beside the schema; of an invalid document as far as it goes."""
    return (
        *_check_given(document, imported=imported),
        *_check_front_part(document, imported=imported),
        *_check_provider(document),
        *_check_timeliness(document),
        *_check_openness(document),
        *_check_basis(document, code_lists),
        *_check_codes(document, code_lists),
        *_check_division(document, code_lists),
        *_check_source_system(document, registers),
        *_check_ignored_columns(document),
        *_check_delivery(document),
        *check_themes(document, code_lists),
        *check_parts(document),
        *check_interface(document),
        *check_expectations(document),
        *check_items(document, code_lists, registers.elements),
    )


def check_writable(document: Mapping[str, object]) -> tuple[Violation, ...]:
    """The values that no JSON text can hold: not-a-numbers, halves of characters."""
    try:
        canonical_json(document).encode()
    except ValueError:
        return tuple(_unwritable("", document))
    return ()


def _unwritable(path: str, value: object) -> Iterator[Violation]:
    if isinstance(value, Mapping):
        parts = list(value.items())
    elif isinstance(value, list | tuple):
        parts = [(str(place), inner) for place, inner in enumerate(value)]
    else:
        parts = []
    for key, inner in parts:
        yield from _unwritable(f"{path}/{key}".removeprefix("/"), inner)
    if not _holds(value if not parts else [key for key, _ in parts]):
        zh, en = "JSON 能写的值：完整的字符、有限的数", "what JSON can hold: whole characters"
        place = path.encode(errors="replace").decode()
        # the value itself could not be repeated in any answer
        yield error(place, None, "record.unwritable", zh, en)


def _holds(value: object) -> bool:
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except ValueError:
        return False
    return True


def _check_given(document: Mapping[str, object], *, imported: bool) -> Iterator[Violation]:
    """Rule 9 and the first half of 7: what the platform writes is not the author's."""
    given = _OF_THE_PLATFORM if imported else {"resource_code": _CODE, **_OF_THE_PLATFORM}
    for key, (zh, en) in given.items():
        if key in document:
            rule = f"record.{key}.given"
            yield error(key, document[key], rule, f"不写：{zh}", f"nothing: {en}")


def _check_front_part(document: Mapping[str, object], *, imported: bool) -> Iterator[Violation]:
    code = document.get("resource_code")
    levels = as_mapping(document.get("classification"))
    parts = [levels.get(key, "") for key in ("lei", "xiang", "mu", "ximu")]
    if not imported or not isinstance(code, str) or "/" not in code or not levels:
        return
    front = "".join(part for part in parts if isinstance(part, str))
    if code.partition("/")[0] != front:
        zh = f"前段为 {front}，与信息资源分类一致；请核对代码和分类"
        en = f"a code whose front part is {front}, the classification; check code and class"
        yield error("resource_code", code, "record.resource_code.classification", zh, en)


def _check_provider(document: Mapping[str, object]) -> Iterator[Violation]:
    code = document.get("provider_code")
    if not isinstance(code, str):
        return
    verdict = check_identifier(IdentifierKind.USCC, code)
    if not verdict.valid or verdict.normalised != code:
        zh, en = "通过 GB 32100-2015 校验的信用代码", "a credit code that passes GB 32100-2015"
        yield error("provider_code", code, "record.provider_code.check", zh, en)
    elif not code.startswith(_GOVERNMENT):
        zh, en = "政务部门的代码通常以 1 开头", "a department's code, which usually begins with 1"
        yield warning("provider_code", code, "record.provider_code.category", zh, en)


def _check_timeliness(document: Mapping[str, object]) -> Iterator[Violation]:
    if document.get("update_cycle") == "realtime" and not _is_interface(document):
        zh = "daily 等周期：文件交付做不到实时，实时请用接口"
        en = "daily or another cycle: files cannot be delivered in real time, an interface can"
        yield warning("update_cycle", "realtime", "record.update_cycle.realtime", zh, en)


def _is_interface(document: Mapping[str, object]) -> bool:
    try:
        return kind_of(document) is ResourceKind.INTERFACE
    except ValueError:
        return True  # an unknown kind is the schema's to report; nothing can be told from it


def _check_openness(document: Mapping[str, object]) -> Iterator[Violation]:
    if document.get("open") is True and document.get("share_type") == 3:
        zh, en = "false：不予共享的通常也不开放", "false: what is not shared is usually not open"
        yield warning("open", True, "record.open.not_shared", zh, en)


def _check_basis(document: Mapping[str, object], code_lists: CodeLists) -> Iterator[Violation]:
    written = document.get("non_share_basis")
    if written is None and document.get("share_type") == 3:
        zh = "basis（代码表 legal_basis 的代码）和 clause（条款）：不予共享须有明确的依据"
        en = "basis (a code of the list legal_basis) and clause: what bars the sharing"
        yield warning("non_share_basis", None, "record.non_share_basis.missing", zh, en)
    basis, bases = as_mapping(written).get("basis"), code_lists.require("legal_basis")
    if isinstance(basis, str) and bases.find(basis) is None:
        rule, what = "record.non_share_basis.basis.unknown", "依据代码 / legal basis"
        yield not_in_list("non_share_basis/basis", basis, rule, bases.codes, what)


def _check_codes(document: Mapping[str, object], code_lists: CodeLists) -> Iterator[Violation]:
    """Codes of lists that a deployment may extend, so that no schema can hold them."""
    purposes = code_lists.require("purpose")
    for place, use in enumerate(as_sequence(document.get("uses"))):
        if isinstance(use, str) and purposes.find(use) is None:
            what = "用途代码 / purpose"
            yield not_in_list(f"uses/{place}", use, "record.uses.unknown", purposes.codes, what)
    # the names of the 23 domains are each deployment's own: no public list of them was found
    domain, domains = document.get("field_domain"), code_lists.find("field_domain")
    if domains is not None and isinstance(domain, str) and domains.find(domain) is None:
        rule, what = "record.field_domain.unknown", "所属领域代码 / domain"
        yield not_in_list("field_domain", domain, rule, domains.codes, what)


def _check_division(document: Mapping[str, object], code_lists: CodeLists) -> Iterator[Violation]:
    division = document.get("division_code")
    if isinstance(division, str) and code_lists.require("division").find(division) is None:
        zh, en = "代码表 division 中的行政区划代码", "a division code of the code list division"
        yield warning("division_code", division, "record.division_code.unknown", zh, en)


def _check_source_system(
    document: Mapping[str, object], registers: Registers
) -> Iterator[Violation]:
    system, known = document.get("source_system"), registers.systems
    if known is not None and isinstance(system, str) and system not in known:
        rule = "record.source_system.unknown"
        what = "信息系统；新系统请先登记 / information system; register a new one first"
        yield not_in_list("source_system", system, rule, sorted(known), what)


def _check_ignored_columns(document: Mapping[str, object]) -> Iterator[Violation]:
    if not document.get("ignored_columns"):
        return
    heads = {
        head
        for item in map(as_mapping, as_sequence(document.get("items")))
        for head in (item.get("id"), item.get("name"), *as_sequence(item.get("aliases")))
        if isinstance(head, str)
    }
    zh, en = "不是信息项的表头：信息项不能忽略", "a head of no item: an item cannot be ignored"
    for place, column in enumerate(as_sequence(document.get("ignored_columns"))):
        if isinstance(column, str) and column in heads:
            path, rule = f"ignored_columns/{place}", "record.ignored_columns.item"
            yield error(path, column, rule, zh, en)


def _is_file(document: Mapping[str, object]) -> bool:
    try:
        return kind_of(document) is ResourceKind.FILE
    except ValueError:
        return True  # an unknown kind is the schema's to report; nothing can be told from it


def _is_key(item: Mapping[str, object]) -> bool:
    return item.get("key") is True


def _check_delivery(document: Mapping[str, object]) -> Iterator[Violation]:
    mode = as_mapping(document.get("delivery")).get("default_mode")
    items = map(as_mapping, as_sequence(document.get("items")))
    # files need no key: each is known by its name
    if mode == "incremental" and not _is_file(document) and not any(map(_is_key, items)):
        zh, en = "full：没有主键的资源不能增量", "full: without a key there are no increments"
        yield error("delivery/default_mode", mode, "record.delivery.default_mode.key", zh, en)
