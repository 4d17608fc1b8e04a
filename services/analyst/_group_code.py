"""Programs for a figure per group: totals, top N, and how often each value of a text occurs."""

from typing import Final

from services.analyst import _charts
from services.analyst._load import dates
from services.analyst._program import Constant, Program, fill, plain
from services.analyst._roles import is_numeric, values_seen
from services.analyst._words import without_parentheses
from services.analyst.types import Reading
from services.preflight.types import TableReport

_MOST_COLUMNS: Final = 31
_MOST_BARS: Final = 15
_LONGEST_FIGURE: Final = 30

AGGREGATED: Final = {
    "sum": "sum(min_count=1)",
    "mean": "mean()",
    "median": "median()",
    "min": "min()",
    "max": "max()",
    "count": "size()",
}
_WORDS: Final = {
    "sum": "total",
    "mean": "average",
    "median": "median",
    "min": "minimum",
    "max": "maximum",
}
PERIODS: Final = {"day": "D", "week": "W", "month": "M", "quarter": "Q", "year": "Y"}

_KEYS = """\
keys = df[GROUP]"""

_KEYS_OF_TIME = """\
${dates}
keys = dates.dt.to_period("${period}").astype(str).where(dates.notna())"""

_MEASURED = """\
groups = df[MEASURE].groupby(keys)
table = pd.DataFrame({WHAT: groups.${aggregated}, "rows": groups.size()})"""

_COUNTED = """\
table = pd.DataFrame({WHAT: keys.groupby(keys).size()})"""

_SORTED = """\
table = table.sort_values(WHAT, ascending=${ascending}, kind="stable")
ranked = table[WHAT].dropna()"""

_IN_ORDER = """\
ranked = table[WHAT].dropna().sort_values(ascending=${ascending}, kind="stable")"""

_NOTHING = """\
if ranked.empty:
    print(f"ANSWER: There is nothing to show: no row has all that is needed for {WHAT}.")
    raise SystemExit"""

_LIMITED = """\
table = table.dropna(subset=[WHAT]).head(LIMIT)"""

_WRITTEN = """\
table.to_csv(OUTPUT / f"{NAME}.csv", index_label=GROUP_NAME, float_format="%.12g")
print(table.head(30).to_string(float_format=number))
"""

_SOME_AND_OTHER = """\
# At most six bars, and the rest together in grey; the table has them all
shown, rest = ranked, ranked[:0]
if len(ranked) > 7:
    largest = ranked.abs().sort_values(ascending=False, kind="stable").index[:6]
    shown = ranked[ranked.index.isin(largest)]
    rest = ranked[~ranked.index.isin(largest)]
names, values = list(shown.index), list(shown)
colors = ${colors}
if len(rest):
    names.append(f"Other ({len(rest)})")
    values.append(rest.sum())
    colors.append(GREY)
subtitle = f"{WHAT} for each {label(GROUP_NAME, 40)}"
fig = draw_bars(names, values, colors)
"""

_FIRST_ONES = """\
# The first ${bars} at most; the table has ${all}
shown = ranked[:${bars}]
colors = ${colors}
subtitle = f"{WHAT} for each {label(GROUP_NAME, 40)}"
if len(ranked) > len(shown):
    subtitle += f", the {len(shown)} ${end} of {len(ranked):,}"
fig = draw_bars(list(shown.index), list(shown), colors)
"""

_ALL_IN_ORDER = """\
shown = table[WHAT].dropna()
subtitle = f"{WHAT} for each {label(GROUP_NAME, 40)}, in order"
fig, _ = draw_columns(list(shown.index), list(shown), BLUE)
"""

