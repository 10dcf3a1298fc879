"""Fills in workbooks with LibreOffice, key by key as a clerk does: a macro goes to each cell and
enters what is typed there, so that formats and drop-downs do to it what they do to a clerk."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_LIBRARY = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:library PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "library.dtd">
<library:library xmlns:library="http://openoffice.org/2000/library" library:name="Standard"
 library:readonly="false" library:passwordprotected="false">
 <library:element library:name="Filling"/>
</library:library>
"""
_MODULE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Filling"
 script:language="StarBasic">
Sub Fill(plan As String)
  Dim opened(0) As New com.sun.star.beans.PropertyValue
  opened(0).Name = "Hidden" : opened(0).Value = True
  Dim saved(0) As New com.sun.star.beans.PropertyValue
  saved(0).Name = "FilterName" : saved(0).Value = "Calc MS Excel 2007 XML"
  Dim goal(0) As New com.sun.star.beans.PropertyValue
  goal(0).Name = "ToPoint"
  Dim typed(0) As New com.sun.star.beans.PropertyValue
  typed(0).Name = "StringName"
  dispatcher = createUnoService("com.sun.star.frame.DispatchHelper")
  number = FreeFile
  Open plan For Input As #number
  Do While Not Eof(number)
    Line Input #number, entry
    parts = Split(entry, Chr(9))
    If UBound(parts) = 2 Then
      If parts(0) = "open" Then
        doc = StarDesktop.loadComponentFromURL(parts(1), "_blank", 0, opened())
      ElseIf parts(0) = "save" Then
        doc.storeToURL(parts(1), saved())
        doc.close(True)
      Else
        doc.CurrentController.setActiveSheet(doc.Sheets.getByName(parts(0)))
        frame = doc.CurrentController.Frame
        goal(0).Value = parts(1)
        dispatcher.executeDispatch(frame, ".uno:GoToCell", "", 0, goal())
        typed(0).Value = parts(2)
        dispatcher.executeDispatch(frame, ".uno:EnterString", "", 0, typed())
      End If
    End If
  Loop
  Close #number
End Sub
</script:module>
"""


@dataclass(frozen=True, slots=True)
class Filling:
    """One workbook to open, what to type where (by sheet and address), and where to save it."""

    template: Path
    out: Path
    typed: Mapping[str, Mapping[str, str]]


def find_soffice() -> str | None:
    return shutil.which("soffice")


def fill_with_libreoffice(program: str, folder: Path, fillings: Sequence[Filling]) -> None:
    """Fill in workbooks, one after the other, in one run of the program; `folder` is scratch."""
    profile = folder / "profile"
    _run(program, profile, "--terminate_after_init")
    library = profile / "user" / "basic" / "Standard"
    library.mkdir(parents=True, exist_ok=True)
    (library / "script.xlb").write_text(_LIBRARY, encoding="utf-8")
    (library / "Filling.xba").write_text(_MODULE, encoding="utf-8")
    plan = folder / "plan.txt"
    plan.write_text("".join(f"{line}\n" for line in _plan(fillings)), encoding="utf-8")
    _run(program, profile, f'macro:///Standard.Filling.Fill("{plan}")')
    missing = [filling.out.name for filling in fillings if not filling.out.is_file()]
    assert not missing, f"LibreOffice did not write {missing}"


def _plan(fillings: Sequence[Filling]) -> list[str]:
    lines = []
    for filling in fillings:
        lines.append(f"open\t{filling.template.as_uri()}\t")
        for sheet, cells in filling.typed.items():
            lines += [f"{sheet}\t{address}\t{text}" for address, text in cells.items()]
        lines.append(f"save\t{filling.out.as_uri()}\t")
    return lines


def _run(program: str, profile: Path, *arguments: str) -> None:
    own = f"-env:UserInstallation={profile.as_uri()}"
    quiet = ("--headless", "--invisible", "--norestore", "--nologo")
    subprocess.run([program, own, *quiet, *arguments], check=True, capture_output=True, timeout=120)
