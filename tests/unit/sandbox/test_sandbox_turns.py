import threading

from services.sandbox._turns import Turn, Turns


class Waiter:
    """A turn that is being waited for in a thread of its own."""

    def __init__(self, turns: Turns, container_id: str) -> None:
        self.turn = Turn(container_id)
        self.got: list[bool] = []
        self.settled = threading.Event()
        self._turns = turns
        self._thread = threading.Thread(target=self._wait, daemon=True)
        self._thread.start()

    def _wait(self) -> None:
        self.got.append(self._turns.take(self.turn))
        self.settled.set()


def queued(turns: Turns, container_id: str) -> Waiter:
    """A waiter that certainly stands in the queue."""
    waiter = Waiter(turns, container_id)
    with turns._changed:
        assert turns._changed.wait_for(
            lambda: waiter.turn in turns._waiting or waiter.turn in turns._running, 5
        )
    return waiter


def taken(turns: Turns, container_id: str) -> Turn:
    turn = Turn(container_id)
    assert turns.take(turn)
    return turn


def test_turns_give_places_in_order():
    turns = Turns(2)
    first, second = taken(turns, "a"), taken(turns, "b")
    third, fourth = queued(turns, "c"), queued(turns, "d")
    turns.give_back(second)
    assert third.settled.wait(5)
    assert not fourth.settled.is_set()
    turns.give_back(first)
    assert fourth.settled.wait(5)
    assert (third.got, fourth.got) == ([True], [True])


def test_turns_run_one_at_a_time_in_a_container_and_let_others_pass():
    turns = Turns(2)
    first = taken(turns, "a")
    again = queued(turns, "a")
    other = queued(turns, "b")
    assert other.settled.wait(5)
    assert not again.settled.is_set()
    turns.give_back(first)
    assert again.settled.wait(5)


def test_turns_cancel_what_waits_and_mark_what_runs():
    turns = Turns(1)
    running = taken(turns, "a")
    waiting = queued(turns, "a")
    elsewhere = queued(turns, "b")
    assert turns.cancel("a")
    assert waiting.settled.wait(5)
    assert (waiting.got, running.cancelled.is_set()) == ([False], True)
    assert not elsewhere.settled.is_set()
    turns.give_back(running)
    assert elsewhere.settled.wait(5)
    turns.wait_until_quiet("a")
    assert not turns.cancel("a")
