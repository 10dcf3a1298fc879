"""What every module of the product keeps to: where the outside is read, sizes, names, errors."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.sources import (
    Function,
    Source,
    of_everything,
    of_the_product,
    uses,
)

LONGEST_FUNCTION = 60
LONGEST_FILE = 400

CLOCKS = frozenset(
    f"time.{name}{unit}" for name in ("time", "monotonic", "perf_counter") for unit in ("", "_ns")
) | {
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "datetime.date.today",
    "sqlalchemy.func.current_timestamp",
    "sqlalchemy.func.now",
    "structlog.processors.TimeStamper",
    "time.gmtime",
    "time.localtime",
    "time.strftime",
}
CHANCE = frozenset(
    {"os.urandom", "uuid.uuid1", "uuid.uuid4", "uuid.uuid7", "sqlalchemy.func.random"}
)

# Where time and chance come from, and the few other places, each with its reason.
MAY_READ_A_CLOCK = {
    ("catalog/clock.py", "datetime.datetime.now"): "the clock itself",
    ("catalog/ids.py", "time.time_ns"): "the time inside a UUIDv7",
    ("api/http/middleware.py", "time.perf_counter"): "how long a request took, for its log line",
    ("lake/views/build.py", "time.perf_counter"): "how long a build took; in no content hash",
    ("api/logs.py", "structlog.processors.TimeStamper"): "the moment of a log line",
}
MAY_USE_CHANCE = {
    ("catalog/ids.py", "secrets.randbits"): "the random bits of a UUIDv7",
    ("catalog/accounts.py", "secrets.token_hex"): "the prefix of a key",
    ("catalog/accounts.py", "secrets.token_urlsafe"): "a key must be guessed by nobody",
    ("catalog/platform.py", "secrets.token_hex"): "the salt must be guessed by nobody",
    ("lake/provisioning.py", "secrets.token_hex"): "the name of a holder is half a key on MinIO",
    ("lake/provisioning_minio.py", "secrets.token_urlsafe"): "a key must be guessed by nobody",
    ("lake/folder_store.py", "uuid.uuid4"): "the name of a file before it is whole; nobody sees it",
}

# The edges of a command, a request and a job, where an error ends. The others write an audit line
# and let the error go on.
EDGES = {
    ("api/usecases/dropped.py", "_guarded"): "one file that cannot be taken keeps no other waiting",
    ("api/cli/main.py", "main"): "a command ends with one sentence",
    ("api/usecases/doctor/examination.py", "_run"): "a check that fails is what is looked for",
    ("ingest/fsck/unfinished.py", "_finish"): "one that fails keeps no other waiting",
    ("api/http/middleware.py", "__call__"): "a request ends with a problem",
    ("api/http/search_following.py", "_run"): "the index is followed up when things are back",
    ("api/http/lookup_batches.py", "_work"): "each request of a batch ends with a problem",
    ("api/usecases/lookup_batch.py", "outcome"): "one lookup that fails fails alone",
    ("ingest/work.py", "do_delivery"): "what fails each time is refused in the end",
    ("api/worker/loop.py", "_turn"): "a job ends with a line in the log, and the next one comes",
    ("api/worker/housekeeping.py", "_run"): "who keeps house goes on when things are back",
    ("api/worker/housekeeping.py", "_do"): "one task that fails keeps no other waiting",
}
PASS_ON = {
    ("api/usecases/access.py", "identify"),
    ("api/usecases/access.py", "watched"),
    # these say what becomes of the job
    ("api/usecases/views.py", "do_view"),
    ("api/usecases/work.py", "_build_view"),
}

OPENED_IN = {
    "duckdb.connect": {"lake/engine.py"},
    "minio.Minio": {"lake/s3_store.py"},
    "pyiceberg.catalog.sql.SqlCatalog": {"lake/iceberg.py"},
    "sqlalchemy.create_engine": {"catalog/database.py"},
    # files that serve are written by one module and read by another, and are no catalogue
    "sqlite3.connect": {"lake/views/serving.py", "lake/views/serving_files.py"},
}

OUTSIDE_READERS = {
    "absolute", "connect", "create_engine", "cwd", "exists", "getcwd", "getenv", "glob", "is_dir",
    "is_file", "iterdir", "listdir", "load_settings", "now", "open", "open_database",
    "open_engine", "read_bytes", "read_text", "resolve", "rglob", "stat", "today",
}  # fmt: skip


def by_function(source: Source) -> Iterator[tuple[str, ast.AST]]:
    """Every node with the name of the innermost function around it, '' outside of any."""

    def walk(node: ast.AST, function: str) -> Iterator[tuple[str, ast.AST]]:
        for child in ast.iter_child_nodes(node):
            yield function, child
            yield from walk(child, child.name if isinstance(child, Function) else function)

    return walk(source.tree, "")


def test_only_the_settings_read_the_environment() -> None:
    names = frozenset({"os.environ", "os.environb", "os.getenv", "os.putenv"})
    assert {use.path for use in uses(names=names)} == {"api/settings.py"}


def test_the_clock_is_read_where_it_is_allowed_and_nowhere_else() -> None:
    found = uses(names=CLOCKS)
    assert [str(use) for use in found if (use.path, use.name) not in MAY_READ_A_CLOCK] == []
    assert {(use.path, use.name) for use in found} == set(MAY_READ_A_CLOCK)


def test_chance_is_used_where_it_is_allowed_and_nowhere_else() -> None:
    found = uses(names=CHANCE, below=("random", "secrets", "numpy.random"))
    assert [str(use) for use in found if (use.path, use.name) not in MAY_USE_CHANCE] == []
    assert {(use.path, use.name) for use in found} == set(MAY_USE_CHANCE)


def test_no_sql_text_asks_for_the_time_or_for_chance() -> None:
    asks = re.compile(
        r"\b(now|today|random|uuid|uuidv[47]|gen_random_uuid|get_current_time\w*)\s*\(\s*\)"
        r"|\bcurrent_(date|time|timestamp)\b",
        re.IGNORECASE,
    )
    found = [
        f"{source.path}:{text.lineno}"
        for source in of_the_product()
        for text in source.texts()
        if asks.search(str(text.value))
    ]
    assert found == []


def test_nothing_outside_is_read_when_a_module_is_imported() -> None:
    found = [
        f"{source.path}:{call.lineno}"
        for source in of_the_product()
        for call in calls_at_import(source.tree)
        if called_name(call) in OUTSIDE_READERS
    ]
    assert found == []


def calls_at_import(tree: ast.Module) -> Iterator[ast.Call]:
    """Calls that run when the module is imported: outside of every function body."""

    def walk(node: ast.AST) -> Iterator[ast.Call]:
        if isinstance(node, ast.Call):
            yield node
        inner = ast.iter_child_nodes(node)
        if isinstance(node, ast.Lambda):
            return
        if isinstance(node, Function):
            inner = iter([*node.decorator_list, node.args])
        for child in inner:
            yield from walk(child)

    for statement in tree.body:
        if not (isinstance(statement, ast.If) and "__main__" in ast.unparse(statement.test)):
            yield from walk(statement)


def called_name(call: ast.Call) -> str | None:
    called = call.func
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", None)


def test_every_exception_is_caught_at_the_declared_edges_alone() -> None:
    found: set[tuple[str, str]] = set()
    for source in of_the_product():
        for function, node in by_function(source):
            if isinstance(node, ast.ExceptHandler) and catches_everything(node):
                place = (source.path, function)
                found.add(place)
                goes_on = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
                assert place in EDGES or goes_on, f"{source.path}:{node.lineno}"
    assert found == EDGES.keys() | PASS_ON


def catches_everything(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(getattr(each, "id", "") in {"Exception", "BaseException"} for each in caught)


def test_no_error_is_suppressed_by_the_class_of_all_errors() -> None:
    for source in of_the_product():
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and called_name(node) == "suppress":
                names = {getattr(each, "id", "") for each in node.args}
                assert not names & {"Exception", "BaseException"}, f"{source.path}:{node.lineno}"


@pytest.mark.parametrize(("name", "modules"), OPENED_IN.items())
def test_what_is_outside_is_opened_in_one_module(name: str, modules: set[str]) -> None:
    assert {use.path for use in uses(names=frozenset({name}))} == modules


def test_a_transaction_is_ended_by_the_database_alone() -> None:
    """Repositories never commit: one request or one run is one transaction."""
    ending = {"commit", "rollback"}
    found = {
        source.path
        for source in of_the_product()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ending
    }
    # what the other one commits is the search index, which has no transactions of several parts
    assert found <= {"catalog/database.py", "catalog/search/writer.py"}


def test_only_the_command_line_writes_to_the_screen() -> None:
    printed = [
        f"{source.path}:{node.lineno}"
        for source in of_the_product()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"print", "pprint"}
    ]
    streams = uses(names=frozenset({"sys.stdout", "sys.stderr"}))
    assert printed == []
    assert {use.path for use in streams if not use.path.startswith("api/cli/")} == set()


def test_no_module_is_named_for_having_no_home() -> None:
    homeless = {"util", "utils", "helper", "helpers", "common", "misc", "shared"}
    found = [
        source.path for source in of_everything() if homeless & set(re.split(r"[/.]", source.path))
    ]
    assert found == []


def test_no_function_is_long() -> None:
    found = [
        f"{source.path}:{function.lineno} {function.name} {length}"
        for source in of_everything()
        for function in source.functions()
        if (length := (function.end_lineno or 0) - function.lineno + 1) > LONGEST_FUNCTION
    ]
    assert found == []


def test_no_file_is_long() -> None:
    lengths = {source.path: len(source.text.splitlines()) for source in of_everything()}
    assert {path: length for path, length in lengths.items() if length > LONGEST_FILE} == {}


def test_every_module_says_first_what_it_is_for() -> None:
    """A sentence that ends within the first lines; an `__init__.py` may be empty."""
    for source in of_everything():
        if source.text.strip():
            said = ast.get_docstring(source.tree)
            assert said, source.path
            assert re.search(r"[.:。]`?(\s|$)", said), source.path
