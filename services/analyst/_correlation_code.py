"""Programs for how two columns move together: Pearson's r, and the points themselves."""

from typing import Final

from services.analyst import _charts
from services.analyst._load import dates
from services.analyst._program import Constant, Program, fill, plain
from services.analyst._roles import is_time, is_year
from services.analyst.types import Reading
from services.preflight.types import ColumnReport, TableReport

_DATES = """\
${dates}
${axis} = pd.Series(mdates.date2num(dates), index=df.index)  # in days"""

_FLAGS = """\
${axis} = df[${name}].astype(float)  # true is 1, false is 0"""

_VALUES = """\
${axis} = df[${name}]"""

_CORRELATED = """\
both = x.notna() & y.notna()
x, y = x[both], y[both]
if len(x) < 3:
    print(f"ANSWER: There is nothing to show: {rows(len(x))} have both {X_NAME} and {Y_NAME}.")
    raise SystemExit
if x.nunique() == 1 or y.nunique() == 1:
    print("ANSWER: There is no correlation to tell, since one of the two columns never changes.")
    raise SystemExit
r = x.corr(y)
table = pd.DataFrame(
    {"first column": [X_NAME], "second column": [Y_NAME], "rows": [len(x)], "correlation": [r]}
)
table.to_csv(OUTPUT / f"{NAME}.csv", index=False, float_format="%.12g")
print(table.to_string(index=False, float_format=number))

# Points while they can be told apart, else how many rows lie where
fig, ax = plt.subplots(figsize=(7.6, 4.2))
if len(x) <= 2000:
    ax.scatter(x, y, s=18, alpha=0.5, color=BLUE, linewidths=0)
    subtitle = f"One dot for each of {rows(len(x))}"
else:
    shades = LinearSegmentedColormap.from_list("rows", ["#C5D8ED", "#0A2E5C"])
    ax.hexbin(x, y, gridsize=45, mincnt=1, bins="log", cmap=shades, linewidths=0)
    subtitle = f"{len(x):,} rows; the darker, the more of them"
ax.set_xlabel(label(X_NAME, 60))
ax.set_ylabel(label(Y_NAME, 30))"""

_SHORT_X = "ax.xaxis.set_major_formatter(short)"
_SHORT_Y = "ax.yaxis.set_major_formatter(short)"
_DATED = """\
ax.${axis}axis_date()
locator = mdates.AutoDateLocator(maxticks=7)
ax.${axis}axis.set_major_locator(locator)
ax.${axis}axis.set_major_formatter(mdates.ConciseDateFormatter(locator))"""

_SAID = """\

shown_r = f"r\\N{NO-BREAK SPACE}=\\N{NO-BREAK SPACE}{r:.2f}"


def finding(width):
    # What r says of the two columns, with names of at most this width
    across, up = label(X_NAME, width), label(Y_NAME, width)
    if abs(r) < 0.1:
        return f"{across} and {up} hardly move together: {shown_r}"
    if abs(r) < 0.3:
        return f"{across} and {up} are weakly related: {shown_r}"
    if r > 0:
        return f"{up} tends to rise with {across}: {shown_r}"
    return f"{up} tends to fall as {across} rises: {shown_r}"


strengths = ((0.7, "a strong"), (0.3, "a moderate"), (0.1, "a weak"), (0, "no"))
strength = next(word for least, word in strengths if abs(r) >= least)
title = finding(26) if len(finding(26)) <= 70 else finding(16)
save(fig, title, subtitle)
alt = f"Scatter chart of {Y_NAME} (up) against {X_NAME} (across), {rows(len(x))}, {shown_r}."

answer = [
    f"{finding(26)}.",
    READ_AS,
    f"Over {rows(len(x))} the correlation is {r:.3f}: {strength} linear relation. "
    "That they move together doesn't show that one causes the other.",
]
without = len(df) - len(x)
if without:
    answer.append(f"Left out: {rows(without)} without both values.")"""


def program(reading: Reading, table: TableReport) -> Program:
    """The program for a correlation; a date goes along the bottom."""
    by_name = {column.name: column for column in table.columns}
    across, up = by_name[reading.measure or ""], by_name[reading.measure_2 or ""]
    if _is_date(up) and not _is_date(across):
        across, up = up, across
    constants: dict[str, Constant] = {
        "X": across.name,
        "Y": up.name,
        "X_NAME": plain(across.name),
        "Y_NAME": plain(up.name),
        "BLUE": _charts.BLUE,
    }
    imports = {"from matplotlib.colors import LinearSegmentedColormap"}
    if _is_date(across):
        imports.add("import matplotlib.dates as mdates")
    return Program(
        blocks=(
            _axis(across, "x"),
            _axis(up, "y"),
            _CORRELATED,
            fill(_DATED, axis="x") if _is_date(across) else _SHORT_X,
            fill(_DATED, axis="y") if _is_date(up) else _SHORT_Y,
            _SAID,
        ),
        constants=constants,
        helpers=(_charts.SHORT,),
        imports=frozenset(imports),
    )


def _is_date(column: ColumnReport) -> bool:
    return is_time(column) and not is_year(column)


def _axis(column: ColumnReport, axis: str) -> str:
    name: Final = axis.upper()
    if _is_date(column):
        return fill(_DATES, axis=axis, dates="\n".join(dates(column, f"df[{name}]")))
    return fill(_FLAGS if column.dtype == "bool" else _VALUES, axis=axis, name=name)
