"""Programs for a figure along time: one line, with gaps where a period has no rows."""

from typing import Final

from services.analyst import _charts
from services.analyst._group_code import AGGREGATED, PERIODS, what
from services.analyst._load import dates
from services.analyst._program import Constant, Program, fill, plain
from services.analyst.types import Grain, Reading
from services.preflight.types import TableReport

_STEPS: Final[dict[Grain, str]] = {
    "day": "1, 2, 7, 14, 28, 56, 91, 182, 364, 728, 1820",
    "week": "1, 2, 4, 13, 26, 52, 104, 260, 520",
    "month": "1, 2, 3, 6, 12, 24, 60, 120, 240, 600",
    "quarter": "1, 2, 4, 8, 20, 40, 80, 200",
    "year": "1, 2, 5, 10, 20, 25, 50, 100, 200",
}
_NAMED: Final[dict[Grain, str]] = {
    "day": '    return f"{period.start_time.day} {period.start_time:%b %Y}"',
    "week": '    return f"week of {period.start_time.day} {period.start_time:%b %Y}"',
    "month": '    return f"{period.start_time:%b %Y}"',
    "quarter": '    return f"Q{period.quarter} {period.year}"',
    "year": "    return str(period.year)",
}
_TICKED: Final[dict[Grain, str]] = {
    "day": 'f"{tick.start_time.day} {tick.start_time:%b}"',
    "week": 'f"{tick.start_time.day} {tick.start_time:%b}"',
    "month": 'f"{tick.start_time:%b}"',
    "quarter": 'f"Q{tick.quarter}"',
    "year": "str(tick.year)",
}

_WHEN = '''
def when(period):
    """The ${grain} as a reader writes it."""
${named}
'''

_MEASURED = """\
# One figure for each ${grain}
${dates}
periods = dates.dt.to_period("${period}")
groups = df[MEASURE].groupby(periods)
table = pd.DataFrame({WHAT: groups.${aggregated}, "rows": groups.size()})"""

_COUNTED = """\
# The number of rows for each ${grain}
${dates}
periods = dates.dt.to_period("${period}")
table = pd.DataFrame({WHAT: periods.groupby(periods).size()})"""

_WRITTEN = """\
figures = table[WHAT].dropna()
if figures.empty:
    print(f"ANSWER: There is nothing to show: no row has all that is needed for {WHAT}.")
    raise SystemExit
table.to_csv(OUTPUT / f"{NAME}.csv", index_label=GRAIN, float_format="%.12g")
digits = decimals(figures)
print(table.head(60).to_string(float_format=f"{{:,.{digits}f}}".format))

# A ${grain} without rows stays a gap in the line
every = pd.period_range(figures.index.min(), figures.index.max(), freq="${period}")
line = figures.reindex(every)
fig, ax = plt.subplots()
marker = "o" if len(line) <= 40 or line.isna().any() else None
ax.plot(line.index.to_timestamp(), line.to_numpy(), color=BLUE, linewidth=2, marker=marker, ms=4)
ends = figures.iloc[[-1]]
ax.annotate(
    number(ends.iloc[0], digits),
    (ends.index.to_timestamp()[0], ends.iloc[0]),
    xytext=(6, 0),
    textcoords="offset points",
    va="center",
    color=BLUE,
)
ax.margins(x=0.09)
ax.yaxis.set_major_formatter(short)"""

_FROM_ZERO = """\
if figures.min() >= 0:
    ax.set_ylim(bottom=0)"""

_TICKS = """\

# At most seven dates, the year once
steps = (${steps})
step = next((size for size in steps if len(every) <= 7 * size), len(every))
ticks = every[::step]"""

_TICKS_ON_YEARS = """\

# At most seven dates, on round years
steps = (${steps})
step = next((size for size in steps if len(every) <= 6 * size), len(every))
ticks = [year for year in every if year.year % step == 0] or list(every[:1])"""

_TICK_LABELS = """\
labels, year = [], None
for tick in ticks:
    name = ${ticked}
    labels.append(name if tick.year == year else f"{name}\\n{tick.year}")
    year = tick.year
ax.set_xticks([tick.start_time for tick in ticks], labels)"""

_YEAR_LABELS = """\
ax.set_xticks([tick.start_time for tick in ticks], [str(tick.year) for tick in ticks])"""

_ALL_WHOLE = """\

whole = figures"""

_WHOLE = """\

# A first or last ${grain} that the dates cover less than any between them is not compared
spans = dates.groupby(dates.dt.to_period("${period}")).agg(["min", "max"])
begun = spans["min"] - spans.index.to_timestamp()
covered = spans["max"] - spans.index.to_timestamp()
whole, partial = figures, []
if len(spans) > 3:
    if begun.iloc[0] > begun.iloc[1:-1].max():
        partial.append(spans.index[0])
    if covered.iloc[-1] < covered.iloc[1:-1].min():
        partial.append(spans.index[-1])
    whole = figures.drop(partial, errors="ignore")
if len(whole) < 2:
    whole, partial = figures, []"""

