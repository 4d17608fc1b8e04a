"""How a CSV is written: delimiter, quote, decimal mark, preamble, header or none.

Every candidate delimiter is tried on the first records; the one that gives steady widths and clean
fields wins. The standard sniffer guesses from letter counts and DuckDB's is slower than the whole
verdict may take (docs/decisions/0008).
"""

import csv
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from services.preflight.types import Corrections, Dialect

_DELIMITERS = (",", ";", "\t", "|", "^", "~", "\x1f", "\x01")
_MARKS = _DELIMITERS[:4]
_SEP = re.compile(r"\ufeff?\"?sep=(.)\"?\s*", re.IGNORECASE)
"""A first line by which Excel tells itself the delimiter."""
_RECORDS = 200
_TELLING_ROWS, _TELLING_CELLS = 30, 2_000
"""Of many columns fewer rows are looked at cell by cell, since that is slow."""
_NUMBER = re.compile(r"\s*[-+]?(\d+([.,]\d+)*|[.,]\d+)([eE][-+]?\d+)?\s*%?\s*")
_DECIMAL_COMMA = re.compile(r"\s*[-+]?\d*,\d+\s*")
_DECIMAL_POINT = re.compile(r"\s*[-+]?\d*\.\d+([eE][-+]?\d+)?\s*")
_THOUSANDS_COMMA = re.compile(r"\s*[-+]?[1-9]\d{0,2}(,\d{3})+\s*")
_DATE = re.compile(r"\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?")
_YEAR = re.compile(r"(1[6-9]|20|21)\d\d")
_ENOUGH_RECORDS = 3
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
_LONG_LINE, _MOST_FIELDS = 1_000_000, 100_000
_LONGEST_SPACED = 100_000
"""Characters of a line that may be a row of numbers with spaces in between; prose is longer."""

csv.field_size_limit(64_000_000)  # The bound on a record is ours, and lower.


@dataclass(slots=True)
class Sniffed:
    """The dialect, and what the first records say."""

    dialect: Dialect
    names: tuple[str, ...]
    """As they stand in the header; made up where there is none."""
    width: int
    """Fields of most records."""
    data_offset: int
    """Characters before the first data record."""
    consistency: float
    """Share of the first records that have that width."""
    preamble: tuple[str, ...] = ()
    header_is_doubtful: bool = False
    comma_is_ambiguous: bool = False
    is_told: bool = False
    """Whether a user has said whether there is a header."""
    lines: list[str] = field(default_factory=list)
    """The first lines, as they are."""
    records: list[list[str]] = field(default_factory=list)
    """The first data records."""

    @property
    def records_of_width(self) -> list[list[str]]:
        """The first data records that have the usual width."""
        return [record for record in self.records if len(record) == self.width]

    @property
    def usual_filled(self) -> int:
        """How many fields of most of the first records hold something."""
        return Counter(map(_filled, self.records)).most_common(1)[0][0] if self.records else 0

    @property
    def ends_in_delimiter(self) -> bool:
        """Whether every record has an empty field at its end that the header does not name."""
        rows = [record for record in self.records if len(record) == self.width]
        lacks = self.width == len(self.names) + 1
        return lacks and bool(rows) and all(not record[-1].strip() for record in rows)


def sniff(
    text: str,
    corrections: Corrections | None = None,
    *,
    delimiters: tuple[str, ...] = _DELIMITERS,
) -> Sniffed:
    """The dialect of a text that holds the first complete records of a file.

    What a user has said of it holds, whatever it looks like.
    """
    told = corrections or Corrections()
    lines = _LINE.findall(text)
    above = _lines_above(lines, told)
    if told.delimiter is not None:
        delimiters = (told.delimiter,)
    elif above and (named := _SEP.fullmatch(lines[0])):
        delimiters = (named[1],)
    body = lines[above:]
    quote = _quotechar(body)
    best = _best(body, delimiters, quote)
    if best.width > _MOST_FIELDS:
        return Sniffed(Dialect(delimiter=best.delimiter), (), best.width, 0, 0.0)
    if best.width < 2 and len(delimiters) > 1 and max(map(len, body), default=0) <= _LONGEST_SPACED:
        spaced = _Trial.of(body, " ", quote)
        numbers = sum(bool(_NUMBER.fullmatch(f)) for r in spaced.records for f in r)
        cells = sum(map(len, spaced.records)) or 1
        if spaced.width > 1 and spaced.consistency == 1 and numbers / cells > 0.5:
            best = spaced
    if best.width < 2 and len(delimiters) > 1:
        best = _Trial.of(body, ",", quote)
    return _described(lines, above, best, quote, told)


