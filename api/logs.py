"""Structured logs as JSON lines under the home folder, without any identity number in them."""

import logging
import traceback
from pathlib import Path
from typing import Any

import structlog

from api.errors import FolderNotWritable
from standards.identifiers.hide import without_numbers


def frames_of(error: BaseException) -> list[str]:
    """Where an error went by: file, line and function, without the values that were there."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]


def log_file(folder: Path) -> Path:
    return folder / "datong.jsonl"


def configure_logs(folder: Path) -> None:
    """Send structlog, and what libraries log as warnings, to one file of JSON lines.

    Raises FolderNotWritable.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = _LineHandler(log_file(folder), encoding="utf-8")
    except OSError as error:
        raise FolderNotWritable(str(folder), reason=error.strerror or "") from error
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _mask_event,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=handler.stream),
        cache_logger_on_first_use=False,
    )
    _route_library_logs(handler)


class _LineHandler(logging.FileHandler):
    """Ours among the handlers of the root logger: set up again, it replaces the one before."""


def _route_library_logs(handler: _LineHandler) -> None:
    handler.setFormatter(_LineFormatter())
    handler.setLevel(logging.WARNING)
    root = logging.getLogger()
    for old in [each for each in root.handlers if isinstance(each, _LineHandler)]:
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    # Each try of a call to a store that is away would be a line: what comes of the tries is one.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)


class _LineFormatter(logging.Formatter):
    """One JSON line for a record of the standard library's logging."""

    def format(self, record: logging.LogRecord) -> str:
        event: dict[str, Any] = {"event": record.getMessage(), "logger": record.name}
        event["level"] = record.levelname.lower()
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            event |= {"error": type(error).__name__, "frames": frames_of(error)}
        rendered = structlog.processors.JSONRenderer(ensure_ascii=False)(
            None, "", _mask_event(None, "", event)
        )
        return rendered if isinstance(rendered, str) else rendered.decode()


def _mask_event(_logger: Any, _method: str, event: Any) -> Any:
    return {name: _mask_value(name, value) for name, value in event.items()}


def _mask_value(name: str, value: Any) -> Any:
    if name == "timestamp":
        return value
    if isinstance(value, str):
        return without_numbers(value)
    if isinstance(value, list | tuple):
        return [_mask_value("", each) for each in value]
    if isinstance(value, dict):
        return {key: _mask_value("", each) for key, each in value.items()}
    return value
