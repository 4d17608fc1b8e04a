"""Who may execute now: a few at once, one at a time in each container, the rest wait in order."""

import threading


class Turn:
    """One execution's place in the queue, and the word that it should end."""

    def __init__(self, container_id: str) -> None:
        self.container_id = container_id
        self.cancelled = threading.Event()


class Turns:
    """The queue. Thread-safe."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._changed = threading.Condition()
        self._waiting: list[Turn] = []
        self._running: list[Turn] = []

    def take(self, turn: Turn) -> bool:
        """Wait until it is this one's turn; false if it was cancelled first."""
        with self._changed:
            self._waiting.append(turn)
            self._changed.wait_for(lambda: turn.cancelled.is_set() or self._is_next(turn))
            self._waiting.remove(turn)
            if not turn.cancelled.is_set():
                self._running.append(turn)
            self._changed.notify_all()
            return turn in self._running

    def give_back(self, turn: Turn) -> None:
        """The execution has ended."""
        with self._changed:
            self._running.remove(turn)
            self._changed.notify_all()

    def cancel(self, container_id: str) -> bool:
        """Tell what waits or runs in that container to end; false if there is nothing."""
        with self._changed:
            turns = self._of(container_id)
            for turn in turns:
                turn.cancelled.set()
            self._changed.notify_all()
            return bool(turns)

    def wait_until_quiet(self, container_id: str) -> None:
        """Return when nothing waits or runs in that container."""
        with self._changed:
            self._changed.wait_for(lambda: not self._of(container_id))

    def _of(self, container_id: str) -> list[Turn]:
        both = self._waiting + self._running
        return [turn for turn in both if turn.container_id == container_id]

    def _is_next(self, turn: Turn) -> bool:
        """Whether there is a place, and nobody who came earlier could take it."""
        if len(self._running) >= self._places:
            return False
        busy = {other.container_id for other in self._running}
        able = (other for other in self._waiting if other.container_id not in busy)
        return next(able, None) is turn
