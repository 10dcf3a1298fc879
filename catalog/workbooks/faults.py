"""What only a workbook can get wrong: sentences with the cell of each fault."""

from standards.identifiers.hide import without_numbers
from standards.violations import Severity, Violation


def failed_formula(path: str, shown: str, place: str) -> Violation:
    return _fault(
        "cell.error",
        shown,
        "值 / a value",
        f"{place} 的公式出错（{shown}），请改填值本身",
        f"the formula at {place} failed ({shown}); write the value itself",
        place,
        path,
    )


def differing_rows(path: str, value: object, place: str, first: str) -> Violation:
    return _fault(
        "cell.differs",
        value,
        first,
        f"{place} 与同一条记录的 {first} 不一致；一条记录只能有一个值，信息项自己的请用“信息项…”列",
        f"{place} differs from {first} of the same record, which has one value; items have "
        "columns of their own",
        place,
        path,
    )


def row_of_no_record(named: str, place: str) -> Violation:
    """A row of a list whose record is not there; `named` is empty where it names none."""
    said = f"“{named}”" if named else "（空）"
    return _fault(
        "row.no_record",
        named or None,
        "已有的资源标识或名称 / a resource id or name of the workbook",
        f"{place} 所在行的资源 {said} 不在记录中，或有几条同名；请填写资源标识",
        f"the row at {place} names no record, or several ({named or 'nothing'}); "
        "write its resource id",
        place,
    )


def record_again(named: str, place: str, first: str) -> Violation:
    return _fault(
        "record.repeated",
        named,
        first,
        f"{place} 所在行又是资源“{named}”，{first} 处已有；一条记录只占一行",
        f"the row at {place} is {named!r} again, which is at {first}; it has one row",
        place,
        path="resource_id",
    )


def no_record(sheets: tuple[str, ...]) -> Violation:
    names = "、".join(sheets) or "—"
    return _fault(
        "no_record",
        None,
        "datong template record",
        f"工作簿（{names}）中没有元数据记录：没有找到表头，或表头下没有行；"
        "可用 datong template record 生成模板",
        f"the workbook ({names}) holds no record: no header was found, or no row below one; "
        "datong template record writes a template",
        None,
    )


def unknown_head(text: str, place: str, nearest: str | None) -> Violation:
    """A head that means nothing; it may be anything, so no number of it is repeated."""
    shown = _shown(text)
    said = f"是否应为“{nearest}”？" if nearest else "请改用模板中的表头；"
    meant = f"did you mean {nearest}?" if nearest else "use the heads of the template."
    return _fault(
        "head.unknown",
        shown,
        nearest or "datong template record",
        f"{place} 的表头“{shown}”无法识别：{said}不需要的列请删除",
        f"the head {shown!r} at {place} is unknown: {meant} Delete a column that is not needed",
        place,
    )


def repeated_head(text: str, place: str) -> Violation:
    shown = _shown(text)
    return _fault(
        "head.repeated",
        shown,
        "一次 / once",
        f"{place} 的表头“{shown}”与前面的一列含义相同，只能保留一列；信息项自己的写“信息项{shown}”",
        f"the head {shown!r} at {place} means the same as an earlier one; keep one of them",
        place,
    )


def _shown(head: str) -> str:
    return without_numbers(head)[:60]


def _fault(
    rule: str,
    value: object,
    expected: str,
    zh: str,
    en: str,
    place: str | None,
    path: str = "",
) -> Violation:
    return Violation(
        path=path,
        value=value,
        rule=f"workbook.{rule}",
        severity=Severity.ERROR,
        expected=expected,
        zh=zh,
        en=en,
        place=place,
    )
