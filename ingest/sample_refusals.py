"""Say why no record can be drafted from a file; what a delivery refuses too is in refusals.py."""

from ingest.refusals import Refusal


def no_header() -> Refusal:
    return Refusal(
        "sample.no_header",
        "文件的第一行像是数据而不是表头。请在第一行写上各列的名称后重试。",
        "The first row of the file looks like data and not like a header. Write the names of the "
        "columns into the first row and try again.",
        "row 1",
    )


def headless(place: int) -> Refusal:
    return Refusal(
        "sample.headless_column",
        f"第 {place} 列没有表头。请补上列名，或删除该列后重试。",
        f"Column {place} has no head. Name it, or delete it, and try again.",
        f"column {place}",
    )


def repeated(head: str) -> Refusal:
    return Refusal(
        "sample.repeated_head",
        f"表头“{head}”出现了不止一次。请为每一列取不同的名称后重试。",
        f"The head {head!r} stands more than once. Give each column a name of its own, try again.",
        "row 1",
    )


def no_table(odd: int) -> Refusal:
    return Refusal(
        "sample.no_table",
        f"文件不像一张表：至少 {odd} 行的列数与表头不同，或引号不成对。请检查分隔符和引号。",
        f"The file does not look like a table: {odd} rows or more differ from the header in their "
        "number of cells, or have broken quotes. Check delimiter and quotes.",
    )
