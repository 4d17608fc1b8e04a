"""The verbs of this room over prices, ledger and sums."""

from collections.abc import Callable
from datetime import date, timedelta

import msgspec

from services.clock import Clock
from services.events import Usage
from services.ids import ConversationId, RunId, WorkspaceId
from services.limits.types import LimitProfile, ModelPrice, Prices
from services.money import _ledger, _sums
from services.money._prices import PriceBook
from services.money.types import (
    ContainerHold,
    EngineKind,
    LedgerRow,
    NumberedRow,
    Period,
    RequestIntent,
    RunCost,
    SpendReport,
)
from services.store import Store
from services.store.types import Reservation, Totals
from services.units import MicroUsd

_HOLD_PREFIX = "hold:"
_NOTHING = MicroUsd(0)
_intent_decoder = msgspec.json.Decoder(RequestIntent)


class Money:
    """Prices, ledger and sums. Thread-safe: its state is in the store."""

    def __init__(self, store: Store, prices: Prices, profile: LimitProfile, clock: Clock) -> None:
        self._store = store
        self._ledger = store.ledger
        self._book = PriceBook(prices, profile.billing)
        self._clock = clock
        # Expiry tells an operator what is stale; nothing is let go because of it.
        self._reservation_seconds = 2 * profile.request_timeout_seconds
        self._hold_seconds = profile.container_lifetime_seconds

    @property
    def price_version(self) -> str:
        """Version of the price list in force, for the rows that are made from it."""
        return self._book.version

    def price(self, model: str) -> ModelPrice:
        """The prices of a model. Raises InternalError if there is none."""
        return self._book.price(model)

    def token_cost(self, usage: Usage, model: str) -> MicroUsd:
        """What the tokens of one request cost; rounded once, half to even."""
        return self._book.tokens(usage, model)

    def container_cost(self, seconds: float) -> MicroUsd:
        """What one span of container time costs by the profile's rule, without its free hours.

        `lifetime`: whole started seconds. `per_execution`: the same for one execution, at least the
        minimum. Free hours are taken off in `spend`, since they belong to a month, not to a span.
        """
        return self._book.container(seconds)

    def max_request_cost(self, model: str, input_tokens_estimate: int, max_tokens: int) -> MicroUsd:
        """The most that a request of that size may cost; what is held before it is sent."""
        return self._book.request_at_most(model, input_tokens_estimate, max_tokens)

    def reserve(self, intent: RequestIntent) -> bool:
        """Write down what is about to be sent and hold its amount; False if it is known already."""
        return self._ledger.reserve(
            intent.key,
            intent.reserved_microusd,
            _ledger.intent_scopes(intent, self._clock.now()),
            self._reservation_seconds,
            msgspec.json.encode(intent),
        )

    def mark_sent(self, key: str) -> bool:
        """Note, before sending, that the request may be billed from now on."""
        return self._ledger.mark_sent(key)

    def settle(self, key: str, row: LedgerRow) -> NumberedRow:
        """Let go of what is held under the key and book what the request really cost.

        Repeating it changes nothing. Raises IdempotencyConflict if another amount was booked.
        """
        if row.key != key:
            raise ValueError("the row is of another request")
        return self._booked(row)

    def release(self, key: str) -> bool:
        """Let go of what is held: the request was certainly not sent."""
        return self._ledger.release(key)

    def record(self, row: LedgerRow) -> NumberedRow:
        """Book a row for which nothing was held; repeating it changes nothing."""
        return self._booked(row)

    def hold(self, hold: ContainerHold) -> MicroUsd:
        """Hold the rest of a container's life, in place of what was held for it before."""
        amount = self._book.container(hold.seconds) if hold.seconds else _NOTHING
        now = self._clock.now()
        with self._store.unit():
            self._ledger.release(hold.key)
            if amount:
                self._ledger.reserve(
                    hold.key,
                    amount,
                    _ledger.hold_scopes(hold, now),
                    self._hold_seconds,
                    msgspec.json.encode(hold),
                )
        return amount

    def run_cost(self, run_id: RunId, not_yet_booked_microusd: MicroUsd = _NOTHING) -> RunCost:
        """Sums of a run's rows; what is not booked yet is the caller's estimate and stays apart."""
        return RunCost(
            request_microusd=self._spent(_ledger.run_scope(run_id, "request")),
            container_microusd=self._spent(_ledger.run_scope(run_id, "container")),
            not_yet_booked_microusd=not_yet_booked_microusd,
            estimated=self._spent(_ledger.run_scope(run_id, "estimated")) != 0,
        )

    def conversation_cost(
        self, conversation_id: ConversationId, engine: EngineKind | None = None
    ) -> MicroUsd:
        """Booked rows of a conversation with one engine.

        Without an engine: what was really paid, or, where nothing was, the rehearsal.
        """
        kinds: tuple[EngineKind, ...] = ("claude", "local") if engine is None else (engine,)
        for kind in kinds:
            if spent := self._spent(_ledger.conversation_scope(kind, conversation_id)):
                return spent
        return _NOTHING

    def container_booked(self, workspace_id: WorkspaceId) -> MicroUsd:
        """Booked rows of one container."""
        return self._spent(_ledger.container_scope(workspace_id))

    def month_totals(self, engine: EngineKind, month: date) -> Totals:
        """Spent and held with one engine in a calendar month."""
        return self._ledger.totals(f"{engine}:total:{month.isoformat()[:7]}")

    def spend(self, engine: EngineKind, from_day: date, to_day: date) -> SpendReport:
        """What was booked on those UTC days, both included, from rows alone."""
        return _sums.spend_report(
            self._ledger, engine, from_day, to_day, self._book.free_allowance()
        )

    def is_empty(self) -> bool:
        """Whether nothing has ever been booked."""
        return not self._ledger.read(limit=1)

    def spend_in(self, engine: EngineKind, period: Period) -> SpendReport:
        """What was booked with one engine today, in the last seven days, or in this month (UTC)."""
        today = self._clock.now().date()
        first = {
            "today": today,
            "week": today - timedelta(days=6),
            "month": today.replace(day=1),
        }[period]
        return self.spend(engine, first, today)

    def settle_orphans(
        self, estimate: Callable[[RequestIntent], Usage | None] = lambda _: None
    ) -> tuple[NumberedRow, ...]:
        """After a restart: end the requests that nobody follows any more; returns what was booked.

        Not sent: released. Sent: booked by what `estimate` knows of it or, where it knows nothing,
        with the amount held, flagged as an estimate; the outcome is 'unknown'. What is held for
        containers is left to their room.
        """
        booked = []
        for reservation in self._ledger.reservations():
            if reservation.key.startswith(_HOLD_PREFIX):
                continue
            if reservation.state == "reserved":
                self._ledger.release(reservation.key)
            else:
                booked.append(self._booked(self._orphan_row(reservation, estimate)))
        return tuple(booked)

    def _orphan_row(
        self, reservation: Reservation, estimate: Callable[[RequestIntent], Usage | None]
    ) -> LedgerRow:
        intent = _intent_decoder.decode(reservation.body)
        usage = estimate(intent) if self._book.knows(intent.model) else None
        return LedgerRow(
            kind="request",
            key=intent.key,
            engine=intent.engine,
            booked_at=self._clock.now(),
            user=intent.user,
            conversation_id=intent.conversation_id,
            run_id=intent.run_id,
            workspace_id=intent.workspace_id,
            attempt=intent.attempt,
            ordinal=intent.ordinal,
            model=intent.model,
            usage=usage,
            outcome="unknown",
            amount_microusd=(
                reservation.amount_microusd
                if usage is None
                else self._book.tokens(usage, intent.model)
            ),
            profile=intent.profile,
            price_version=intent.price_version,
            estimated=True,
            correlation_id=intent.correlation_id,
        )

    def _booked(self, row: LedgerRow) -> NumberedRow:
        with self._store.unit():
            known = self._ledger.get(row.key)
            if known is not None:
                found = _ledger.row_of(known)
                # A repeated booking is made at another instant and is still the same.
                row = msgspec.structs.replace(row, booked_at=found.row.booked_at)
            number, _ = self._ledger.settle(_ledger.entry_of(row))
        return NumberedRow(number=number, row=row)

    def _spent(self, scope: str) -> MicroUsd:
        return self._ledger.totals(scope).spent_microusd
