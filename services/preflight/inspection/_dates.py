"""Dates in text: one strptime format that all values follow, or none.

The shape of the first value leaves at most a few formats, and every value is tried against them.
Where day and month can't be told apart, both orders are kept, and the caller says so.
"""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

_DATE_TIME = re.compile(
    r"(?P<date>.*?)(?:(?P<joint>[T ])(?P<clock>\d{1,2}:\d\d)(?P<second>:\d\d)?(?P<part>\.\d{1,6})?"
    r"(?P<half> ?[AaPp][Mm])?(?P<zone> ?(?:Z|[-+]\d\d:?\d\d))?)?"
)
_NUMERIC = re.compile(r"(\d{1,4})([-/. ])(\d{1,2})\2(\d{1,4})")
_MONTH = re.compile(r"(\d{4})([-/.])(\d{1,2})|(\d{1,2})([-/.])(\d{4})")
_NAMED = re.compile(r"[A-Za-z]{3,9}|\d+|[^A-Za-z\d]+")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class DateFormat:
    """A format for all values. `other`: the one with day and month swapped, if it fits as well."""

    format: str
    other: str | None = None


def date_format(
    values: Sequence[str], *, day_first: bool, told: bool | None = None
) -> DateFormat | None:
    """The format that every value follows; `day_first` decides where both orders do.

    What was told of the order leaves no other one.
    """
    texts = [value.strip() for value in values]
    # The longest name of a month tells whether months are cut to three letters: May does not.
    telling = max(texts[:50], key=len, default="")
    if not 6 <= len(telling) <= 40:
        return None
    candidates = [f for f in _candidates(telling) if parse(telling, f)]
    fitting = [f for f in candidates if all(parse(text, f) for text in texts)]
    if len(fitting) < 2:
        return DateFormat(fitting[0]) if fitting else None
    if told is not None:
        meant = [f for f in fitting if (f.index("%d") < f.index("%m")) == told]
        return DateFormat((meant or fitting)[0])
    ordered = sorted(fitting, key=lambda f: (f.index("%d") < f.index("%m")) != day_first)[:2]
    rising = [f for f in ordered if _rises(texts, f)]
    if len(rising) == 1:
        ordered.sort(key=lambda f: f != rising[0])
    return DateFormat(*ordered)


def parse(value: str, style: str) -> datetime | None:
    """The instant that a value names, or None; without a zone it is taken as UTC."""
    try:
        # The zone is in the format where the values have one.
        moment = datetime.strptime(value.strip(), style)  # noqa: DTZ007
    except (ValueError, re.error):  # a candidate that names a part twice is no format at all
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _candidates(text: str) -> list[str]:
    """Formats of this value's shape."""
    split = _DATE_TIME.fullmatch(text)
    if split is None:
        return []
    clock = _clock(split) if split["clock"] else ""
    return [date + clock for date in _date_formats(split["date"])]


def _clock(split: re.Match[str]) -> str:
    hours = "%I" if split["half"] else "%H"
    style = f"{split['joint']}{hours}:%M"
    style += ":%S" if split["second"] else ""
    style += ".%f" if split["part"] else ""
    if split["half"]:
        style += " %p" if split["half"].startswith(" ") else "%p"
    if split["zone"]:
        style += " %z" if split["zone"].startswith(" ") else "%z"
    return style


def _date_formats(date: str) -> list[str]:
    if numeric := _NUMERIC.fullmatch(date):
        first, mark, _, last = numeric.groups()
        if len(first) == 4:
            return [mark.join(("%Y", "%m", "%d"))]
        year = "%Y" if len(last) == 4 else "%y"
        orders = [mark.join(("%d", "%m", year)), mark.join(("%m", "%d", year))]
        # Dates with dots are written day first wherever they are written.
        return orders[:1] if mark == "." else orders
    if month := _MONTH.fullmatch(date):
        return [f"%Y{month[2]}%m"] if month[1] else [f"%m{month[5]}%Y"]
    return _named_formats(date)


def _named_formats(date: str) -> list[str]:
    """`5 March 2024`, `Mar-24`, `Tue, Mar 5, 2024`: with the name of a month in it."""
    parts = _NAMED.findall(date)
    if "".join(parts) != date or not any(part.isalpha() for part in parts):
        return []
    style = ""
    seen = ""
    for part in parts:
        if part.isdigit():
            mark = "%Y" if len(part) == 4 else "%d"
            if mark == "%d" and "%d" in seen:
                mark = "%y"
        elif part.isalpha():
            if part[:3].lower() in _WEEKDAYS:
                mark = "%a" if len(part) == 3 else "%A"
            else:
                mark = "%b" if len(part) == 3 else "%B"
        else:
            mark = part
        seen += mark
        style += mark
    styles = [style]
    if "%d" in style and "%Y" not in style and "%y" not in style:
        styles.append(style.replace("%d", "%y"))
        styles.reverse()
    return [s for s in styles if "%b" in s.lower() and "%y" in s.lower()][:1]


def _rises(texts: list[str], style: str) -> bool:
    """Whether the values are in order of time, as they often are, and not all the same."""
    moments = [m for m in (parse(text, style) for text in texts) if m is not None]
    pairs = list(itertools.pairwise(moments))
    up = all(a <= b for a, b in pairs)
    down = all(a >= b for a, b in pairs)
    return len(set(moments)) > 2 and (up or down)
