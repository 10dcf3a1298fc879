"""The rule for parts that may be absent."""

from __future__ import annotations

import pytest

from tests.conftest import require_part


def test_an_absent_part_skips_its_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATONG_TEST_REQUIRE", "data, minio")
    with pytest.raises(pytest.skip.Exception, match="s3: no server"):
        require_part("s3", "no server")


def test_an_absent_part_that_is_asked_for_fails_its_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATONG_TEST_REQUIRE", "data, s3")
    with pytest.raises(pytest.fail.Exception, match="s3"):
        require_part("s3")
