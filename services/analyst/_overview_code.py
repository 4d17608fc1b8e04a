"""Programs that describe a whole table: what each column holds, and where values are missing."""

from typing import Final

from services.analyst import _charts
from services.analyst._program import Constant, Program, fill, plain
from services.analyst._roles import (
    date_format,
    is_loaded_as_date,
    is_numeric,
    is_time,
    is_year,
    values_seen,
)
from services.preflight.types import ColumnReport, TableReport

_KINDS: Final = {
    "integer": "numbers",
    "number": "numbers",
    "boolean": "yes or no",
    "date": "dates",
    "text": "text",
    "empty": "nothing",
    "mixed": "mixed",
}
_MOST_GROUPS: Final = 30

_DESCRIBED = """\
# One line for each column
described = []
for name, kind in KINDS.items():
    filled = df[name].dropna()
${as_text}    line = {
        "column": " ".join(name.split()),
        "holds": kind,
        "rows filled": len(filled),
        "rows blank": len(df) - len(filled),
        "different values": filled.nunique(),
        "lowest": "",
        "highest": "",
        "most frequent": "",
    }
    if kind == "numbers" and len(filled):
        low, high = filled.min(), filled.max()
        digits = decimals([low, high])
        line["lowest"], line["highest"] = number(low, digits), number(high, digits)
${dated}    elif len(filled):
        counts = filled.groupby(filled).size()
        most = counts[counts == counts.max()]
        line["most frequent"] = label(most.index[0], 60)
        if len(most) > 1:
            times = "once" if most.iloc[0] == 1 else f"in {rows(most.iloc[0])}"
            line["most frequent"] = f"{len(most):,} values, each {times}"
    described.append(line)
table = pd.DataFrame(described)
table.to_csv(OUTPUT / f"{NAME}.csv", index=False)
print(table.head(60).to_string(index=False))
blank = table.set_index("column")["rows blank"]
blank = blank[blank > 0].sort_values(ascending=False, kind="stable")
"""

_CELLS = """\
    if kind in ("text", "mixed"):
        filled = filled.map(str)  # lists and records can't be counted as they are
"""

_DATED = """\
    elif kind == "dates" and len(filled):
        ${parsed}
        line["lowest"] = f"{moments.min():%Y-%m-%d}"
        line["highest"] = f"{moments.max():%Y-%m-%d}"
"""

_BLANKS = """\
# Where values are missing; if nowhere, ${instead}
if len(blank):
    ranked, counted = blank, rows
    one, several = "{} is blank in {}", "{:,} columns are blank in {} each"
    subtitle = f"Rows without a value, of {len(df):,}"
else:"""

_BY_GROUP = """\
    ranked, counted = df[GROUP].groupby(df[GROUP]).size(), rows
    ranked = ranked.sort_values(ascending=False, kind="stable")
    one, several = "{} is the largest group: {}", "{:,} groups are the largest: {} each"
    subtitle = f"Rows for each {label(GROUP_NAME, 40)}"
"""

_BY_DISTINCT = """\
    ranked, counted = table.set_index("column")["different values"], number
    ranked = ranked.sort_values(ascending=False, kind="stable")
    one = "{} has the most different values: {}"
    several = "{:,} columns have the most different values: {} each"
    subtitle = "Different values in each column"
"""

_SAID = """\
drawn, rest = ranked[:6], ranked[6:]
names, values, colors = list(drawn.index), list(drawn), [BLUE] * len(drawn)
if len(rest):
    names.append(f"Other ({len(rest)})")
    values.append(rest.sum())
    colors.append(GREY)
first = tied(ranked, 0)
title = one.format(label(first[0]), counted(values[0]))
if len(first) > 1:
    title = several.format(len(first), counted(values[0]))
fig = draw_bars(names, values, colors)
save(fig, title, subtitle)
alt = f"Bar chart: {subtitle}. First {label(names[0])}, {number(values[0])}."

kinds = table["holds"].value_counts(sort=False)
held = ", ".join(f"{count} with {kind}" for kind, count in kinds.items())
answer = [f"The table has {rows(len(df))} and {len(table)} columns.", READ_AS]
answer.append(f"Columns by what they hold: {held}.")
if len(blank):
    missing = [f"{label(name, 40)} ({number(count)})" for name, count in blank.head(5).items()]
    answer.append(f"Rows without a value: {'; '.join(missing)}. "
                  f"{len(table) - len(blank)} of {len(table)} columns are complete.")
else:
    answer.append("Every column is filled in every row.")
for line in described:
    if line["holds"] == "dates" and line["lowest"]:
        answer.append(f"{line['column']} goes from {line['lowest']} to {line['highest']}.")
        break"""


def program(table: TableReport, is_json: bool) -> Program:
    """The program for an overview. Cells of JSON may be lists, which are compared as text."""
    group = _telling_group(table)
    formats = {
        column.name: date_format(column) or ""
        for column in table.columns
        if column.kind == "date" and is_time(column) and not is_loaded_as_date(column)
    }
    constants: dict[str, Constant] = {
        "KINDS": {column.name: _kind(column) for column in table.columns}
    }
    if formats:
        constants["FORMATS"] = formats
    if group:
        constants |= {"GROUP": group, "GROUP_NAME": plain(group)}
    blanks = fill(_BLANKS, instead=f"how the rows spread over {'a column' if group else 'values'}")
    dated = fill(_DATED, parsed=_parsed(table, formats)) if "dates" in _kinds(table) else ""
    return Program(
        blocks=(
            fill(_DESCRIBED, as_text=_CELLS if is_json else "", dated=dated),
            blanks,
            _BY_GROUP if group else _BY_DISTINCT,
            _SAID,
        ),
        constants=constants | {"BLUE": _charts.BLUE, "GREY": _charts.GREY},
        helpers=(_charts.BARS, _charts.TIED),
    )


def _kind(column: ColumnReport) -> str:
    if column.kind == "date" and not is_time(column):
        return "text"
    if is_numeric(column):
        return "years" if is_year(column) else "numbers"
    return _KINDS[column.kind]


def _kinds(table: TableReport) -> set[str]:
    return {_kind(column) for column in table.columns}


def _parsed(table: TableReport, formats: dict[str, str]) -> str:
    if not formats:
        return 'moments = pd.to_datetime(filled, errors="coerce")'
    loaded = any(column.kind == "date" and is_loaded_as_date(column) for column in table.columns)
    form = "FORMATS.get(name)" if loaded else "FORMATS[name]"
    zone = any("%z" in one for one in formats.values())
    utc = ", utc=True" if zone else ""
    return f'moments = pd.to_datetime(filled, format={form}, errors="coerce"{utc})'


def _telling_group(table: TableReport) -> str | None:
    """The text column with the fewest values, two at least and each in several rows."""
    usable = [
        column
        for column in table.columns
        if column.kind in ("text", "boolean")
        and 1 < values_seen(column) <= min(_MOST_GROUPS, table.rows // 2)
    ]
    if not usable:
        return None
    return min(usable, key=values_seen).name
