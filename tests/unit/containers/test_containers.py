"""Reuse, booking and the end of containers, by a clock that is turned by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services import limits
from services.clock import ManualClock
from services.containers import Containers, not_yet_booked
from services.containers._life import whole_started_seconds
from services.containers.types import Lease, LiveContainer, Workspace
from services.errors import EngineError, LimitError, Message, NotYoursError
from services.ids import ContainerId, ConversationId, RunId, UserId, WorkspaceId
from services.limits.types import LimitProfile
from services.money import Money
from services.money.types import EngineKind, LedgerRow
from services.store import Store, memory_store
from services.units import MicroUsd

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ANN, BEN = UserId("user-ann"), UserId("user-ben")
TALK = ConversationId("conversation-1")
RUN = RunId("run-1")
BOX = ContainerId("container_1")
GUIDE = limits.load("guide")
DOCUMENTED = limits.load("documented")
NO_RELEASE = limits.load("guide", {"billing": {"can_release": False}})


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


class FakeEngine:
    """The engine's way to end a container: it tells its own instant, and the same one again."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.ended: dict[ContainerId, datetime] = {}
        self.is_down = False

    def end(self, container_id: ContainerId) -> datetime | None:
        if self.is_down:
            raise EngineError(Message(what_happened="It can't be reached."))
        return self.ended.setdefault(container_id, self.clock.now() + timedelta(seconds=0.25))


class Desk:
    """A containers room with money, store and clock; the store can outlive the room."""

    def __init__(
        self,
        profile: LimitProfile = GUIDE,
        kind: EngineKind = "local",
        store: Store | None = None,
        clock: ManualClock | None = None,
    ) -> None:
        self.clock = clock or ManualClock(START)
        self.store = store or memory_store(self.clock)
        self.engine = FakeEngine(self.clock)
        self.profile = profile
        self.money = Money(self.store, limits.load_prices(), profile, self.clock)
        self.room = Containers(
            self.store, self.money, self.clock, profile, kind, end_remotely=self.engine.end
        )

    def started(self, files: tuple[str, ...] = ("file-1",)) -> Workspace:
        return self.room.acquire(ANN, TALK, files).workspace

    def replied(self, workspace: Workspace, seconds: float, **more: Any) -> Workspace:
        """A reply at that second, at which the clock stands as well."""
        self.clock.advance((at(seconds) - self.clock.now()).total_seconds())
        facts: dict[str, Any] = {
            "container_id": BOX,
            "expires_at": at(seconds + 3600),
            "replied_at": at(seconds),
            "started_at": at(2.5),
            "run_id": RUN,
        }
        return self.room.replied(workspace.id, **(facts | more))

    def idle(self, seconds: float = 40.0) -> Workspace:
        """A workspace whose first run is over."""
        workspace = self.started()
        self.replied(workspace, seconds)
        return self.room.give_back(workspace.id)

    def spans(self) -> list[tuple[int, datetime | None, datetime | None, int]]:
        return [
            (row.seconds, row.span_from, row.span_to, row.amount_microusd) for row in self.rows()
        ]

    def rows(self) -> list[LedgerRow]:
        entries = self.store.ledger.read()
        return [msgspec.json.decode(found.entry.body, type=LedgerRow) for found in entries]

    def held(self) -> int:
        return self.store.ledger.totals("local:total:2026-11").held_microusd


@pytest.fixture
def desk():
    made = Desk()
    yield made
    made.store.close()


# Records and reuse


def test_container_is_on_record_before_it_is_used(desk):
    lease = desk.room.acquire(ANN, TALK, ("file-1",))
    assert lease.reused is False
    assert lease.workspace == Workspace(
        id=lease.workspace.id,
        conversation_id=TALK,
        user=ANN,
        engine="local",
        state="starting",
        recorded_at=START,
        last_used_at=START,
        runs=1,
        files=("file-1",),
    )
    assert [row.workspace for row in desk.room.live()] == [lease.workspace]
    assert desk.held() == 50_000
    assert desk.rows() == []


