"""Reserve, settle, release, orphans, and the sums of what was booked."""

import contextlib
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services import limits
from services.clock import ManualClock
from services.events import Usage
from services.ids import (
    ContainerId,
    ConversationId,
    CorrelationId,
    RequestId,
    RunId,
    UserId,
    WorkspaceId,
)
from services.limits.types import LimitProfile
from services.money import Money
from services.money.types import (
    ContainerHold,
    DaySpend,
    LedgerRow,
    NumberedRow,
    RequestIntent,
    RunCost,
    SpendReport,
)
from services.store import Store, memory_store
from services.store.types import IdempotencyConflict, Totals
from services.units import MicroUsd

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
NOVEMBER = "local:total:2026-11"
ANN, BEN = UserId("user-ann"), UserId("user-ben")
TALK = ConversationId("conversation-1")
RUN = RunId("run-1")
WORK = WorkspaceId("workspace-1")


class Desk:
    """A money room with its store and clock."""

    def __init__(self, profile: LimitProfile | None = None) -> None:
        self.clock = ManualClock(START)
        self.store: Store = memory_store(self.clock)
        self.profile = profile or limits.load()
        self.money = Money(self.store, limits.load_prices(), self.profile, self.clock)

    def totals(self, scope: str) -> tuple[int, int]:
        found = self.store.ledger.totals(scope)
        return found.spent_microusd, found.held_microusd

    def held_keys(self) -> list[str]:
        return [each.key for each in self.store.ledger.reservations()]


@pytest.fixture
def desk():
    made = Desk()
    yield made
    made.store.close()


def intent(key: str = "run-1/1/1", amount: int = 100_000, **more) -> RequestIntent:
    return msgspec.structs.replace(
        RequestIntent(
            key=key,
            engine="local",
            user=ANN,
            conversation_id=TALK,
            run_id=RUN,
            workspace_id=WORK,
            attempt=1,
            ordinal=1,
            model="claude-sonnet-5",
            reserved_microusd=MicroUsd(amount),
            profile="guide",
            price_version="2026-11-24",
            correlation_id=CorrelationId("c-1"),
        ),
        **more,
    )


def request_row(key: str = "run-1/1/1", amount: int = 31_000, **more) -> LedgerRow:
    return msgspec.structs.replace(
        LedgerRow(
            kind="request",
            key=key,
            engine="local",
            booked_at=START,
            user=ANN,
            conversation_id=TALK,
            run_id=RUN,
            workspace_id=WORK,
            container_id=ContainerId("container_1"),
            request_id=RequestId("req_1"),
            attempt=1,
            ordinal=1,
            model="claude-sonnet-5",
            usage=Usage(input_tokens=12_000, output_tokens=700),
            amount_microusd=MicroUsd(amount),
            profile="guide",
            price_version="2026-11-24",
        ),
        **more,
    )


def container_row(key: str = "container:workspace-1:1", amount: int = 528, **more) -> LedgerRow:
    return msgspec.structs.replace(
        LedgerRow(
            kind="container",
            key=key,
            engine="local",
            booked_at=START,
            user=ANN,
            conversation_id=TALK,
            run_id=RUN,
            workspace_id=WORK,
            seconds=38,
            span_from=START,
            span_to=START + timedelta(seconds=38),
            amount_microusd=MicroUsd(amount),
        ),
        **more,
    )


def test_request_is_held_then_booked(desk):
    money = desk.money
    assert money.reserve(intent()) is True
    assert money.reserve(intent()) is False
    (held,) = desk.store.ledger.reservations()
    assert msgspec.json.decode(held.body, type=RequestIntent) == intent()
    scopes = (
        NOVEMBER,
        "local:day:2026-11-24",
        "local:user:user-ann:2026-11-24",
        "local:conversation:conversation-1",
        "run:run-1",
    )
    assert held.scopes == scopes
    assert [desk.totals(scope) for scope in scopes] == [(0, 100_000)] * 5
    assert money.mark_sent("run-1/1/1") is True
    assert money.settle("run-1/1/1", request_row()) == NumberedRow(number=1, row=request_row())
    assert [desk.totals(scope) for scope in scopes] == [(31_000, 0)] * 5
    assert desk.held_keys() == []
    assert money.reserve(intent()) is False, "it is paid"


def test_settle_again_gives_the_first_row(desk):
    """A repeated booking happens at another instant; it must be neither a conflict nor a row."""
    first = desk.money.settle("run-1/1/1", request_row())
    later = request_row(booked_at=START + timedelta(seconds=5))
    assert desk.money.settle("run-1/1/1", later) == first
    assert desk.money.record(later) == first
    with pytest.raises(IdempotencyConflict):
        desk.money.settle("run-1/1/1", request_row(amount=31_001))
    assert desk.totals(NOVEMBER) == (31_000, 0)


def test_settle_under_another_key_is_a_defect(desk):
    with pytest.raises(ValueError, match="another request"):
        desk.money.settle("run-1/1/2", request_row())


