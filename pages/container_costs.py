"""Containers & cost (R2): what lives, what it costs, and the rows that say so."""

from typing import assert_never

import streamlit as st

from components import frame, safe_text, theme, view_state
from components.chart_block import chart_block
from components.cost_charts import spend_chart, timeline_chart
from components.intents import CostIntent, FirstQuestionWanted
from components.kpi_row import Kpi, kpi_row
from components.ledger_table import ledger_table
from components.live_table import live_table, no_container_yet
from components.moments import viewer_zone
from components.notices import notices
from components.period_choice import period_choice
from pages import _context
from services import money, wording
from services.app import Application
from services.containers import not_yet_booked
from services.containers.types import LiveContainer
from services.errors import DatadockError
from services.ids import UserId, WorkspaceId
from services.money.types import Period, SpendReport
from services.units import format_count, format_money, format_seconds

_REFRESH_SECONDS = 5


def _draw(app: Application, user: UserId) -> CostIntent | None:
    with frame.frame(frame.WIDTH_COST):
        period = period_choice("Containers & cost")
        notices()
        report = app.money.spend_in(app.engine_kind, period)
        if app.money.is_empty() and not app.containers.live():
            return no_container_yet(app.profile)
        _figures(app, period)
        if _context.is_operator(app, user):
            _tabs(app, user, period, report)
        else:
            _spend(report, period)
            st.caption(safe_text.label(wording.costs.only_sums()))
    return None


def _figures(app: Application, period: Period) -> None:
    """The figures, read again every few seconds."""

    @st.fragment(run_every=_REFRESH_SECONDS, key="figures")
    def figures() -> None:
        report = app.money.spend_in(app.engine_kind, period)
        kpi_row(_kpis(app, report, app.containers.live(), period))

    figures()


def _tabs(app: Application, user: UserId, period: Period, report: SpendReport) -> None:
    """Bodies run only while they are open."""
    now, spend, ledger = st.tabs(
        ["Now", "Spend", "Ledger"], key="container_costs:page:tabs", on_change="rerun"
    )
    if now.open:
        with now:
            _now(app, user)
    if spend.open:
        with spend:
            _spend(report, period)
    if ledger.open:
        with ledger:
            ledger_table(
                report.rows,
                zone=viewer_zone(),
                summary=wording.costs.ledger_summary(
                    len(report.rows), report.spent_microusd, period
                ),
                export=money.ledger_csv,
            )


def _spend(report: SpendReport, period: Period) -> None:
    chart = spend_chart(
        report.days,
        title=wording.costs.spend_title(report.request_microusd, report.container_microusd, period),
        caption=wording.costs.spend_caption(report.engine, report.days[0].day, report.days[-1].day),
        theme=theme.current(),
    )
    chart_block(chart, key="spend")


def _now(app: Application, user: UserId) -> None:
    @st.fragment(run_every=_REFRESH_SECONDS, key="live")
    def live() -> None:
        if view_state.is_whole_page_wanted():
            st.rerun()
        containers = app.containers.live()
        live_table(
            containers,
            viewer=user,
            profile=app.profile,
            can_release=app.containers.can_release,
            idle_sentence=wording.costs.idle_sentence(
                _idle(containers),
                app.profile.billing.rate_microusd_per_hour,
                saves=app.containers.can_release,
                is_rehearsal=app.engine_kind == "local",
            ),
            on_release=lambda ids: _release(app, user, ids),
            may_interrupt=lambda owner: _context.may_interrupt(app, user, owner),
        )
        if containers:
            chart = timeline_chart(
                containers,
                now=app.clock.now(),
                zone=viewer_zone(),
                profile=app.profile,
                title=wording.costs.timeline_title(
                    len(containers),
                    _at_risk(containers),
                    app.profile.container_at_risk_after_seconds,
                ),
                caption=wording.costs.timeline_caption(),
                theme=theme.current(),
            )
            chart_block(chart, key="timeline")

    live()


def _kpis(
    app: Application, report: SpendReport, live: tuple[LiveContainer, ...], period: Period
) -> tuple[Kpi, ...]:
    rate = app.profile.billing.rate_microusd_per_hour
    return (
        Kpi(
            label=wording.costs.spent_label(period),
            value=format_money(report.spent_microusd) if report.rows else "—",
            note=wording.costs.spent_note(report.engine) if report.rows else "no run yet",
            formula=wording.costs.spent_formula(
                report.request_microusd, report.container_microusd, len(report.rows)
            ),
        ),
        Kpi(
            label="Live containers",
            value=f"{len(live)} of {app.profile.concurrent_containers}",
            note=wording.costs.live_note(
                _at_risk(live), len(live), app.profile.concurrent_containers
            ),
            tone="orange"
            if _at_risk(live) or len(live) > app.profile.concurrent_containers
            else "gray",
            formula=wording.costs.live_formula(
                app.profile.container_at_risk_after_seconds,
                app.profile.container_lifetime_seconds,
            ),
        ),
        Kpi(
            label="Container time",
            value=format_seconds(report.container_seconds),
            note=wording.costs.container_time_note(report.container_microusd, not_yet_booked(live)),
            formula=wording.costs.container_time_formula(
                report.container_seconds, rate, report.container_microusd
            ),
        ),
        Kpi(
            label="Requests",
            value=format_count(report.requests),
            note=wording.costs.requests_note(report.failed_requests, report.requests),
            tone="orange" if report.failed_requests else "gray",
            formula="Requests to the engine; a question takes one, or more where one is repeated.",
        ),
        Kpi(
            label="Per request",
            value=wording.costs.per_question(report.spent_microusd, report.requests),
            note="all costs",
            formula=wording.costs.per_question_formula(report.spent_microusd, report.requests),
        ),
    )


def _idle(containers: tuple[LiveContainer, ...]) -> int:
    return sum(one.workspace.state == "idle" for one in containers)


def _at_risk(containers: tuple[LiveContainer, ...]) -> int:
    return sum(one.is_at_risk for one in containers)


def _release(app: Application, user: UserId, workspace_ids: tuple[WorkspaceId, ...]) -> None:
    """Inside the click's callback: a fragment's button must act before the page is drawn again."""
    view_state.want_whole_page()
    released = 0
    for workspace_id in workspace_ids:
        try:
            owner = app.containers.get(workspace_id).user
            app.containers.release(
                user,
                workspace_id,
                operator=_context.is_operator(app, user),
                interrupt=_context.may_interrupt(app, user, owner),
            )
        except DatadockError as exc:
            view_state.add_notice(exc.message)
        else:
            released += 1
    if released:
        view_state.announce(
            wording.costs.released(
                released,
                app.profile.billing.rate_microusd_per_hour,
                saves=app.containers.can_release,
            )
        )


def main() -> None:
    """Read, draw everything, act on the first intent."""
    app, user = _context.application(), _context.current_user()
    intent = _draw(app, user)
    match intent:
        case None:
            pass
        case FirstQuestionWanted():
            st.switch_page("analyse.py")
        case _:
            assert_never(intent)


main()
