"""No value and no name gets between quotes in SQL but by the functions that quote it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from lake.engine import quote_name, quote_value
from tests.architecture.sources import Source, of_the_product

QUOTES = "'\""

# A part that stands between quotes and is no value of a document, a file or a caller.
OWN_WORDS = {
    ("ingest/checks.py", "kind"): "renames a column that is quoted already; kind is a StrEnum",
    ("ingest/csv_source.py", "name"): "c0, c1, …: the places of columns, made in the same function",
    ("lake/views/compile.py", "SALT_VARIABLE"): "a constant of our own",
    ("standards/identifiers/check_digit_sql.py", "characters"): "the standard's own check letters",
    ("standards/identifiers/sql.py", "citizen.EARLIEST_BIRTH"): "a date",
    ("standards/identifiers/sql.py", "kind"): "a StrEnum",
    ("standards/identifiers/sql.py", "latest"): "a date",
    ("standards/identifiers/sql.py", "pattern"): "the shapes of this module",
    ("standards/identifiers/sql.py", "rule"): "the rules of kinds.py",
    ("standards/schema_check.py", "text"): "a sentence, not SQL",
}

# The two functions that quote, and the one of standards/, which may not import the engine.
THE_QUOTING = {
    ("lake/engine.py", "quote_name"),
    ("lake/engine.py", "quote_value"),
    ("standards/identifiers/sql.py", "_literal"),
}


def between_quotes(source: Source) -> Iterator[tuple[int, str]]:
    """Parts of f-strings that stand inside an open quote: line and the expression."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.JoinedStr):
            text = ""
            for part in node.values:
                if isinstance(part, ast.Constant):
                    text += str(part.value)
                elif isinstance(part, ast.FormattedValue) and is_open(text):
                    yield node.lineno, ast.unparse(part.value)


def is_open(text: str) -> bool:
    """Whether a quote that began in the text has not ended; the other kind inside is text."""
    begun = ""
    for character in text:
        if character == begun:
            begun = ""
        elif not begun and character in QUOTES:
            begun = character
    return bool(begun)


def joined_to_a_quote(source: Source) -> Iterator[int]:
    """Sums of a text that ends with a quote and something that is no constant: `"'" + x`."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = node.left, node.right
            if isinstance(left, ast.BinOp):
                left = left.right
            before, after = plain_text(left), plain_text(right)
            opens = before is not None and after is None and before.endswith(("'", '"'))
            closes = after is not None and before is None and after.startswith(("'", '"'))
            if opens or closes:
                yield node.lineno


def plain_text(node: ast.expr) -> str | None:
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return str(node.value) if is_text else None  # type: ignore[attr-defined]


def quoting_lines(source: Source) -> set[int]:
    return {
        line
        for function in source.functions()
        if (source.path, function.name) in THE_QUOTING
        for line in range(function.lineno, (function.end_lineno or 0) + 1)
    }


def test_only_our_own_words_stand_between_quotes_in_an_f_string() -> None:
    found = {
        (source.path, part): f"{source.path}:{line} {part}"
        for source in of_the_product()
        for line, part in between_quotes(source)
    }
    assert [place for key, place in found.items() if key not in OWN_WORDS] == []
    assert set(found) == set(OWN_WORDS)


def test_no_quote_is_added_to_a_text_but_by_the_functions_that_quote() -> None:
    found = [
        f"{source.path}:{line}"
        for source in of_the_product()
        for line in joined_to_a_quote(source)
        if line not in quoting_lines(source)
    ]
    assert found == []


def test_no_statement_is_filled_in_by_percent_or_by_format() -> None:
    statement = ("SELECT ", "INSERT ", "UPDATE ", "DELETE ", "CREATE ", "DROP ", "COPY ", "WITH ")
    found = []
    for source in of_the_product():
        for node in ast.walk(source.tree):
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
                filled = node.left
            elif (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in {"format", "format_map"}
            ):
                filled = node.func.value
            else:
                continue
            text = str(getattr(filled, "value", "")).lstrip().upper()
            if text.startswith(statement):
                found.append(f"{source.path}:{node.lineno}")
    assert found == []


@pytest.mark.parametrize(
    ("code", "parts"),
    [
        ("""f"SELECT '{name}'" """, ["name"]),
        ("""f"x LIKE '%{name}%' AND {other}" """, ["name"]),
        ("""f'SELECT "{name}" FROM {table}' """, ["name"]),
        ("""f"SELECT {quote_value(name)}, '{{}}'" """, []),
        ("""f"quote = '\\"', path = {path}" """, []),
        ("""f"a" "'b' {c}" """, []),
    ],
)
def test_a_part_between_quotes_is_seen_and_no_other(code: str, parts: list[str]) -> None:
    assert [part for _, part in between_quotes(Source("x.py", code.strip()))] == parts


@pytest.mark.parametrize("code", ['"x = \'" + name', 'start + name + "\'"', "name + '\"'"])
def test_a_quote_joined_to_something_is_seen(code: str) -> None:
    assert list(joined_to_a_quote(Source("x.py", code)))


@pytest.mark.parametrize(
    "text", ["", "'", "''", "a'; DROP TABLE x; --", 'a"b', "\\'", "企'业", "%_"]
)
def test_whatever_is_quoted_is_read_back_as_it_was(text: str) -> None:
    import duckdb

    with duckdb.connect() as con:
        assert con.execute(f"SELECT {quote_value(text)}").fetchall() == [(text,)]
        if text:
            read = con.execute(f"SELECT 1 AS {quote_name(text)}")
            assert [column[0] for column in read.description] == [text]
