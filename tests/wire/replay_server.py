"""A real HTTP server on loopback that answers with what a test has laid out, in order."""

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

RECORDED = Path(__file__).parent / "recorded"
_PATIENCE_SECONDS = 15.0


@dataclass
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]


@dataclass
class Answer:
    """One reply. `chunks` go out one by one, chunked; `ending` says how the body ends."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    chunks: tuple[bytes, ...] = ()
    ending: str = "clean"
    """clean · broken (mid-chunk) · silent (nothing more until the client is gone) · pings."""


def stream(
    name: str, *, request_id: str = "req_011", ending: str = "clean", upto: str = ""
) -> Answer:
    """A recorded stream, cut into odd pieces; `upto` ends it before the first event so named."""
    text = (RECORDED / name).read_text(encoding="utf-8")
    if upto:
        text = text[: text.index(f"event: {upto}\n")]
    data = text.encode()
    sizes = (1, 700, 13, 256)
    pieces: list[bytes] = []
    at = 0
    while at < len(data):
        size = sizes[len(pieces) % len(sizes)]
        pieces.append(data[at : at + size])
        at += size
    return Answer(
        headers={
            "content-type": "text/event-stream; charset=utf-8",
            "cache-control": "no-cache",
            "request-id": request_id,
        },
        chunks=tuple(pieces),
        ending=ending,
    )


def error(
    status: int, type_: str, message: str = "", code: str | None = None, **headers: str
) -> Answer:
    """An error reply in the provider's shape; header names with `_` for `-`."""
    detail: dict[str, object] = {"type": type_, "message": message}
    if code is not None:
        detail["details"] = {"error_code": code}
    return Answer(
        status=status,
        headers={
            "content-type": "application/json",
            "request-id": f"req_{status}",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        },
        body=json.dumps({"type": "error", "error": detail, "request_id": f"req_{status}"}).encode(),
    )


def reply(value: object, status: int = 200) -> Answer:
    return Answer(
        status=status,
        headers={"content-type": "application/json", "request-id": "req_json"},
        body=json.dumps(value).encode(),
    )


class Replay:
    """What was asked, and what will be answered."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.answers: deque[Answer] = deque()
        self.arrived = threading.Event()
        """Set when a reply has begun that ends in silence or pings."""
        self.dropped = threading.Event()
        """Set when the client of such a reply has gone."""
        self.address = ""

    def will_answer(self, *answers: Answer) -> None:
        self.answers.extend(answers)


@contextmanager
def replaying() -> Iterator[Replay]:
    """Serve until the block ends; no thread outlives it."""
    replay = Replay()
    closing = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            body = self.rfile.read(length)
            replay.seen.append(Seen(self.command, self.path, list(self.headers.items()), body))
            answer = replay.answers.popleft()
            if answer.ending == "no_reply":
                self._linger(replay, closing)
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.body is not None:
                self.send_header("content-length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)
                return
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            self.close_connection = True
            for chunk in answer.chunks:
                self._chunk(chunk)
            self._finish(answer.ending)

        do_GET = do_POST = do_DELETE = _any  # noqa: N815  (the names that http.server looks for)

        def _chunk(self, data: bytes) -> None:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

        def _finish(self, ending: str) -> None:
            match ending:
                case "clean":
                    self.wfile.write(b"0\r\n\r\n")
                case "broken":
                    self.wfile.write(b"ff\r\nevent: content_bl")
                case "silent":
                    self._linger(replay, closing)
                case "pings":
                    ping = b'event: ping\ndata: {"type": "ping"}\n\n'
                    self._linger(replay, closing, each=lambda: self._chunk(ping))

        def _linger(self, replay, closing, each: Callable[[], None] = lambda: None) -> None:
            """Keep the connection open until the client leaves, or the test does."""
            self.close_connection = True
            replay.arrived.set()
            self.connection.settimeout(0.05)
            for _ in range(int(_PATIENCE_SECONDS / 0.05)):
                if closing.is_set():
                    return
                try:
                    each()
                    if self.connection.recv(1) == b"":
                        break
                except TimeoutError:
                    continue
                except OSError:
                    break
            replay.dropped.set()

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    server.handle_error = lambda *args: None  # type: ignore[method-assign]  # clients may leave
    replay.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield replay
    finally:
        closing.set()
        server.shutdown()
        thread.join()
        server.server_close()
