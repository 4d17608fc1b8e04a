"""The journal: events of a run in chunks, each keyed by the last sequence number that it holds.

`j:{run}:{last:012d}` holds the sealed lines of a chunk behind the number before its first event;
`h:{run}` the last number and the highest fence. So "what is beyond my cursor" is one range read,
whatever the size of the chunks.
"""

import threading
import time
from collections.abc import Sequence

import msgspec

from services.ids import RunId
from services.store._keys import END, Keys, checked_key, decoded, seal, unseal
from services.store.types import CorruptValue, Fenced
from services.wording import store as wording

_POLL_SECONDS = 0.25
"""Another process's events are found by looking; this process's wake the waiting at once."""


class _Head(msgspec.Struct, frozen=True, kw_only=True):
    last: int = 0
    fence: int = 0


_head_decoder = msgspec.json.Decoder(_Head)


class KeyJournal:
    """The journal over ordered keys; see `services.store.types.Journal`."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._grown = threading.Condition()
        self._appends = 0

    def append(self, run: RunId, events: Sequence[bytes], fence: int) -> int:
        """Add events in one piece; returns the last sequence number. Raises Fenced."""
        checked_key(run)
        if any(b"\n" in event for event in events):
            raise ValueError("an event is one line")
        with self._keys.write():
            head = self._head(run)
            if fence < head.fence:
                raise Fenced(wording.fenced())
            last = head.last + len(events)
            if events:
                body = b"%d\n" % head.last + b"\n".join(events)
                self._keys.set(f"j:{run}:{last:012d}", seal(body))
            if (last, fence) != (head.last, head.fence):
                self._keys.set("h:" + run, seal(msgspec.json.encode(_Head(last=last, fence=fence))))
        with self._grown:
            self._appends += 1
            self._grown.notify_all()
        return last

    def read(self, run: RunId, after: int = 0, limit: int = 1000) -> list[tuple[int, bytes]]:
        """Events beyond `after` with their sequence numbers, oldest first."""
        base = f"j:{checked_key(run)}:"
        events: list[tuple[int, bytes]] = []
        # Every chunk holds at least one event, so `limit` chunks are enough.
        for key, value in self._keys.scan(f"{base}{after + 1:012d}", base + END, limit):
            before, _, lines = unseal(value).partition(b"\n")
            found = list(enumerate(lines.split(b"\n"), start=int(before) + 1))
            if found[-1][0] != int(key.removeprefix(base)):
                raise CorruptValue(wording.corrupt())
            events.extend(pair for pair in found if pair[0] > after)
            if len(events) >= limit:
                break
        return events[:limit]

    def wait(self, run: RunId, after: int, timeout_seconds: float) -> bool:
        """Whether there are events beyond `after`, at the latest after so many real seconds."""
        end = time.monotonic() + timeout_seconds
        while True:
            with self._grown:
                seen = self._appends
            if self.last(run) > after:
                return True
            rest = end - time.monotonic()
            if rest <= 0:
                return False
            with self._grown:
                if self._appends == seen:
                    self._grown.wait(min(rest, _POLL_SECONDS))

    def last(self, run: RunId) -> int:
        """The last sequence number; 0 if nothing was written."""
        return self._head(run).last

    def _head(self, run: RunId) -> _Head:
        value = self._keys.get("h:" + checked_key(run))
        return _Head() if value is None else decoded(value, _head_decoder)
