"""The part of the demonstration about files: one delivered, fetched by its grant, counted."""

import hashlib
from typing import Any, Final

from examples.office import Office, Sent
from examples.screen import Screen
from examples.world.map_picture import draw_map

RESOURCE: Final = "division-map"
INTERFACE: Final = "marriage-check"
DEPARTMENT: Final = "minzheng"
NAME: Final = "行政区划示意图.png"
DATA_TIME: Final = "2026-11-01T00:00:00+08:00"
APPLICATION: Final = "hall-app"
PURPOSE: Final = "licence_handling"


def deliver_map(office: Office, screen: Screen) -> None:
    """Draw the map, deliver it to the file resource, and say what became of it."""
    screen.heading(
        "文件类资源：报送一张图片，按内容判断类型，按名称计版本",
        "a file resource: deliver a picture; its type is told by content, versions by name",
        command=f"datong deliver {NAME} --resource {RESOURCE} --mode incremental --data-time T",
    )
    path = office.home / "world" / NAME
    path.write_bytes(draw_map())
    sent = Sent(path, NAME, RESOURCE, DEPARTMENT, "incremental", DATA_TIME)
    done = office.deliver(sent)
    screen.say(f"   {done.file_name}: {done.state} · {done.format} · {done.size:,} bytes")
    screen.say(f"   {done.notes[0]}")


def fetch_map(office: Office, screen: Screen) -> dict[str, Any]:
    """Fetch the map as the application does, and give what `summary.json` says of files."""
    screen.heading(
        "应用按授权用途取文件：先写审计，边传边核对 SHA-256；接口只编目和授权，不代为调用",
        "the application fetches the file for the purpose of its grant: audited before, hashed on "
        "the way; an interface is catalogued and granted, its calls are not passed on",
        command=f"datong file get {RESOURCE} {NAME} OUT --purpose {PURPOSE} · "
        f"datong record show {INTERFACE}",
    )
    out = office.home / "fetched.png"
    fetched = office.fetch_file(RESOURCE, NAME, APPLICATION, PURPOSE, out)
    same = hashlib.sha256(out.read_bytes()).hexdigest() == fetched.sha256
    screen.say(
        f"   {fetched.name} v{fetched.version} · SHA-256 {'相符 right' if same else '不符 wrong'}"
    )
    interface = office.record(INTERFACE, APPLICATION).document["interface"]
    screen.say(f"   {INTERFACE}: {interface['method']} {interface['url']}")
    return {
        RESOURCE: {
            "files": len(office.files(RESOURCE, APPLICATION)),
            "version": fetched.version,
            "bytes": fetched.size,
            "media_type": fetched.media_type,
            "sha256": fetched.sha256,
        }
    }
