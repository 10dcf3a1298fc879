"""Make the files that benchmarks deliver: synthetic persons of a region that was never assigned.

Every value follows from the row's number by DuckDB's hash, so a scale always gives the same file.
Numbers, names and addresses differ from row to row as real ones do (a file that repeats itself
would compress, and so be written, faster than any real one). 200 rows are wrong on purpose.
"""

from pathlib import Path

import duckdb

BAD_ROWS = 200
# Divisions of the sample list (examples/world/code_lists), so that good rows raise no warning.
REGIONS = ("990102", "990103", "990104", "990105")
CHECK_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)

_PERSONS = """
CREATE TEMP TABLE persons AS
-- Which rows stand in the file: a permutation of the serial numbers, none twice.
WITH serials AS (
    SELECT i AS place, (i * 999983) % {rows} AS serial FROM range({rows}) AS numbers(i)
),
bodies AS (
    SELECT place, serial, {regions}[1 + pick(serial, 1, {region_count})]
        || strftime(DATE '1930-01-01' + ((serial // 1000) * 7919 % 33000)::INTEGER, '%Y%m%d')
        || lpad((serial % 1000)::VARCHAR, 3, '0') AS body
    FROM serials
),
numbers AS (
    SELECT *, body || substr('10X98765432', 1 + (({checksum}) % 11)::INTEGER, 1) AS id_number
    FROM bodies
)
SELECT
    place,
    serial,
    id_number,
    chr(19968 + pick(serial, 3, 300)) || chr(20000 + pick(serial, 4, 2000))
        || CASE WHEN pick(serial, 5, 3) > 0 THEN chr(21000 + pick(serial, 6, 2000)) ELSE '' END
        AS name,
    (1 + pick(serial, 7, 2))::VARCHAR AS sex,
    lpad((1 + greatest(0, pick(serial, 8, 100) - 44))::VARCHAR, 2, '0') AS ethnicity,
    substr(body, 7, 4) || '-' || substr(body, 11, 2) || '-' || substr(body, 13, 2) AS birth_date,
    substr(body, 1, 6) AS hukou_division,
    chr(22000 + pick(serial, 9, 3000)) || chr(22000 + pick(serial, 10, 3000)) || '街道'
        || chr(22000 + pick(serial, 11, 3000)) || '路' || pick(serial, 12, 999) || '号'
        || pick(serial, 13, 40) || '栋' || pick(serial, 14, 3000) || '室' AS hukou_address,
    (pick(serial, 15, 30000000) / 100.0)::DECIMAL(18, 2)::VARCHAR AS income
FROM numbers
"""

_POPULATION = """
COPY (
    SELECT
        id_number AS "公民身份号码",
        CASE WHEN spoiled IS DISTINCT FROM 0 THEN name END AS "姓名",
        CASE WHEN spoiled = 1 THEN '7' ELSE sex END AS "性别",
        ethnicity AS "民族",
        CASE WHEN spoiled = 2 THEN substr(birth_date, 1, 5) || '02-30' ELSE birth_date END
            AS "出生日期",
        hukou_division AS "户籍地行政区划",
        hukou_address AS "户籍地详址",
        CASE WHEN spoiled = 3 THEN '约' || income ELSE income END AS "年收入"
    FROM (
        SELECT *, CASE WHEN place % {every} = {every} - 1 THEN (place // {every}) % 4 END AS spoiled
        FROM persons
    )
    ORDER BY place
) TO '{path}' (HEADER)
"""

_INSURANCE = """
COPY (
    SELECT
        id_number AS "公民身份号码",
        CASE WHEN pick(serial, 21, 50) = 0 THEN name || '某' ELSE name END AS "姓名",
        (1 + pick(serial, 22, 3))::VARCHAR AS "参保状态",
        chr(22000 + pick(serial, 23, 3000)) || chr(22000 + pick(serial, 24, 3000)) || '有限公司'
            AS "参保单位"
    FROM persons
    WHERE pick(serial, 25, 10) < 6
    ORDER BY place
) TO '{path}' (HEADER)
"""


def write_population(path: Path, rows: int) -> None:
    """Write the 8 columns of records/population.yaml; 200 rows (fewer below 800) are wrong."""
    every = max(4, rows // BAD_ROWS)
    _write(_POPULATION.format(path=path, every=every), rows)


def write_insurance(path: Path, rows: int) -> None:
    """Write the 4 columns of records/insurance.yaml for six persons in ten."""
    _write(_INSURANCE.format(path=path), rows)


def sample_numbers(rows: int, count: int) -> list[str]:
    """Return the numbers of persons spread over the whole file, for lookups."""
    with duckdb.connect() as con:
        _prepare(con, rows)
        sql = "SELECT id_number FROM persons WHERE place % ? = 0 ORDER BY hash(place) LIMIT ?"
        found = con.execute(sql, [max(1, rows // count), count]).fetchall()
    return [number for (number,) in found]


def _write(copy: str, rows: int) -> None:
    with duckdb.connect() as con:
        _prepare(con, rows)
        con.execute(copy)


def _prepare(con: duckdb.DuckDBPyConnection, rows: int) -> None:
    con.execute(
        "CREATE MACRO pick(i, salt, n) AS (hash(i * 31 + salt) % n)::INTEGER",
    )
    checksum = " + ".join(
        f"substr(body, {place}, 1)::INTEGER * {weight}"
        for place, weight in enumerate(CHECK_WEIGHTS, 1)
    )
    regions = list(REGIONS)
    con.execute(
        _PERSONS.format(rows=rows, checksum=checksum, regions=regions, region_count=len(regions))
    )
