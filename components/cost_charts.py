"""The figures of Containers & cost. Drawn from values that money and containers have computed."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Final

from components.chart_block import Chart
from services.containers.types import LiveContainer
from services.limits.types import LimitProfile
from services.money.types import DaySpend
from services.palette import GRID, INK, ORANGE, REST, SERIES, Theme
from services.preflight.types import TablePreview
from services.units import MICROUSD_PER_USD, format_money, format_seconds

if TYPE_CHECKING:
    import plotly.graph_objects as go

_HEIGHT: Final = 300
_ROW_HEIGHT: Final = 34
_DAY_MILLISECONDS: Final = 86_400_000
_TOKENS, _CONTAINERS = "Tokens", "Container time"


def spend_chart(days: Sequence[DaySpend], *, title: str, caption: str, theme: Theme) -> Chart:
    """Stacked bars per day: tokens below, container time above; labelled at the last bar."""
    import plotly.graph_objects as go

    dates = [day.day for day in days]
    parts = (
        (_TOKENS, [day.request_microusd for day in days], SERIES[theme][0]),
        (_CONTAINERS, [day.container_microusd for day in days], SERIES[theme][1]),
    )
    figure = go.Figure()
    for name, amounts, colour in parts:
        figure.add_bar(
            name=name,
            x=dates,
            y=[amount / MICROUSD_PER_USD for amount in amounts],
            customdata=[format_money(amount) for amount in amounts],
            hovertemplate="%{customdata}",
            marker_color=colour,
            # Said in full: a single bar on a date axis would be a hair.
            width=0.65 * _DAY_MILLISECONDS,
        )
    _label_last_bar(figure, days, theme)
    _lay_out(figure, theme, _HEIGHT)
    figure.update_layout(barmode="stack", hovermode="x unified")
    figure.update_xaxes(
        type="date", tickformat="%-d %b", nticks=7, range=_day_range(dates), showgrid=False
    )
    figure.update_yaxes(tickprefix="$", rangemode="tozero", nticks=5)
    return Chart(
        title=title,
        caption=caption,
        figure=figure,
        alt=f"Stacked bars, US dollars per day. {title}. {_extremes(days)}",
        table=_spend_table(days),
    )


def timeline_chart(
    containers: Sequence[LiveContainer],
    *,
    now: datetime,
    zone: tzinfo,
    profile: LimitProfile,
    title: str,
    caption: str,
    theme: Theme,
) -> Chart:
    """One bar per live container over the last hour; the dashed line is where risk begins."""
    import plotly.graph_objects as go

    hour_ago = now - timedelta(seconds=profile.container_lifetime_seconds)
    risk_line = now - timedelta(seconds=profile.container_at_risk_after_seconds)
    figure = go.Figure()
    for container in containers:
        started = max(hour_ago, now - timedelta(seconds=container.age_seconds))
        figure.add_bar(
            orientation="h",
            y=[container_name(container.workspace.id)],
            base=[_local(started, zone)],
            x=[(now - started).total_seconds() * 1000],
            customdata=[f"{state_of(container)}, {format_seconds(container.age_seconds)} old"],
            hovertemplate="%{customdata}<extra></extra>",
            marker=_bar_look(container, theme),
        )
    _lay_out(figure, theme, 90 + _ROW_HEIGHT * max(1, len(containers)))
    figure.update_layout(barmode="overlay", bargap=0.45, hovermode="closest")
    figure.update_xaxes(
        type="date",
        tickformat="%H:%M",
        nticks=7,
        range=[_local(hour_ago, zone), _local(now + timedelta(minutes=2), zone)],
        showgrid=False,
    )
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False)
    for at, dash, label in (
        (now, "solid", "now"),
        (risk_line, "dash", "at risk before this line"),
    ):
        _vertical(figure, _local(at, zone), dash, label, theme)
    return Chart(
        title=title,
        caption=caption,
        figure=figure,
        alt=f"Timeline of live containers over the last hour. {title}.",
        table=_timeline_table(containers),
    )


def state_of(container: LiveContainer) -> str:
    """With a shape, so that it does not hang on colour: `▲ At risk`, `● Working`, `○ Idle`."""
    if container.is_at_risk:
        return "▲ At risk"
    if container.workspace.state == "working":
        return "● Working"
    return "◌ Starting" if container.workspace.state == "starting" else "○ Idle"


def short_id(identity: str) -> str:
    """`run-3f9k2b`: enough to tell the rows of a page apart."""
    prefix, _, rest = identity.partition("-")
    return f"{prefix}-{rest[:6]}" if rest else prefix[:8]


def container_name(workspace_id: str) -> str:
    """`c-3f9k2b`: what a container is called on the page."""
    return f"c-{workspace_id.partition('-')[2][:6] or workspace_id[:6]}"


def _lay_out(figure: "go.Figure", theme: Theme, height: int) -> None:
    figure.update_layout(
        height=height,
        margin={"l": 4, "r": 12, "t": 8, "b": 4},
        showlegend=False,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": INK[theme]},
    )
    figure.update_yaxes(gridcolor=GRID[theme], zeroline=False)


def _label_last_bar(figure: "go.Figure", days: Sequence[DaySpend], theme: Theme) -> None:
    """Names beside the parts of the last bar, instead of a legend."""
    if not days:
        return
    last = days[-1]
    tokens, time = last.request_microusd, last.container_microusd
    heights = [(_TOKENS, tokens / 2, 0, tokens), (_CONTAINERS, tokens + time / 2, 1, time)]
    highest = max(day.request_microusd + day.container_microusd for day in days) or 1
    gap = highest * 0.09
    if heights[1][1] - heights[0][1] < gap:
        heights[1] = (_CONTAINERS, heights[0][1] + gap, 1, time)
    beside = (datetime.fromisoformat(last.day) + timedelta(days=0.35)).isoformat()
    for name, at, series, amount in heights:
        if amount:
            figure.add_annotation(
                x=beside,
                y=at / MICROUSD_PER_USD,
                text=f"<b>{name}</b>",
                showarrow=False,
                xanchor="left",
                xshift=4,
                font={"color": SERIES[theme][series], "size": 12},
            )


def _day_range(dates: Sequence[str]) -> list[str] | None:
    """Half a day before the first bar, and room for the labels after the last."""
    if not dates:
        return None
    first, last = datetime.fromisoformat(dates[0]), datetime.fromisoformat(dates[-1])
    days = max(6, (last - first).days + 1)
    start = last - timedelta(days=days - 0.4)
    return [start.isoformat(), (last + timedelta(days=0.6 + days * 0.18)).isoformat()]


def _spend_table(days: Sequence[DaySpend]) -> TablePreview:
    rows = tuple(
        (day.day, format_money(day.request_microusd), format_money(day.container_microusd))
        for day in days
    )
    return TablePreview(columns=("Day", _TOKENS, _CONTAINERS), rows=rows, total_rows=len(rows))


def _extremes(days: Sequence[DaySpend]) -> str:
    if not days:
        return "No day with spend."
    highest = max(days, key=lambda day: day.request_microusd + day.container_microusd)
    amount = format_money(highest.request_microusd + highest.container_microusd)
    return f"Highest on {highest.day} with {amount}."


def _bar_look(container: LiveContainer, theme: Theme) -> dict[str, object]:
    """Blue is working, hatched is idle, amber is at risk."""
    if container.is_at_risk:
        return {"color": ORANGE[theme]}
    if container.workspace.state == "working":
        return {"color": SERIES[theme][0]}
    return {"color": REST[theme], "pattern": {"shape": "/", "size": 6, "solidity": 0.35}}


def _vertical(figure: "go.Figure", at: datetime, dash: str, label: str, theme: Theme) -> None:
    figure.add_shape(
        type="line",
        x0=at,
        x1=at,
        y0=0,
        y1=1,
        yref="paper",
        line={"color": INK[theme], "width": 1.5, "dash": dash},
    )
    figure.add_annotation(
        x=at,
        y=1,
        yref="paper",
        yanchor="bottom",
        xanchor="right" if dash == "solid" else "center",
        text=label,
        showarrow=False,
        font={"size": 12},
    )
    figure.update_layout(margin_t=28)


def _timeline_table(containers: Sequence[LiveContainer]) -> TablePreview:
    rows = tuple(
        (container_name(one.workspace.id), state_of(one), format_seconds(one.age_seconds))
        for one in containers
    )
    return TablePreview(columns=("Container", "State", "Age"), rows=rows, total_rows=len(rows))


def _local(at: datetime, zone: tzinfo) -> datetime:
    """Without a zone: Plotly would show an aware instant in UTC."""
    return at.astimezone(zone).replace(tzinfo=None)
