"""Two runs that share books, in any interleaving of what they do: sums are those of the rows."""

import contextlib
from collections import Counter
from datetime import timedelta

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from services import limits
from services.clock import ManualClock
from services.containers import Containers
from services.containers._life import whole_started_seconds
from services.errors import LimitError
from services.events import Usage
from services.ids import ContainerId, ConversationId, RunId, UserId
from services.money import Money
from services.money.types import LedgerRow, RequestIntent
from services.store import Store, memory_store
from services.store.types import Totals
from services.units import MicroUsd

MODEL = "claude-sonnet-5"
ANN = UserId("user-ann")


class _Run:
    """One run of a conversation of its own; each step may be made at any time, and again."""

    def __init__(self, number: int, clock: ManualClock, money: Money, room: Containers) -> None:
        self._clock, self._money, self._room = clock, money, room
        self._run_id = RunId(f"run-{number}")
        self._talk = ConversationId(f"c-{number}")
        self._started_at = clock.now()
        self.workspace = room.acquire(ANN, self._talk, ()).workspace

    def step(self, what: str, ordinal: int, size: int) -> None:
        """Do one thing."""
        key = f"{self._run_id}/1/{ordinal}"
        match what:
            case "reserve":
                self._money.reserve(self._intent(key, ordinal))
            case "mark":
                self._money.mark_sent(key)
            case "settle":
                self._money.settle(key, self._row(key, ordinal))
            case "release":
                self._money.release(key)
            case "replied":
                self._clock.advance(size / 3)
                self._room.replied(
                    self.workspace.id,
                    container_id=ContainerId(f"container_{self._run_id}"),
                    expires_at=None,
                    started_at=self._started_at,
                    replied_at=self._clock.now() - timedelta(seconds=ordinal % 2),
                    run_id=self._run_id,
                )
            case "give_back":
                self._room.give_back(self.workspace.id)
            case "lost":
                self._room.lost(self.workspace.id, run_id=self._run_id)
            case "release_container":
                # One that is being made can't be released, and nothing changes.
                with contextlib.suppress(LimitError):
                    self._room.release(ANN, self.workspace.id)
            case "broke_off":
                self._room.broke_off(
                    self.workspace.id, used_from=self._started_at, run_id=self._run_id
                )

    def _intent(self, key: str, ordinal: int) -> RequestIntent:
        return RequestIntent(
            key=key,
            engine="local",
            user=ANN,
            conversation_id=self._talk,
            run_id=self._run_id,
            workspace_id=self.workspace.id,
            attempt=1,
            ordinal=ordinal,
            model=MODEL,
            reserved_microusd=self._money.max_request_cost(MODEL, 1_000, 100 * ordinal),
            profile="guide",
            price_version=self._money.price_version,
        )

    def _row(self, key: str, ordinal: int) -> LedgerRow:
        usage = Usage(input_tokens=1_003 * ordinal, output_tokens=77)
        return LedgerRow(
            kind="request",
            key=key,
            engine="local",
            booked_at=self._clock.now(),
            user=ANN,
            conversation_id=self._talk,
            run_id=self._run_id,
            workspace_id=self.workspace.id,
            ordinal=ordinal,
            model=MODEL,
            usage=usage,
            amount_microusd=self._money.token_cost(usage, MODEL),
        )


STEPS = st.tuples(
    st.integers(0, 1),
    st.sampled_from(
        [
            "reserve",
            "mark",
            "settle",
            "release",
            "replied",
            "give_back",
            "lost",
            "release_container",
            "broke_off",
        ]
    ),
    st.integers(1, 3),
    st.integers(0, 400),
)


@settings(max_examples=120, deadline=None)
@given(st.lists(STEPS, max_size=40))
def test_sums_are_those_of_the_rows_whatever_two_runs_do(steps):
    clock = ManualClock()
    store = memory_store(clock)
    profile = limits.load("guide")
    money = Money(store, limits.load_prices(), profile, clock)
    room = Containers(store, money, clock, profile, "local")
    runs = [_Run(number, clock, money, room) for number in range(2)]
    for which, what, ordinal, size in steps:
        runs[which].step(what, ordinal, size)
    assert_sums(store)
    for run in runs:
        workspace = room.lost(run.workspace.id)
        seconds = 0
        if workspace.billed_from is not None and workspace.booked_until is not None:
            seconds = whole_started_seconds(workspace.billed_from, workspace.booked_until)
        # Neighbouring spans share no second, so their sum is the price of the whole.
        spans = [row for row in rows(store) if row.workspace_id == workspace.id and row.seconds]
        assert sum(row.seconds for row in spans) == seconds
        # An ended container holds nothing.
        assert not any(r.key.endswith(workspace.id) for r in store.ledger.reservations())
    assert_sums(store)
    store.close()


def rows(store: Store) -> list[LedgerRow]:
    """All rows of the ledger."""
    return [msgspec.json.decode(one.entry.body, type=LedgerRow) for one in store.ledger.read()]


def assert_sums(store: Store) -> None:
    """Every total is the sum of its rows and of what is held in it."""
    spent: Counter[str] = Counter()
    held: Counter[str] = Counter()
    for booked in store.ledger.read():
        for scope in booked.entry.scopes:
            spent[scope] += booked.entry.amount_microusd
    for reservation in store.ledger.reservations():
        for scope in reservation.scopes:
            held[scope] += reservation.amount_microusd
    for scope in {*spent, *held}:
        assert store.ledger.totals(scope) == Totals(
            spent_microusd=MicroUsd(spent[scope]), held_microusd=MicroUsd(held[scope])
        )