def test_first_reply_tells_container_and_first_use(desk):
    workspace = desk.started()
    found = desk.replied(workspace, 40, peak_bytes=298_000_000, file_ids=("file-1", "file-2"))
    assert found == msgspec.structs.replace(
        workspace,
        state="working",
        container_id=BOX,
        billed_from=at(2.5),
        booked_until=at(40.5),
        booked_spans=1,
        last_used_at=at(40),
        expires_at=at(3640),
        files=("file-1", "file-2"),
        peak_bytes=298_000_000,
    )
    assert desk.rows() == [
        LedgerRow(
            kind="container",
            key=f"container:{workspace.id}:1",
            engine="local",
            booked_at=at(40),
            user=ANN,
            conversation_id=TALK,
            run_id=RUN,
            workspace_id=workspace.id,
            container_id=BOX,
            seconds=38,
            span_from=at(2.5),
            span_to=at(40.5),
            amount_microusd=MicroUsd(528),
            profile="guide",
            price_version=desk.money.price_version,
        )
    ]
    assert desk.money.run_cost(RUN).container_microusd == 528
    # The rest of its life, from where the booking ended: 3,562 s.
    assert desk.held() == 49_472


def test_container_is_reused_by_the_next_question(desk):
    idle = desk.idle()
    assert (idle.state, idle.last_used_at) == ("idle", at(40))
    desk.clock.advance(60)
    lease = desk.room.acquire(ANN, TALK, ("file-1", "file-new"))
    assert lease.reused is True
    assert lease.workspace == msgspec.structs.replace(
        idle, state="working", runs=2, last_used_at=at(100)
    ), "a new file is no reason against; it is mounted once a reply says so"
    found = desk.replied(lease.workspace, 130, file_ids=("file-1", "file-new"))
    assert found.files == ("file-1", "file-new")
    assert found.peak_bytes is None


def test_peak_is_the_highest_seen(desk):
    workspace = desk.started()
    peaks = [
        desk.replied(workspace, second, peak_bytes=peak).peak_bytes
        for second, peak in ((10, 5), (11, 9), (12, None), (13, 7))
    ]
    assert peaks == [5, 9, 9, 9]


@pytest.mark.parametrize(
    ("second", "reused", "state"),
    [
        (41, True, "working"),
        (2702, True, "working"),
        (2703, False, "released"),  # 45 min after first use: at risk
        (3602, False, "released"),
        (3603, False, "expired"),  # its hour is over
    ],
)
def test_container_is_reused_until_it_is_at_risk(desk, second, reused, state):
    old = desk.idle()
    desk.clock.advance(second - 40)
    lease = desk.room.acquire(ANN, TALK, ())
    assert lease.reused is reused
    assert (lease.workspace.id == old.id) is reused
    assert desk.room.get(old.id).state == state
    assert len(desk.room.live()) == 1


@pytest.mark.parametrize("how", ["lost", "released", "never told", "other engine"])
def test_container_that_can_not_be_used_is_not_reused(desk, how):
    old = desk.idle() if how != "never told" else desk.started()
    room = desk.room
    match how:
        case "lost":
            room.lost(old.id)
        case "released":
            room.release(ANN, old.id)
        case "other engine":
            room = Desk(kind="claude", store=desk.store, clock=desk.clock).room
    lease = room.acquire(ANN, TALK, ())
    assert (lease.reused, lease.workspace.state) == (False, "starting")
    assert lease.workspace.id != old.id
    expected = {"lost": "lost", "never told": "lost"}.get(how, "released")
    assert room.get(old.id).state == expected


def test_conversations_do_not_share_a_container(desk):
    first = desk.idle()
    other = desk.room.acquire(ANN, ConversationId("conversation-10"), ())
    assert other.workspace.id != first.id
    with pytest.raises(NotYoursError):
        desk.room.acquire(BEN, TALK, ())


