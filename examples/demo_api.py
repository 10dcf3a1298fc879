"""Asks the running API as an application would: two lookups, and three answers that refuse."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from examples.office import Office, document_of
from examples.running_api import Reply, RunningApi, running_api
from examples.screen import Screen
from examples.shown import show_problem, show_subject

if TYPE_CHECKING:
    from api.answers import DeliveryAnswer

APPLICATION: Final = "hall-app"
REVOKED: Final = "street-app"
WITHHELD: Final = "phone"  # an item of the person view that the grant leaves out
OTHER_PURPOSE: Final = "work_reference"
GRANTS: Final = Path(__file__).parent / "world" / "grants"


class AnsweredOtherwise(Exception):
    """The API answered with another status than it should have."""

    def __init__(self, asked: str, expected: int, reply: Reply) -> None:
        super().__init__(asked, expected, reply)
        self.asked, self.expected, self.reply = asked, expected, reply

    def __str__(self) -> str:
        return f"{self.asked}: HTTP {self.reply.status}, expected {self.expected}: " + json.dumps(
            self.reply.document, ensure_ascii=False
        )


def ask(office: Office, screen: Screen, world: Path, answers: Sequence["DeliveryAnswer"]) -> None:
    """Start the API on the home, ask it everything, show what it answers, stop it."""
    files = {answer.delivery_id: answer.file_name for answer in answers}
    chosen = json.loads((world / "truth" / "showcase.json").read_text(encoding="utf-8"))
    screen.heading(
        "启动接口，像应用一样查询一个自然人",
        "start the API and ask for a person as an application would",
        command="datong serve --port 0 --port-file F · POST /v1/persons/lookup",
    )
    with running_api(office.home) as api:
        screen.say(f"   {api.url} · GET /healthz → {api.get('/healthz').status}")
        person = _lookup(api, office, "persons", "citizen", chosen["citizen"])
        show_subject(screen, person, labels(api, "person"), files)
        _compare(screen, person, _truth(world / "truth" / "persons.csv", chosen["citizen"]))
        screen.heading(
            "查询一个法人", "ask for a legal entity", command="POST /v1/legal-entities/lookup"
        )
        entity = _lookup(api, office, "legal-entities", "uscc", chosen["uscc"])
        show_subject(screen, entity, labels(api, "legal-entity"), files)
        _ask_what_is_refused(api, office, screen, chosen["citizen"])


def _ask_what_is_refused(api: RunningApi, office: Office, screen: Screen, number: str) -> None:
    screen.heading(
        "接口会拒绝：未授权的数据项、已吊销的密钥、其他用途",
        "what the API refuses: an item outside the grant, a revoked key, another purpose",
    )
    body = _question("persons", "citizen", number)
    outside = {**body, "items": ["name", WITHHELD]}
    _refused(api, screen, "数据项 · item outside the grant", outside, office.keys[APPLICATION], 403)
    _refused(api, screen, "密钥 · revoked key", body, office.keys[REVOKED], 401)
    other = {**body, "purpose": OTHER_PURPOSE}
    _refused(api, screen, "用途 · another purpose", other, office.keys[APPLICATION], 403)


def _refused(
    api: RunningApi, screen: Screen, asked: str, body: dict[str, Any], key: str, status: int
) -> None:
    reply = api.post("/v1/persons/lookup", body, key=key)
    if reply.status != status:
        raise AnsweredOtherwise(asked, status, reply)
    screen.say(f"   {asked}")
    show_problem(screen, reply)


def _lookup(api: RunningApi, office: Office, path: str, scheme: str, number: str) -> Reply:
    body = _question(path, scheme, number)
    reply = api.post(f"/v1/{path}/lookup", body, key=office.keys[APPLICATION])
    if reply.status != 200 or not reply.document["found"]:
        raise AnsweredOtherwise(path, 200, reply)
    return reply


def _question(path: str, scheme: str, number: str) -> dict[str, Any]:
    grant = document_of(GRANTS / ("person.yaml" if path == "persons" else "legal-entity.yaml"))
    return {"scheme": scheme, "number": number, "purpose": grant["purpose"]}


def labels(api: RunningApi, resource: str) -> dict[str, str]:
    """The Chinese label of each item, from the public catalogue."""
    document = api.get(f"/v1/resources/{resource}").document.get("document", {})
    return {item["id"]: item["name"] for item in document.get("items", [])}


def _truth(file: Path, number: str) -> dict[str, str]:
    with file.open(encoding="utf-8", newline="") as stream:
        rows = csv.reader(stream)
        heads = next(rows)
        [found] = [row for row in rows if row[0] == number]
    return dict(zip(heads, found, strict=True))


def _compare(screen: Screen, reply: Reply, truth: Mapping[str, str]) -> None:
    """Beside the truth: the chosen value, and each department that said something else."""
    rows = []
    for item, cell in reply.document["cells"].items():
        if item not in truth or (cell["value"] is None and not truth[item]):
            continue
        said = "" if cell["value"] is None else str(cell["value"])
        verdict = "对 right" if said == truth[item] else "错 wrong"
        if said != truth[item] or cell["differ"]:
            rows.append((item, truth[item], said, verdict))
    screen.say()
    screen.say(
        "   与真值比较：各部门说法不一的数据项 · the items that were in dispute, against the truth"
    )
    screen.table(("数据项\nitem", "真值\ntruth", "视图\nview", ""), rows)


def example_curl(keys_file: Path, world: Path) -> str:
    """A lookup that a reader can paste; the key is read from the file that holds it."""
    chosen = json.loads((world / "truth" / "showcase.json").read_text(encoding="utf-8"))
    body = json.dumps(_question("persons", "citizen", chosen["citizen"]), ensure_ascii=False)
    key = f"python3 -c \"import json; print(json.load(open('{keys_file}'))['{APPLICATION}'])\""
    return (
        f"   KEY=$({key})\n"
        f'   curl -s http://127.0.0.1:8000/v1/persons/lookup -H "Authorization: Bearer $KEY" \\\n'
        f"     -H 'Content-Type: application/json' -d '{body}'"
    )
