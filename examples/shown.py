"""Draws what a lake answered: deliveries, what is in quarantine, subjects cell by cell."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from examples.counts import COUNTED, counts_of, total_of
from examples.screen import Screen

if TYPE_CHECKING:
    from api.answers import DeliveryAnswer
    from examples.running_api import Reply


EXAMPLES: Final = 5
NARROW: Final = "\u00a0"  # a space at which a line is not folded
LONGEST: Final = 160  # of an example sentence; it may hold a whole cell
MODES: Final = {"full": "全量 full", "incremental": "增量 incremental"}
SEVERITIES: Final = {"error": "问题 error", "warning": "提示 warning"}


def show_deliveries(screen: Screen, answers: Sequence["DeliveryAnswer"]) -> None:
    """One line for each file, and the sums."""
    files = {answer.file_name: counts_of(answer) for answer in answers}
    rows: list[Sequence[object]] = [
        (
            f"{answer.file_name}\n{_form(answer)}",
            *(_number(files[answer.file_name][name]) for name in COUNTED),
        )
        for answer in answers
    ]
    total = total_of(files)
    rows.append(("合计 total", *(_number(total[name]) for name in COUNTED)))
    heads = (
        "文件\nfile",
        "行数\nrows",
        "入库\naccepted",
        "问题\nbad",
        "退回\nrefused",
        "未变\nsame",
    )
    screen.table(heads, rows, numbers=(1, 2, 3, 4, 5))


def show_rules(
    screen: Screen, answers: Iterable["DeliveryAnswer"], examples: Mapping[str, Mapping[str, Any]]
) -> None:
    """How often each rule was broken, and for the commonest what the sender is told."""
    counts: dict[str, int] = {}
    for answer in answers:
        for rule, count in answer.rules.items():
            counts[rule] = counts.get(rule, 0) + count
    ordered = sorted(counts, key=lambda rule: (-counts[rule], rule))
    rows = [
        (
            rule,
            SEVERITIES.get(examples.get(rule, {}).get("severity", ""), ""),
            _number(counts[rule]),
        )
        for rule in ordered
    ]
    screen.table(("规则\nrule", "轻重\nseverity", "次数\ntimes"), rows, numbers=(2,))
    screen.say("   例如 for example:")
    wrong = [rule for rule in ordered if examples.get(rule, {}).get("severity") == "error"]
    for rule in wrong[:EXAMPLES]:
        _show_example(screen, rule, examples[rule])


def _show_example(screen: Screen, rule: str, violation: Mapping[str, Any]) -> None:
    place = f"{violation['file']} 第 {violation['row']} 行 row {violation['row']}"
    screen.say(f"   {place} · {rule}", style="bold")
    screen.say(f"     {_short(str(violation['zh']))}")
    screen.say(f"     {_short(str(violation['en']))}")


def _short(sentence: str) -> str:
    return sentence if len(sentence) <= LONGEST else f"{sentence[:LONGEST]}…"


def show_refused(screen: Screen, answers: Iterable["DeliveryAnswer"]) -> None:
    """Every file refused whole, with the reason that its sender is told."""
    for answer in answers:
        if answer.reason is not None:
            screen.say(f"   {answer.file_name} 整批退回 · refused whole", style="bold red")
            screen.say(f"   {answer.reason.zh}")
            screen.say(f"   {answer.reason.en}")


def show_subject(
    screen: Screen, reply: "Reply", names: Mapping[str, str], files: Mapping[str, str]
) -> None:
    """Every cell of a subject with value, source, delivery, data time, who agrees and differs.

    `names` gives the Chinese label of an item, `files` the file that a delivery brought.
    """
    document = reply.document
    cells = {
        item: cell
        for item, cell in document["cells"].items()
        if cell["value"] is not None or cell["differ"]
    }
    rows = [
        (
            f"{names.get(item, '')}\n{item}".strip(),
            cell["value"],
            _origin(cell),
            "\n".join(_others(cell)),
        )
        for item, cell in cells.items()
    ]
    heads = (
        "数据项\nitem",
        "值\nvalue",
        "来源 批次 数据时间\nsource delivery time",
        "= 一致 ≠ 不一致\n= agree ≠ differ",
    )
    screen.table(heads, rows, lines=True)
    for delivery in sorted({cell["delivery"] for cell in cells.values() if cell["delivery"]}):
        screen.say(f"   {_tail(delivery)} = {delivery} {files.get(delivery, '')}", style="dim")
    screen.say(
        f"   HTTP {reply.status} · {reply.milliseconds:.0f} ms · view version "
        f"{document['view_version']} · known at {document['known_at']}",
        style="dim",
    )


def show_problem(screen: Screen, reply: "Reply") -> None:
    """An answer that refuses: status, type, and the sentence in both languages."""
    document = reply.document
    screen.say(f"   HTTP {reply.status} · {document.get('type', '')}", style="bold yellow")
    screen.say(f"   {document.get('detail_zh', '')}")
    screen.say(f"   {document.get('detail_en', '')}")


def _form(answer: "DeliveryAnswer") -> str:
    mode = MODES.get(answer.mode, answer.mode)
    return " · ".join(part for part in (answer.format, answer.encoding, mode) if part)


def _number(value: int) -> str:
    return f"{value:,}" if value else "·"


def _origin(cell: Mapping[str, Any]) -> str:
    if cell["source"] is None:
        return str(cell["rule"] or "")
    place = f"{_tail(cell['delivery'])}{NARROW}{str(cell['data_time'])[:10]}"
    rule = "" if cell["rule"] == "authority" else f" ({cell['rule']})"
    return f"{cell['source']}{rule}\n{place}"


def _others(cell: Mapping[str, Any]) -> Iterator[str]:
    for source in cell["agree"]:
        yield f"={NARROW}{source}"
    for other in cell["differ"]:
        yield f"≠{NARROW}{other['source']}"
        yield f"  {other['value']}"


def _tail(delivery: str) -> str:
    # The beginning of an id is its time, and much the same for deliveries of one minute.
    return f"…{delivery[-6:]}"
