"""The engine's own bill: its own arithmetic, so that the app's ledger can be audited against it.

Prices and rates come from `services.limits`; the money room is not asked. An amount is rounded
once, half to even, where its row is made.
"""

from datetime import datetime

import msgspec

from services.events import Usage
from services.limits.types import Billing, ModelPrice, Prices
from services.local_engine._database import Database
from services.local_engine._instants import from_micros, to_micros, whole_started_seconds
from services.local_engine.types import Bill, BillRow

_SECONDS_PER_HOUR = 3600
_TOKENS_PER_PRICE = 1_000_000


class Books:
    """Writes rows as replies end, and tells them."""

    def __init__(self, database: Database, prices: Prices, billing: Billing) -> None:
        self._database = database
        self._prices = {price.model: price for price in prices.models}
        self._billing = billing

    def open_container(self, container_id: str, started_at: datetime) -> None:
        """Write down that a container is billed from this instant, before it is used."""
        micros = to_micros(started_at)
        self._database.write(
            "INSERT INTO containers (id, started_at, booked_until) VALUES (?, ?, ?)",
            container_id,
            micros,
            micros,
        )

    def book_reply(
        self,
        *,
        request_id: str,
        model: str,
        usage: Usage,
        outcome: str,
        received_at: datetime,
        replied_at: datetime,
        container_id: str | None,
    ) -> None:
        """Book a request's tokens and, where it used a container, the time until this reply."""
        amount = token_amount(usage, self._prices[model])
        row = BillRow(
            number=0,
            kind="request",
            key=request_id,
            at=replied_at,
            outcome=outcome,
            amount_microusd=amount,
            request_id=request_id,
            container_id=container_id,
            model=model,
            usage=usage,
        )
        with self._database.transaction():
            self._insert(row)
            if container_id is None:
                return
            if self._billing.rule == "lifetime":
                self._book_span(container_id, replied_at, request_id, "in_use")
            else:
                self._book_execution(container_id, received_at, replied_at, request_id)

    def close_container(self, container_id: str, ended_at: datetime, how: str) -> datetime:
        """Book the rest of a container's life and stop billing it; returns when it ended.

        Closing it again changes nothing.
        """
        with self._database.transaction():
            found = self._database.read("SELECT * FROM containers WHERE id = ?", container_id)[0]
            if found["ended_at"] is not None:
                return from_micros(found["ended_at"])
            if self._billing.rule == "lifetime":
                self._book_span(container_id, ended_at, None, how)
            self._database.write(
                "UPDATE containers SET ended_at = ?, how = ? WHERE id = ?",
                to_micros(ended_at),
                how,
                container_id,
            )
        return ended_at

    def booked_until(self, container_id: str) -> datetime:
        """Up to where a container's time stands on the bill."""
        found = self._database.read(
            "SELECT booked_until FROM containers WHERE id = ?", container_id
        )
        return from_micros(found[0]["booked_until"])

    def ended_at(self, container_id: str) -> datetime | None:
        """When a container that once lived ended; None for one that never was."""
        found = self._database.read("SELECT ended_at FROM containers WHERE id = ?", container_id)
        if not found or found[0]["ended_at"] is None:
            return None
        return from_micros(found[0]["ended_at"])

    def left_open(self) -> list[tuple[str, datetime]]:
        """Containers, with their start, that no process ended: those of a process that died."""
        rows = self._database.read("SELECT id, started_at FROM containers WHERE ended_at IS NULL")
        return [(row["id"], from_micros(row["started_at"])) for row in rows]

    def bill(self, after: int = 0) -> Bill:
        """The rows numbered above `after`, oldest first, and their sum."""
        found = self._database.read(
            "SELECT number, row FROM bill WHERE number > ? ORDER BY number", after
        )
        rows = tuple(
            msgspec.structs.replace(
                msgspec.json.decode(row["row"], type=BillRow), number=row["number"]
            )
            for row in found
        )
        return Bill(rows=rows, total_microusd=sum(row.amount_microusd for row in rows))

    def _book_span(self, container_id: str, until: datetime, request: str | None, how: str) -> None:
        """Book from where the last span ended, in whole started seconds, and advance by those.

        So spans touch and never overlap: what one rounded up, the next does not count again.
        """
        found = self._database.read("SELECT * FROM containers WHERE id = ?", container_id)[0]
        start = from_micros(found["booked_until"])
        seconds = whole_started_seconds(start, until)
        if seconds == 0 or found["ended_at"] is not None:
            return
        end = from_micros(found["booked_until"] + seconds * 1_000_000)
        self._insert_container_row(
            container_id, found["spans"] + 1, (start, end), seconds, seconds, until, request, how
        )

    def _book_execution(
        self, container_id: str, start: datetime, end: datetime, request: str
    ) -> None:
        """Book one request's seconds, at least the minimum, less the month's free hours."""
        found = self._database.read("SELECT * FROM containers WHERE id = ?", container_id)[0]
        seconds = max(self._billing.minimum_seconds, whole_started_seconds(start, end))
        month = start.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        used = self._database.read(
            "SELECT COALESCE(SUM(seconds), 0) AS used FROM bill "
            "WHERE kind = 'container' AND at >= ?",
            to_micros(month),
        )[0]["used"]
        free = max(0, self._billing.free_hours_per_month * _SECONDS_PER_HOUR - used)
        self._insert_container_row(
            container_id,
            found["spans"] + 1,
            (start, end),
            seconds,
            max(0, seconds - free),
            end,
            request,
            "in_use",
        )

    def _insert_container_row(
        self,
        container_id: str,
        ordinal: int,
        span: tuple[datetime, datetime],
        seconds: int,
        paid_seconds: int,
        at: datetime,
        request: str | None,
        how: str,
    ) -> None:
        self._insert(
            BillRow(
                number=0,
                kind="container",
                key=f"{container_id}:{ordinal}",
                at=at,
                outcome=how,
                amount_microusd=_rounded(
                    paid_seconds * self._billing.rate_microusd_per_hour, _SECONDS_PER_HOUR
                ),
                request_id=request,
                container_id=container_id,
                seconds=seconds,
                span_from=span[0],
                span_to=span[1],
            )
        )
        self._database.write(
            "UPDATE containers SET booked_until = ?, spans = ? WHERE id = ?",
            to_micros(span[1]),
            ordinal,
            container_id,
        )

    def _insert(self, row: BillRow) -> None:
        self._database.write(
            "INSERT INTO bill (key, kind, at, amount_microusd, seconds, row) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            row.key,
            row.kind,
            to_micros(row.at),
            row.amount_microusd,
            row.seconds,
            msgspec.json.encode(row).decode(),
        )


def token_amount(usage: Usage, price: ModelPrice) -> int:
    """Micro-dollars of one request's tokens, rounded once."""
    total = (
        usage.input_tokens * price.input_microusd
        + usage.output_tokens * price.output_microusd
        + usage.cache_write_5m_tokens * price.cache_write_5m_microusd
        + usage.cache_write_1h_tokens * price.cache_write_1h_microusd
        + usage.cache_read_tokens * price.cache_read_microusd
    )
    return _rounded(total, _TOKENS_PER_PRICE)


def _rounded(numerator: int, denominator: int) -> int:
    """The quotient of two whole numbers, rounded half to even, without a float."""
    whole, rest = divmod(numerator, denominator)
    if rest * 2 > denominator or (rest * 2 == denominator and whole % 2 == 1):
        return whole + 1
    return whole
