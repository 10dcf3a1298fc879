"""Small workbooks that would unpack to more than a machine holds are refused, soon and in words."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from catalog.workbooks.errors import WorkbookTooLarge
from catalog.workbooks.grids import read_grids
from catalog.workbooks.parts import scan_sheet

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="a" '
    f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    "</Relationships>",
    "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{OFFICE}"><sheets>'
    '<sheet name="一" sheetId="1" r:id="r1"/></sheets></workbook>',
}


def a_workbook(folder: Path, rows: str, *, after: str = "", strings: str = "") -> Path:
    path = folder / "book.xlsx"
    sheet = f"<worksheet {MAIN}><sheetData>{rows}</sheetData>{after}</worksheet>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in PARTS.items():
            archive.writestr(name, text)
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
        if strings:
            archive.writestr("xl/sharedStrings.xml", f"<sst {MAIN}>{strings}</sst>")
    return path


def test_merged_cells_are_known_as_far_as_there_are_cells(tmp_path: Path) -> None:
    merged = '<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    rows = (
        '<row r="1"><c r="A1"><v>1</v></c><c r="B1"/></row><row r="2"><c r="A2"><v>2</v></c></row>'
    )
    [grid] = read_grids(a_workbook(tmp_path, rows, after=merged))
    assert grid.corners == {(0, 1): (0, 0), (1, 0): (0, 0), (1, 1): (0, 0)}


def test_cells_without_an_address_count_where_they_stand(tmp_path: Path) -> None:
    far = f'<row r="1000000">{"<c><v>1</v></c>" * 200}</row>'
    with pytest.raises(WorkbookTooLarge):
        read_grids(a_workbook(tmp_path, far))
    near = "<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>"
    with zipfile.ZipFile(a_workbook(tmp_path, near)) as archive:
        extent = scan_sheet(archive, "xl/worksheets/sheet1.xml", most_bytes=1 << 20, most_cells=100)
    assert (extent.rows, extent.columns) == (2, 2)


def test_millions_of_shared_texts_are_not_held(tmp_path: Path) -> None:
    row = '<row r="1"><c r="A1" t="s"><v>0</v></c></row>'
    with pytest.raises(WorkbookTooLarge):
        read_grids(a_workbook(tmp_path, row, strings="<si/>" * 6_000_000))


def test_failed_formulas_are_found_in_time_that_grows_with_the_sheet_alone(
    tmp_path: Path,
) -> None:
    # each opens an error and gives no value: a search to the end from each takes hours
    many = '<c r="A1" t="e">' * 100_000
    path = a_workbook(tmp_path, f'<row r="1">{many}</row>')
    with zipfile.ZipFile(path) as archive:
        extent = scan_sheet(
            archive, "xl/worksheets/sheet1.xml", most_bytes=1 << 26, most_cells=1 << 20
        )
    assert extent.errors == {}
    failed = '<row r="1"><c r="A1" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="B1"><v>2</v></c></row>'
    with zipfile.ZipFile(a_workbook(tmp_path, failed)) as archive:
        extent = scan_sheet(
            archive, "xl/worksheets/sheet1.xml", most_bytes=1 << 20, most_cells=1 << 20
        )
    assert extent.errors == {(1, 1): "#DIV/0!"}
