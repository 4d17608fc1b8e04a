"""Programs for a figure per group: totals, top N, and how often each value of a text occurs."""

from typing import Final

from services.analyst import _charts
from services.analyst import _group_pieces as pieces
from services.analyst._load import dates
from services.analyst._program import Constant, Program, fill, plain
from services.analyst._roles import is_loaded_as_number, values_seen
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
        helpers=(
            *((_charts.SHORT, _charts.COLUMNS) if ordered else (_charts.BARS,)),
            _charts.TIED,
            _charts.LISTED,
        ),
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
    constants["HAVE"] = _has(reading).replace("has", "have", 1)
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
    if reading.aggregate == ("min" if ascending else "max"):
        figure = plain(reading.measure or "")
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
    return is_loaded_as_number(column) and 0 < values_seen(column) <= _MOST_COLUMNS


def _figures(reading: Reading, table: TableReport, ordered: bool) -> list[str]:
    blocks = [f"# {'Smallest' if _is_ascending(reading) else 'Largest'} first"]
    if ordered:
        blocks = ["# Groups in their own order"]
    if reading.date is not None:
        column = next(column for column in table.columns if column.name == reading.date)
        lines = "\n".join(dates(column, "df[DATE]"))
        blocks.append(
            fill(pieces.KEYS_OF_TIME, dates=lines, period=PERIODS[reading.grain or "month"])
        )
    else:
        blocks.append(pieces.KEYS)
    aggregated = AGGREGATED[reading.aggregate]
    blocks.append(
        fill(pieces.MEASURED, aggregated=aggregated) if _measured(reading) else pieces.COUNTED
    )
    blocks.append(
        fill(pieces.IN_ORDER if ordered else pieces.SORTED, ascending=str(_is_ascending(reading)))
    )
    blocks.append(pieces.NOTHING)
    if reading.operation == "top" and (reading.limit or 1) > 1:
        blocks.append(pieces.LIMITED)
    blocks.append(pieces.WRITTEN.rstrip())
    return blocks


def _shown(reading: Reading, ordered: bool) -> list[str]:
    if ordered:
        return [pieces.ALL_IN_ORDER.rstrip()]
    end = "lowest" if _is_ascending(reading) else "highest"
    adds_up = reading.aggregate in ("sum", "count") and not _is_ascending(reading)
    one = reading.operation == "top" and (reading.limit or 1) == 1
    if reading.operation == "top" and not one:
        bars = str(min(reading.limit or 1, _MOST_BARS))
        block = fill(
            pieces.FIRST_ONES,
            colors="[BLUE] * len(shown)",
            bars=bars,
            all="as many as were asked for",
            end=end,
        )
        return [block.rstrip()]
    colors = "[BLUE] * len(shown)"
    if one:
        colors = "[BLUE if name in leaders else GREY for name in shown.index]"
    if adds_up:
        return [fill(pieces.SOME_AND_OTHER, colors=colors).rstrip()]
    return [fill(pieces.FIRST_ONES, bars="6", all="them all", colors=colors, end=end).rstrip()]


def _said(reading: Reading, bare: bool) -> list[str]:
    """The sentences. A number or a flag is no name: `month 7`, not `7`."""
    named = 'label(f"{GROUP_NAME} {label(name)}", width)' if bare else "label(name, width)"
    blocks = [fill(pieces.SAID, named=named)]
    if reading.operation == "top" and (reading.limit or 1) > 1:
        blocks += [pieces.SAID_LIST, pieces.SAID_TIES]
    else:
        adds_up = reading.aggregate in ("sum", "count")
        blocks += [pieces.SAID_TOGETHER if adds_up else pieces.SAID_MANY, pieces.SAID_OTHER_END]
    blocks.append(fill(pieces.SAID_BLANKS, unreadable="readable " if reading.date else ""))
    if _measured(reading):
        blocks.append(pieces.SAID_UNMEASURED)
    return blocks
