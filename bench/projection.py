"""Projected against measured peak memory, on CSV, workbooks, JSON and its lines, 10 kB to 200 MB.

The truth is the peak resident size of a fresh interpreter of an environment that loads the file and
analyses it the usual way (`_typical_analysis.py`). Rivals are the rule of thumb of four to five
times the file size, the one of 50,000 rows, and a factor on the size fitted on the open part.

    python bench/projection.py             stored truths of a part; two of them are measured again
    python bench/projection.py --full      builds and measures all (an hour), and stores the truths
    python bench/projection.py --judge     builds all, takes the stored truths
    python bench/projection.py --baseline  prints what each environment takes with nothing loaded

Files are kept under the user's temporary folder.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from bench import _judgement, _recipes, _truths  # noqa: E402 - the root comes first
from bench._judgement import Judged  # noqa: E402
from bench._truths import Half, Truth  # noqa: E402
from services import limits  # noqa: E402
from services.preflight import assess  # noqa: E402

FOLDER = Path(tempfile.gettempdir()) / "datadock-bench"
PART_BYTES = 40_000_000
"""Files that a run without options looks at are not larger, but for every eighth."""
MEASURED_AGAIN = 2
TOLERANCE = 0.012
"""Measuring the same file again gives the same but for this; mostly it is a third of it."""
ENVIRONMENTS = {"profile": ROOT / ".venv-profile/bin/python", "app": Path(sys.executable)}


def main() -> int:
    """Build what is missing, measure or recall, project, print."""
    given = _arguments()
    if given.baseline:
        for python in ENVIRONMENTS.values():
            name, peak = _truths.baseline(python)
            print(f"{name}: {peak / 1e6:.1f} MB after the imports")
        return 0
    python = ENVIRONMENTS[given.environment]
    if not python.exists():
        print("There is no .venv-profile; script/setup --profile-env installs it.")
        return 1
    FOLDER.mkdir(exist_ok=True)
    environment, base = _truths.baseline(python)
    known = _truths.stored(environment)
    corpus = _truths.corpus()
    if given.full:
        known |= _measured(python, corpus, known if given.environment == "app" else {})
    truths = {recipe: known[recipe] for recipe in corpus if recipe in known}
    if not (given.full or given.judge):
        truths = _part(truths)
    judged = [_judged(half, truths[r]) for r, half in corpus.items() if r in truths]
    for one in sorted(judged, key=_error) if given.verbose else ():
        print(_row(one))
    print(f"{environment}: {base / 1e6:.1f} MB after the imports")
    print("\n".join(_judgement.report(judged)))
    if not (given.full or given.judge):
        print(_measured_again(python, truths))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="measure every file, store the truths")
    parser.add_argument("--judge", action="store_true", help="every file with its stored truth")
    parser.add_argument("--baseline", action="store_true", help="what imports alone take")
    parser.add_argument("--verbose", action="store_true", help="a line per file, the worst last")
    parser.add_argument("--environment", choices=tuple(ENVIRONMENTS), default="profile")
    return parser.parse_args()


def _part(truths: dict[str, Truth]) -> dict[str, Truth]:
    small = [recipe for recipe, truth in truths.items() if truth.size_bytes <= PART_BYTES]
    large = [recipe for recipe in truths if recipe not in set(small)]
    near = [r for r in large if 700e6 <= truths[r].peak_bytes <= 1_200e6]
    return {
        recipe: truths[recipe] for recipe in dict.fromkeys((*small[::2], *large[::8], *near[::3]))
    }


def _file(recipe: str) -> Path:
    """The file of a recipe, built if it is not there."""
    path = FOLDER / _recipes.file_name(recipe)
    if not path.exists():
        partial = path.with_name("partial" + path.suffix)
        _recipes.build(recipe, partial)
        partial.rename(path)
    return path


def _measured(python: Path, corpus: dict[str, Half], only: dict[str, Truth]) -> dict[str, Truth]:
    """Measure all, or of the current pandas those that are known; store each as it comes."""
    found = {}
    for recipe in only or corpus:
        found[recipe] = _truths.measure(python, recipe, _file(recipe))
        _truths.store([found[recipe]])
        print(f"{found[recipe].peak_bytes / 1e6:7.1f} MB  {recipe[:90]}", flush=True)
    return found


def _measured_again(python: Path, truths: dict[str, Truth]) -> str:
    """Whether what is stored still holds, by a few files that change from day to day."""
    day = int(time.time() // 86_400)
    recipes = list(truths)
    chosen = [recipes[(day * 7 + i * 31) % len(recipes)] for i in range(MEASURED_AGAIN)]
    away = []
    for recipe in chosen:
        again = _truths.measure(python, recipe, _file(recipe))
        away.append(again.peak_bytes / truths[recipe].peak_bytes - 1)
    state = "as stored" if max(map(abs, away)) <= TOLERANCE else "NOT as stored"
    return f"measured again: {state} ({', '.join(f'{100 * ratio:+.2f}%' for ratio in away)})"


def _judged(half: Half, truth: Truth) -> Judged:
    path = _file(truth.recipe)
    profile = limits.load(overrides={"file_limit_bytes": 10**9})
    found = assess(path, path.name, profile, truth.environment)
    if found.memory is None:
        raise RuntimeError(f"{truth.recipe} was refused: {found.verdict.code}")
    rows = found.report.tables[0].rows if found.report else None
    return Judged(half, truth, found.memory, rows or 0, found.seconds)


def _error(one: Judged) -> float:
    return abs(one.memory.peak_bytes / one.truth.peak_bytes - 1)


def _row(one: Judged) -> str:
    memory, truth = one.memory, one.truth
    return (
        f"{truth.size_bytes / 1e6:7.1f} MB {one.seconds:5.2f} s"
        f" load {truth.load_bytes / 1e6:6.1f} → {memory.load_bytes / 1e6:6.1f}"
        f" peak {truth.peak_bytes / 1e6:6.1f} → {memory.peak_bytes / 1e6:6.1f}"
        f" ({100 * (memory.peak_bytes / truth.peak_bytes - 1):+5.1f}%)"
        f" [{memory.low_bytes / 1e6:.0f}, {memory.high_bytes / 1e6:.0f}]"
        f"{'' if one.is_inside else ' OUTSIDE'} fits={memory.fits} {truth.recipe[:70]}"
    )


if __name__ == "__main__":
    raise SystemExit(main())
