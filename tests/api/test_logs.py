"""What gets into a log and what does not, whoever logs it: no identity number, no single try."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
import structlog

from api.logs import configure_logs, log_file
from lake.errors import StoreUnavailable
from lake.location import StoreLocation
from lake.s3_store import S3Store
from tests.api.makers import ANNA
from tests.servers.ports import free_ports


def test_our_lines_and_those_of_libraries_are_json_without_numbers(tmp_path: Path) -> None:
    configure_logs(tmp_path)
    structlog.get_logger().info("seen", number=ANNA, nested={"all": [ANNA]})
    try:
        raise ValueError(f"bad {ANNA}")
    except ValueError:
        logging.getLogger("library").exception("failed on %s", ANNA)
    text = log_file(tmp_path).read_text(encoding="utf-8")
    ours, theirs = (json.loads(line) for line in text.splitlines())
    assert ANNA not in text
    assert ours["event"] == "seen"
    assert theirs["error"] == "ValueError"
    assert theirs["frames"][0].startswith("test_logs.py:")


def test_the_tries_of_a_call_to_a_store_that_is_away_are_no_lines(tmp_path: Path) -> None:
    configure_logs(tmp_path)
    [port] = free_ports(1)
    store = S3Store(StoreLocation.s3(f"127.0.0.1:{port}", "nobody", "is there"))
    with pytest.raises(StoreUnavailable):
        store.stat("dept-gongan", "raw/anything")
    written = log_file(tmp_path).read_text(encoding="utf-8").splitlines()
    # a server of other tests may write its requests down meanwhile
    assert [line for line in map(json.loads, written) if line["event"] != "request"] == []
