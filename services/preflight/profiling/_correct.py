"""What the projection takes in, corrected where all rows say otherwise than the sample."""

import msgspec

from services.preflight.inspection.types import (
    ColumnMeasure,
    CsvMeasures,
    JsonMeasures,
    Measures,
    XlsxMeasures,
)
from services.preflight.profiling.types import ColumnFigures, TableFigures

_BOXED_BYTES, _STRING_BYTES = 32, 49
"""A number as an object, and a string beside its letters."""


def correct(measures: Measures, figures: TableFigures) -> Measures:
    """The measures of the first table, with the rows and types that all rows have."""
    match measures:
        case CsvMeasures():
            ratio = figures.rows / max(1, measures.rows)
            labels = max(0, measures.width - len(figures.columns))
            first = measures.columns[:labels]
            others = measures.columns[labels : labels + len(figures.columns)]
            rest = measures.columns[labels + len(figures.columns) :]
            columns = (
                *first,
                *(
                    _column(measure, column, figures.rows, ratio)
                    for measure, column in zip(others, figures.columns, strict=False)
                ),
                *rest,
            )
            return msgspec.structs.replace(measures, rows=figures.rows, columns=columns)
        case XlsxMeasures() | JsonMeasures():
            typed = tuple(
                msgspec.structs.replace(measure, dtype=column.dtype)
                for measure, column in zip(measures.columns, figures.columns, strict=False)
            )
            return msgspec.structs.replace(measures, rows=figures.rows, columns=typed)
        case _:
            return measures


def _column(
    measure: ColumnMeasure, column: ColumnFigures, rows: int, ratio: float
) -> ColumnMeasure:
    if column.dtype != "object":
        ratio = 0.0
    if column.dtype == measure.dtype or column.dtype != "object":
        return msgspec.structs.replace(
            measure,
            dtype=column.dtype,
            strings_bytes=measure.strings_bytes * ratio,
            strings_low_bytes=measure.strings_low_bytes * ratio,
            strings_high_bytes=measure.strings_high_bytes * ratio,
        )
    # Numbers until there was text: of most chunks objects of numbers, or strings throughout.
    present = rows - column.nulls
    boxed = float(present * _BOXED_BYTES)
    strings = float(present * _STRING_BYTES + column.text_bytes)
    return msgspec.structs.replace(
        measure,
        dtype="object",
        strings_bytes=boxed,
        strings_low_bytes=boxed / 2,
        strings_high_bytes=max(boxed, strings),
        text_bytes=float(column.text_bytes),
    )
