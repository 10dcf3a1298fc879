"""Values that no database can hold, or not each alike: refused by one known error on both."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

import sqlalchemy as sa
from sqlalchemy.sql.compiler import SQLCompiler

from catalog.errors import CatalogError

_NUMBERED = re.compile(r"_[0-9]+$")
_TOO_LONG = "长度超过 {} 个字", "it has more than {} characters"
_NUL = "含有空字符（NUL）", "it holds a NUL character"
_HALF = "含有不成对的代理字符", "it holds half a surrogate pair"
_OTHER = "超出数据库可表示的范围", "no database can hold it"


class UnusableValue(CatalogError):
    """A value that can be neither kept nor looked for; the sentence never repeats it."""

    field: str
    why_zh: str
    why_en: str

    ZH = "{field} 的值无法使用：{why_zh}；请改正后重试"
    EN = "the value of {field} can not be used: {why_en}; correct it and try again"


def refuse_unusable(engine: sa.Engine) -> None:
    """Let every statement of an engine raise UnusableValue instead of being sent with such a value.

    SQLite would keep a text of any length and with any character in it, PostgreSQL fails on it.
    """
    sa.event.listen(engine, "before_cursor_execute", _check)
    sa.event.listen(engine, "handle_error", _rename)


def _check(
    _conn: sa.Connection,
    _cursor: Any,
    _statement: str,
    parameters: Any,
    context: Any,
    executemany: bool,
) -> None:
    compiled = getattr(context, "compiled", None)
    lengths = dict(_lengths(compiled)) if isinstance(compiled, SQLCompiler) else {}
    for row in parameters if executemany else (parameters,):
        for name, value in _named(row, compiled):
            if isinstance(value, str):
                _check_text(name, value, lengths.get(name))


def _lengths(compiled: SQLCompiler) -> Iterator[tuple[str, int]]:
    """The most characters that each bound name may have, where a column to be written says."""
    if not compiled.isinsert and not compiled.isupdate:
        return
    for name, bound in compiled.binds.items():
        length = getattr(bound.type, "length", None)
        if isinstance(length, int):
            yield name, length


def _named(row: Any, compiled: Any) -> Iterable[tuple[str, Any]]:
    if isinstance(row, Mapping):
        return row.items()
    names: Sequence[str] = getattr(compiled, "positiontup", None) or ()
    return zip(names or ["?"] * len(row), row, strict=False)


def _check_text(name: str, value: str, longest: int | None) -> None:
    if longest is not None and len(value) > longest:
        zh, en = _TOO_LONG
        _refuse(name, zh.format(longest), en.format(longest))
    if "\x00" in value:
        _refuse(name, *_NUL)
    if not value.isascii() and not _is_whole(value):
        _refuse(name, *_HALF)


def _is_whole(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refuse(name: str, zh: str, en: str) -> NoReturn:
    raise UnusableValue(_NUMBERED.sub("", name), zh, en)


def _rename(context: sa.engine.ExceptionContext) -> None:
    """What only the database can see: a number or a moment beyond its range."""
    beyond = isinstance(context.original_exception, OverflowError)
    if beyond or isinstance(context.sqlalchemy_exception, sa.exc.DataError):
        zh, en = _OTHER
        raise UnusableValue("—", zh, en) from context.original_exception