def test_records_survive_a_restart(desk):
    old = desk.idle()
    again = Desk(store=desk.store, clock=desk.clock)
    lease = again.room.acquire(ANN, TALK, ())
    assert (lease.reused, lease.workspace.id, lease.workspace.runs) == (True, old.id, 2)


# Booking by lifetime


def test_neighbouring_spans_share_no_second(desk):
    """Each reply rounds up; the next span begins where the rounded one ended."""
    workspace = desk.started()
    for second in (10.1, 10.9, 11.0, 12.5, 12.6):
        desk.replied(workspace, second)
    # First use at 2.5: 7.6 s -> 8 s, up to 10.5; then 0.4 -> 1 s up to 11.5; then nothing; then 1 s
    # up to 12.5; then nothing; then 0.1 -> 1 s.
    assert desk.spans() == [
        (8, at(2.5), at(10.5), 111),
        (1, at(10.5), at(11.5), 14),
        (1, at(11.5), at(12.5), 14),
        (1, at(12.5), at(13.5), 14),
    ]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 200, allow_nan=False), min_size=1, max_size=12))
def test_booked_seconds_are_those_of_the_whole_span(gaps):
    """However many replies: in sum, the whole started seconds from first use to the last one."""
    desk = Desk()
    workspace = desk.started()
    second = 2.5
    for gap in gaps:
        second += gap
        desk.replied(workspace, second)
    last = at(second)
    assert sum(row.seconds for row in desk.rows()) == whole_started_seconds(at(2.5), last)
    assert desk.room.get(workspace.id).booked_spans == len(desk.rows())
    desk.store.close()


def test_reply_that_tells_no_first_use_starts_the_bill(desk):
    workspace = desk.started()
    found = desk.replied(workspace, 40, started_at=None)
    assert (found.billed_from, found.booked_until, found.booked_spans) == (at(40), None, 0)
    assert desk.rows() == []
    desk.replied(workspace, 50, started_at=None)
    assert desk.spans() == [(10, at(40), at(50), 139)]


def test_release_ends_at_the_instant_that_the_engine_tells(desk):
    old = desk.idle()
    desk.clock.advance(20)
    found = desk.room.release(ANN, old.id)
    assert (found.state, found.ended_at) == ("released", at(60.25))
    assert desk.spans()[1:] == [(20, at(40.5), at(60.5), 278)]
    assert desk.rows()[1].run_id is None
    assert desk.engine.ended == {BOX: at(60.25)}
    assert desk.held() == 0
    desk.clock.advance(100)
    assert desk.room.release(ANN, old.id) == found
    assert len(desk.rows()) == 2
    assert desk.replied(old, 200) == found, "released is released"


def test_release_is_for_its_user_and_operators(desk):
    old = desk.idle()
    for user, workspace_id in ((BEN, old.id), (ANN, WorkspaceId("unknown"))):
        with pytest.raises(NotYoursError):
            desk.room.release(user, workspace_id)
    assert desk.room.release(BEN, old.id, operator=True).state == "released"


def test_release_does_not_end_what_somebody_else_is_using(desk):
    """Only its user does, and an operator who is told to."""
    old = desk.replied(desk.started(), 40)
    with pytest.raises(LimitError) as refused:
        desk.room.release(BEN, old.id, operator=True)
    assert refused.value.code == "container_in_use"
    assert desk.room.get(old.id).state == old.state
    ended = desk.room.release(BEN, old.id, operator=True, interrupt=True)
    assert ended.state == "released"


def test_container_that_is_being_made_can_not_be_released(desk):
    """Nothing is known yet that could be ended, and the reply would come to a closed record."""
    old = desk.started()
    with pytest.raises(LimitError):
        desk.room.release(ANN, old.id)
    found = desk.replied(old, 40)
    assert (found.state, len(desk.rows())) == ("working", 1)


