"""Server-sent events in the order of the real service (docs/wire.md 4)."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from services.local_engine._pieces import (
    Broke,
    Called,
    Cut,
    Done,
    Piece,
    Returned,
    Said,
    Started,
    Unheard,
    block,
    delta_usage_json,
    usage_json,
)
from services.local_engine._reply import Reply

_TEXT_CHARACTERS = 40
_JSON_CHARACTERS = 60
_PADDING_MODULUS = 7


class EventStream(Response):
    """A reply sent as it comes about; ends the reply when the client has gone."""

    media_type = "text/event-stream"

    def __init__(
        self,
        reply: Reply,
        request_id: str,
        *,
        ping_seconds: float,
        headers: dict[str, str],
    ) -> None:
        super().__init__(headers={"cache-control": "no-cache", **headers})
        del self.headers["content-length"]
        self._reply = reply
        self._request_id = request_id
        self._ping_seconds = ping_seconds

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Send head, events, end; without the end where the transfer is to break."""
        pieces: asyncio.Queue[Piece] = asyncio.Queue()
        gone = asyncio.ensure_future(until_gone(receive))
        work = asyncio.ensure_future(self._reply.run(pieces.put_nowait))
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        try:
            await send(start)
            encoder = _Encoder(self._reply, self._request_id)
            while True:
                piece = await self._next(pieces, gone)
                if piece is None and work.done() and pieces.empty():
                    raise RuntimeError("the reply has no ending")
                for event in encoder.ping() if piece is None else encoder.events(piece):
                    await send({"type": "http.response.body", "body": event, "more_body": True})
                if isinstance(piece, Cut) and piece.how == "broken":
                    return
                if isinstance(piece, Done | Broke | Cut):
                    break
            await send({"type": "http.response.body", "body": b""})
        except ClientDisconnect:
            pass
        finally:
            gone.cancel()
            work.cancel()
            await asyncio.wait({work})
            self._reply.close()

    async def _next(
        self, pieces: asyncio.Queue[Piece], gone: "asyncio.Future[None]"
    ) -> Piece | None:
        """The next piece, or None when it is time for a ping. Raises ClientDisconnect."""
        getting = asyncio.ensure_future(pieces.get())
        try:
            waited: set[asyncio.Future[Any]] = {getting, gone}
            done, _ = await asyncio.wait(
                waited, timeout=self._ping_seconds, return_when=asyncio.FIRST_COMPLETED
            )
            if getting in done:
                return getting.result()
            if gone in done:
                raise ClientDisconnect
            return None
        finally:
            getting.cancel()


async def until_gone(receive: Receive) -> None:
    """Wait until the client has closed the connection; its body must have been read before."""
    while (await receive())["type"] != "http.disconnect":
        pass


class _Encoder:
    """Turns pieces into events; knows the index of the next block."""

    def __init__(self, reply: Reply, request_id: str) -> None:
        self._reply = reply
        self._request_id = request_id
        self._index = 0

    def ping(self) -> Iterator[bytes]:
        yield _event("ping", {})

    def events(self, piece: Piece) -> Iterator[bytes]:
        match piece:
            case Started():
                yield self._message_start(piece)
            case Said():
                yield from self._text(piece)
            case Called():
                yield from self._call(piece)
            case Returned():
                yield from self._bracketed(block(piece), ())
            case Unheard():
                yield from self._bracketed(block(piece), ())
                yield _event("future_event", {"note": "An event of a kind that is not known yet."})
            case Done():
                yield from self._end(piece)
            case Broke():
                yield _event(
                    "error",
                    {
                        "error": {"type": piece.error_type, "message": piece.message},
                        "request_id": self._request_id,
                    },
                )
            case Cut():
                pass

    def _message_start(self, piece: Started) -> bytes:
        usage = {**usage_json(piece.usage), "output_tokens": 1}
        # No container here: on a first turn its id comes with the last delta only.
        message = message_json(self._reply, [], usage, None, None)
        return _event("message_start", {"message": message})

    def _text(self, piece: Said) -> Iterator[bytes]:
        deltas = [
            {"type": "text_delta", "text": part} for part in _split(piece.text, _TEXT_CHARACTERS)
        ]
        yield from self._bracketed({"type": "text", "text": "", "citations": None}, deltas)

    def _call(self, piece: Called) -> Iterator[bytes]:
        head = {**(block(piece) or {}), "input": {}}
        written = msgspec.json.encode({"command": piece.command}).decode()
        deltas = [
            {"type": "input_json_delta", "partial_json": part}
            for part in ("", *_split(written, _JSON_CHARACTERS))
        ]
        yield from self._bracketed(head, deltas)

    def _bracketed(
        self, head: dict[str, Any] | None, deltas: Sequence[dict[str, Any]]
    ) -> Iterator[bytes]:
        index = self._index
        self._index += 1
        yield _event("content_block_start", {"index": index, "content_block": head})
        if index == 0:
            yield from self.ping()
        for delta in deltas:
            yield _event("content_block_delta", {"index": index, "delta": delta})
        yield _event("content_block_stop", {"index": index})

    def _end(self, piece: Done) -> Iterator[bytes]:
        delta = {
            "stop_reason": piece.stop_reason,
            "stop_sequence": None,
            "stop_details": piece.stop_details,
            "container": piece.container,
        }
        yield _event("message_delta", {"delta": delta, "usage": delta_usage_json(piece.usage)})
        yield _event("message_stop", {})


def message_json(
    reply: Reply,
    content: list[dict[str, Any]],
    usage: dict[str, Any],
    container: dict[str, Any] | None,
    end: Done | None,
) -> dict[str, Any]:
    """The message object; of a stream's start, one that has not ended."""
    message: dict[str, Any] = {
        "model": reply.ask.model,
        "id": reply.message_id,
        "type": "message",
        "role": "assistant",
        "content": content,
        "stop_reason": None if end is None else end.stop_reason,
        "stop_sequence": None,
        "stop_details": None if end is None else end.stop_details,
        "usage": usage,
    }
    if end is not None:
        message["container"] = container
    return message


def _split(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]


def _event(kind: str, data: dict[str, Any]) -> bytes:
    """One event. The padding is as on the real wire, where a data line ends in spaces."""
    body = msgspec.json.encode({"type": kind, **data})
    return (
        b"event: "
        + kind.encode()
        + b"\ndata: "
        + body
        + b" " * (len(body) % _PADDING_MODULUS)
        + b"\n\n"
    )