def test_release_lets_go(desk):
    desk.money.reserve(intent())
    assert (desk.money.release("run-1/1/1"), desk.money.release("run-1/1/1")) == (True, False)
    assert desk.totals(NOVEMBER) == (0, 0)


def test_row_is_held_on_one_day_and_booked_on_the_next(desk):
    desk.clock.advance(14 * 3600 + 3590)
    desk.money.reserve(intent())
    desk.clock.advance(20)
    desk.money.settle("run-1/1/1", request_row(booked_at=desk.clock.now()))
    assert desk.totals("local:day:2026-11-24") == (0, 0)
    assert desk.totals("local:day:2026-11-25") == (31_000, 0)


def test_engines_are_never_added(desk):
    desk.money.record(request_row("a", 5, run_id=RunId("run-a")))
    desk.money.record(request_row("b", 7, run_id=RunId("run-b"), engine="claude"))
    assert (desk.totals(NOVEMBER), desk.totals("claude:total:2026-11")) == ((5, 0), (7, 0))
    assert desk.money.conversation_cost(TALK, "local") == 5
    assert desk.money.conversation_cost(TALK, "claude") == 7
    assert desk.money.conversation_cost(TALK) == 7, "what was really paid"
    assert desk.money.conversation_cost(ConversationId("other")) == 0
    assert desk.money.month_totals("local", date(2026, 11, 3)) == Totals(
        spent_microusd=MicroUsd(5), held_microusd=MicroUsd(0)
    )
    day = date(2026, 11, 24)
    assert desk.money.spend("local", day, day).spent_microusd == 5
    assert desk.money.spend("claude", day, day).spent_microusd == 7


def test_run_cost_sums_rows_and_keeps_the_estimate_apart(desk):
    money = desk.money
    nothing = RunCost(
        request_microusd=MicroUsd(0),
        container_microusd=MicroUsd(0),
        not_yet_booked_microusd=MicroUsd(0),
        estimated=False,
    )
    assert money.run_cost(RUN) == nothing
    money.record(request_row("run-1/1/1", 31_000))
    money.record(request_row("run-1/1/2", 2_000))
    money.record(container_row())
    money.record(request_row("run-10/1/1", 9, run_id=RunId("run-10")))
    money.record(container_row("container:workspace-1:2", 11, run_id=None))
    found = money.run_cost(RUN, MicroUsd(77))
    assert found == msgspec.structs.replace(
        nothing,
        request_microusd=MicroUsd(33_000),
        container_microusd=MicroUsd(528),
        not_yet_booked_microusd=MicroUsd(77),
    )
    assert found.booked_microusd == 33_528
    assert money.container_booked(WORK) == 539
    money.record(request_row("run-1/1/3", 4, estimated=True))
    assert money.run_cost(RUN).estimated is True


def test_orphans_end_after_a_restart(desk):
    """Not sent: nothing was paid. Sent: something may have been, and is booked as an estimate."""
    money = desk.money
    for key in ("run-1/1/1", "run-1/1/2", "run-1/1/3"):
        money.reserve(intent(key))
    money.mark_sent("run-1/1/2")
    money.mark_sent("run-1/1/3")
    money.hold(hold())
    desk.clock.advance(60)
    usage = Usage(input_tokens=500_000)
    booked = money.settle_orphans(lambda found: usage if found.key == "run-1/1/3" else None)
    common = {
        "booked_at": START + timedelta(seconds=60),
        "outcome": "unknown",
        "request_id": None,
        "container_id": None,
        "correlation_id": CorrelationId("c-1"),
        "estimated": True,
    }
    assert booked == (
        NumberedRow(number=1, row=request_row("run-1/1/2", 100_000, usage=None, **common)),
        NumberedRow(number=2, row=request_row("run-1/1/3", 1_000_000, usage=usage, **common)),
    )
    assert desk.held_keys() == ["hold:container:workspace-1"]
    assert money.settle_orphans() == ()


def hold(seconds: int = 3600) -> ContainerHold:
    return ContainerHold(
        key="hold:container:workspace-1",
        engine="local",
        user=ANN,
        conversation_id=TALK,
        workspace_id=WORK,
        seconds=seconds,
        profile="guide",
    )


def test_hold_shrinks_and_ends(desk):
    for seconds, expected in ((3600, 50_000), (1800, 25_000), (1800, 25_000), (1, 14)):
        assert desk.money.hold(hold(seconds)) == expected
        assert desk.totals(NOVEMBER) == (0, expected)
        assert desk.totals("container:workspace-1") == (0, expected)
    assert desk.money.hold(hold(0)) == 0
    assert desk.held_keys() == []
    assert desk.totals(NOVEMBER) == (0, 0)


