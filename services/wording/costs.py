"""Sentences of Containers & cost, and what a question takes: findings, notes, formulas."""

import math
from collections.abc import Sequence
from datetime import date
from statistics import median
from typing import Literal

from services.units import (
    EN_DASH,
    MicroUsd,
    format_count,
    format_money,
    format_money_range,
    format_ratio,
    format_seconds,
)

Period = Literal["today", "week", "month"]
_IN_PERIOD = {"today": "today", "week": "in the last 7 days", "month": "this month"}
_SPENT_LABELS = {"today": "Spent today", "week": "Spent in 7 days", "month": "Spent this month"}


def question_estimate(
    engine: Literal["local", "claude"],
    *,
    typical_seconds: float,
    low_microusd: MicroUsd,
    high_microusd: MicroUsd,
    measured_seconds: Sequence[float] = (),
) -> str:
    """`≈ 35 s · $0.02–0.06`, what the next question takes.

    Time and cost are the hosted container's. The local engine answers in the time of its last
    answers, `measured_seconds`, and for nothing: `≈ 1 s · would cost $0.02–0.06, nothing is
    charged`.
    """
    cost = format_money_range(low_microusd, high_microusd)
    if engine == "claude":
        return f"≈ {format_seconds(typical_seconds)} · {cost}"
    time = "a few seconds"
    if measured_seconds:
        time = f"≈ {format_seconds(math.ceil(median(measured_seconds)))}"
    return f"{time} · would cost {cost}, nothing is charged"


def spent_label(period: Period) -> str:
    """`Spent this month`."""
    return _SPENT_LABELS[period]


def spent_note(engine: Literal["local", "claude"]) -> str:
    """What kind of money it is."""
    return "nothing is charged" if engine == "local" else "booked"


def spent_formula(tokens: MicroUsd, containers: MicroUsd, rows: int) -> str:
    """How the sum comes about."""
    return (
        f"Sum of {_counted(rows, 'ledger row')}: tokens {format_money(tokens)}"
        f" + container time {format_money(containers)} = {format_money(tokens + containers)}"
    )


def live_note(at_risk: int, live: int, limit: int) -> str:
    """`2 at risk`, `none at risk`, `none alive`; above all that there are too many."""
    if not live:
        return "none alive"
    if live > limit:
        return "more than Claude allows"
    return f"{format_count(at_risk)} at risk" if at_risk else "none at risk"


def live_formula(at_risk_after_seconds: int, lifetime_seconds: int) -> str:
    """What is counted."""
    return (
        f"Containers that live now, of those allowed at once. At risk from"
        f" {format_seconds(at_risk_after_seconds)} on; the end comes after"
        f" {format_seconds(lifetime_seconds)} at the latest."
    )


def requests_note(failed: int, requests: int) -> str:
    """`3 failed`, `none failed`."""
    if not requests:
        return "no run yet"
    return f"{format_count(failed)} failed" if failed else "none failed"


def container_time_formula(seconds: int, rate_microusd_per_hour: int, cost: MicroUsd) -> str:
    """`340 s booked at $0.05 an hour = $0.0047`."""
    rate = format_money(rate_microusd_per_hour)
    return f"{format_count(seconds)} s booked at {rate} an hour = {format_money(cost)}"


def container_time_note(booked: MicroUsd, not_yet_booked: MicroUsd) -> str:
    """`$0.007`, or `+ $0.077 unbooked` while containers live: a narrow tile has room for one."""
    if not not_yet_booked:
        return format_money(booked)
    return f"+ {format_money(not_yet_booked)} unbooked"


def per_question(cost: MicroUsd, requests: int) -> str:
    """The mean cost of a request, or a dash."""
    return format_money(round(cost / requests)) if requests else "—"


def per_question_formula(cost: MicroUsd, requests: int) -> str:
    """How the mean comes about."""
    if not requests:
        return "All booked cost divided by requests."
    return (
        f"{format_money(cost)} ÷ {_counted(requests, 'request')} ="
        f" {format_money(round(cost / requests))}"
    )


def spend_title(tokens: MicroUsd, containers: MicroUsd, period: Period) -> str:
    """The finding of the spend chart."""
    total = tokens + containers
    if not total:
        return f"Nothing was spent {_IN_PERIOD[period]}"
    share = format_ratio(containers / total)
    return f"{format_money(total)} {_IN_PERIOD[period]}, {share} of it container time"


def spend_caption(engine: Literal["local", "claude"], first_day: str, last_day: str) -> str:
    """Measure, unit, period."""
    first, last = spoken_day(first_day), spoken_day(last_day)
    days = first if first == last else f"{first} {EN_DASH} {last}"
    kind = "rehearsal, nothing is charged" if engine == "local" else "as booked"
    return f"US dollars per day (UTC), {kind}; {days}"


def idle_sentence(
    idle: int, rate_microusd_per_hour: int, *, saves: bool, is_rehearsal: bool = False
) -> str:
    """`3 idle containers cost $0.15 an hour.`, empty where none is idle.

    Where nothing is saved by releasing them, that they are billed to their end all the same.
    """
    if not idle:
        return ""
    what = _counted(idle, "idle container")
    if not saves:
        return f"{what}, billed to {'its' if idle == 1 else 'their'} end, used or not."
    verb = "costs" if idle == 1 else "cost"
    if is_rehearsal:
        verb = "would cost"
    return f"{what} {verb} {format_money(idle * rate_microusd_per_hour)} an hour."


def timeline_title(live: int, at_risk: int, at_risk_after_seconds: int) -> str:
    """The finding of the timeline."""
    if at_risk:
        verb = "is" if at_risk == 1 else "are"
        return (
            f"{_counted(at_risk, 'container')} {verb} past"
            f" {format_seconds(at_risk_after_seconds)} and may die unannounced"
        )
    verb = "lives" if live == 1 else "live"
    return f"{_counted(live, 'container')} {verb} now, none at risk"


def timeline_caption() -> str:
    """How to read the timeline."""
    return "Last hour · blue = working, hatched = idle, amber = at risk"


def ledger_summary(rows: int, spent: MicroUsd, period: Period) -> str:
    """`59 rows · $41.82 · this month`."""
    return f"{_counted(rows, 'row')} · {format_money(spent)} · {_IN_PERIOD[period]}"


def released(containers: int, rate_microusd_per_hour: int, *, saves: bool) -> str:
    """The toast after a release."""
    what = _counted(containers, "container")
    if not saves:
        return f"Stopped using {what}."
    return f"Released {what}. Saves {format_money(containers * rate_microusd_per_hour)} an hour."


def spoken_day(iso: str) -> str:
    """`24 November 2026`."""
    day = date.fromisoformat(iso)
    return f"{day.day} {day:%B %Y}"


def only_sums() -> str:
    """Instead of the tables, for visitors where operators are named."""
    return "Operators see single containers and the ledger; the sums are of everybody's questions."


def _counted(count: int, noun: str) -> str:
    return f"{format_count(count)} {noun}" + ("" if count == 1 else "s")
