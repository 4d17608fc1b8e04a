"""Tables for a recipe: of specs and a seed, or one of an installed data package, also grown.

A grown table is the real one repeated. From the second time on text with more than 2% different
values is permuted, with more than 40% it gets four other last letters, and numbers get another last
digit: so types, blanks and lengths stay what they are, and repeats do not become exact.
"""

import csv
import gzip
import importlib.util
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from bench import _columns
from bench._columns import Kind, Source

_BLOCK_ROWS = 50_000
_PERMUTED_RATIO, _RENEWED_RATIO, _NEW_LETTERS = 0.02, 0.4, 4
_PROFILE = Path(__file__).resolve().parent.parent / ".venv-profile/lib/python3.11/site-packages"

Columns = list[list[str]]


class Table(Protocol):
    """Named columns whose cells come in blocks of rows."""

    names: list[str]
    kinds: list[Kind]

    def blocks(self, rows: int) -> Iterator[Columns]:
        """So many rows from the start."""


class Generated:
    """A table of specs."""

    def __init__(self, specs: str, seed: int) -> None:
        self._seed = seed
        self._specs: list[str] = []
        for spec in specs.split():
            times, _, one = spec.rpartition("*")
            self._specs += [one] * int(times or 1)
        self.names = [f"c{i}" for i in range(len(self._specs))]
        self.kinds = [_columns.kind_of(spec) for spec in self._specs]

    def blocks(self, rows: int) -> Iterator[Columns]:
        """Fresh generators, so that the same rows come each time."""
        sources = [
            Source(spec, np.random.default_rng([self._seed, i]))
            for i, spec in enumerate(self._specs)
        ]
        for first in range(0, rows, _BLOCK_ROWS):
            count = min(_BLOCK_ROWS, rows - first)
            yield [source.cells(first, count, rows) for source in sources]


@dataclass(slots=True)
class Real:
    """A table of a package, repeated for as many rows as are asked for."""

    names: list[str]
    kinds: list[Kind]
    columns: Columns
    seed: int

    @classmethod
    def of(cls, name: str, seed: int = 0) -> "Real":
        """The table that lies under this name in its package."""
        raw = packaged(name)
        if name.endswith(".json"):
            records = json.loads(raw)
            header = list(dict.fromkeys(key for record in records for key in record))
            rows = [[_text(record.get(key)) for key in header] for record in records]
        else:
            header, *rows = csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""))
        rows = [(row + [""] * len(header))[: len(header)] for row in rows if row]
        columns = [list(column) for column in zip(*rows, strict=True)]
        return cls(header, [_kind(column) for column in columns], columns, seed)

    @property
    def rows(self) -> int:
        """Rows of the table as it is."""
        return len(self.columns[0])

    def blocks(self, rows: int) -> Iterator[Columns]:
        """The table itself, then variants of it."""
        for number, first in enumerate(range(0, rows, self.rows)):
            count = min(self.rows, rows - first)
            rng = np.random.default_rng([self.seed, number])
            varied = [
                column if not number else _varied(column, kind, rng)
                for column, kind in zip(self.columns, self.kinds, strict=True)
            ]
            yield [column[:count] for column in varied]


def packaged(name: str) -> bytes:
    """The content of a package's file, unpacked."""
    package, _, inner = name.partition("/")
    spec = importlib.util.find_spec(package)
    folder = Path(spec.origin).parent if spec and spec.origin else _PROFILE / package
    path = folder / inner
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes())
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            return archive.read(archive.namelist()[0])
    return path.read_bytes()


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _kind(column: list[str]) -> Kind:
    filled = [cell for cell in column if cell not in ("", "NA", "NaN")]
    if not filled:
        return "text"
    if set(filled) <= {"True", "False", "true", "false"}:
        return "bool"
    return "number" if all(map(_is_number, filled)) else "text"


def _is_number(cell: str) -> bool:
    try:
        return float(cell) not in (float("inf"), float("-inf"))
    except ValueError:
        return False


def _varied(column: list[str], kind: Kind, rng: np.random.Generator) -> list[str]:
    if kind == "number":
        digits = rng.integers(0, 10, len(column)).tolist()
        return [
            cell[:-1] + str(digit) if cell[-1:].isdigit() else cell
            for cell, digit in zip(column, digits, strict=True)
        ]
    share = len(set(column)) / max(1, len(column))
    if share <= _PERMUTED_RATIO:
        return column
    mixed = [column[i] for i in rng.permutation(len(column)).tolist()]
    if share <= _RENEWED_RATIO:
        return mixed
    letters = rng.integers(97, 123, (len(mixed), _NEW_LETTERS), dtype=np.uint8).tobytes().decode()
    ends = [letters[i : i + _NEW_LETTERS] for i in range(0, len(letters), _NEW_LETTERS)]
    return [
        cell[:-_NEW_LETTERS] + end if cell else cell for cell, end in zip(mixed, ends, strict=True)
    ]
