"""Real files, from CSV to HTTP, and the real catalogues of portals: `make real DATA=…`."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from catalog.errors import KnownError
from examples.counts import write_summary
from examples.demo_api import APPLICATION, GRANTS, AnsweredOtherwise, labels
from examples.office import PLATFORM, LostKeys, Office, Sent, document_of, open_office
from examples.real_catalogue import import_portals, portal_files
from examples.real_codes import RegisterCodes, read_codes
from examples.running_api import ApiDidNotStart, Reply, RunningApi, running_api
from examples.screen import Screen
from examples.shown import show_deliveries, show_refused, show_rules, show_subject

if TYPE_CHECKING:
    from api.answers import DeliveryAnswer

WORLD: Final = Path(__file__).parent / "world"
RECORD: Final = Path(__file__).parent / "real" / "enterprise.yaml"
DEPARTMENT: Final = "shichang"
DATA_TIME: Final = "2019-05-01T00:00:00+08:00"  # the newest registration in the files is of April
EXPECTED_FILES: Final = 12
LONGEST: Final = 40  # of a value that is shown
_DEPARTMENTS: Final = (PLATFORM, DEPARTMENT, "zhengwu")


class NoSuchData(Exception):
    """The folder of real data is not there, or not complete."""

    def __init__(self, folder: Path, found: int) -> None:
        super().__init__(folder, found)
        self.folder, self.found = folder, found

    def __str__(self) -> str:
        return (
            f"{self.folder} 中有 {self.found} 个 CSV 文件，应为 {EXPECTED_FILES} 个；请核对 DATA / "
            f"{self.folder} holds {self.found} CSV files instead of {EXPECTED_FILES}; check DATA"
        )


def main(arguments: Sequence[str]) -> int:
    """Run on a data folder; 0 when it worked, 1 with one sentence when it did not."""
    if len(arguments) != 1:
        sys.stderr.write("用法 usage: python -m examples.real DATA\n")
        return 2
    try:
        data = Path(arguments[0])
        files = _files(data)
        with open_office("var/real", WORLD / "code_lists") as office:
            run(office, Screen(), files, portal_files(data))
    except (KnownError, ApiDidNotStart, LostKeys, NoSuchData, AnsweredOtherwise) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def run(
    office: Office, screen: Screen, files: Sequence[Sent], portals: Sequence[Path]
) -> dict[str, Any]:
    """Everything, on an opened home; returns what `summary.json` says."""
    screen.say("真实数据 · On real registers", style="bold")
    screen.say(f"数据目录 · home: {office.shown_home}")
    _prepare(office, screen)
    answers = _deliver(office, screen, files)
    _show_what_is_wrong(office, screen, answers)
    codes = read_codes(file.path for file in files)
    _show_codes(screen, codes)
    catalogue = _build_view(office, screen)
    _ask(office, screen, codes, answers)
    if portals:
        catalogue["imported"] = import_portals(office, screen, portals)
    summary = write_summary(office.home, answers, catalogue=catalogue, identifiers=codes.as_json())
    screen.say()
    screen.say(f"计数 counts: {office.shown_home / 'summary.json'}")
    return summary


def _files(data: Path) -> list[Sent]:
    folder = data / "enterprise-cn" / "csv"
    found = sorted(folder.glob("*/*.csv"))
    if len(found) != EXPECTED_FILES:
        raise NoSuchData(folder, len(found))
    return [
        Sent(
            path=path,
            name=f"{path.parent.name}-{path.name}",
            resource=str(document_of(RECORD)["resource_id"]),
            department=DEPARTMENT,
            mode="incremental",
            data_time=DATA_TIME,
        )
        for path in found
    ]


def _prepare(office: Office, screen: Screen) -> None:
    screen.heading(
        "登记部门和应用，发布企业登记记录，授权查询",
        "register the departments and the application, publish the record, grant the lookup",
        command="datong init · department add · account add · record add · record do · grant add",
    )
    office.initialise(WORLD / "departments" / f"{PLATFORM}.yaml")
    for department in _DEPARTMENTS:
        office.add_department(WORLD / "departments" / f"{department}.yaml")
    for account in document_of(WORLD / "accounts.yaml")["accounts"]:
        if account["department"] in _DEPARTMENTS:
            office.add_account(account)
    office.publish(RECORD, DEPARTMENT)
    office.grant(document_of(GRANTS / "legal-entity.yaml"))
    found = office.records(f"{PLATFORM}-authority").values()
    rows = [
        (record.resource_id, record.name, record.resource_code, record.state) for record in found
    ]
    screen.table(("资源\nresource", "名称\nname", "代码\ncode", "状态\nstate"), rows)


def _deliver(office: Office, screen: Screen, files: Sequence[Sent]) -> list["DeliveryAnswer"]:
    screen.heading(
        "十二个文件，十二次增量报送",
        "twelve files, twelve incremental deliveries",
        command="datong deliver FILE --resource enterprise-register --mode incremental "
        f"--data-time {DATA_TIME}",
    )
    answers = []
    with screen.progress("报送 deliveries", len(files)) as advance:
        for file in files:
            advance(file.name, done=0)
            answers.append(office.deliver(file))
            advance(file.name)
    show_deliveries(screen, answers)
    show_refused(screen, answers)
    return answers


def _show_what_is_wrong(
    office: Office, screen: Screen, answers: Sequence["DeliveryAnswer"]
) -> None:
    screen.heading(
        "未入库的行逐条列出；提示只计数，大小写不规范的代码保留原样可查",
        "every row that was not accepted; warnings are counted, lower-case codes keep what "
        "was delivered",
        command="datong delivery violations ID",
    )
    found = list(_violations(office, answers))
    examples: dict[str, Mapping[str, Any]] = {}
    for violation in found:
        examples.setdefault(violation["rule"], violation)
    show_rules(screen, answers, examples)
    wrong = [each for each in found if each["severity"] == "error"]
    upper = [each for each in found if each["rule"] == "identifier.normalised"]
    screen.say("   问题数据 · in quarantine:")
    _list_rows(screen, wrong)
    screen.say("   大写后入库 · accepted in upper case, as delivered:")
    _list_rows(screen, upper)


def _list_rows(screen: Screen, violations: Sequence[Mapping[str, Any]]) -> None:
    heads = ("文件\nfile", "行\nrow", "数据项\nitem", "规则\nrule", "值\nvalue")
    rows = [
        (each["file"], each["row"], each["item"], each["rule"], _short(str(each["value"])))
        for each in violations
    ]
    screen.table(heads, rows, numbers=(1,))


def _short(value: str) -> str:
    return value if len(value) <= LONGEST else f"{value[:LONGEST]}…"


def _violations(office: Office, answers: Sequence["DeliveryAnswer"]) -> Iterator[Mapping[str, Any]]:
    for answer in answers:
        for violation in office.violations(answer.delivery_id, DEPARTMENT):
            yield {**violation, "file": answer.file_name}


def _show_codes(screen: Screen, codes: RegisterCodes) -> None:
    screen.heading(
        "号码：按长度和校验结果（由本项目的校验逐个算出）",
        "the numbers by length and check, each judged by the project's own checks",
        command="datong identifier check --kind uscc|reg_no < lines",
    )
    screen.table(("", "个数 count"), codes.as_json().items(), numbers=(1,))


def _build_view(office: Office, screen: Screen) -> dict[str, Any]:
    screen.heading(
        "生成法人视图", "build the legal-entity view", command="datong view build legal_entity"
    )
    with screen.progress("legal_entity", 1) as advance:
        built = office.build_view("legal_entity")
        advance("legal_entity")
    screen.say(
        f"   {built.rows:,} 个主体 subjects · {built.seconds:.1f} s · {built.content_hash[:16]}"
    )
    return {
        "departments": len(office.departments()),
        "records": len(office.records(f"{PLATFORM}-authority")),
        "views": {"legal_entity": {"rows": built.rows, "content_hash": built.content_hash}},
    }


def _ask(
    office: Office, screen: Screen, codes: RegisterCodes, answers: Sequence["DeliveryAnswer"]
) -> None:
    files = {answer.delivery_id: answer.file_name for answer in answers}
    with running_api(office.home) as api:
        for scheme, number, zh, en in (
            ("uscc", codes.a_credit_code, "按统一社会信用代码查询", "by credit code"),
            ("reg_no", codes.an_old_number, "按原注册号查询", "by an old registration number"),
        ):
            screen.heading(
                zh, f"look up {en}", command=f"POST /v1/legal-entities/lookup, scheme {scheme}"
            )
            reply = _lookup(api, office, scheme, number)
            show_subject(screen, reply, labels(api, "legal-entity"), files)


def _lookup(api: RunningApi, office: Office, scheme: str, number: str) -> Reply:
    purpose = document_of(GRANTS / "legal-entity.yaml")["purpose"]
    body = {"scheme": scheme, "number": number, "purpose": purpose}
    reply = api.post("/v1/legal-entities/lookup", body, key=office.keys[APPLICATION])
    if reply.status != 200 or not reply.document["found"]:
        raise AnsweredOtherwise(f"legal-entities/lookup {scheme}", 200, reply)
    return reply


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
