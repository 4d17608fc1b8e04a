"""Peak memory of `read_excel` and a typical analysis, from what a sheet and its strings hold.

openpyxl makes a list per row and an object per cell, beside the shared strings of all sheets;
pandas then makes a matrix of objects, typed columns, and blocks of these. A is the frame, C its
assembly, N the rows, W the columns.
"""

from services.preflight.inspection import dict_bytes
from services.preflight.inspection.types import XlsxMeasures
from services.preflight.projection import _csv
from services.preflight.projection.types import EnvironmentConstants, Peaks

_SLOT_BYTES = 9
"""Of a list's item, with the room that it grows ahead."""
_MATRIX_BYTES = 8
_PASS_BYTES = 90
"""Per row, for the copies of the list of rows and for converting one column."""
_LEFT_ROW_BYTES, _FULL_RATIO = 30, 0.95
"""Of these, what is left when the analysis begins, unless rows had to be padded."""
_WIDEST_KEPT = 64
"""Lists up to this width lie in the allocator's arenas, which values that stay pin."""
_KEPT_RATIO = 0.9
"""Of what putting the table together took, where text pins it."""
_SHARED_IMPORT_BYTES = 1_200_000
"""What openpyxl has imported that a first figure needs as well."""


def project(measures: XlsxMeasures, environment: EnvironmentConstants) -> Peaks:
    """Peaks of the whole process.

    load = base + openpyxl + strings + values + lists + table
    analysis = max(load, base + openpyxl + figure + what is kept of these + max(3 A + c N, table))
    """
    rows = measures.rows
    base = environment.baseline_bytes + environment.workbook_bytes
    values = measures.shared_strings_bytes + measures.inline_strings_bytes + measures.values_bytes
    lists = rows * (measures.row_list_bytes + _SLOT_BYTES)
    table = _table(measures)
    load = base + values + lists + table
    frame = _csv.frame_bytes(rows, measures.columns)
    kept = values + (lists if measures.width <= _WIDEST_KEPT else 0.0)
    pinned = _KEPT_RATIO * table if _has_objects(measures) else 0.0
    figure = environment.figure_bytes - _SHARED_IMPORT_BYTES
    is_full = measures.cells >= _FULL_RATIO * rows * measures.width
    row_bytes = environment.row_bytes[measures.group_columns] + (_LEFT_ROW_BYTES * is_full)
    worked = max(3 * frame + row_bytes * rows, pinned)
    return Peaks(load_bytes=load, analysis_bytes=max(load, base + figure + kept + worked))


def _table(measures: XlsxMeasures) -> float:
    rows, width = measures.rows, measures.width
    matrix = float(_MATRIX_BYTES * rows * width)
    assembled = _csv.assembly_bytes(rows, measures.columns)
    if _has_objects(measures):
        # Each text column is looked through with a dict of its different strings.
        assembled += matrix + dict_bytes(min(rows, measures.shared_strings))
    return max(2 * matrix, assembled) + _PASS_BYTES * rows


def _has_objects(measures: XlsxMeasures) -> bool:
    return any(column.dtype == "object" for column in measures.columns)
