"""`datong serve`: answers over HTTP, with a worker beside it that does what is queued."""

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Annotated

import typer

from api.children import Children, datong
from api.cli import output, session
from api.cli.options import START
from api.errors import AddressNotFree

# An upload that waits for its verdict longer than this has its bytes kept, and a job.
SECONDS_TO_END = 10


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
    worker: Annotated[
        bool,
        typer.Option(
            help="另起一个后台进程，没有其他后台进程时处理任务"
            " / run a worker beside, which works while there is no other"
        ),
    ] = True,
) -> None:
    """启动 HTTP 接口 / Serve the HTTP API.

    应答直到收到 Ctrl-C；报送由后台进程处理，包括上次中断的。

    Answers until Ctrl-C. Deliveries are loaded by a worker, those too that a crash cut short.
    """
    from api.usecases.start import require_databases
    from api.usecases.views import serve_recorded

    services = session.services()
    require_databases(services)
    serve_recorded(services)
    services.close()
    listening = _listen(host, port)
    bound = listening.getsockname()[1]
    if port_file is not None:
        _write_port(port_file, bound)
    output.say(f"大同 Datong: http://{_shown(host)}:{bound} (OpenAPI: /openapi.json)")
    with _a_worker() if worker else nullcontext():
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


@contextmanager
def _a_worker() -> Iterator[None]:
    """A worker of our own while the block runs."""
    children = Children([datong("worker", "--standby", "--parent", str(os.getpid()))])
    children.start()
    try:
        yield
    finally:
        children.end()
        children.join()


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
        timeout_graceful_shutdown=SECONDS_TO_END,
    )
    # uvicorn repeats the signal that ended it, which would end us before our worker
    signal.signal(signal.SIGTERM, lambda _number, _frame: None)
    if workers > 1:
        Multiprocess(config, sockets=[listening]).run()
    else:
        with suppress(KeyboardInterrupt):  # Ctrl-C is how serving ends: everything is closed by now
            uvicorn.Server(config).run(sockets=[listening])
