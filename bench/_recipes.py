"""Files from recipes, so that anyone can build the very same ones again.

A recipe is `[format[/option…]] table`. The table is `package NAME` (of an installed data package),
`grow NAME @ size : seed` (the same repeated and varied), or `specs @ size : seed` (`_columns.py`).
A size is megabytes of the file, or `40000r` rows. Formats: `csv` (the default), `xlsx`, `json`;
their options are those of `_writers.py`. `xlsx scatter CELLS ROWS WIDTH : seed` is a sheet that is
nearly empty.
"""

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from bench import _tables, _writers
from bench._tables import Generated, Real, Table

Format = Literal["csv", "xlsx", "json", "ndjson"]
_FORMATS: tuple[Format, ...] = ("csv", "xlsx", "json")
_PROBE_ROWS = 300


@dataclass(frozen=True, slots=True)
class Recipe:
    """A recipe's parts."""

    format: Format
    options: tuple[str, ...]
    table: str
    size: str
    seed: int

    @classmethod
    def of(cls, text: str) -> "Recipe":
        """Taken apart."""
        first, _, rest = text.partition(" ")
        name, *options = first.split("/")
        chosen = next((one for one in _FORMATS if one == name), None)
        if chosen is None:
            chosen, options, rest = "csv", [], text
        body, _, seed = rest.partition(" : ")
        table, _, size = body.partition(" @ ")
        if "lines" in options:
            chosen = "ndjson"
        return cls(chosen, tuple(options), table, size, int(seed or 0))

    @property
    def suffix(self) -> str:
        """How the file's name ends."""
        return f".{self.format}"

    @property
    def megabytes(self) -> float | None:
        """The size of the file, where the recipe tells it."""
        return float(self.size) if self.size and not self.size.endswith("r") else None


def file_name(recipe: str) -> str:
    """A name of its own for the file of a recipe."""
    digest = hashlib.sha256(recipe.encode()).hexdigest()[:16]
    return digest + Recipe.of(recipe).suffix


def build(recipe: str, path: Path) -> None:
    """Write the file of that recipe."""
    given = Recipe.of(recipe)
    if given.table.startswith("package ") and not given.options:
        raw = _tables.packaged(given.table.removeprefix("package "))
        if given.format == _format_of(given.table):
            path.write_bytes(raw)
            return
    if given.table.startswith("scatter "):
        cells, rows, width = (int(word) for word in given.table.split()[1:])
        _writers.write_scattered(path, cells, rows, width, given.seed)
        return
    table = _table(given)
    rows = _rows(given, table)
    if given.format == "xlsx":
        _writers.write_xlsx(table, rows, path, given.options)
        return
    with path.open("wb") as out:
        _write(given, table, rows, out)


def _format_of(table: str) -> Format:
    return "json" if table.endswith(".json") else "csv"


def _table(given: Recipe) -> Table:
    source, _, name = given.table.partition(" ")
    return Real.of(name, given.seed) if source in ("package", "grow") else _generated(given)


def _generated(given: Recipe) -> Generated:
    return Generated(given.table, given.seed)


def _rows(given: Recipe, table: Table) -> int:
    if not given.size:
        return table.rows if isinstance(table, Real) else _PROBE_ROWS
    if given.size.endswith("r"):
        return int(given.size.removesuffix("r"))
    probed = table.rows if isinstance(table, Real) else _PROBE_ROWS
    probe = io.BytesIO()
    _write(given, table, probed, probe)
    return int(probed * float(given.size) * 1e6 / probe.tell())


def _write(given: Recipe, table: Table, rows: int, out: BinaryIO) -> None:
    write = _writers.write_csv if given.format == "csv" else _writers.write_json
    write(table, rows, out, given.options)
