"""Programs for how values are distributed: a histogram, or a bar for each of a few values."""

from typing import Final

from services.analyst import _charts, _group_code
from services.analyst._group_code import what
from services.analyst._program import Constant, Program, fill, plain
from services.analyst._roles import is_numeric, values_seen
from services.analyst.types import Reading
from services.preflight.types import TableReport

_FEW_VALUES: Final = 12

_SUMMARY = """\
values = df[MEASURE].dropna()
if values.empty:
    print(f"ANSWER: There is nothing to show: {MEASURE_NAME} has no values.")
    raise SystemExit
quarter, middle, three_quarters = values.quantile([0.25, 0.5, 0.75])
# Decimals of the values themselves, and of what lies between them
digits = decimals(values)
finer = max(digits, decimals([quarter, middle, three_quarters]))
lowest, highest = number(values.min(), digits), number(values.max(), digits)
low_quarter, high_quarter = number(quarter, finer), number(three_quarters, finer)
typical = number(middle, finer)
average = number(values.mean(), max(finer, decimals([values.mean()])))
summary = pd.DataFrame(
    {
        "figure": [
            "lowest",
            "lower quartile",
            "median",
            "average",
            "upper quartile",
            "highest",
            "sum",
        ],
        MEASURE_NAME: [
            values.min(),
            quarter,
            middle,
            values.mean(),
            three_quarters,
            values.max(),
            values.sum(),
        ],
    }
)
summary.to_csv(OUTPUT / f"{NAME}.csv", index=False, float_format="%.12g")
shown = decimals(summary[MEASURE_NAME])
print(summary.to_string(index=False, float_format=f"{{:,.{shown}f}}".format))
"""

_BINS = """\
# Bins with round edges. Where a few values lie far out, the first and the last bin hold them.
low, high = values.quantile([0.01, 0.99])
if values.max() - values.min() <= 4 * (high - low):
    low, high = values.min(), values.max()
edges = np.round(MaxNLocator(20).tick_values(low, high), 12)
drawn = values.clip(edges[0], edges[-1])
counts, _ = np.histogram(drawn, edges)
far_out = (values.min() < edges[0]) or (values.max() > edges[-1])
starts, stops = edges[:-1].copy(), edges[1:].copy()
starts[0], stops[-1] = min(starts[0], values.min()), max(stops[-1], values.max())
bins = pd.DataFrame({"from": starts, "to": stops, "rows": counts})
bins.to_csv(OUTPUT / f"{NAME}_bins.csv", index=False, float_format="%.12g")

fig, ax = plt.subplots()
ax.bar(edges[:-1], counts, width=np.diff(edges), align="edge", color=BLUE, edgecolor="white")
ax.xaxis.set_major_formatter(short)
ax.yaxis.set_major_formatter(short)
subtitle = f"Rows for each range of {label(MEASURE_NAME, 40)}"
if far_out:
    subtitle += "; the outer bars hold all beyond"
"""

_FEW = """\
# A bar for each value, as there are only a few
counts = values.groupby(values).size()
counts.rename("rows").to_csv(OUTPUT / f"{NAME}_values.csv", index_label=MEASURE_NAME)
fig, ax = draw_columns([number(value, digits) for value in counts.index], list(counts), BLUE)
subtitle = f"Rows for each value of {label(MEASURE_NAME, 40)}"
"""

_MARKED = """\
ax.axvline(${figure}, color=RUST, linewidth=1.5)
ax.annotate(
    f" ${word} {${shown}}",
    (${figure}, 1),
    xycoords=("data", "axes fraction"),
    va="top",
    color=RUST,
)
"""

_SPREAD = """\
half = f"between {low_quarter} and {high_quarter}"
if quarter == three_quarters:
    title = f"At least half of all {label(MEASURE_NAME, 24)} values are {low_quarter}"
else:
    title = f"Half of all {label(MEASURE_NAME, 46 - len(half))} values lie {half}"
headline = f"{title}."
"""

_ONE_FIGURE = """\
title = f"The {label(WHAT, 40)} is {${shown}}"
headline = f"{title}."
half = f"between {low_quarter} and {high_quarter}"
"""

_SAID = """\
save(fig, title, subtitle)
alt = f"${kind} of {MEASURE_NAME}, from {lowest} to {highest}; "
alt += f"half of the values lie {half}."

answer = [
    headline,
    READ_AS,
    f"Over {rows(len(values))} the median is {typical} and the average {average}; "
    f"the values go from {lowest} to {highest}, and half of them lie {half}.",
]
without = len(df) - len(values)
if without:
    answer.append(f"Left out: {rows(without)} without a number in {MEASURE_NAME}.")"""

_FIGURES: Final = {
    "sum": ("values.sum()", "number(values.sum(), digits)"),
    "mean": ("values.mean()", "average"),
    "median": ("middle", "typical"),
    "min": ("values.min()", "lowest"),
    "max": ("values.max()", "highest"),
}


def program(reading: Reading, table: TableReport) -> Program:
    """The program for a distribution, or for one figure shown in its distribution."""
    column = next(column for column in table.columns if column.name == reading.measure)
    if not is_numeric(column):
        return _group_code.program(reading, table)
    few = 0 < max(values_seen(column), column.distinct or 0) <= _FEW_VALUES
    return Program(
        blocks=tuple(_blocks(reading, few)),
        constants=_constants(reading),
        helpers=(_charts.SHORT, *((_charts.COLUMNS,) if few else ())),
        imports=frozenset(
            () if few else ("import numpy as np", "from matplotlib.ticker import MaxNLocator")
        ),
    )


def _constants(reading: Reading) -> dict[str, Constant]:
    name = reading.measure or ""
    constants: dict[str, Constant] = {"MEASURE": name, "MEASURE_NAME": plain(name)}
    if reading.aggregate != "count":
        constants["WHAT"] = what(reading)
    constants["BLUE"] = _charts.BLUE
    if reading.aggregate in ("mean", "median"):
        constants["RUST"] = _charts.RUST
    return constants


def _blocks(reading: Reading, few: bool) -> list[str]:
    blocks = [_SUMMARY, _FEW if few else _BINS]
    if reading.aggregate not in _FIGURES:
        blocks.append(_SPREAD)
    else:
        figure, shown = _FIGURES[reading.aggregate]
        if reading.aggregate in ("mean", "median") and not few:
            word = "average" if reading.aggregate == "mean" else "median"
            blocks.append(fill(_MARKED, figure=figure, shown=shown, word=word))
        blocks.append(fill(_ONE_FIGURE, shown=shown))
    blocks.append(fill(_SAID, kind="Bar chart" if few else "Histogram"))
    return blocks
