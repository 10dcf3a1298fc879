"""Writes records as a workbook: one to fill in, with drop-downs, notes and an example, or one that
holds the records it is given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from catalog.workbooks.columns import Column, RecordTables, Shape, Table
from catalog.workbooks.writing import (
    TEXT_FORMAT,
    WordLists,
    name_of_sheet,
    new_book,
    validation,
    within,
)
from standards.code_lists import CodeLists
from standards.documents import as_mapping, as_sequence

Document = Mapping[str, object]

# As many rows as a department fills in at once.
RECORD_ROWS, LIST_ROWS = 1_000, 10_000
EXAMPLE: Document = {
    "resource_id": "marriage-registration",
    "kind": "table",
    "name": "婚姻登记信息",
    "provider_code": "11990100799001038F",
    "provider_name": "青禾市民政局",
    "abstract": "在本市办理的结婚、离婚登记，每人一行，为最近一次登记",
    "classification": {"lei": "3", "xiang": "07", "mu": "013", "ximu": "0101"},
    "format": {"category": 2, "type": "csv", "note": "UTF-8"},
    "share_type": 2,
    "share_condition": "用于本级政务部门依法履职，按用途申请授权",
    "share_method": "query",
    "open": False,
    "open_type": "not_open",
    "update_cycle": "monthly",
    "secrecy": False,
    "keywords": ["婚姻", "结婚", "离婚"],
    "level": 3,
    "items": [
        {
            "id": "id_number",
            "name": "公民身份号码",
            "data_type": "C",
            "length": 18,
            "key": True,
            "identifier": "citizen",
            "element": "person.id_number",
            "level": 3,
        },
        {
            "id": "marital_status",
            "name": "婚姻状况",
            "data_type": "C",
            "length": 2,
            "nullable": False,
            "code_list": "marital_status",
            "element": "person.marital_status",
        },
        {
            "id": "registered_on",
            "name": "登记日期",
            "data_type": "D",
            "nullable": False,
            "minimum": "1950-01-01",
            "element": "person.marriage_date",
        },
    ],
}
HELP = (
    "填写说明",
    "一条元数据记录占《记录》的一行；它的信息项写在《信息项》，每项一行，用资源标识与记录对应。",
    "带 * 的列必填。鼠标停在表头上可看到该列的说明；有下拉框的列请从中选择。",
    "一格内有几个值时用“、”分开；值里本来有“、”的，每个值占一行（Alt+Enter）。",
    "代码和号码的列已设为文本格式，请勿改为数字格式：18 位号码会丢失末位，开头的 0 也会丢失。",
    "信息资源代码和发布日期由平台填写，这里没有这两列。",
    "以“示例”开头的工作表只供参考，不会被读取，可以删除。",
    "填好后检查：datong record check 文件.xlsx；存入：datong record add 文件.xlsx --as 账号",
    "",
    "How to fill this in",
    "One row of the sheet 记录 is one record; its items stand in 信息项, a row each, tied to it by "
    "the resource id. Columns with * are required; point at a head to read its note.",
    "Several values in one cell are separated by 、 or stand on lines of their own. Codes and "
    "numbers are text: do not format them as numbers. Sheets that begin with 示例 are not read.",
)


def write_template(path: Path, code_lists: CodeLists) -> None:
    """Write the workbook in which records are described."""
    tables = RecordTables(code_lists)
    with new_book(path) as book:
        sheets = _Sheets(book, tables)
        sheets.write([], "")
        _write_help(book)
        sheets.write([EXAMPLE], "示例")
        sheets.words.write(visible=False)


def write_records(path: Path, documents: Sequence[Document], code_lists: CodeLists) -> None:
    """Write records as the workbook from which the very same records are read."""
    with new_book(path) as book:
        sheets = _Sheets(book, RecordTables(code_lists))
        sheets.write(documents, "")
        sheets.words.write(visible=False)


class _Sheets:
    """The sheets of a workbook of records, one for each table."""

    def __init__(self, book: Any, tables: RecordTables) -> None:
        self._book = book
        self._tables = tables
        self.words = WordLists(book)
        self._text = book.add_format({"num_format": TEXT_FORMAT, "text_wrap": True})
        self._plain = book.add_format({"text_wrap": True})
        head = {"bold": True, "text_wrap": True, "border": 1, "num_format": TEXT_FORMAT}
        self._head = book.add_format({**head, "bg_color": "#E7EEF7"})
        self._required = book.add_format({**head, "bg_color": "#FCE4D6"})

    def write(self, documents: Sequence[Document], prefix: str) -> None:
        """Write all tables; `prefix` begins the names of sheets that are not read."""
        for table in self._tables:
            rows = list(_rows(table, documents))
            if prefix and not rows:
                continue
            columns = self._columns(table)
            sheet = self._book.add_worksheet(name_of_sheet(prefix + table.name))
            self._lay_out(sheet, columns, 0 if prefix else _row_count(table))
            for line, row in enumerate(rows, start=1):
                self._write_row(sheet, line, columns, row)

    def _columns(self, table: Table) -> list[Column]:
        """The columns of a sheet: of a list first the one that ties it to its record."""
        links = [] if table.is_records else [self._tables.links[0]]
        return [*links, *(each for each in table.columns if not each.given_by_platform)]

    def _lay_out(self, sheet: Any, columns: list[Column], rows: int) -> None:
        sheet.freeze_panes(1, 2)
        for place, column in enumerate(columns):
            mark = "*" if column.required else ""
            head = self._required if column.required else self._head
            sheet.write_string(0, place, column.head + mark, head)
            sheet.write_comment(0, place, _note(column), {"author": "大同 Datong", "x_scale": 2})
            cells = self._text if _is_text(column) else self._plain
            sheet.set_column(place, place, max(12, len(column.head) * 2 + 2), cells)
            if rows and column.shown:
                self._offer(sheet, place, column, rows)

    def _offer(self, sheet: Any, place: int, column: Column, rows: int) -> None:
        several = column.many or column.one_or_many
        source = self.words.add(column.head, column.head, column.shown)
        # where several or other words may stand, what is typed is not refused on the spot
        rule = {
            "validate": "list",
            "source": source,
            "show_error": column.closed and not several,
            "error_title": within(column.head, 32),
            "error_message": "请从下拉框中选择 / choose from the list",
        }
        sheet.data_validation(1, place, rows, place, validation(rule, column.head, column.zh))

    def _write_row(
        self, sheet: Any, line: int, columns: list[Column], row: Mapping[str, object]
    ) -> None:
        for place, column in enumerate(columns):
            value = row.get(f"/{column.path}" if column is self._tables.links[0] else column.path)
            if value is None:
                continue
            cell = shown_value(column, value)
            if isinstance(cell, bool) or not isinstance(cell, int | float):
                sheet.write_string(line, place, str(cell), self._text)
            else:
                sheet.write_number(line, place, cell, self._plain)


def _row_count(table: Table) -> int:
    return RECORD_ROWS if table.is_records else LIST_ROWS


def _rows(table: Table, documents: Iterable[Document]) -> Iterable[Mapping[str, object]]:
    """The rows of a table as values by path; `/resource_id` is that of the record."""
    for document in documents:
        link = {"/resource_id": document.get("resource_id")}
        objects = [document] if table.is_records else as_sequence(_at(document, table.path))
        for each in map(as_mapping, objects):
            yield {**link, **{c.path: _at(each, c.path) for c in table.columns}}


def _at(document: Mapping[str, object], path: str) -> object:
    value: object = document
    for part in path.split("/"):
        value = as_mapping(value).get(part)
    return value


def shown_value(column: Column, value: object) -> str | int | float:
    """A value as the cell that means it: the word of a code, a list on one line where it can."""
    if isinstance(value, list | tuple):
        members = [str(shown_value(column, each)) for each in value]
        # a member that holds a separator needs a line to itself, be it the only one
        if any(set(member) & set("、,，;；") for member in members):
            return "\n".join([*members, ""])
        return "、".join(members)
    for word in column.shown:
        if column.options.get(word) == value and type(column.options[word]) is type(value):
            return word
    if isinstance(value, bool):
        return "是" if value else "否"
    return value if isinstance(value, int | float) else str(value)


def _is_text(column: Column) -> bool:
    return column.shape in {Shape.TEXT, Shape.BOOLEAN, Shape.BOUND} or bool(column.shown)


def _note(column: Column) -> str:
    needed = "必填 / required\n" if column.required else ""
    several = "可填几个，用“、”分开\n" if column.many or column.one_or_many else ""
    words = f"可选：{'、'.join(column.shown[:20])}\n" if column.shown else ""
    return f"{needed}{column.zh}\n{several}{words}{column.en}\n（{column.path}）"


def _write_help(book: Any) -> None:
    sheet = book.add_worksheet("说明")
    sheet.set_column(0, 0, 100, book.add_format({"text_wrap": True}))
    for line, text in enumerate(HELP):
        sheet.write_string(line, 0, text)
