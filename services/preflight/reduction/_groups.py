"""One row per group, from a compact CSV: DuckDB sums, and spills where there are many groups."""

import csv
import io
import shutil
from collections.abc import Sequence
from pathlib import Path

import duckdb

COUNT = "rows"


def group(
    source: Path,
    target: Path,
    *,
    by: Sequence[str],
    sums: Sequence[str],
    is_whole: Sequence[bool],
    memory_bytes: int,
) -> int:
    """Write a row per group, sums first, ordered by the groups; returns how many there are.

    `source` has no header; its columns are those of `by`, then those of `sums`. All is read as
    text, so that a group is named as it is written. Sums of whole numbers (`is_whole`) are exact
    however large they get.
    """
    folder = target.parent
    bare = folder / "groups.csv"
    with duckdb.connect() as connection:
        connection.execute(f"SET memory_limit = '{memory_bytes}B'")
        connection.execute(f"SET temp_directory = {_literal(str(folder / 'spilled'))}")
        connection.execute("SET threads = 1")
        connection.execute("SET preserve_insertion_order = false")
        copied = connection.execute(_query(source, bare, len(by), is_whole)).fetchone()
    names = [*sums, _count_name((*by, *sums)), *by]
    with target.open("wb") as out:
        out.write(_line(names))
        with bare.open("rb") as file:
            shutil.copyfileobj(file, out)
    bare.unlink()
    return int(copied[0]) if copied is not None else 0


def _query(source: Path, target: Path, keys: int, is_whole: Sequence[bool]) -> str:
    """Columns are named by their places, since a database takes `a` and `A` for one name."""
    by = [f"k{n}" for n in range(keys)]
    sums = [f"s{n}" for n in range(len(is_whole))]
    totals = [
        f"sum(TRY_CAST({name} AS {'HUGEINT' if whole else 'DOUBLE'}))"
        for name, whole in zip(sums, is_whole, strict=True)
    ]
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in (*by, *sums))
    read = (
        f"read_csv({_literal(str(source))}, auto_detect = false, header = false, delim = ',',"
        f" quote = '\"', escape = '\"', max_line_size = 64000000, columns = {{{columns}}})"
    )
    keyed = ", ".join(by)
    chosen = ", ".join([*totals, "count(*)", keyed])
    # Nothing in it comes from the file: places for names, and paths of our own.
    query = f"SELECT {chosen} FROM {read} GROUP BY {keyed} ORDER BY {keyed}"  # noqa: S608
    return f"COPY ({query}) TO {_literal(str(target))} (HEADER false, DELIMITER ',')"


def _line(names: Sequence[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(names)
    return out.getvalue().encode("utf-8", "replace")


def _count_name(taken: Sequence[str]) -> str:
    name = COUNT
    while name in taken:
        name += "_"
    return name


def _literal(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"