_SAID = """\

first, last = whole.index[0], whole.index[-1]
start, end = number(whole.iloc[0], digits), number(whole.iloc[-1], digits)
ranked = whole.sort_values(ascending=False, kind="stable")
peaks, lows = tied(ranked, 0), tied(ranked, -1)
figure = label(WHAT[:1].upper() + WHAT[1:])
went = "rose" if whole.iloc[-1] > whole.iloc[0] else "fell"
brief = f"{figure} {went} to {end} ({when(last)})"
full = f"{figure} {went} from {start} ({when(first)}) to {end} ({when(last)})"
if len(whole) == 1:
    brief = full = f"{figure} in {when(first)}: {start}"
elif start == end:
    brief = f"{figure} was {end} ({when(last)})"
    full = f"{figure} was {start} in {when(first)} as in {when(last)}"
title = full if len(full) <= 70 else brief
period = f"{when(figures.index[0])} to {when(figures.index[-1])}"
subtitle = f"{WHAT} for each {GRAIN}, {period}"
save(fig, title, subtitle[:1].upper() + subtitle[1:])
most, least = number(whole.max(), digits), number(whole.min(), digits)
highest, lowest = listed([when(one) for one in peaks]), listed([when(one) for one in lows])
alt = f"Line chart of {WHAT} for each {GRAIN}, {period}; "
alt += f"highest {most} ({highest}), lowest {least} ({lowest})."

answer = [f"{full}." if len(full) < 90 else f"{brief}.", READ_AS]
if 1 < len(peaks) == len(whole):
    answer.append(f"Every {GRAIN} has the same figure.")
elif len(peaks) > 1 or len(lows) > 1:
    answer.append(f"The highest figure is {most} ({highest}), the lowest {least} ({lowest}).")
elif len(whole) > 1:
    answer.append(f"The highest {GRAIN} is {highest} with {most}, "
                  f"the lowest {lowest} with {least}.")
if len(every) > len(figures):
    answer.append(f"Periods without a figure: {len(every) - len(figures):,} of {len(every):,}. "
                  "They are gaps in the line.")
undated = int(dates.isna().sum())
if undated:
    answer.append(f"Left out: {rows(undated)} without a readable {DATE_NAME}.")"""

_SAID_EDGES = """\
if partial:
    begin, finish = dates.min(), dates.max()
    answer.append(f"The dates run from {begin:%Y-%m-%d} to {finish:%Y-%m-%d}, so "
                  f"{listed([when(one) for one in partial])} "
                  f"{'is' if len(partial) == 1 else 'are'} not complete and not compared.")"""

_SAID_UNMEASURED = """\
unmeasured = int(df[MEASURE][dates.notna()].isna().sum())
if unmeasured:
    answer.append(f"Not in the figures: {rows(unmeasured)} without a number in {MEASURE_NAME}.")"""


def program(reading: Reading, table: TableReport) -> Program:
    """The program for a trend."""
    grain: Grain = reading.grain or "month"
    measured = reading.measure is not None and reading.aggregate != "count"
    return Program(
        blocks=tuple(_blocks(reading, table, grain, measured)),
        constants=_constants(reading, grain, measured),
        helpers=(
            _charts.SHORT,
            _charts.TIED,
            _charts.LISTED,
            fill(_WHEN, grain=grain, named=_NAMED[grain]),
        ),
    )


def _constants(reading: Reading, grain: Grain, measured: bool) -> dict[str, Constant]:
    constants: dict[str, Constant] = {
        "DATE": reading.date or "",
        "DATE_NAME": plain(reading.date or ""),
    }
    if measured:
        constants["MEASURE"] = reading.measure or ""
        constants["MEASURE_NAME"] = plain(reading.measure or "")
    return constants | {"WHAT": what(reading), "GRAIN": grain, "BLUE": _charts.BLUE}


def _blocks(reading: Reading, table: TableReport, grain: Grain, measured: bool) -> list[str]:
    column = next(column for column in table.columns if column.name == reading.date)
    pieces = {
        "grain": grain,
        "period": PERIODS[grain],
        "dates": "\n".join(dates(column, "df[DATE]")),
        "aggregated": AGGREGATED[reading.aggregate],
        "steps": _STEPS[grain],
        "ticked": _TICKED[grain],
    }
    adds_up = reading.aggregate in ("sum", "count")
    blocks = [_MEASURED if measured else _COUNTED, _WRITTEN]
    if adds_up:
        blocks.append(_FROM_ZERO)
    blocks += [_TICKS_ON_YEARS, _YEAR_LABELS] if grain == "year" else [_TICKS, _TICK_LABELS]
    compares_edges = adds_up and grain != "day"
    blocks += [_WHOLE if compares_edges else _ALL_WHOLE, _SAID]
    if compares_edges:
        blocks.append(_SAID_EDGES)
    if measured:
        blocks.append(_SAID_UNMEASURED)
    return [fill(block, **pieces) for block in blocks]
