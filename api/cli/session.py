"""One run of a command: the services, and who is acting."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.errors import FileNotReadable
from api.settings import load_settings

if TYPE_CHECKING:
    from api.bootstrap import Services
    from api.usecases.access import Caller


def services() -> Services:
    """The services of the home that the environment names; what libraries log goes there too."""
    from api.bootstrap import open_services
    from api.logs import configure_logs

    settings = load_settings()
    if settings.home.is_dir():
        configure_logs(settings.logs)
    return open_services(settings)


def caller(opened: Services, as_account: str | None) -> Caller:
    """Who acts: `--as` on the embedded catalogue, else the account of DATONG_KEY, else nobody."""
    from api.usecases.access import Credential, identify

    credential = Credential(name=as_account, key=None if as_account else opened.settings.key)
    return identify(opened, credential, request_id=opened.ids.new(), address="cli")


def document_of(path: Path) -> dict[str, Any]:
    """A YAML or JSON document from a file."""
    from standards.documents import load_document

    return dict(load_document(text_of(path)))


def placed_document_of(path: Path) -> tuple[dict[str, Any], Callable[[str], str | None]]:
    """A document from a file, and where in the file a part of it stands."""
    from standards.documents import load_with_lines

    document, lines = load_with_lines(text_of(path))
    return dict(document), lines.place


def is_workbook(path: Path) -> bool:
    """Whether a document comes as a workbook, whatever its name."""
    from catalog.workbooks.grids import is_workbook as begins_as_one

    try:
        return begins_as_one(path)
    except OSError as error:
        raise FileNotReadable(str(path)) from error


def text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FileNotReadable(str(path)) from error
