"""Which column a phrase names, if exactly one.

A phrase names a column when it is the header (through case, spaces, underscores, hyphens,
camelCase, plurals and the abbreviations of `_words`), or when it is the end of the header's name
and no other header ends so: 'mass' is 'Body Mass (g)', 'temp' is not 'temp_max'. Nothing is
matched by likeness: a near miss is an unknown column with suggestions.
"""

import re

import msgspec

from services.analyst._closest import closest_of
from services.analyst._roles import (
    IDENTIFIERS,
    is_date_part,
    is_identifier,
    is_numeric,
    is_time,
    is_year,
    usual_aggregate,
)
from services.analyst._words import (
    has_sign,
    header_words,
    key_of,
    vocabulary,
    without_parentheses,
)
from services.preflight.types import ColumnReport, TableReport

CHANGES_MEANING = vocabulary(
    "sub non pre post prev previous last next target planned plan budget budgeted forecast "
    "expected estimated projected old new maximum minimum average mean median std cumulative "
    "change growth diff difference delta rank log ratio rate percent share max min avg prior "
    "refunded returned cancelled lost other no not per"
)
"""A header that has one of these besides the words asked for is another thing than was asked."""

_LABELS = vocabulary("name id")
"""'Customer Name' and 'Customer ID' stand for the customer, if only one of them is there."""

_PREPOSITIONS = vocabulary("at of on in for by per from to with")


class Mention(msgspec.Struct, frozen=True):
    """Columns that a phrase may mean: one, or several where it is ambiguous."""

    names: tuple[str, ...]
    turned: bool = False
    """Whether the words stand in another order than in the header: 'max temp' for 'temp_max'."""


class Columns:
    """The headers of one table, ready to be looked up."""

    def __init__(self, table: TableReport) -> None:
        self.table = table
        self._reports = {column.name: column for column in table.columns}
        self._whole: dict[str, set[str]] = {}
        self._anyhow: dict[tuple[str, ...], set[str]] = {}
        self._ends: dict[tuple[str, ...], set[str]] = {}
        self.longest = 1
        for column in table.columns:
            self._enter(column)
        self.row_noun = _row_noun(table.name)

    def _enter(self, column: ColumnReport) -> None:
        bare = header_words(without_parentheses(column.name))
        for words in {header_words(column.name), bare}:
            keys = tuple(key_of(word) for word in words)
            for compact in {"".join(keys), "".join(words)} - {""}:
                self._whole.setdefault(compact, set()).add(column.name)
            if len(keys) > 1:
                self._anyhow.setdefault(tuple(sorted(keys)), set()).add(column.name)
            self.longest = max(self.longest, len(keys) + 1)
        for end in _ends(without_parentheses(column.name)):
            self._ends.setdefault(end, set()).add(column.name)
        if column.kind == "date" and "date" in bare:
            self._ends.setdefault(("date",), set()).add(column.name)

    def report(self, name: str) -> ColumnReport:
        """The column's own report; KeyError where the file has no such column."""
        return self._reports[name]

    def keys(self, name: str) -> frozenset[str]:
        """The words of a header, in the form in which they are compared."""
        return frozenset(key_of(word) for word in header_words(name))

    def names(self) -> tuple[str, ...]:
        """All headers, in the file's order."""
        return tuple(self._reports)

    def signs(self) -> tuple[str, ...]:
        """The headers that hold a sign of arithmetic, the longest first."""
        found = [name for name in self._reports if has_sign(name)]
        return tuple(sorted(found, key=len, reverse=True))

    def quoted(self, text: str) -> Mention | None:
        """The column whose header is exactly this, else what it names as a whole."""
        if text in self._reports:
            return Mention((text,))
        return self.whole(tuple(key_of(word) for word in header_words(text)))

    def whole(self, keys: tuple[str, ...]) -> Mention | None:
        """What a phrase names as a whole header, words in any order."""
        found = self._whole.get("".join(keys))
        if found is None and len(keys) > 1:
            return self._mention(self._anyhow.get(tuple(sorted(keys))), turned=True)
        return self._mention(found)

    def part(self, keys: tuple[str, ...]) -> Mention | None:
        """What a phrase names as the end of a header: 'mode' for 'Ship Mode'."""
        return self._mention(self._ends.get(keys))

    def _mention(self, found: set[str] | None, *, turned: bool = False) -> Mention | None:
        if not found:
            return None
        return Mention(tuple(name for name in self._reports if name in found), turned)

    def holding(self, keys: tuple[str, ...]) -> str | None:
        """A column among whose frequent values this phrase stands: 'west' → 'Region'."""
        for name, column in self._reports.items():
            if column.kind in ("text", "boolean", "mixed"):
                for value in column.examples:
                    if tuple(key_of(word) for word in header_words(value)) == keys:
                        return name
        return None

    def identifies(self, key: str) -> ColumnReport | None:
        """The column that numbers this noun's individuals: 'order' → 'Order ID'."""
        for name, column in self._reports.items():
            keys = [key_of(word) for word in header_words(name)]
            if len(keys) > 1 and key in keys and IDENTIFIERS.intersection(keys):
                return column
        return None

    def closest(self, name: str) -> tuple[str, ...]:
        """Up to three headers that the asker may have meant, best first."""
        return closest_of(name, self._reports)

    def dates(self) -> tuple[str, ...]:
        """The columns by which a trend can be drawn; years as numbers only where no date is."""
        usable = [column for column in self._reports.values() if is_time(column)]
        real = [column for column in usable if not is_year(column)]
        return tuple(column.name for column in real or usable)

    def amounts(self) -> tuple[str, ...]:
        """The numeric columns that are added up when nothing is said."""
        return tuple(
            name
            for name, column in self._reports.items()
            if is_numeric(column) and usual_aggregate(column) == "sum"
        )

    def numbers(self) -> tuple[str, ...]:
        """The numeric columns that measure something, so no codes or years."""
        return tuple(
            name
            for name, column in self._reports.items()
            if is_numeric(column) and not is_identifier(column) and not is_date_part(column)
        )


def _ends(name: str) -> set[tuple[str, ...]]:
    """The phrases that name a header by its end. `a / b` and `a at b` end at `a` as well."""
    ends: set[tuple[str, ...]] = set()
    for side in re.split(r"\s*[/|;]\s*|\s+(?:and|or)\s+", name):
        keys = tuple(key_of(word) for word in header_words(side))
        for at, key in enumerate(keys):
            if key in _PREPOSITIONS and at:
                keys = keys[:at]
                break
        named = keys[:-1] if len(keys) > 1 and keys[-1] in _LABELS else ()
        for whole in (keys, named):
            ends.update(_suffixes(whole))
    return ends - {()}


def _suffixes(keys: tuple[str, ...]) -> set[tuple[str, ...]]:
    return {keys[at:] for at in range(len(keys)) if not CHANGES_MEANING.intersection(keys[:at])}


def _row_noun(table_name: str) -> str | None:
    """What a row is called, where the file's name ends in a plural: `penguins-raw` → penguin."""
    words = list(header_words(re.sub(r"\.[A-Za-z]{2,6}$", "", table_name)))
    while words and (words[-1] in _NO_NOUN or words[-1].isdigit()):
        words.pop()
    return key_of(words[-1]) if words and key_of(words[-1]) != words[-1] else None


_NO_NOUN = vocabulary(
    "raw data clean cleaned final export exported sample v copy new all full csv list table "
    "dataset files results details numbers statistics stats"
)
