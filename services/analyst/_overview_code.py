"""Programs that describe a whole table: what each column holds, and where values are missing."""

from typing import Final

from services.analyst import _charts
from services.analyst._program import Constant, Program, fill, plain
from services.analyst._roles import date_format, is_loaded_as_date, is_time, is_year, values_seen
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
        line["lowest"], line["highest"] = number(filled.min()), number(filled.max())
${dated}    elif len(filled):
        line["most frequent"] = label(filled.groupby(filled).size().idxmax(), 60)
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
    names, values = list(blank.index[:6]), list(blank[:6])
    colors = [BLUE] * len(names)
    if len(blank) > 6:
        names.append(f"Other ({len(blank) - 6})")
        values.append(blank[6:].sum())
        colors.append(GREY)
    title = f"{label(names[0], 30)} is blank in {rows(values[0])}"
    subtitle = f"Rows without a value, of {len(df):,}"
else:"""

_BY_GROUP = """\
    counts = df[GROUP].groupby(df[GROUP]).size().sort_values(ascending=False, kind="stable")
    names, values = list(counts.index[:6]), list(counts[:6])
    colors = [BLUE] * len(names)
    if len(counts) > 6:
        names.append(f"Other ({len(counts) - 6})")
        values.append(counts[6:].sum())
        colors.append(GREY)
    title = f"No value is missing in {rows(len(df))} and {len(table)} columns"
    subtitle = f"Rows for each {label(GROUP_NAME, 40)}"
"""

_BY_DISTINCT = """\
    most = table.set_index("column")["different values"]
    most = most.sort_values(ascending=False, kind="stable")[:6]
    names, values = list(most.index), list(most)
    colors = [BLUE] * len(names)
    title = f"No value is missing in {rows(len(df))} and {len(table)} columns"
    subtitle = "Different values in a column, the six highest"
"""

_SAID = """\
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
        helpers=(_charts.BARS,),
    )


def _kind(column: ColumnReport) -> str:
    if column.kind == "date" and not is_time(column):
        return "text"
    return "years" if is_year(column) else _KINDS[column.kind]


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
    """The text column with the fewest values, two at least."""
    usable = [
        column
        for column in table.columns
        if column.kind in ("text", "boolean") and 1 < values_seen(column) <= _MOST_GROUPS
    ]
    if not usable:
        return None
    return min(usable, key=values_seen).name
