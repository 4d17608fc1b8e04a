"""Peak memory of loading a file and of a typical analysis after it, with an interval (R20).

One formula per kind of file, each from a measured study of what the reader does
(docs/decisions/0007); constants belong to an environment and never carry over to another one.
"""

from collections.abc import Callable
from typing import assert_never

from services.limits.types import LimitProfile
from services.preflight.inspection.types import (
    CsvMeasures,
    ImageMeasures,
    JsonMeasures,
    Measures,
    TextMeasures,
    XlsxMeasures,
)
from services.preflight.projection import _csv, _environments
from services.preflight.projection._csv import Bound
from services.preflight.projection.types import EnvironmentConstants, Peaks
from services.preflight.types import MemoryProjection

_LIST_SLOT_BYTES = 9
_SHEET_FIGURE_RATIO, _SHEET_FIGURE_BYTES = 0.6, 5_500_000
_SHEET_ANALYSIS_BYTES, _JSON_ANALYSIS_BYTES = 5_000_000, 8_500_000
_ROW_BYTES = 50
_COLUMN_JSON_RATIO = 8.8
_MATRIX_BYTES = 8
_ROUGH_LOW_RATIO, _ROUGH_HIGH_RATIO = 0.9, 1.12
"""The interval of formats for which few files were measured."""


def project(
    measures: Measures, size_bytes: int, environment_name: str, profile: LimitProfile
) -> MemoryProjection:
    """The projection for that environment, against that profile's limit.

    It fits while the upper end of its interval stays below the limit.
    """
    environment, is_measured = _environments.find(environment_name)
    formula = _formula(measures, size_bytes, environment)
    low, point, high = formula("low"), formula("point"), formula("high")
    peak = max(point.load_bytes, point.analysis_bytes)
    is_csv = isinstance(measures, CsvMeasures)
    down = environment.low_ratio if is_csv else min(environment.low_ratio, _ROUGH_LOW_RATIO)
    up = environment.high_ratio if is_csv else max(environment.high_ratio, _ROUGH_HIGH_RATIO)
    lowest = max(low.load_bytes, low.analysis_bytes) * down
    highest = max(high.load_bytes, high.analysis_bytes) * up
    return MemoryProjection(
        peak_bytes=round(peak),
        low_bytes=round(min(lowest, peak)),
        high_bytes=round(max(highest, peak)),
        load_bytes=round(point.load_bytes),
        analysis_bytes=round(point.analysis_bytes),
        baseline_bytes=environment.baseline_bytes,
        folk_low_bytes=round(profile.folk_memory_factor_low * size_bytes),
        folk_high_bytes=round(profile.folk_memory_factor_high * size_bytes),
        limit_bytes=profile.ram_limit_bytes,
        fits=max(highest, peak) < profile.ram_limit_bytes,
        rough=not (is_csv and environment.strings == "objects" and is_measured),
        environment=environment.name,
    )


def _formula(
    measures: Measures, size_bytes: int, environment: EnvironmentConstants
) -> Callable[[Bound], Peaks]:
    match measures:
        case CsvMeasures():
            return lambda bound: _csv.project(measures, environment, bound)
        case XlsxMeasures():
            return lambda _: _workbook(measures, environment)
        case JsonMeasures():
            return lambda _: _json(measures, size_bytes, environment)
        case TextMeasures():
            return lambda _: _text(measures, environment)
        case ImageMeasures():
            return lambda _: _image(measures, environment)
        case _:
            assert_never(measures)


def _workbook(measures: XlsxMeasures, environment: EnvironmentConstants) -> Peaks:
    """The first sheet through openpyxl: a list per row, an object per cell, then typed columns.

    load = base + openpyxl + shared strings + values + rows + max(C + matrix, 2 matrices); a sparse
    sheet's rows are padded to the full width.
    """
    rows, width = measures.rows, measures.width
    held = (
        measures.shared_strings_bytes
        + measures.values_bytes
        + measures.inline_strings_bytes
        + rows * (measures.row_list_bytes + _LIST_SLOT_BYTES)
    )
    frame = _csv.frame_bytes(rows, measures.columns)
    matrix = _MATRIX_BYTES * rows * width
    has_objects = any(column.dtype == "object" for column in measures.columns)
    assembled = _csv.assembly_bytes(rows, measures.columns) + (matrix if has_objects else 0)
    load = (
        environment.baseline_bytes + environment.workbook_bytes + held + max(assembled, 2 * matrix)
    )
    strings = measures.shared_strings_bytes + measures.inline_strings_bytes
    analysis = (
        environment.baseline_bytes
        + environment.figure_bytes
        + _SHEET_ANALYSIS_BYTES
        + strings
        + 3 * frame
        + _ROW_BYTES * rows
    )
    kept = load + _SHEET_FIGURE_BYTES + _SHEET_FIGURE_RATIO * frame
    return Peaks(load_bytes=load, analysis_bytes=max(kept, analysis))


def _json(measures: JsonMeasures, size_bytes: int, environment: EnvironmentConstants) -> Peaks:
    """The text, once or with its lines; a dict per record, whose keys are not shared; the frame.

    load = base + text + objects + max(2 matrices, C + matrix); of columns and nested documents only
    two files were measured, so there it is a ratio to the size.
    """
    text = float(measures.characters * measures.bytes_per_character)
    base = environment.baseline_bytes
    if measures.shape in ("columns", "other"):
        load = base + text + _COLUMN_JSON_RATIO * size_bytes
        return Peaks(load_bytes=load, analysis_bytes=load)
    rows, width = measures.rows, len(measures.columns)
    if measures.shape == "lines":
        text = 2 * text + rows * (measures.line_bytes + _LIST_SLOT_BYTES)
    matrix = _MATRIX_BYTES * rows * width
    has_objects = any(column.dtype == "object" for column in measures.columns)
    frame = _csv.frame_bytes(rows, measures.columns)
    assembled = _csv.assembly_bytes(rows, measures.columns) + (matrix if has_objects else 0)
    load = base + text + rows * measures.object_bytes + max(2 * matrix, assembled)
    strings = sum(column.strings_bytes for column in measures.columns)
    analysis = base + _JSON_ANALYSIS_BYTES + strings + 3 * frame + _ROW_BYTES * rows
    return Peaks(load_bytes=load, analysis_bytes=max(load, analysis))


def _text(measures: TextMeasures, environment: EnvironmentConstants) -> Peaks:
    """One string of the whole text, and its lines."""
    held = measures.characters * measures.bytes_per_character
    load = environment.baseline_bytes + held
    return Peaks(load_bytes=load, analysis_bytes=load + 2 * held)


def _image(measures: ImageMeasures, environment: EnvironmentConstants) -> Peaks:
    """The opened picture; made an array of, its bytes are there twice for a moment.

    Measured for each mode of PNG and JPEG at 36 million pixels: exact to a tenth of a byte a pixel.
    """
    load = environment.baseline_bytes + measures.held_bytes
    return Peaks(load_bytes=load, analysis_bytes=load + 2 * measures.decoded_bytes)
