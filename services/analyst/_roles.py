"""What a column is good for: an amount, a group, a date, a code; judged by header and content."""

import re
from datetime import datetime

from services.analyst._words import header_words, key_of, vocabulary, without_parentheses
from services.analyst._written import writing_of
from services.preflight.types import ColumnReport, TableReport

ADDITIVE = vocabulary(
    "sale revenue profit turnover income amount quantity unit spend spending spent cost expense "
    "emission order payment visit click impression download passenger total volume precipitation "
    "rain rainfall snowfall production consumption export import donation fee tax refund "
    "attendance goal death case birth casualty injury budget shipped sold paid count "
    "umsatz betrag menge anzahl kosten gewinn montant vente importe venta actual"
)
"""Last words of headers whose values can be added up without being asked whether to."""

TELLING = vocabulary(
    "sale revenue turnover profit income amount spend spending cost expense budget actual total "
    "umsatz betrag kosten gewinn"
)
"""Words of headers that a business asks about first."""

BETTER_WHEN_HIGH = vocabulary(
    "sale revenue profit turnover income amount quantity margin earning rating score satisfaction "
    "unit order visit click win goal sold"
)
"""Words of headers of which more is better, so that 'best' is the highest."""

INTENSIVE = vocabulary(
    "temperature rate ratio percent share price age score rating index latitude longitude length "
    "height width depth weight mass speed discount pressure humidity average mean median maximum "
    "minimum year mpg visibility wind dewp density concentration level duration "
    "salary wage radius point satisfaction horsepower displacement acceleration direction"
)
"""Last words of headers whose values are averaged when nothing is said."""

_DATE_PARTS = vocabulary("year quarter month week day hour minute second weekday")
IDENTIFIERS = vocabulary(
    "id code number no nr key zip zipcode postal postcode plz phone telephone fax mobile isbn ean "
    "sku index uuid guid iban vat ssn"
)
_GRAINS = ("year", "quarter", "month", "week", "day")

_JSON_LIST = re.compile(r'\s*\[\s*(["{\[\]\d-]|true|false|null)')
_JSON_RECORD = re.compile(r'\s*\{\s*(\}|"[^"]*"\s*:)')

_FORMATS = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M:%SZ",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d %b %Y",
    "%d %B %Y",
    "%b %d %Y",
    "%B %d, %Y",
    "%b %d, %Y",
    "%Y-%m",
)


def is_numeric(column: ColumnReport) -> bool:
    """Whether it can be added up: as it is loaded, or once its text has been converted."""
    return (
        is_loaded_as_number(column)
        or may_hold_other_things(column)
        or writing_of(column) is not None
    )


def may_hold_other_things(column: ColumnReport) -> bool:
    """Whether all values that were seen are numbers, and others may still be among the rest."""
    return column.kind in ("integer", "number") and (
        not column.counts_exact or column.dtype == "object"
    )


def is_loaded_as_number(column: ColumnReport) -> bool:
    """Whether pandas has numbers at once."""
    return column.kind in ("integer", "number") and column.dtype.lower().startswith(
        ("int", "uint", "float")
    )


def is_identifier(column: ColumnReport) -> bool:
    """Whether its numbers are names rather than amounts, judged by the header."""
    words = header_words(column.name)
    keys = [key_of(word) for word in words]
    if words[:2] in (("number", "of"), ("no", "of"), ("nr", "of")):
        return False  # 'Number of rooms' counts them
    return bool(IDENTIFIERS.intersection(keys))


def is_telling(column: ColumnReport) -> bool:
    """Whether it is an amount that a business asks about first, judged by the header."""
    return bool(TELLING.intersection(key_of(word) for word in header_words(column.name)))


def is_better_when_high(column: ColumnReport) -> bool:
    """Whether 'best' can only mean the highest, judged by the header."""
    return bool(BETTER_WHEN_HIGH.intersection(key_of(word) for word in header_words(column.name)))


def is_date_part(column: ColumnReport) -> bool:
    keys = [key_of(word) for word in header_words(column.name)]
    return len(keys) == 1 and keys[0] in _DATE_PARTS