def test_spend_is_a_sum_of_the_rows_of_its_days(desk):
    money = desk.money
    days = [datetime(2026, 11, day, 23, 59, 59, tzinfo=UTC) for day in (20, 21, 23, 24)]
    rows = [
        request_row("a", 1, booked_at=days[0]),
        request_row("b", 10, booked_at=days[1]),
        container_row("container:workspace-1:1", 100, booked_at=days[1]),
        request_row("c", 1_000, booked_at=days[2], outcome="stopped"),
        request_row("d", 10_000, booked_at=days[2], outcome="timeout"),
        request_row("e", 100_000, booked_at=days[2], engine="claude"),
        request_row("f", 1_000_000, booked_at=days[3]),
    ]
    numbered = [money.record(row) for row in rows]
    assert money.spend("local", date(2026, 11, 21), date(2026, 11, 23)) == SpendReport(
        engine="local",
        spent_microusd=MicroUsd(11_110),
        request_microusd=MicroUsd(11_010),
        container_microusd=MicroUsd(100),
        requests=3,
        failed_requests=1,
        container_seconds=38,
        days=(
            DaySpend(
                day="2026-11-21", request_microusd=MicroUsd(10), container_microusd=MicroUsd(100)
            ),
            DaySpend(
                day="2026-11-22", request_microusd=MicroUsd(0), container_microusd=MicroUsd(0)
            ),
            DaySpend(
                day="2026-11-23",
                request_microusd=MicroUsd(11_000),
                container_microusd=MicroUsd(0),
            ),
        ),
        rows=(numbered[4], numbered[3], numbered[2], numbered[1]),
        free_container_microusd=MicroUsd(0),
    )


def test_spend_finds_rows_beyond_one_page_and_out_of_order(desk):
    money = desk.money
    for n in range(1_500):
        money.record(request_row(f"k{n}", 1, booked_at=START + timedelta(seconds=n)))
    money.record(request_row("late", 5, booked_at=START - timedelta(hours=1)))
    money.record(request_row("tomorrow", 7, booked_at=START + timedelta(days=1)))
    day = date(2026, 11, 24)
    assert money.spend("local", day, day).spent_microusd == 1_505
    assert money.spend("local", day, date(2026, 11, 25)).spent_microusd == 1_512


def test_free_hours_are_taken_off_a_month_in_the_order_of_booking():
    profile = limits.load("documented", {"billing": {"free_hours_per_month": 1}})
    desk = Desk(profile)
    october = datetime(2026, 10, 31, tzinfo=UTC)
    amounts = [(october, 40_000), (START, 30_000), (START + timedelta(days=1), 30_000)]
    for n, (at, amount) in enumerate(amounts):
        desk.money.record(container_row(f"container:w:{n}", amount, booked_at=at))
    # One free hour is worth 50,000: in November 30,000 and then 20,000 of the next 30,000.
    for first, last, expected in (
        (date(2026, 11, 1), date(2026, 11, 30), 50_000),
        (date(2026, 11, 25), date(2026, 11, 25), 20_000),
        (date(2026, 10, 1), date(2026, 11, 30), 90_000),
    ):
        report = desk.money.spend("local", first, last)
        assert report.free_container_microusd == expected
        assert report.spent_microusd == sum(
            amount for at, amount in amounts if first <= at.date() <= last
        )
    desk.store.close()


KEYS = tuple(f"run-{run}/1/{n}" for run in (1, 2) for n in (1, 2, 3))
STEPS = st.tuples(
    st.sampled_from(["reserve", "mark", "settle", "release", "record", "hold", "orphans"]),
    st.sampled_from(KEYS),
    st.integers(0, 3),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(STEPS, max_size=40))
def test_held_and_spent_add_up_whatever_happens_in_whatever_order(steps):
    """Any interleaving of bookings and replays: held = open reservations, spent = sum of rows."""
    desk = Desk()
    for what, key, choice in steps:
        run = RunId(key.partition("/")[0])
        user = (ANN, BEN)[choice % 2]
        match what:
            case "reserve":
                desk.money.reserve(intent(key, 1 + choice, run_id=run, user=user))
            case "mark":
                desk.money.mark_sent(key)
            case "settle":
                row = request_row(
                    key, 10 * choice, run_id=run, user=user, booked_at=desk.clock.now()
                )
                with contextlib.suppress(IdempotencyConflict):
                    desk.money.settle(key, row)
            case "release":
                desk.money.release(key)
            case "record":
                row = container_row(f"container:w:{choice}", choice, run_id=run)
                with contextlib.suppress(IdempotencyConflict):
                    desk.money.record(row)
            case "hold":
                desk.money.hold(hold(choice * 100))
            case "orphans":
                desk.money.settle_orphans()
        desk.clock.advance(3600)
    assert_sums(desk)
    desk.store.close()


def assert_sums(desk: Desk) -> None:
    spent: Counter[str] = Counter()
    held: Counter[str] = Counter()
    for booked in desk.store.ledger.read():
        for scope in booked.entry.scopes:
            spent[scope] += booked.entry.amount_microusd
    for reservation in desk.store.ledger.reservations():
        for scope in reservation.scopes:
            held[scope] += reservation.amount_microusd
    for scope in {*spent, *held, NOVEMBER}:
        assert desk.totals(scope) == (spent[scope], held[scope])
    report = desk.money.spend("local", date(2026, 11, 1), date(2026, 12, 31))
    assert report.spent_microusd == sum(
        booked.entry.amount_microusd for booked in desk.store.ledger.read()
    )
