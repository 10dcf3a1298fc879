"""The main job on a sample world, from an empty home to answers over HTTP: `make demo`."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from catalog.errors import KnownError
from examples import demo_api
from examples.counts import write_summary
from examples.demo_files import deliver_map, fetch_map
from examples.office import PLATFORM, LostKeys, Office, Sent, document_of, open_office
from examples.running_api import ApiDidNotStart
from examples.screen import Screen
from examples.shown import show_deliveries, show_refused, show_rules
from examples.world.generate import generate

if TYPE_CHECKING:
    from api.answers import DeliveryAnswer

WORLD: Final = Path(__file__).parent / "world"
DEFAULT_HOME: Final = "var/demo"
VIEWS: Final = ("person", "legal_entity")


def main() -> int:
    """Run the whole demonstration; 0 when it worked, 1 with one sentence when it did not."""
    screen = Screen()
    try:
        with open_office(DEFAULT_HOME, WORLD / "code_lists") as office:
            run(office, screen)
    except (KnownError, ApiDidNotStart, LostKeys, demo_api.AnsweredOtherwise) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def run(office: Office, screen: Screen) -> dict[str, Any]:
    """Everything, on an opened home; returns what `summary.json` says."""
    screen.say("大同演示 · A demonstration of Datong", style="bold")
    screen.say(f"数据目录 · home: {office.shown_home}")
    world = _make_world(office, screen)
    _register_people(office, screen)
    _register_systems(office, screen)
    _publish_records(office, screen)
    sent = _files_of(world)
    answers = _deliver(office, screen, sent)
    deliver_map(office, screen)
    _show_bad_rows(office, screen, answers, sent)
    built = _build_views(office, screen)
    _grant(office, screen)
    demo_api.ask(office, screen, world, answers)
    files = fetch_map(office, screen)
    catalogue = _catalogue(office, built)
    summary = write_summary(office.home, answers, catalogue=catalogue, file_resources=files)
    _say_how_to_go_on(office, screen, world)
    return summary


def _make_world(office: Office, screen: Screen) -> Path:
    folder = office.home / "world"
    screen.heading(
        "造一个样例世界：人、企业、六个部门的文件（含差错），以及真值",
        "make a sample world: people, organisations, the files of six departments with errors, "
        "and the truth",
        command=f"python -m examples.world.generate {office.shown_home / folder.name}",
    )
    generate(folder)
    return folder


def _register_people(office: Office, screen: Screen) -> None:
    screen.heading(
        "初始化；登记部门、账户和应用",
        "initialise; register departments, accounts and applications",
        command="datong init · datong department add · datong account add",
    )
    office.initialise(WORLD / "departments" / f"{PLATFORM}.yaml")
    for file in sorted((WORLD / "departments").glob("*.yaml")):
        office.add_department(file)
    wanted = document_of(WORLD / "accounts.yaml")["accounts"]
    for account in wanted:
        office.add_account(account)
    rows = [
        (found.department_id, found.name, found.duty, _accounts_of(wanted, found.department_id))
        for found in office.departments()
    ]
    screen.table(("部门\ndepartment", "名称\nname", "职能\nduty", "账户\naccounts"), rows)


def _register_systems(office: Office, screen: Screen) -> None:
    screen.heading(
        "登记信息系统：记录写明数据出自哪个系统",
        "register information systems: a record says which one its data comes from",
        command="datong system add FILE",
    )
    for file in sorted((WORLD / "systems").glob("*.yaml")):
        office.add_system(file)
    rows = [
        (found.system_id, found.name, found.department_id, found.status)
        for found in office.systems()
    ]
    screen.table(("系统\nsystem", "名称\nname", "部门\ndepartment", "状态\nstatus"), rows)


def _accounts_of(wanted: Sequence[dict[str, Any]], department: str) -> str:
    return "\n".join(account["name"] for account in wanted if account["department"] == department)


def _publish_records(office: Office, screen: Screen) -> None:
    screen.heading(
        "登记并发布元数据记录：编目员提交和挂接、部门审核员同意注册并做保密审查、主管部门同意发布",
        "register and publish the metadata records: submitted, agreed to, signed as holding no "
        "secret, and published by different people",
        command="datong record check · add · do submit_register · do agree · do bind "
        "· do submit_publish · do sign_secrecy · do agree",
    )
    files = sorted((WORLD / "records").glob("*.yaml"))
    providers = {found.code: found.department_id for found in office.departments()}
    with screen.progress("记录 records", len(files)) as advance:
        for file in files:
            office.check_record(file)
            office.publish(file, providers[document_of(file)["provider_code"]])
            advance(file.stem)
    rows = [
        (
            f"{record.resource_id}\n{record.name}",
            record.resource_code,
            record.department_id,
            record.state,
        )
        for record in office.records(f"{PLATFORM}-authority").values()
    ]
    screen.table(("资源\nresource", "代码\ncode", "提供方\nprovider", "状态\nstate"), rows)


def _files_of(world: Path) -> list[Sent]:
    manifest = json.loads((world / "deliveries.json").read_text(encoding="utf-8"))
    return [
        Sent(
            path=world / "deliveries" / entry["file"],
            name=entry["file"],
            resource=entry["resource"],
            department=entry["department"],
            mode=entry["mode"],
            data_time=entry["data_time"],
            rows=entry["rows"],
            sha256=entry["sha256"],
        )
        for entry in manifest
    ]


def _deliver(office: Office, screen: Screen, sent: Sequence[Sent]) -> list["DeliveryAnswer"]:
    screen.heading(
        "各部门报送文件：逐行检查，好行入库，坏行进问题数据，不可信的文件整批退回",
        "the departments deliver: every row is checked, good rows are loaded, bad rows go to "
        "quarantine, a file that cannot be trusted is refused whole",
        command="datong deliver FILE --resource R --mode full|incremental --data-time T",
    )
    answers = []
    with screen.progress("报送 deliveries", len(sent)) as advance:
        for file in sent:
            advance(file.name, done=0)
            answers.append(office.deliver(file))
            advance(file.name)
    show_deliveries(screen, answers)
    return answers


def _show_bad_rows(
    office: Office, screen: Screen, answers: Sequence["DeliveryAnswer"], sent: Sequence[Sent]
) -> None:
    screen.heading(
        "问题数据与提示：按规则计数，常见的各举一例；整批退回的说明原因",
        "what is wrong, by rule, an example of the commonest, and why a file was refused",
        command="datong delivery violations ID",
    )
    examples: dict[str, dict[str, Any]] = {}
    for answer, file in zip(answers, sent, strict=True):
        for violation in office.violations(answer.delivery_id, file.department):
            examples.setdefault(violation["rule"], {**violation, "file": answer.file_name})
    show_rules(screen, answers, examples)
    show_refused(screen, answers)


def _build_views(office: Office, screen: Screen) -> dict[str, dict[str, Any]]:
    screen.heading(
        "生成两个基础库视图：逐项取权威值，记下来源和各部门的异同",
        "build both base views: the authoritative value of each item, its source, who agrees "
        "and who differs",
        command="datong view build person · datong view build legal_entity",
    )
    with screen.progress("视图 views", len(VIEWS)) as advance:
        built = []
        for view_id in VIEWS:
            advance(view_id, done=0)
            built.append(office.build_view(view_id))
            advance(view_id)
    rows = [
        (v.view_id, v.view_version, f"{v.rows:,}", f"{v.seconds:.1f} s", v.content_hash[:16])
        for v in built
    ]
    heads = (
        "视图\nview",
        "版本\nversion",
        "主体\nsubjects",
        "用时\ntime",
        "内容校验\ncontent hash",
    )
    screen.table(heads, rows, numbers=(1, 2, 3))
    return {v.view_id: {"rows": v.rows, "content_hash": v.content_hash} for v in built}


def _grant(office: Office, screen: Screen) -> None:
    screen.heading(
        "授权应用：哪个应用、哪些数据项、什么用途、多长时间",
        "grant: which application may read which items, for what purpose and how long",
        command="datong grant add FILE · datong account revoke-key street-app",
    )
    documents = [document_of(file) for file in sorted((WORLD / "grants").glob("*.yaml"))]
    for document in documents:
        office.grant(document)
    office.revoke_key(demo_api.REVOKED)
    rows = [
        (
            g["application"],
            g["resource"],
            g["purpose"],
            ", ".join(g.get("items") or ()),
            g["valid_to"],
        )
        for g in documents
    ]
    screen.table(
        ("应用\napplication", "资源\nresource", "用途\npurpose", "数据项\nitems", "至\nuntil"), rows
    )


def _catalogue(office: Office, built: dict[str, dict[str, Any]]) -> dict[str, Any]:
    published = office.records(f"{PLATFORM}-authority").values()
    return {
        "departments": len(office.departments()),
        "records": len(published),
        "published": sum(record.state == "published" for record in published),
        "views": built,
    }


def _say_how_to_go_on(office: Office, screen: Screen, world: Path) -> None:
    screen.heading("接下来", "how to go on")
    home = office.shown_home
    elsewhere = "" if str(home) == DEFAULT_HOME else f"DATONG_HOME={home} "
    for label, value in (
        ("报送文件与真值 · files and truth", home / world.name),
        ("数据湖 · the lake", home / "lake"),
        ("计数 · counts", home / "summary.json"),
        ("账户密钥 · keys of the accounts (600)", home / office.keys_file.name),
        ("启动接口 · start the API", f"{elsewhere}make serve"),
        ("接口文档 · its documentation", "http://127.0.0.1:8000/docs"),
    ):
        screen.say(f"   {label}: {value}")
    screen.say("   查询 · ask:")
    screen.say(demo_api.example_curl(home / office.keys_file.name, world))


if __name__ == "__main__":
    sys.exit(main())
