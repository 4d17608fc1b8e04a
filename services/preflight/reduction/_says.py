"""What each step does, in a sentence with its saving."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from services import wording
from services.preflight.reduction._facts import ColumnFacts
from services.preflight.reduction._rows import Left
from services.preflight.reduction._wanted import Wanted, table_of

if TYPE_CHECKING:
    from services.preflight.reduction._estimate import Estimator


def sentences(
    estimator: "Estimator",
    wanted: Wanted,
    columns: Sequence[ColumnFacts],
    kept: Sequence[ColumnFacts],
    left: Left,
) -> tuple[str, ...]:
    """In the order in which the steps are taken; the last one tells what is written."""
    say = wording.reductions
    report = estimator.source.report
    rows = max(1, table_of(report, wanted).rows)
    row_bytes = sum(column.cell_bytes + 1 for column in columns) or 1.0
    told: list[str] = []
    if wanted.table is not None and len(report.tables) > 1:
        told.append(
            say.picks_table(wanted.table, len(report.tables), is_sheet=report.kind == "xlsx")
        )
    told += [say.keeps_rows(step.column, step.comparison, step.value) for step in wanted.filters]
    if wanted.newest is not None:
        told.append(say.keeps_newest(wanted.newest.rows, rows, wanted.newest.column))
    if wanted.every > 1:
        saved = rows * row_bytes * (1 - 1 / wanted.every)
        told.append(say.keeps_every(wanted.every, left.rows, saved))
    if wanted.by is not None:
        told.append(say.groups_by(wanted.by, left.rows))
    else:
        told += _about_columns(wanted, columns, kept, left)
    told.append(say.writes_csv(report.kind, report.size_bytes, _size(kept, left)))
    return tuple(told)


def _about_columns(
    wanted: Wanted, columns: Sequence[ColumnFacts], kept: Sequence[ColumnFacts], left: Left
) -> list[str]:
    say = wording.reductions
    told: list[str] = []
    names = {column.report.name for column in kept}
    dropped = [column for column in columns if column.report.name not in names]
    dropped.sort(key=lambda column: -column.cell_bytes)
    if dropped:
        saved = left.rows * sum(column.cell_bytes + 1 for column in dropped)
        left_out = tuple(column.report.name for column in dropped)
        told.append(say.keeps_columns(len(kept), len(columns), left_out, saved))
    rounded = [name for name in wanted.digits if name in names]
    if rounded:
        told.append(say.rounds(tuple(rounded), wanted.digits[rounded[0]]))
    plain = tuple(sorted((wanted.numbers - set(wanted.digits)) & names))
    if plain:
        told.append(say.makes_numbers(plain))
    return told


def _size(kept: Sequence[ColumnFacts], left: Left) -> float:
    return left.rows * sum(column.cell_bytes + 1 for column in kept)
