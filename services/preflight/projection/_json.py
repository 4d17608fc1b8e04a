"""Peak memory of `read_json` and a typical analysis, from what the text and its records hold.

The parser makes every value an object of its own, and every key once per record. They live beside
the text until the table is put together. A holds the frame, O the objects, N the rows, W columns.
"""

from services.preflight.inspection import dict_bytes
from services.preflight.inspection.types import JsonMeasures
from services.preflight.projection import _csv
from services.preflight.projection.types import EnvironmentConstants, Peaks

_SLOT_BYTES = 8
_ROW_BYTES = 50


def project(measures: JsonMeasures, size_bytes: int, environment: EnvironmentConstants) -> Peaks:
    """Peaks of the whole process.

    load = base + max(text + O + max(file, table) + index, splitting)
    analysis = max(load, base + figure + O that is kept + 3 A + 50 N)

    The parser encodes its text once more, hence the file's bytes; a document of lines exists as a
    whole, as lines, and joined again, for a moment twice.
    """
    base, rows = environment.baseline_bytes, measures.rows
    whole = float(measures.characters * measures.bytes_per_character)
    objects = rows * measures.object_bytes
    text = splitting = whole
    if measures.shape == "lines":
        text = 2 * whole + rows * (measures.line_bytes + _SLOT_BYTES)
        splitting = text + whole + rows * _SLOT_BYTES
    held = text + objects + max(size_bytes, _table(measures)) + _index(measures)
    load = base + max(held, splitting)
    frame = _frame(measures)
    kept = rows * measures.kept_bytes
    analysis = base + environment.figure_bytes + kept + 3 * frame + _ROW_BYTES * rows
    return Peaks(load_bytes=load, analysis_bytes=max(load, analysis))


def _table(measures: JsonMeasures) -> float:
    """Records become a matrix of objects, then typed columns, then blocks of these."""
    rows, width = measures.rows, len(measures.columns)
    if measures.shape == "other":
        return 2.0 * _SLOT_BYTES * rows
    assembled = _csv.assembly_bytes(rows, measures.columns)
    matrix = float(_SLOT_BYTES * rows * width)
    if measures.shape in ("columns", "lists"):
        return max(matrix, assembled)
    return max(2 * matrix, assembled + (matrix if _has_objects(measures) else 0))


def _index(measures: JsonMeasures) -> float:
    """Keys of rows are gathered in a dict, and one column's dict is copied to be looked up in."""
    return 2.0 * dict_bytes(measures.rows) if measures.shape == "columns" else 0.0


def _frame(measures: JsonMeasures) -> float:
    if measures.shape == "other":
        return float(_SLOT_BYTES * measures.rows)
    return _csv.frame_bytes(measures.rows, measures.columns)


def _has_objects(measures: JsonMeasures) -> bool:
    return any(column.dtype == "object" for column in measures.columns)