def test_no_run_takes_a_container_that_is_being_ended(desk):
    """While the engine is asked, a question comes: it gets another container."""
    old = desk.idle()
    taken: list[Lease] = []
    end = desk.engine.end

    def ended_while_asked(container_id):
        if not taken:
            taken.append(desk.room.acquire(ANN, TALK, ("file-1",)))
        return end(container_id)

    room = Containers(
        desk.store, desk.money, desk.clock, desk.profile, "local", end_remotely=ended_while_asked
    )
    room.release(ANN, old.id)
    assert taken[0].reused is False
    assert taken[0].workspace.id != old.id
    assert desk.room.get(old.id).state == "released"


def test_after_a_restart_nothing_is_working_any_more(desk):
    """One was being made when the server died, one worked, one was written down and not used."""
    made = desk.started()
    talks = [ConversationId(f"conversation-{n}") for n in (2, 3)]
    working = desk.room.acquire(ANN, talks[0], ()).workspace
    desk.room.replied(
        working.id,
        container_id=ContainerId("container_2"),
        expires_at=at(3_600),
        replied_at=at(5),
        started_at=START,
        run_id=RUN,
    )
    unused = desk.room.acquire(ANN, talks[1], ()).workspace
    desk.clock.advance(60)
    desk.room.take_back({made.id: RUN, working.id: RUN})
    states = [desk.room.get(one.id).state for one in (made, working, unused)]
    assert states == ["lost", "idle", "lost"]
    assert [(row.workspace_id, row.seconds, row.estimated) for row in desk.rows()] == [
        (working.id, 5, False),
        (made.id, 60, True),
    ]


def test_release_of_a_container_whose_engine_is_down_ends_now(desk):
    old = desk.idle()
    desk.engine.is_down = True
    desk.clock.advance(20)
    assert desk.room.release(ANN, old.id).ended_at == at(60)


@pytest.mark.parametrize("why", ["profile", "engine"])
def test_without_a_way_to_end_it_release_only_stops_using(why):
    """It is billed to the end of its life all the same, and nothing claims otherwise."""
    desk = Desk(NO_RELEASE if why == "profile" else GUIDE)
    if why == "engine":
        desk.room = Containers(desk.store, desk.money, desk.clock, GUIDE, "local")
    assert desk.room.can_release is False
    old = desk.idle()
    found = desk.room.release(ANN, old.id)
    assert (found.state, found.ended_at) == ("released", at(3602.5))
    assert desk.spans()[1:] == [(3562, at(40.5), at(3602.5), 49_472)]
    assert desk.engine.ended == {}
    assert desk.room.live() == ()
    assert desk.room.acquire(ANN, TALK, ()).reused is False
    desk.store.close()


def test_sweep_ends_lives_that_are_over_and_may_be_repeated(desk):
    old = desk.idle()
    desk.clock.advance(3561)
    assert desk.room.sweep() == ()
    desk.clock.advance(100)
    (found,) = desk.room.sweep()
    assert found == msgspec.structs.replace(
        old, state="expired", ended_at=at(3602.5), booked_until=at(3602.5), booked_spans=2
    )
    assert desk.spans()[1:] == [(3562, at(40.5), at(3602.5), 49_472)]
    assert desk.store.ledger.totals("local:total:2026-11").spent_microusd == 50_000
    assert desk.held() == 0
    assert desk.room.sweep() == ()


def test_engine_that_tells_an_earlier_end_is_believed(desk):
    workspace = desk.started()
    desk.replied(workspace, 40, expires_at=at(100))
    desk.room.give_back(workspace.id)
    desk.clock.advance(60)
    assert desk.room.live() == ()
    assert desk.room.acquire(ANN, TALK, ()).reused is False
    assert desk.room.get(workspace.id).ended_at == at(100)
    assert desk.spans()[1:] == [(60, at(40.5), at(100.5), 833)]


def test_reply_after_the_end_of_life_proves_that_it_lived(desk):
    workspace = desk.started()
    desk.replied(workspace, 3600)
    desk.clock.advance(5)
    (expired,) = desk.room.sweep()
    found = desk.replied(workspace, 3610)
    assert found.state == "expired"
    assert desk.spans() == [
        (3598, at(2.5), at(3600.5), 49_972),
        (2, at(3600.5), at(3602.5), 28),
        (8, at(3602.5), at(3610.5), 111),
    ]
    assert (expired.ended_at, desk.held()) == (at(3602.5), 0)


