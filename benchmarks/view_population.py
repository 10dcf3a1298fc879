"""Make the curated tables of six departments that a view is built from, as ingest leaves them.

29 attributes, 14 of them held by several sources; a source knows 60 to 95 of 100 persons, a tenth
of the values is missing, 2 in 100 differ from what is true. Each source delivered once in full and
once an increment that says 5 rows in 100 anew. A scale always gives the same rows.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from benchmarks.population import CHECK_WEIGHTS, REGIONS
from ingest.run_checks import COPY_OPTIONS
from lake.curated import LoadedDelivery, arrow_schema, bucket_sql, column_types
from lake.engine import quote_name, quote_value
from lake.folder_store import FolderStore
from lake.iceberg import DELIVERY_PROPERTY, Tables
from lake.location import StoreLocation
from lake.objects import ObjectStore
from lake.views.sources import SourceTable
from standards.records import Record, read_record
from standards.views import ViewDefinition, default_view

PARTS = 2  # ingest cuts a large text into one part a thread
FULL_TIME = datetime(2026, 1, 1, tzinfo=UTC)
INCREMENT_TIME = datetime(2026, 6, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Department:
    """A source: its table's name, its duty, how many of 100 persons it knows, and what it says."""

    resource_id: str
    duty: str
    known: int
    attributes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lake:
    """A folder that is a lake of its own: objects, and the tables over them."""

    store: ObjectStore
    location: StoreLocation
    tables: Tables