def _best(lines: list[str], delimiters: tuple[str, ...], quote: str) -> "_Trial":
    """The delimiter that makes most of the first lines a table."""
    # What no line holds needs no trial, and the usual ones come before the odd ones.
    tried = [d for d in delimiters if any(d in line for line in lines)] or [delimiters[0]]
    trials = [_Trial.of(lines, delimiter, quote) for delimiter in tried]
    return max(trials, key=lambda trial: (trial.score, trial.width))


def _lines_above(lines: list[str], told: Corrections) -> int:
    """Lines on top that are left out before anything is looked at: as told, or `sep=;`."""
    if told.skip_rows is not None:
        return min(told.skip_rows, len(lines))
    if lines and _SEP.fullmatch(lines[0]):
        return 1
    count = 0
    # Remarks of programs; a single such line may be the header of a table.
    while count < len(lines) and lines[count].startswith(("#", "//", "%")):
        count += 1
    if not count or count == len(lines):
        return 0
    names = lines[count - 1].count(","), lines[count - 1].count(";"), lines[count - 1].count("\t")
    below = lines[count].count(","), lines[count].count(";"), lines[count].count("\t")
    # Of a single column there is nothing to compare, but that values stand right below.
    is_lone = count == 1 and not any(below) and is_value(lines[count].strip())
    is_header = names == below and (any(names) or is_lone)
    return count - 1 if is_header else count


@dataclass(slots=True)
class _Trial:
    """One delimiter, tried."""

    delimiter: str
    records: list[list[str]]
    first_lines: list[int]
    width: int
    consistency: float
    score: float
    is_quoted: bool = True

    @classmethod
    def of(cls, lines: list[str], delimiter: str, quote: str) -> "_Trial":
        """Parse the first records with that delimiter and weigh what comes out."""
        fields = max((_fields(line, delimiter, quote) for line in lines[:_RECORDS]), default=0)
        if fields > _MOST_FIELDS:
            return cls(delimiter, [], [], fields, 0.0, 0.0)
        # A parser takes several times the memory of such a line, to find a single field in it.
        is_long = max(map(len, lines), default=0) > _LONG_LINE
        if is_long and not any(delimiter in line for line in lines):
            return cls(delimiter, [], [], 1, 0.0, 0.0)
        records, first_lines = _parsed(lines, delimiter, quote)
        # A quote in the first line that is never closed takes all others in.
        is_swallowed = len(records) == 1 and len(lines) > _ENOUGH_RECORDS
        is_quoted = not is_swallowed or "".join(lines).count(quote) % 2 == 0
        if not is_quoted:
            records, first_lines = _parsed(lines, delimiter, None)
        widths = Counter(len(record) for record in records)
        width = max(widths, key=lambda w: (widths[w] * (w > 1), w), default=1)
        if width > 1 and widths[width] < 0.3 * len(records):
            width = 1
        steady = [record for record in records if len(record) == width]
        consistency = len(steady) / len(records) if records else 0.0
        clean = _clean_share(steady, delimiter) if width > 1 else 0.0
        score = 0.0 if width < 2 else consistency * (0.3 + 0.7 * clean) + min(width, 50) / 1_000
        return cls(delimiter, records, first_lines, width, consistency, score, is_quoted)


def _parsed(
    lines: list[str], delimiter: str, quote: str | None
) -> tuple[list[list[str]], list[int]]:
    """The first records that are not blank, and the line before each."""
    records: list[list[str]] = []
    first_lines: list[int] = []
    reader = (
        csv.reader(iter(lines), delimiter=delimiter, quotechar=quote)
        if quote
        else csv.reader(iter(lines), delimiter=delimiter, quoting=csv.QUOTE_NONE)
    )
    before = 0
    try:
        for record in reader:
            if record and not (len(record) == 1 and not record[0].strip()):
                records.append(record)
                first_lines.append(before)
            before = reader.line_num
            if len(records) >= _RECORDS:
                break
    except csv.Error:
        pass  # An endless field: what was read until there has to do.
    return records, first_lines


def _fields(line: str, delimiter: str, quote: str) -> int:
    """About how many fields a line has that is so long that parsing it may take all memory."""
    if len(line) <= _LONG_LINE:
        return 1
    return re.sub(f"{quote}[^{quote}]*{quote}", "", line).count(delimiter) + 1


def _clean_share(records: list[list[str]], delimiter: str) -> float:
    """Share of fields that hold no other delimiter, unless they are numbers or dates."""
    others = [d for d in _MARKS if d != delimiter]
    total = clean = 0
    for record in records[:50]:
        for cell in record[:100]:
            total += 1
            marked = any(other in cell for other in others)
            clean += not marked or bool(_NUMBER.fullmatch(cell))
    return clean / total if total else 0.0


