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
from services.preflight.projection import _csv, _environments, _json, _workbook
from services.preflight.projection._csv import Bound
from services.preflight.projection.types import EnvironmentConstants, Peaks
from services.preflight.types import MemoryProjection

_ROUGH_RATIOS = (0.9, 1.12)
"""The interval of kinds for which few files were measured."""


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
    ratios = _ratios(measures, environment)
    down, up = ratios or _ROUGH_RATIOS
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
        rough=ratios is None or environment.strings != "objects" or not is_measured,
        environment=environment.name,
    )


def _ratios(measures: Measures, environment: EnvironmentConstants) -> tuple[float, float] | None:
    """What the formulas leave out, below and above; None where few files were measured."""
    match measures:
        case CsvMeasures():
            return environment.csv_ratios
        case XlsxMeasures():
            return environment.workbook_ratios
        case JsonMeasures():
            return environment.json_ratios
        case _:
            return None


def _formula(
    measures: Measures, size_bytes: int, environment: EnvironmentConstants
) -> Callable[[Bound], Peaks]:
    match measures:
        case CsvMeasures():
            return lambda bound: _csv.project(measures, environment, bound)
        case XlsxMeasures():
            return lambda bound: _sheet(measures, environment, bound)
        case JsonMeasures():
            return lambda _: _json.project(measures, size_bytes, environment)
        case TextMeasures():
            return lambda _: _text(measures, environment)
        case ImageMeasures():
            return lambda _: _image(measures, environment)
        case _:
            assert_never(measures)


def _sheet(measures: XlsxMeasures, environment: EnvironmentConstants, bound: Bound) -> Peaks:
    """The sheet with the data; the upper end also covers reading the first one unasked."""
    asked = _workbook.project(measures, environment)
    if measures.unasked is None or bound != "high":
        return asked
    unasked = _workbook.project(measures.unasked, environment)
    return max(asked, unasked, key=lambda peaks: max(peaks.load_bytes, peaks.analysis_bytes))


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
