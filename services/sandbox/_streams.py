"""What running code prints: read as it comes, kept in part, told to whoever listens."""

import codecs
import os
import select
import threading

from services import telemetry
from services.sandbox.types import OnOutput, StreamName

_log = telemetry.log("sandbox")
_READ_BYTES = 65_536
_TAIL_BYTES = 64_000
# A pipe holds 64 KB; more than a few of them after the end comes from a process left behind.
_DRAIN_BYTES = 1_000_000
_CONTINUATION = range(0x80, 0xC0)


class Capture:
    """The first and the last bytes of one stream; those between are counted."""

    def __init__(self, kept_bytes: int) -> None:
        tail_bytes = min(_TAIL_BYTES, kept_bytes // 4)
        self._head_limit = kept_bytes - tail_bytes
        self._tail_limit = tail_bytes
        self._head = bytearray()
        self._tail = bytearray()
        self._total_bytes = 0

    def add(self, data: bytes) -> bytes:
        """Take what was read; returns the part of it that belongs to the beginning."""
        self._total_bytes += len(data)
        first = data[: self._head_limit - len(self._head)]
        self._head += first
        self._tail += data[len(first) :]
        if len(self._tail) > 2 * self._tail_limit + _READ_BYTES:
            del self._tail[: -self._tail_limit]
        return first

    def text(self) -> str:
        """What is kept, with a mark where bytes were left out."""
        tail = bytes(self._tail[-self._tail_limit :]) if self._tail_limit else b""
        omitted = self._total_bytes - len(self._head) - len(tail)
        if omitted <= 0:
            return (bytes(self._head) + tail).decode(errors="replace")
        # Characters that the cut went through are left out whole.
        while tail and tail[0] in _CONTINUATION:
            tail, omitted = tail[1:], omitted + 1
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        head = decoder.decode(bytes(self._head))
        omitted += len(decoder.getstate()[0])
        return f"{head}\n… {omitted:,} bytes omitted …\n{tail.decode(errors='replace')}"


class Pump:
    """A thread that empties the two pipes of one execution, so that no code blocks for printing."""

    def __init__(
        self, stdout_fd: int, stderr_fd: int, kept_bytes: int, on_output: OnOutput | None
    ) -> None:
        self._streams: dict[int, tuple[StreamName, Capture, codecs.IncrementalDecoder]] = {}
        names: tuple[StreamName, StreamName] = ("stdout", "stderr")
        for fd, name in zip((stdout_fd, stderr_fd), names, strict=True):
            os.set_blocking(fd, False)
            decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
            self._streams[fd] = (name, Capture(kept_bytes), decoder)
        self._on_output = on_output
        self._ended = os.eventfd(0, os.EFD_CLOEXEC)
        self._thread = threading.Thread(target=self._pump, name="sandbox-output", daemon=True)
        self._thread.start()

    def finish(self) -> tuple[str, str]:
        """Call once the code has ended: both streams as text. Closes the pipes."""
        os.eventfd_write(self._ended, 1)
        self._thread.join()
        os.close(self._ended)
        for fd in self._streams:
            os.close(fd)
        out, err = (capture.text() for _, capture, _ in self._streams.values())
        return out, err

    def _pump(self) -> None:
        poll = select.poll()
        poll.register(self._ended, select.POLLIN)
        for fd in self._streams:
            poll.register(fd, select.POLLIN)
        while True:
            ready = [fd for fd, _ in poll.poll()]
            if self._ended in ready:
                break
            for fd in ready:
                if not self._read(fd):
                    poll.unregister(fd)
        # Not until the end of the stream: a process left behind may hold it open.
        for fd in self._streams:
            left = _DRAIN_BYTES
            while left > 0 and (count := self._read(fd)):
                left -= count

    def _read(self, fd: int) -> int:
        """Bytes taken; 0 at the end of the stream and when it is empty."""
        try:
            data = os.read(fd, _READ_BYTES)
        except BlockingIOError:
            return 0
        name, capture, decoder = self._streams[fd]
        first = capture.add(data)
        if first and self._on_output is not None:
            text = decoder.decode(first)
            if text:
                self._tell(name, text)
        return len(data)

    def _tell(self, name: StreamName, text: str) -> None:
        if self._on_output is None:
            return
        try:
            self._on_output(name, text)
        except Exception:  # noqa: BLE001 - a listener of somebody else's; the code runs on
            _log.exception("output_listener_failed")
            self._on_output = None