_SAID = """\

top, bottom = ${top}, ${bottom}
first, last = number(ranked.iloc[0]), number(ranked.iloc[-1])
has = HAS if len(ranked) > 1 else f"is the only {label(GROUP_NAME)}, {label(WHAT)}"
room = 67 - len(has) - len(first)  # a title has 70 characters at most, the headline 90
title = f"{label(top, room)} {has}: {first}"
save(fig, title, subtitle[:1].upper() + subtitle[1:])
alt = f"Bar chart of {WHAT} for each {GROUP_NAME}; first {label(top)}, {first}; "
alt += f"last {label(bottom)}, {last}."

answer = [f"{label(top, room + 19)} {has}: {first}.", READ_AS]"""

_SAID_MANY = """\
answer.append(f"There are {len(ranked):,} different values of {GROUP_NAME}.")"""

_SAID_TOGETHER = """\
answer.append(
    f"There are {len(ranked):,} different values of {GROUP_NAME}; "
    f"together they have {number(ranked.sum())}."
)"""

_SAID_OTHER_END = """\
if len(ranked) > 1:
    answer.append(f"At the other end is {label(bottom, 40)} with {last}.")"""

_SAID_LIST = """\
listed = [f"{label(name, 40)} ({number(value)})" for name, value in table[WHAT].items()]
answer.append(f"In order: {'; '.join(listed[:10])}.")
if len(table) < LIMIT:
    answer.append(f"There are no more than {len(table)} values of {GROUP_NAME}.")"""

_SAID_TIES = """\
if len(ranked) > LIMIT and ranked.iloc[LIMIT] == ranked.iloc[LIMIT - 1]:
    answer.append(f"{label(ranked.index[LIMIT], 40)} has as much as the last of these.")"""

_SAID_BLANKS = """\
unnamed = int(keys.isna().sum())
if unnamed:
    answer.append(f"Left out: {rows(unnamed)} without a ${unreadable}{GROUP_NAME}.")"""

_SAID_UNMEASURED = """\
unmeasured = int(df[MEASURE][keys.notna()].isna().sum())
if unmeasured:
    answer.append(f"Not in the figures: {rows(unmeasured)} without a number in {MEASURE_NAME}.")"""


def what(reading: Reading) -> str:
    """`total Sales`, `number of rows`: the figure's name in table and chart."""
    if reading.aggregate == "count" or reading.measure is None:
        return "number of rows"
    return f"{_WORDS[reading.aggregate]} {plain(reading.measure)}"


def program(reading: Reading, table: TableReport) -> Program:
    """The program for totals, top N, or the values of a text column."""
    group = reading.by or (reading.measure if reading.operation == "distribution" else None)
    ordered = reading.operation == "totals" and group is not None and _has_order(group, table)
    column = next((column for column in table.columns if column.name == group), None)
    bare = column is not None and column.kind != "text"
    return Program(
        blocks=(
            *_figures(reading, table, ordered),
            "",
            *_shown(reading, ordered),
            *_said(reading, bare),
        ),
        constants=_constants(reading, group),
        helpers=(_charts.SHORT, _charts.COLUMNS) if ordered else (_charts.BARS,),
    )


def _constants(reading: Reading, group: str | None) -> dict[str, Constant]:
    constants: dict[str, Constant] = {}
    if group is not None:
        constants["GROUP"] = group
        constants["GROUP_NAME"] = plain(group)
    else:
        constants["DATE"] = reading.date or ""
        constants["GROUP_NAME"] = reading.grain or ""
    if _measured(reading):
        constants["MEASURE"] = reading.measure or ""
        constants["MEASURE_NAME"] = plain(reading.measure or "")
    constants["WHAT"] = what(reading)
    constants["HAS"] = _has(reading)
    if reading.operation == "top":
        constants["LIMIT"] = reading.limit or 1
    return constants | {"BLUE": _charts.BLUE, "GREY": _charts.GREY}


def _measured(reading: Reading) -> bool:
    return reading.aggregate != "count" and reading.measure is not None