def test_lost_without_a_word_is_booked_until_it_is_noticed(desk):
    """Nobody knows when it died, so the row says that it is an estimate."""
    old = desk.idle()
    desk.engine.is_down = True
    desk.clock.advance(30)
    found = desk.room.lost(old.id, run_id=RUN)
    assert (found.state, found.ended_at) == ("lost", at(70))
    row = desk.rows()[1]
    assert (row.seconds, row.outcome, row.estimated, row.run_id) == (
        30,
        "container_lost",
        True,
        RUN,
    )
    assert desk.room.lost(old.id) == found
    assert len(desk.rows()) == 2


def test_lost_at_an_instant_that_the_engine_told_is_no_estimate(desk):
    old = desk.idle()
    desk.clock.advance(30)
    found = desk.room.lost(old.id, ended_at=at(50))
    assert (found.ended_at, desk.rows()[1].seconds, desk.rows()[1].estimated) == (
        at(50),
        10,
        False,
    )
    assert desk.engine.ended == {}


def test_lost_that_is_noticed_late_lived_no_longer_than_it_could(desk):
    old = desk.idle()
    desk.engine.is_down = True
    desk.clock.advance(9_000)
    assert desk.room.lost(old.id).ended_at == at(3602.5)
    assert desk.store.ledger.totals("local:total:2026-11").spent_microusd == 50_000


def test_container_of_which_no_reply_told_is_not_billed(desk):
    for end in (desk.room.give_back, desk.room.lost):
        workspace = desk.started()
        desk.clock.advance(30)
        assert end(workspace.id).state in {"released", "lost"}
    assert desk.rows() == []
    assert desk.held() == 0


def test_give_back_of_an_ended_container_leaves_it_ended(desk):
    workspace = desk.started()
    desk.replied(workspace, 40)
    lost = desk.room.lost(workspace.id)
    assert desk.room.give_back(workspace.id) == lost


def test_first_request_that_broke_off_is_booked_from_its_first_use(desk):
    """No reply has told the container's id, so that nobody can use or end it."""
    workspace = desk.started()
    desk.clock.advance(30)
    desk.room.broke_off(workspace.id, used_from=at(2.5), run_id=RUN)
    found = desk.room.lost(workspace.id, run_id=RUN, is_gone=False)
    assert (found.state, found.ended_at) == ("lost", at(30))
    (row,) = desk.rows()
    assert (row.seconds, row.span_from, row.estimated, row.run_id) == (28, at(2.5), True, RUN)
    assert desk.held() == 0


def test_what_can_not_be_ended_and_may_live_on_is_booked_to_the_end_of_its_life():
    desk = Desk(NO_RELEASE)
    workspace = desk.started()
    desk.clock.advance(30)
    desk.room.broke_off(workspace.id, used_from=at(2.5), run_id=RUN)
    found = desk.room.lost(workspace.id, run_id=RUN, is_gone=False)
    assert found.ended_at == at(3602.5)
    (row,) = desk.rows()
    assert (row.seconds, row.amount_microusd, row.estimated) == (3600, 50_000, True)
    desk.store.close()


def test_request_that_broke_off_in_a_known_container_moves_nothing(desk):
    old = desk.idle()
    desk.clock.advance(10)
    found = desk.room.broke_off(old.id, used_from=at(45), run_id=RUN)
    assert (found.billed_from, found.booked_until, len(desk.rows())) == (at(2.5), at(40.5), 1)
    ended = desk.room.release(ANN, old.id)
    assert desk.room.broke_off(old.id, used_from=at(45), run_id=RUN) == ended


def test_execution_that_broke_off_is_booked_as_an_estimate():
    desk = Desk(DOCUMENTED)
    workspace = desk.started()
    desk.clock.advance(400)
    desk.room.broke_off(workspace.id, used_from=at(10), run_id=RUN)
    (row,) = desk.rows()
    assert (row.seconds, row.estimated, row.outcome) == (390, True, "connection_lost")
    desk.store.close()


