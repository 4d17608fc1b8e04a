"""One checked file, every row of its tables. Runs in the child."""

from pathlib import Path

from services.preflight.profiling import _csv, _json, _xlsx
from services.preflight.profiling._team import Team
from services.preflight.profiling.types import Bounds, Profiled, Unprofiled
from services.preflight.types import FileReport


def profile(path: Path, report: FileReport, bounds: Bounds, team: Team) -> Profiled | Unprofiled:
    """The figures of the file's tables, read as its report says."""
    match report.kind:
        case "csv":
            return Profiled(tables=(_csv.profile(path, report, bounds, team),))
        case "xlsx":
            return Profiled(tables=_xlsx.profile(path, report, bounds, team))
        case "json" | "ndjson":
            return Profiled(tables=(_json.profile(path, report, bounds, team),))
        case _:
            return Unprofiled(code="unreadable")
