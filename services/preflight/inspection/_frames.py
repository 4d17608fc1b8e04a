"""Messages between parent and child: four bytes of length, then JSON."""

import struct
from typing import IO

_LENGTH = struct.Struct(">I")


def receive(stream: IO[bytes]) -> bytes | None:
    """The next message, None at the end."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    body = stream.read(length)
    return body if len(body) == length else None


def send(stream: IO[bytes], body: bytes) -> None:
    """Write one message."""
    stream.write(_LENGTH.pack(len(body)) + body)
    stream.flush()
