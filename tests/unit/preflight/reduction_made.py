"""Files looked at by a real child, and reduced in this process or by a real child."""

import io
import threading
from pathlib import Path

import pandas as pd

from services import limits
from services.limits.types import LimitProfile
from services.preflight._assess import shared_inspectors
from services.preflight.inspection.types import CsvMeasures, Inspected, InspectFile, JsonMeasures
from services.preflight.reduction import Estimator, Reducers, _bounds, _write
from services.preflight.reduction.types import (
    Advanced,
    NotWritten,
    ReduceRequest,
    Source,
    Written,
)
from services.preflight.types import ReductionStep

PANDAS = "pandas 1.5.3"


def source_of(path: Path, name: str = "") -> Source:
    """What a check finds."""
    profile = limits.load()
    found = shared_inspectors().ask(
        InspectFile(
            path=str(path),
            name=name or path.name,
            check_limit_bytes=profile.check_limit_bytes,
            practical_limit_bytes=profile.practical_file_limit_bytes,
        )
    )
    assert isinstance(found, Inspected), found
    return Source(report=found.report, measures=found.measures)


def estimator_of(source: Source, **overrides: int) -> Estimator:
    profile: LimitProfile = limits.load(overrides=overrides)
    return Estimator(source, profile, PANDAS)


def request_of(source: Source, path: Path, folder: Path, *steps: ReductionStep) -> ReduceRequest:
    measures = source.measures
    folder.mkdir(exist_ok=True)
    return ReduceRequest(
        path=str(path),
        folder=str(folder),
        report=source.report,
        fields=measures.width if isinstance(measures, CsvMeasures) else 0,
        shape=measures.shape if isinstance(measures, JsonMeasures) else "records",
        steps=steps,
    )


def reduced(path: Path, *steps: ReductionStep) -> pd.DataFrame:
    """The smaller version as pandas reads it with its defaults."""
    folder = path.parent / "work"
    request = request_of(source_of(path), path, folder, *steps)
    outcome = _write.write(request, _bounds.load(), _nobody)
    assert isinstance(outcome, Written), outcome
    frame = pd.read_csv(folder / "reduced.csv")
    assert (outcome.rows, outcome.columns) == frame.shape
    return frame


def by_child(
    request: ReduceRequest, stop: threading.Event | None = None
) -> tuple[Written | NotWritten | None, list[Advanced]]:
    words: list[Advanced] = []
    outcome = Reducers().reduce(request, words.append, stop or threading.Event())
    return outcome, words


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(text: str, delimiter: str = ",", decimal: str = ".") -> pd.DataFrame:
    return pd.read_csv(io.StringIO(text), sep=delimiter, decimal=decimal)


def _nobody(word: Advanced) -> None:
    del word