def test_engine_that_started_anew_has_lost_its_containers(desk):
    old = desk.idle()
    paid = Desk(kind="claude", store=desk.store, clock=desk.clock)
    other = paid.room.acquire(BEN, ConversationId("conversation-2"), ()).workspace
    desk.clock.advance(10)
    desk.engine.ended[BOX] = at(45)
    assert desk.room.forget_missing(lambda: {BOX}) == ()
    (found,) = desk.room.forget_missing(set)
    assert (found.id, found.state, found.ended_at) == (old.id, "lost", at(45))
    assert desk.spans()[1:] == [(5, at(40.5), at(45.5), 69)]
    assert desk.room.forget_missing(set) == ()
    assert [row.workspace for row in desk.room.live()] == [other]


def test_container_that_is_being_made_is_not_missing(desk):
    workspace = desk.started()
    assert desk.room.forget_missing(set) == ()
    assert desk.room.get(workspace.id).state == "starting"


# Booking by execution


def test_each_execution_is_billed_by_itself():
    desk = Desk(DOCUMENTED)
    workspace = desk.started()
    desk.replied(workspace, 40)
    desk.replied(workspace, 400, sent_at=at(380.5))
    desk.replied(workspace, 1000, sent_at=at(600))
    desk.replied(workspace, 1100)
    assert desk.spans() == [
        (38, at(2.5), at(40), 4_167),  # at least five minutes
        (20, at(380.5), at(400), 4_167),
        (400, at(600), at(1000), 5_556),
        (0, at(1100), at(1100), 4_167),  # its beginning was not told
    ]
    assert desk.held() == 0
    (live,) = desk.room.live()
    assert live.so_far_microusd == 18_057
    # Stopping to use it books nothing; a request under way is billed all the same.
    assert desk.room.release(ANN, workspace.id).ended_at == at(1100)
    assert desk.engine.ended == {}
    found = desk.replied(workspace, 1200, sent_at=at(1150))
    assert (found.state, found.booked_spans, len(desk.rows())) == ("released", 5, 5)
    desk.store.close()


# What the page shows


def test_what_is_not_booked_yet_is_told_apart(desk):
    desk.idle()
    desk.clock.advance(30)
    live = desk.room.live()
    assert [(one.so_far_microusd, one.not_yet_booked_microusd) for one in live] == [(944, 416)]
    assert not_yet_booked(live) == 416
    assert not_yet_booked(()) == 0


def test_live_rows_come_with_those_at_risk_first(desk):
    talks = [ConversationId(f"conversation-{n}") for n in range(3)]
    for n, talk in enumerate(talks):
        workspace = desk.room.acquire(ANN, talk, ()).workspace
        if n != 2:
            desk.replied(workspace, 100 + n * 2_000, started_at=at(90 + n * 2_000))
        desk.clock.advance(900)
    # At 3,900 s the first is 3,810 s old and over, the second 1,810 s, the third 900 s.
    found = desk.room.live()
    records = {row.workspace.conversation_id: row for row in found}
    assert list(records) == [talks[1], talks[2]]
    second, third = records[talks[1]], records[talks[2]]
    assert second == LiveContainer(
        workspace=second.workspace,
        age_seconds=1_810.0,
        is_at_risk=False,
        seconds_to_risk=890.0,
        so_far_microusd=desk.money.container_cost(1_810),
        not_yet_booked_microusd=desk.money.container_cost(1_810) - desk.money.container_cost(10),
    )
    assert (third.workspace.state, third.so_far_microusd) == ("starting", 0)
    desk.clock.advance(1_000)
    young = desk.room.acquire(BEN, ConversationId("conversation-9"), ()).workspace
    order = [(row.workspace.conversation_id, row.is_at_risk) for row in desk.room.live()]
    assert order == [
        (talks[1], True),
        (talks[2], False),
        (young.conversation_id, False),
    ]
