"""What an operator or a clerk gets wrong is told without a stack trace, and leaves its trace."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.bootstrap import Services
from api.errors import DeliveryNotVisible, FolderNotWritable, JobNotVisible
from api.usecases import deliveries, jobs
from api.usecases.doctor.checks import listed
from api.usecases.setup import initialise
from catalog import accounts
from catalog.account_errors import PlatformAccount
from ingest.steps import Step
from tests.api.conftest import Datong, services_at
from tests.api.makers import ANNA, GOOD_FILE, RESOURCE, World
from tests.api.patient import world

# a home of this module alone: no worker takes what these tests leave in the queue
__all__ = ["world"]


@pytest.mark.parametrize("command", [("job", "list"), ("fsck",), ("worker",), ("serve",)])
def test_a_home_that_takes_no_log_is_told_in_one_sentence(
    datong: Datong, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: tuple[str, ...]
) -> None:
    (tmp_path / "logs").write_text("in the way")
    monkeypatch.setenv("DATONG_HOME", str(tmp_path))
    ran = datong(*command)
    zh, en = ran.err.splitlines()
    assert (ran.code, ran.out) == (1, "")
    assert f"{tmp_path}/logs" in zh
    assert "datong doctor" in en


def test_an_unforeseen_error_without_a_log_is_told_all_the_same(
    datong: Datong, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def break_down() -> None:
        raise RuntimeError

    monkeypatch.setattr("api.cli.session.services", break_down)
    (tmp_path / "logs").write_text("in the way")
    monkeypatch.setenv("DATONG_HOME", str(tmp_path))
    ran = datong("job", "list", "--as", "admin")
    zh, en = ran.err.splitlines()
    assert ran.code == 1
    assert "RuntimeError" in zh
    assert f"{tmp_path}/logs" in zh
    assert "datong doctor" in en


def test_a_home_that_can_not_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    services = services_at(tmp_path / "file")
    with pytest.raises(FolderNotWritable, match="DATONG_HOME"):
        initialise(services, None)


def test_nobody_acts_by_the_account_of_dropped_files(world: World) -> None:
    with world.services.database.transaction() as conn:
        name = accounts.incoming_account(conn, "minzheng", world.services.clock).name
    with pytest.raises(PlatformAccount, match=name):
        world.caller(name)
    assert world.audit()[-2]["result"] == "platform-account"


def test_who_asks_for_what_is_not_theirs_leaves_its_id_and_no_number(world: World) -> None:
    stranger, services = world.caller("minzheng-clerk"), world.services
    assert world.delivery is not None
    own = world.delivery.delivery_id
    with pytest.raises(DeliveryNotVisible, match=own):
        deliveries.show_delivery(services, stranger, own)
    with pytest.raises(DeliveryNotVisible):
        deliveries.delivery_violations(services, stranger, own)
    with pytest.raises(JobNotVisible) as refused:
        jobs.show_job(services, stranger, ANNA)
    with pytest.raises(JobNotVisible):
        jobs.cancel_job(services, stranger, "no-such-job")
    assert ANNA not in f"{refused.value} {refused.value.facts}"
    told = [line["detail"] for line in world.audit()[-5:-1]]
    assert told == [
        {"delivery_id": own},
        {"delivery_id": own},
        {"job_id": "‹number›"},
        {"job_id": "no-such-job"},
    ]


@pytest.fixture
def interrupting(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Ctrl-C comes while the rows of a delivery are being checked."""

    def interrupt(step: str) -> None:
        if step == Step.JOB_CLAIMED:
            raise KeyboardInterrupt

    settings = world.services.settings
    cut_off = Services(settings, world.services.clock, world.services.ids, interrupt)
    monkeypatch.setattr("api.cli.session.services", lambda: cut_off)
    yield
    cut_off.close()


@pytest.mark.usefixtures("interrupting")
def test_ctrl_c_at_a_delivery_says_who_goes_on_with_it_and_is_audited(
    datong: Datong, world: World, tmp_path: Path
) -> None:
    file = tmp_path / "interrupted.csv"
    file.write_bytes(GOOD_FILE + b"\n")
    asked = ("deliver", str(file), "--resource", RESOURCE, "--mode", "full")
    ran = datong(*asked, "--data-time", "2026-09-09", "--as", "gongan-clerk")
    assert ran.code == 130
    assert "datong job list" in ran.err
    line = world.audit()[-2]
    assert (line["action"], line["result"]) == ("delivery.deliver", "interrupted")
    [job] = [
        each
        for each in jobs.list_jobs(world.services, world.caller("operator"))
        if each.subject == line["detail"]["delivery_id"]
    ]
    assert job.state == "queued"
    jobs.cancel_job(world.services, world.caller("operator"), job.job_id)


def test_a_delivery_left_to_a_worker_says_how_to_ask_for_it(
    datong: Datong, world: World, tmp_path: Path
) -> None:
    file = tmp_path / "left.csv"
    file.write_bytes(GOOD_FILE + b"\n\n")
    asked = ("deliver", str(file), "--resource", RESOURCE, "--mode", "full", "--no-wait")
    asked = (*asked, "--data-time", "2026-09-08", "--as", "gongan-clerk")
    job = json.loads(datong(*asked, "--json").out)["job"]["job_id"]
    told = datong(*asked).out
    jobs.cancel_job(world.services, world.caller("operator"), job)
    assert f"datong job show {job}" in told
    assert "None" not in told


def test_a_name_that_steers_a_terminal_does_not_reach_it() -> None:
    assert listed(["a\x1b[31m\n.csv", "户籍.csv"]) == "a?[31m?.csv, 户籍.csv"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("deliver",), "缺少参数 file"),
        (("delivr",), "没有命令 delivr"),
        (("record", "list", "--bogus"), "没有选项 --bogus"),
        (("audit", "list", "--limit", "many"), "参数 --limit 的值有误"),
        ((*("record", "show", "a"), ANNA), "命令用法有误"),
    ],
    ids=["argument", "command", "option", "value", "too many"],
)
def test_a_command_typed_wrongly_is_told_so_in_both_languages(
    datong: Datong, typed: tuple[str, ...], said: str
) -> None:
    ran = datong(*typed)
    zh, en = ran.err.splitlines()
    assert ran.code == 2
    assert zh.startswith(said)
    assert zh.endswith(" -h")
    assert en.endswith(" -h")
    assert ANNA not in ran.err
    error = json.loads(datong(*typed, "--json").err)["error"]
    assert (error["code"], error["zh"], error["en"]) == ("wrong-use", zh, en)