@contextmanager
def open_lake(folder: Path) -> Iterator[Lake]:
    """Open the lake in a folder, made where there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    location = StoreLocation.folder(folder / "lake")
    tables = Tables(f"sqlite:///{folder / 'tables.sqlite'}", location)
    try:
        yield Lake(FolderStore(folder / "lake"), location, tables)
    finally:
        tables.close()


_P = "name former_name sex ethnicity birth_date birth_place native_place hukou_division"
_P += " hukou_address hukou_type household_no residence_division residence_address"
_P += " marital_status education employment_status person_status phone"
_R = "name sex residence_division residence_address education employment_status occupation"
_R += " ss_number insurance_status insured_employer phone"
_H = "name birth_date birth_place residence_address marital_status fertility_children phone"
_C = "name sex marital_status marriage_date spouse_name assistance_status phone"
_E = "name sex birth_date education degree"
_M = "name ss_number insurance_status insured_employer medical_insurance_status phone"
DEPARTMENTS = (
    Department("b-health", "health", 80, tuple(_H.split())),
    Department("b-insurance", "medical_insurance", 75, tuple(_M.split())),
    Department("b-labour", "human_resources", 80, tuple(_R.split())),
    Department("b-marriage", "civil_affairs", 60, tuple(_C.split())),
    Department("b-police", "public_security", 95, tuple(_P.split())),
    Department("b-schools", "education", 60, tuple(_E.split())),
)

# What is true of the person `t`, by their serial number; any other number gives another value.
_CODE = "lpad((1 + pick(t, {salt}, {kinds}))::VARCHAR, 2, '0')"
_HAN = "chr(20000 + pick(t, {salt}, 3000))"
_DIVISION = "'9901' || lpad((2 + pick(t, {salt}, 4))::VARCHAR, 2, '0')"
_DATE = "DATE '{first}' + pick(t, {salt}, {days})"


def _address(salt: int) -> str:
    han = [_HAN.format(salt=salt + step) for step in range(3)]
    numbers = f"pick(t, {salt + 3}, 999) || '号' || pick(t, {salt + 4}, 3000) || '室'"
    return f"{han[0]} || {han[1]} || '街道' || {han[2]} || '路' || {numbers}"


def _name(salt: int) -> str:
    given = f"CASE WHEN pick(t, {salt + 2}, 3) > 0 THEN {_HAN.format(salt=salt + 3)} ELSE '' END"
    return f"chr(19968 + pick(t, {salt}, 300)) || {_HAN.format(salt=salt + 1)} || {given}"


VALUES = {
    "name": _name(100),
    "former_name": _name(110),
    "sex": "(1 + pick(t, 120, 2))::VARCHAR",
    "ethnicity": _CODE.format(salt=121, kinds=56),
    "birth_date": _DATE.format(salt=122, first="1930-01-01", days=33000),
    "birth_place": _DIVISION.format(salt=123),
    "native_place": _DIVISION.format(salt=124),
    "hukou_division": _DIVISION.format(salt=125),
    "hukou_address": _address(130),
    "hukou_type": "(1 + pick(t, 136, 2))::VARCHAR",
    "household_no": "lpad(pick(t, 137, 400000000)::VARCHAR, 9, '0')",
    "residence_division": _DIVISION.format(salt=138),
    "residence_address": _address(140),
    "marital_status": _CODE.format(salt=146, kinds=9),
    "marriage_date": _DATE.format(salt=147, first="1980-01-01", days=16000),
    "spouse_name": _name(150),
    "education": _CODE.format(salt=154, kinds=9),
    "degree": _CODE.format(salt=155, kinds=4),
    "employment_status": _CODE.format(salt=156, kinds=7),
    "occupation": _CODE.format(salt=157, kinds=80),
    "ss_number": "'99' || lpad(pick(t, 158, 900000000)::VARCHAR, 10, '0')",
    "insurance_status": "(1 + pick(t, 159, 3))::VARCHAR",
    "insured_employer": f"{_HAN.format(salt=160)} || {_HAN.format(salt=161)} || '有限公司'",
    "medical_insurance_status": "(1 + pick(t, 162, 3))::VARCHAR",
    "fertility_children": "pick(t, 163, 4)::BIGINT",
    "assistance_status": "(1 + pick(t, 164, 3))::VARCHAR",
    "person_status": "(1 + pick(t, 165, 2))::VARCHAR",
    "phone": "'139' || lpad(pick(t, 166, 99999999)::VARCHAR, 8, '0')",
}
_TYPES = {"birth_date": "D", "marriage_date": "D", "fertility_children": "I"}

_NUMBERS = """
CREATE TEMP TABLE numbers AS
WITH bodies AS (
    SELECT serial, {regions}[1 + pick(serial, 1, {region_count})]
        || strftime(DATE '1930-01-01' + ((serial // 1000) * 7919 % 33000)::INTEGER, '%Y%m%d')
        || lpad((serial % 1000)::VARCHAR, 3, '0') AS body
    FROM range({rows}) AS serials(serial)
)
SELECT serial, body || substr('10X98765432', 1 + (({checksum}) % 11)::INTEGER, 1) AS id_number
FROM bodies
"""


def definition() -> ViewDefinition:
    """The shipped view of persons with the attributes that these departments know."""
    shipped = default_view("person")
    wanted = {"id_number", *VALUES}
    attributes = tuple(each for each in shipped.attributes if each.id in wanted)
    return replace(shipped, attributes=attributes)


def record_of(department: Department) -> Record:
    """The record of a department's table: the number is its key."""
    number: dict[str, object] = {"key": True, "identifier": "citizen", "length": 18}
    coded = {attribute.id: attribute.code_list for attribute in definition().attributes}
    items: list[dict[str, object]] = [
        {"id": "id_number", "data_type": "C", "element": "person.id_number", **number}
    ]
    for attribute in department.attributes:
        kind = _TYPES.get(attribute, "C")
        item: dict[str, object] = {
            "id": attribute,
            "data_type": kind,
            "element": f"person.{attribute}",
        }
        if coded[attribute] is not None:
            item["code_list"] = coded[attribute]
        items.append(item)
    return read_record(
        {
            "resource_id": department.resource_id,
            "kind": "table",
            "name": department.resource_id,
            "provider_code": "",
            "share_type": 2,
            "items": [{"name": item["id"], **item} for item in items],
        }
    )


def write_tables(rows: int, lake: Lake, scratch: Path) -> None:
    """Load what the departments deliver about so many persons into Iceberg tables of their own."""
    scratch.mkdir(parents=True)
    with duckdb.connect() as con:
        _prepare(con, rows)
        for place, department in enumerate(DEPARTMENTS):
            _load(con, lake, scratch, place, department)


def loaded_tables(lake: Lake) -> list[SourceTable]:
    """The tables as a view sees them: what is recorded as loaded."""
    found = []
    for department in DEPARTMENTS:
        identifier = _identifier(department)
        snapshot = lake.tables.current(identifier)
        if snapshot is None:
            raise ValueError(f"{department.resource_id} was never loaded")
        table = SourceTable(
            record=record_of(department),
            department_id=department.resource_id,
            duty=department.duty,
            generation=1,
            files=tuple(lake.tables.data_files(identifier, snapshot.snapshot_id)),
            snapshot_id=snapshot.snapshot_id,
            deliveries=deliveries_of(department),
        )
        found.append(table)
    return found


def deliveries_of(department: Department) -> tuple[LoadedDelivery, ...]:
    """What a department delivered, oldest first."""
    return tuple(
        LoadedDelivery(f"{department.resource_id}-{mode}", mode, data_time)
        for mode, data_time in (("full", FULL_TIME), ("incremental", INCREMENT_TIME))
    )


def _load(
    con: duckdb.DuckDBPyConnection, lake: Lake, scratch: Path, place: int, department: Department
) -> None:
    record = record_of(department)
    bucket, identifier = f"dept-{department.resource_id}", _identifier(department)
    lake.store.ensure_bucket(bucket)
    lake.tables.ensure_table(bucket, identifier, arrow_schema(record), "curated/g1")
    for delivery in deliveries_of(department):
        urls = []
        for part, query in enumerate(_parts(record, place, department, delivery)):
            path = scratch / f"{delivery.delivery_id}-{part}.parquet"
            con.execute(f"COPY ({query}) TO {quote_value(str(path))} ({COPY_OPTIONS})")
            key = f"curated/g1/data/{path.name}"
            lake.store.put_file(bucket, key, path)
            path.unlink()
            urls.append(lake.location.url(bucket, key))
        lake.tables.append_files(identifier, urls, {DELIVERY_PROPERTY: delivery.delivery_id})


def _identifier(department: Department) -> tuple[str, str]:
    return f"dept_{department.resource_id.replace('-', '_')}", "g1"


def _parts(
    record: Record, place: int, department: Department, delivery: LoadedDelivery
) -> Iterator[str]:
    """The rows of a delivery in the order of its file, which is nobody else's, cut into parts."""
    increment = delivery.mode != "full"
    salt = 1_000 * (place + 1)
    known = f"pick(serial, {salt}, 100) < {department.known}"
    chosen = f"{known} AND pick(serial, {salt + 1}, 100) < 5" if increment else known
    values = [
        f"{_value_sql(attribute, salt + 10 * number, increment)} AS {attribute}"
        for number, attribute in enumerate(department.attributes, start=1)
    ]
    rows = (
        f"SELECT id_number, {', '.join(values)}, "
        f"row_number() OVER (ORDER BY hash(serial + {salt})) AS _row\n"
        f"FROM numbers WHERE {chosen}"
    )
    system = {
        "_delivery": quote_value(delivery.delivery_id),
        "_op": "'upsert'",
        "_bucket": bucket_sql("id_number"),
    }
    selected = ", ".join(
        f"CAST({system.get(name, quote_name(name))} AS {kind}) AS {quote_name(name)}"
        for name, kind in column_types(record).items()
    )
    for part in range(PARTS):
        cut = f"_row * {PARTS} // (count(*) OVER () + 1) = {part}"
        yield f"SELECT {selected} FROM ({rows}) QUALIFY {cut} ORDER BY _row"


def _value_sql(attribute: str, salt: int, increment: bool) -> str:
    """What a source says: nothing, what is true, or what is true of somebody else.

    An increment says a third of its values anew, each true or not by itself.
    """
    salts = f"{salt} + CASE WHEN pick(serial, {salt + 2}, 3) = 0 THEN 5 ELSE 0 END"
    salts = salts if increment else str(salt)
    other = f"serial + CASE WHEN pick(serial, {salts} + 1, 50) = 0 THEN 1 + {salt} ELSE 0 END"
    value = VALUES[attribute].replace("pick(t,", f"pick({other},")
    return f"CASE WHEN pick(serial, {salts}, 10) > 0 THEN {value} END"


def _prepare(con: duckdb.DuckDBPyConnection, rows: int) -> None:
    con.execute("CREATE MACRO pick(i, salt, n) AS (hash(i * 31 + salt) % n)::INTEGER")
    checksum = " + ".join(
        f"substr(body, {place}, 1)::INTEGER * {weight}"
        for place, weight in enumerate(CHECK_WEIGHTS, 1)
    )
    regions = list(REGIONS)
    con.execute(
        _NUMBERS.format(rows=rows, checksum=checksum, regions=regions, region_count=len(regions))
    )
