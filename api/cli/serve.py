"""`datong serve`: finishes what a crash left behind, then answers over HTTP."""

import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from api.cli import output, session
from api.cli.options import START
from api.errors import AddressNotFree


def add_to(app: typer.Typer) -> None:
    app.command(rich_help_panel=START)(serve)


def serve(
    host: Annotated[str, typer.Option(help="监听地址 / address to listen on")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="端口，0 为任一空闲端口 / port, 0 = any free")
    ] = 8000,
    port_file: Annotated[
        Path | None, typer.Option(help="把实际端口写入此文件 / write the port to this file")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="进程数 / number of processes")] = 1,
) -> None:
    """启动 HTTP 接口 / Serve the HTTP API.

    先完成或撤销上次中断的报送，然后应答，直到收到 Ctrl-C。

    First finishes or undoes deliveries that a crash cut short, then answers until Ctrl-C.
    """
    from api.usecases.recovery import recover

    services = session.services()
    recover(services)
    services.close()
    listening = _listen(host, port)
    bound = listening.getsockname()[1]
    if port_file is not None:
        _write_port(port_file, bound)
    output.say(f"大同 Datong: http://{_shown(host)}:{bound} (OpenAPI: /openapi.json)")
    _run(listening, workers)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise AddressNotFree(host, port=port, reason=error.strerror or "") from error
    # Head and body of an answer are sent apart; without this the body waits 40 ms for the
    # caller's acknowledgement of the head. Accepted connections inherit it.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def _write_port(path: Path, port: int) -> None:
    """Whole or not at all: whoever waits for the file reads a whole number."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.{os.getpid()}")
    new.write_text(f"{port}\n", encoding="ascii")
    new.replace(path)


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _run(listening: socket.socket, workers: int) -> None:
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    config = uvicorn.Config(
        "api.http.app:app_of_environment",
        factory=True,
        workers=workers,
        # our own log has one line a request, by route and never by URL
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
    )
    if workers > 1:
        Multiprocess(config, sockets=[listening]).run()
    else:
        with suppress(KeyboardInterrupt):  # Ctrl-C is how serving ends: everything is closed by now
            uvicorn.Server(config).run(sockets=[listening])
