"""Events to the store's journal and back, with small pieces of text gathered."""

import threading

import msgspec

from services.clock import Clock
from services.events import ENDINGS, Event, Numbered, RunEvent, TextAdded
from services.ids import RunId
from services.store import Store

_GATHER_SECONDS = 0.1
_GATHER_EVENTS = 20
_decoder = msgspec.json.Decoder(RunEvent)
_encoder = msgspec.json.Encoder()


class Journal:
    """The journal of one run: its worker notes, and whoever reads may have it flushed."""

    def __init__(self, store: Store, clock: Clock, run_id: RunId, fence: int) -> None:
        self._journal = store.journal
        self._clock = clock
        self._run_id = run_id
        self._fence = fence
        self._gathered: list[Event] = []
        self._since = clock.monotonic()
        self._lock = threading.Lock()
        self.ending: Event | None = None

    def note(self, event: Event) -> None:
        """Write an event down; text waits for up to 100 ms or 20 pieces, all else takes it along.

        An event after an ending is dropped: a run ends once.
        """
        with self._lock:
            if self.ending is not None:
                return
            if not self._gathered:
                self._since = self._clock.monotonic()
            self._gathered.append(event)
            if isinstance(event, ENDINGS):
                self.ending = event
            late = self._clock.monotonic() - self._since >= _GATHER_SECONDS
            if not isinstance(event, TextAdded) or late or len(self._gathered) >= _GATHER_EVENTS:
                self._flush()

    def flush(self) -> None:
        """Write down what was gathered."""
        with self._lock:
            self._flush()

    def _flush(self) -> None:
        if self._gathered:
            encoded = [_encoder.encode(event) for event in self._gathered]
            self._journal.append(self._run_id, encoded, self._fence)
            self._gathered.clear()


def read(store: Store, run_id: RunId, after: int) -> tuple[Numbered, ...]:
    """All events of a run past the cursor."""
    numbered: list[Numbered] = []
    while True:
        page = store.journal.read(run_id, after=after, limit=1_000)
        numbered += (Numbered(sequence=n, event=_decoder.decode(raw)) for n, raw in page)
        if len(page) < 1_000:
            return tuple(numbered)
        after = page[-1][0]