def is_year(column: ColumnReport) -> bool:
    """Whether it holds calendar years as numbers, such as dates of pandas 1.5 can hold."""
    keys = [key_of(word) for word in header_words(column.name)]
    if not is_loaded_as_number(column) or not keys or "year" not in (keys[0], keys[-1]):
        return False
    known = [value for value in (column.minimum, column.maximum) if value] or column.examples
    try:
        years = [float(value) for value in known]
    except ValueError:
        return False
    return bool(years) and all(1678 <= year <= 2261 and year.is_integer() for year in years)


def is_time(column: ColumnReport) -> bool:
    """Whether rows can be put in time order by it, every date being written in one known way."""
    if is_year(column):
        return True
    return column.kind == "date" and (is_loaded_as_date(column) or date_format(column) is not None)


def is_loaded_as_date(column: ColumnReport) -> bool:
    """Whether pandas has dates at once, as from a workbook."""
    return column.dtype.startswith("datetime64")


def date_format(column: ColumnReport) -> str | None:
    """The one format of its dates: as found by the check, or the only one that fits the examples.

    `03/04/2025` alone fits two, and then there is none: a guess would move days into months.
    """
    if column.date_format is not None:
        return column.date_format
    if not column.counts_exact or values_seen(column) > len(column.examples):
        return None
    fitting = [form for form in _FORMATS if _all_fit(column.examples, form)]
    return fitting[0] if len(fitting) == 1 else None


def _all_fit(examples: tuple[str, ...], form: str) -> bool:
    try:
        for example in examples:
            datetime.strptime(example.strip(), form)  # noqa: DTZ007 - only whether it parses
    except ValueError:
        return False
    return bool(examples)


def grain_of(column: ColumnReport) -> str | None:
    """The period that a date column's own name speaks of: `month` → month."""
    keys = [key_of(word) for word in header_words(column.name)]
    if is_year(column):
        return "year"
    return keys[0] if len(keys) == 1 and keys[0] in _GRAINS else None


def usual_aggregate(column: ColumnReport) -> str | None:
    """`sum` or `mean`, where the header leaves no doubt; else None."""
    if is_identifier(column) or is_year(column):
        return None
    writing = writing_of(column)
    if "%" in column.name or (writing is not None and writing.sign == "%"):
        return "mean"
    keys = [key_of(word) for word in header_words(without_parentheses(column.name))]
    if len(keys) > 1 and keys[0] in ("unit", "per") and keys[-1] in ("price", "cost"):
        return "mean"
    # A header is about its last word: 'Sales Price' is a price. Parts before an underscore or a
    # preposition still count as long as they don't contradict it: 'temp_max', 'Total Sales USD'.
    for key in reversed(keys):
        if key in INTENSIVE:
            return "mean"
        if key in ADDITIVE:
            return "mean" if any(one in INTENSIVE for one in keys) else "sum"
    return None


def values_seen(column: ColumnReport) -> int:
    """How many different values it has; where only a sample was looked at, those in the sample.

    The estimate for a whole file can be far off, and a chart is planned more safely on what was
    seen. Fifty mean fifty or more.
    """
    if column.counts_exact and column.distinct is not None:
        return column.distinct
    return len(column.examples)


def has_several_rows_each(column: ColumnReport, table: TableReport) -> bool:
    """Whether its values stand in two rows on average: else each is hardly a group."""
    return 2 * values_seen(column) <= table.rows


def is_running_number(column: ColumnReport, table: TableReport) -> bool:
    """Whether it numbers the rows: 1, 2, 3 … without a gap."""
    if column.kind != "integer" or not one_row_each(column, table):
        return False
    try:
        span = float(column.maximum or "") - float(column.minimum or "")
    except ValueError:
        return False
    return span == table.rows - 1 > 0


def is_nested(column: ColumnReport) -> bool:
    """Whether it holds lists or records, as JSON may; they can be neither grouped nor counted."""
    return bool(column.examples) and all(_is_json_container(one) for one in column.examples)


def _is_json_container(text: str) -> bool:
    """`["x"]`, `{"a": 1}`, also where it is cut off in the middle."""
    return _JSON_LIST.match(text) is not None or _JSON_RECORD.match(text) is not None


def one_row_each(column: ColumnReport, table: TableReport) -> bool:
    """Whether every value is known to stand in exactly one row."""
    exact = table.rows_exact and column.counts_exact
    return exact and column.distinct == table.rows and not column.nulls
