"""Sums over rows for the cost page; nothing here is an estimate but the free share."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from services.money._ledger import row_of
from services.money.types import DaySpend, EngineKind, LedgerRow, NumberedRow, SpendReport
from services.store import Ledger
from services.units import MicroUsd

_PAGE_ROWS = 1000
_SLACK = timedelta(days=1)
"""Rows are numbered as they are booked; those of two threads may be a moment out of order."""
_NOT_FAILED = frozenset({"completed", "stopped"})


def spend_report(
    ledger: Ledger, engine: EngineKind, from_day: date, to_day: date, allowance: MicroUsd
) -> SpendReport:
    """What was booked on those UTC days, both included, with one engine."""
    # The free hours of a month are used up by its first rows, also those before the first day.
    since = from_day.replace(day=1) if allowance else from_day
    read = [found for found in _newest(ledger, since) if found.row.engine == engine]
    rows = tuple(found for found in read if from_day <= found.row.booked_at.date() <= to_day)
    requests = [found.row for found in rows if found.row.kind == "request"]
    containers = [found.row for found in rows if found.row.kind == "container"]
    return SpendReport(
        engine=engine,
        spent_microusd=_sum([*requests, *containers]),
        request_microusd=_sum(requests),
        container_microusd=_sum(containers),
        requests=len(requests),
        failed_requests=sum(row.outcome not in _NOT_FAILED for row in requests),
        container_seconds=sum(row.seconds for row in containers),
        days=_days(requests, containers, from_day, to_day),
        rows=rows,
        free_container_microusd=_free_share(read, from_day, to_day, allowance),
    )


def _newest(ledger: Ledger, since: date) -> Iterator[NumberedRow]:
    """Rows booked since that day, newest first."""
    before = 0
    while True:
        page = ledger.read(after=before, limit=_PAGE_ROWS, newest_first=True)
        for booked in page:
            found = row_of(booked)
            if found.row.booked_at.date() < since - _SLACK:
                return
            if found.row.booked_at.date() >= since:
                yield found
        if len(page) < _PAGE_ROWS or page[-1].number == 1:
            return
        before = page[-1].number


def _days(
    requests: Sequence[LedgerRow], containers: Sequence[LedgerRow], from_day: date, to_day: date
) -> tuple[DaySpend, ...]:
    """Every day of the period, also those without spend, so that an axis has no holes."""
    count = (to_day - from_day).days + 1
    amounts = {from_day + timedelta(days=n): [0, 0] for n in range(max(0, count))}
    for place, rows in enumerate((requests, containers)):
        for row in rows:
            amounts[row.booked_at.date()][place] += row.amount_microusd
    return tuple(
        DaySpend(
            day=day.isoformat(),
            request_microusd=MicroUsd(request),
            container_microusd=MicroUsd(container),
        )
        for day, (request, container) in amounts.items()
    )


def _free_share(
    newest_first: Sequence[NumberedRow], from_day: date, to_day: date, allowance: MicroUsd
) -> MicroUsd:
    """What an allowance for each calendar month covers, used up in the order of booking."""
    left: dict[tuple[int, int], int] = {}
    free = 0
    for found in reversed(newest_first):
        day, row = found.row.booked_at.date(), found.row
        if row.kind != "container":
            continue
        month = (day.year, day.month)
        covered = min(row.amount_microusd, left.get(month, allowance))
        left[month] = left.get(month, allowance) - covered
        if from_day <= day <= to_day:
            free += covered
    return MicroUsd(free)


def _sum(rows: Sequence[LedgerRow]) -> MicroUsd:
    return MicroUsd(sum(row.amount_microusd for row in rows))
