"""`python -m services.local_engine --port 0`: the engine as a process of its own.

Prints its address when it is ready, and ends when its standard input closes or on SIGTERM.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import socket
import sqlite3
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import msgspec
import uvicorn

from services import limits, telemetry
from services.clock import SystemClock
from services.errors import DatadockError
from services.local_engine._engine import LocalEngine
from services.local_engine._server import build
from services.sandbox.types import SandboxEnvironment

_HOST = "127.0.0.1"
_GRACE_SECONDS = 2


def main() -> int:
    """Serve until told to end; 2 for arguments that can't be used."""
    arguments = _arguments()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    telemetry.configure(arguments.log_format)
    try:
        profile = limits.load(arguments.limits, arguments.limit_overrides)
    except DatadockError as exc:
        sys.stderr.write(f"{exc.message.what_happened} {exc.message.what_to_do}\n")
        return 2
    try:
        listener = _listener(arguments.port)
    except OSError:
        sys.stderr.write(f"Port {arguments.port} is taken. Choose another, or 0 for a free one.\n")
        return 2
    with contextlib.ExitStack() as stack:
        home = arguments.home or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="datadock-engine-"))
        )
        try:
            engine = LocalEngine(
                home=home,
                profile=profile,
                clock=SystemClock(arguments.time_scale, arguments.time_origin),
                token=os.environ.pop(arguments.token_env, None) or None,
                environment=arguments.environment,
                max_request_bytes=arguments.max_request_bytes,
                ping_seconds=arguments.ping_seconds,
            )
        except (OSError, sqlite3.Error):
            sys.stderr.write(f"{home} can't be used as the engine's home. Choose another folder.\n")
            return 2
        asyncio.run(_serve(engine, listener))
    return 0


def _listener(port: int) -> socket.socket:
    """A listening socket. Raises OSError if the port is taken."""
    # asyncio turns Nagle's delay off only where the protocol is named; unnamed, as
    # `create_server` leaves it, every reply in two pieces takes 40 ms longer.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((_HOST, port))
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


async def _serve(engine: LocalEngine, listener: socket.socket) -> None:
    config = uvicorn.Config(
        build(engine),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        timeout_keep_alive=75,
    )
    server = _Server(config, f"http://{_HOST}:{listener.getsockname()[1]}")
    threading.Thread(target=_end_with_stdin, args=(server,), daemon=True).start()
    await server.serve(sockets=[listener])


class _Server(uvicorn.Server):
    """Tells its address once it listens."""

    def __init__(self, config: uvicorn.Config, address: str) -> None:
        super().__init__(config)
        self._address = address

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then print."""
        await super().startup(sockets)
        sys.stdout.write(self._address + "\n")
        sys.stdout.flush()


def _end(*_: object) -> None:
    """The server raises the signal again after its own orderly end; nothing is left to do."""
    raise SystemExit(0)


def _end_with_stdin(server: uvicorn.Server) -> None:
    """Whoever started us holds the other end; when it is gone, so are we."""
    # Read without a buffer: a buffer's lock would be held while the interpreter ends.
    while os.read(0, 4096):
        pass
    server.should_exit = True


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m services.local_engine", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 chooses a free one")
    parser.add_argument(
        "--home", type=Path, help="folder of files and bill; without it they end with the process"
    )
    parser.add_argument("--limits", default="guide", help="limit profile")
    parser.add_argument(
        "--limit-overrides", type=msgspec.json.decode, default={}, help="JSON object of values"
    )
    parser.add_argument(
        "--time-scale", type=float, default=1.0, help="above 1, hours pass in seconds"
    )
    parser.add_argument("--time-origin", type=float, help="Unix seconds from which time is scaled")
    parser.add_argument(
        "--token-env", default="DATADOCK_ENGINE_TOKEN", help="variable that holds the token"
    )
    parser.add_argument("--max-request-bytes", type=int, default=32_000_000)
    parser.add_argument("--ping-seconds", type=float, default=5.0)
    parser.add_argument("--log-format", choices=("text", "json"), default="text")
    parser.add_argument(
        "--environment", type=_environment, help="JSON of the interpreter that runs code"
    )
    return parser.parse_args()


def _environment(text: str) -> Any:
    return msgspec.json.decode(
        text, type=SandboxEnvironment, dec_hook=lambda kind, value: kind(value)
    )


if __name__ == "__main__":
    sys.exit(main())