def _has(reading: Reading) -> str:
    """`has the highest total Sales`, `has the most rows`."""
    ascending = _is_ascending(reading)
    if not _measured(reading):
        return "has the fewest rows" if ascending else "has the most rows"
    figure = what(reading)
    if len(figure) > _LONGEST_FIGURE:
        figure = without_parentheses(figure)
    if len(figure) > _LONGEST_FIGURE:
        figure = figure[: _LONGEST_FIGURE - 1].rstrip() + "…"
    return f"has the {'lowest' if ascending else 'highest'} {figure}"


def _is_ascending(reading: Reading) -> bool:
    """Smallest first: where that was asked for, and for minima, whose smallest is the finding."""
    return reading.ascending or (reading.operation == "totals" and reading.aggregate == "min")


def _has_order(group: str, table: TableReport) -> bool:
    """Whether the groups are a short row of numbers, such as months or quantities."""
    column = next(column for column in table.columns if column.name == group)
    return is_numeric(column) and 0 < values_seen(column) <= _MOST_COLUMNS


def _figures(reading: Reading, table: TableReport, ordered: bool) -> list[str]:
    blocks = [f"# {'Smallest' if _is_ascending(reading) else 'Largest'} first"]
    if ordered:
        blocks = ["# Groups in their own order"]
    if reading.date is not None:
        column = next(column for column in table.columns if column.name == reading.date)
        lines = "\n".join(dates(column, "df[DATE]"))
        blocks.append(fill(_KEYS_OF_TIME, dates=lines, period=PERIODS[reading.grain or "month"]))
    else:
        blocks.append(_KEYS)
    aggregated = AGGREGATED[reading.aggregate]
    blocks.append(fill(_MEASURED, aggregated=aggregated) if _measured(reading) else _COUNTED)
    blocks.append(fill(_IN_ORDER if ordered else _SORTED, ascending=str(_is_ascending(reading))))
    blocks.append(_NOTHING)
    if reading.operation == "top" and (reading.limit or 1) > 1:
        blocks.append(_LIMITED)
    blocks.append(_WRITTEN.rstrip())
    return blocks


def _shown(reading: Reading, ordered: bool) -> list[str]:
    if ordered:
        return [_ALL_IN_ORDER.rstrip()]
    end = "lowest" if _is_ascending(reading) else "highest"
    adds_up = reading.aggregate in ("sum", "count") and not _is_ascending(reading)
    one = reading.operation == "top" and (reading.limit or 1) == 1
    if reading.operation == "top" and not one:
        bars = str(min(reading.limit or 1, _MOST_BARS))
        pieces = {"bars": bars, "all": "as many as were asked for", "end": end}
        return [fill(_FIRST_ONES, colors="[BLUE] * len(shown)", **pieces).rstrip()]
    colors = "[BLUE] * len(shown)"
    if one:
        colors = "[BLUE if name == ranked.index[0] else GREY for name in shown.index]"
    if adds_up:
        return [fill(_SOME_AND_OTHER, colors=colors).rstrip()]
    return [fill(_FIRST_ONES, bars="6", all="them all", colors=colors, end=end).rstrip()]


def _said(reading: Reading, bare: bool) -> list[str]:
    """The sentences. A number or a flag is no name: `month 7`, not `7`."""
    top, bottom = "ranked.index[0]", "ranked.index[-1]"
    if bare:
        top, bottom = (f'f"{{GROUP_NAME}} {{label({one})}}"' for one in (top, bottom))
    blocks = [fill(_SAID, top=top, bottom=bottom)]
    if reading.operation == "top" and (reading.limit or 1) > 1:
        blocks.append(_SAID_LIST)
    else:
        adds_up = reading.aggregate in ("sum", "count")
        blocks += [_SAID_TOGETHER if adds_up else _SAID_MANY, _SAID_OTHER_END]
    if reading.operation == "top":
        blocks.append(_SAID_TIES)
    blocks.append(fill(_SAID_BLANKS, unreadable="readable " if reading.date else ""))
    if _measured(reading):
        blocks.append(_SAID_UNMEASURED)
    return blocks