def _quotechar(lines: list[str]) -> str:
    """The double quote, unless only single quotes enclose fields."""
    head = "".join(lines[:50])
    if '"' in head:
        return '"'
    enclosed = len(re.findall(r"(?:^|[,;\t|^~])'[^'\n]*'(?=[,;\t|^~]|\r?$)", head, re.MULTILINE))
    return "'" if enclosed >= max(2, len(lines[:50]) // 2) else '"'


def _described(
    lines: list[str], above: int, trial: _Trial, quote: str, told: Corrections
) -> Sniffed:
    start = _first_table_record(trial) if told.skip_rows is None else 0
    body = trial.records[start:]
    steady = [r for r in body if len(r) == trial.width]
    decimal, ambiguous = _decimal(steady[1:] or steady, trial.delimiter)
    if told.decimal is not None:
        decimal, ambiguous = told.decimal, False
    has_header, doubtful = _has_header(body, trial.width)
    if told.has_header is not None:
        has_header, doubtful = told.has_header, False
    first_line = above + trial.first_lines[start] if body else above
    data_line = first_line
    if has_header and body:
        data_line = above + (
            trial.first_lines[start + 1]
            if len(body) > 1
            else _lines_of(lines[above:], trial, start)
        )
    header = body[0] if has_header and body else []
    names = tuple(header) or tuple(f"column_{i + 1}" for i in range(trial.width))
    after = [r for r in (body[1:] if has_header else body) if r]
    widths = Counter(map(len, after))
    width = max(widths, key=lambda w: widths[w], default=len(names))
    return Sniffed(
        dialect=Dialect(
            delimiter=trial.delimiter,
            quotechar=quote,
            decimal=decimal,
            header_row=0 if has_header else None,
            # pandas drops blank lines on top by itself
            skip_rows=first_line if start or above else 0,
            is_quoted=trial.is_quoted,
        ),
        names=names,
        width=max(width, len(names)),
        data_offset=sum(map(len, lines[:data_line])),
        consistency=trial.consistency,
        preamble=(
            *(line.strip()[:80] for line in lines[:above]),
            *(" ".join(r)[:80] for r in trial.records[:start]),
        ),
        header_is_doubtful=doubtful,
        comma_is_ambiguous=ambiguous,
        is_told=told.has_header is not None,
        lines=lines,
        records=after,
    )


def _lines_of(lines: list[str], trial: _Trial, index: int) -> int:
    """The line after the last record."""
    reader = csv.reader(iter(lines), delimiter=trial.delimiter)
    for number, _ in enumerate(filter(None, reader)):
        if number == index:
            break
    return reader.line_num


def _first_table_record(trial: _Trial) -> int:
    """Where the table begins: past title lines that are narrower or nearly empty."""
    if trial.width < 2:
        return 0
    records, width = trial.records, trial.width
    wide = [record for record in records if len(record) == width]
    # With a delimiter at the end of most rows, the others may well lack it.
    widths = (width, width - all(not record[-1].strip() for record in wide))
    for index, record in enumerate(records[:50]):
        following = records[index + 1 : index + 1 + _ENOUGH_RECORDS]
        if len(record) == width:
            is_title = width > 2 and _filled(record) <= 1
            if not (is_title and following and _filled(following[-1]) > width / 2):
                return index
        # A header may lack the name of a first column of labels.
        elif (
            len(record) == width - 1
            and (_filled(record) == len(record) > 1 or width == 2)
            and following
            and all(len(row) in widths for row in following)
        ):
            return index
    return 0


def _filled(record: list[str]) -> int:
    return sum(bool(cell.strip()) for cell in record)


def _decimal(records: list[list[str]], delimiter: str) -> tuple[Literal[".", ","], bool]:
    """The decimal mark, and whether a comma could also be a thousands separator."""
    commas = points = thousands = 0
    enough = max(_TELLING_ROWS, _TELLING_CELLS // max(1, len(records[0]) if records else 1))
    for record in records[:enough]:
        for cell in record:
            if "," not in cell and "." not in cell:
                continue
            if _DECIMAL_POINT.fullmatch(cell):
                points += 1
            elif _THOUSANDS_COMMA.fullmatch(cell):
                thousands += 1
            elif _DECIMAL_COMMA.fullmatch(cell):
                commas += 1
    if commas > points:
        return ",", False
    if thousands and not commas and not points and delimiter != ",":
        return ",", True
    return ".", False


def _has_header(body: list[list[str]], width: int) -> tuple[bool, bool]:
    """Whether the first record names the columns, and whether that is in doubt.

    It does not where it holds values of the types that the columns below hold. Years are names:
    a table may well have a column for each.
    """
    if len(body) < 2:
        return not (body and all(map(is_value, body[0]))), False
    first, rows = body[0], [r for r in body[1:] if len(r) == width]
    rows = rows[: max(_TELLING_ROWS, _TELLING_CELLS // max(1, width))]
    offset = max(0, width - len(first))
    typed = alike = lacking = 0
    for column, name in enumerate(first):
        below = [r[column + offset].strip() for r in rows if column + offset < len(r)]
        below = [cell for cell in below if cell]
        is_like = _likeness(below)
        if is_like is None:
            continue
        typed += 1
        alike += is_like(name.strip())
        lacking += not name.strip()
    if typed:
        has_header = alike < 0.5 * typed or alike == 0
        return has_header, 0 < alike < typed or (lacking > 0 and has_header and bool(first[0]))
    repeats = sum(
        any(len(r) > i and r[i] == cell for r in rows) for i, cell in enumerate(first) if cell
    )
    is_odd = len(set(first)) < len(first) or repeats > 0.3 * len(first) or not all(first)
    is_unclear = width > 1 and len(rows) > 1 and not _names_something(first, rows)
    return True, is_odd or is_unclear


def _likeness(below: list[str]) -> Callable[[str], bool] | None:
    """What tells a value of a column from its name; None where nothing does."""
    if not below:
        return None
    if sum(map(is_value, below)) >= 0.9 * len(below):
        are_years = all(map(_YEAR.fullmatch, below))
        return lambda name: is_value(name) and (are_years or not _YEAR.fullmatch(name))
    shapes = Counter(map(_shape, below))
    common = {shape for shape in shapes if any(mark in shape for mark in "9@")}
    if common and sum(shapes[shape] for shape in common) >= 0.9 * len(below) and len(common) <= 4:
        return lambda name: _shape(name) in common
    return None


def _shape(cell: str) -> str:
    """`A-1023` as `a-9`: what codes have in common."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", cell[:60]))


def _names_something(first: list[str], rows: list[list[str]]) -> bool:
    """Whether a first record of words is worded as names are, unlike the values below it."""
    words = {word for cell in first for word in re.findall(r"[^\W_]+", cell.lower())}
    if words & _NAMES or any("_" in cell or re.search(r"[a-z][A-Z]", cell) for cell in first):
        return True
    # Values are written with a capital, or in capitals, and what is above them is not.
    for column, cell in enumerate(first):
        below = [r[column] for r in rows if len(r) > column and r[column]]
        if below and cell.islower() and sum(b.islower() for b in below) < 0.1 * len(below):
            return True
        if below and cell.isupper() and sum(b.isupper() for b in below) < 0.1 * len(below):
            return True
    return False


_NAMES = frozenset(
    [
        "id",
        "name",
        "names",
        "title",
        "type",
        "kind",
        "category",
        "city",
        "country",
        "region",
        "state",
        "code",
        "status",
        "date",
        "datum",
        "year",
        "month",
        "day",
        "description",
        "note",
        "notes",
        "comment",
        "email",
        "mail",
        "phone",
        "address",
        "street",
        "customer",
        "client",
        "product",
        "item",
        "group",
        "class",
        "label",
        "key",
        "value",
        "unit",
        "currency",
        "gender",
        "sex",
        "age",
        "department",
        "team",
        "role",
        "user",
        "owner",
        "source",
        "target",
        "question",
        "answer",
        "text",
        "language",
        "brand",
        "model",
        "color",
        "colour",
        "size",
        "nr",
        "no",
        "stadt",
        "land",
        "ort",
        "kunde",
        "artikel",
        "bezeichnung",
        "beschreibung",
        "strasse",
        "straße",
        "plz",
        "abteilung",
        "bemerkung",
        "vorname",
        "nachname",
        "anrede",
        "gruppe",
        "typ",
        "art",
        "ville",
        "pays",
        "nom",
        "prenom",
        "prénom",
        "client",
        "produit",
        "adresse",
        "libellé",
        "catégorie",
        "statut",
        "ciudad",
        "nombre",
        "apellido",
        "cliente",
        "producto",
        "categoría",
        "estado",
        "país",
        "tipo",
        "cidade",
        "nome",
        "produto",
        "categoria",
        "estado",
        "città",
        "prodotto",
        "first",
        "last",
        "surname",
        "supplier",
        "vendor",
    ]
)
"""Words that columns of text are often called by."""


def is_value(cell: str) -> bool:
    """Whether a cell holds a number or a date."""
    return bool(_NUMBER.fullmatch(cell) or _DATE.fullmatch(cell))
