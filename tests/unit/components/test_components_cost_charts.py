"""Figures of Containers & cost: what is drawn is what was booked."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from components.cost_charts import short_id, spend_chart, state_of, timeline_chart
from services import limits
from services.containers.types import LiveContainer, Workspace
from services.ids import ConversationId, UserId, WorkspaceId
from services.money.types import DaySpend
from services.palette import ORANGE, SERIES
from services.preflight.types import TablePreview
from services.units import MicroUsd

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
DAYS = (
    DaySpend(
        day="2026-11-23",
        request_microusd=MicroUsd(1_500_000),
        container_microusd=MicroUsd(250_000),
    ),
    DaySpend(
        day="2026-11-24",
        request_microusd=MicroUsd(31_000),
        container_microusd=MicroUsd(0),
    ),
)


def live(state, minutes, *, is_at_risk=False):
    return LiveContainer(
        workspace=Workspace(
            id=WorkspaceId("ws-3f9k2bxyz"),
            conversation_id=ConversationId("c"),
            user=UserId("u"),
            engine="local",
            state=state,
            recorded_at=NOW,
        ),
        age_seconds=minutes * 60,
        is_at_risk=is_at_risk,
        seconds_to_risk=0,
        so_far_microusd=MicroUsd(0),
    )


def test_spend_chart_draws_dollars_and_shows_them_as_a_table():
    chart = spend_chart(DAYS, title="Tokens lead", caption="US dollars", theme="light")
    tokens, time = chart.figure.data
    assert (tokens.name, list(tokens.y), tokens.marker.color) == (
        "Tokens",
        [1.5, 0.031],
        SERIES["light"][0],
    )
    assert (time.name, list(time.y), time.marker.color) == (
        "Container time",
        [0.25, 0.0],
        SERIES["light"][1],
    )
    assert chart.figure.layout.xaxis.type == "date"
    assert chart.table == TablePreview(
        columns=("Day", "Tokens", "Container time"),
        rows=(("2026-11-23", "$1.50", "$0.25"), ("2026-11-24", "$0.031", "$0.00")),
        total_rows=2,
    )
    assert chart.alt == (
        "Stacked bars, US dollars per day. Tokens lead. Highest on 2026-11-23 with $1.75."
    )


def test_spend_chart_names_only_what_the_last_bar_has():
    chart = spend_chart(DAYS, title="t", caption="c", theme="dark")
    assert [note.text for note in chart.figure.layout.annotations] == ["<b>Tokens</b>"]


def test_spend_chart_of_no_day_is_empty():
    chart = spend_chart((), title="t", caption="c", theme="light")
    assert chart.table.rows == ()
    assert chart.alt.endswith("No day with spend.")


def test_timeline_chart_is_in_the_visitor_s_time():
    containers = (live("working", 30), live("idle", 54, is_at_risk=True), live("idle", 90))
    chart = timeline_chart(
        containers,
        now=NOW,
        zone=ZoneInfo("Asia/Tokyo"),
        profile=limits.load("guide"),
        title="t",
        caption="c",
        theme="light",
    )
    first, second, third = chart.figure.data
    assert first.base[0].isoformat() == "2026-11-24T22:30:00"
    assert first.x[0] == timedelta(minutes=30) / timedelta(milliseconds=1)
    assert second.marker.color == ORANGE["light"]
    assert third.x[0] == timedelta(hours=1) / timedelta(milliseconds=1)
    assert chart.figure.layout.barmode == "overlay"
    assert chart.table.rows[0] == ("c-3f9k2b", "● Working", "30\u00a0min")


@pytest.mark.parametrize(
    ("container", "shown"),
    [
        (live("working", 1), "● Working"),
        (live("idle", 1), "○ Idle"),
        (live("starting", 1), "◌ Starting"),
        (live("working", 50, is_at_risk=True), "▲ At risk"),
    ],
)
def test_state_has_a_shape(container, shown):
    assert state_of(container) == shown


def test_short_id_keeps_the_prefix():
    assert short_id("ws-3f9k2bxyz") == "ws-3f9k2b"
    assert short_id("0123456789ab") == "01234567"
