"""What files have been measured to take: stored with the tests, and measured again now and then.

`tests/data/memory_truths.toml` holds a row per recipe and environment. A truth is the peak resident
size of a fresh interpreter of that environment that runs `_typical_analysis.py` on the file.
"""

import hashlib
import json
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).resolve().parent.parent
STORED = ROOT / "tests/data/memory_truths.toml"
CORPUS = Path(__file__).with_name("corpus.toml")
_ANALYSIS = Path(__file__).with_name("_typical_analysis.py")
_HEAD = """\
# Peak resident memory, measured: a fresh interpreter that runs bench/_typical_analysis.py on the
# file of a recipe (bench/_recipes.py, bench/corpus.toml). Python 3.11, Debian 12, x86-64. Written
# by bench/projection.py --full. `base_bytes` is the peak after the imports alone.
"""

Half = Literal["open", "held_out", "blind", "fresh"]
HALVES: tuple[Half, ...] = ("open", "held_out", "blind", "fresh")


@dataclass(frozen=True, slots=True)
class Truth:
    """One file, measured in one environment."""

    recipe: str
    environment: str
    size_bytes: int
    sha256: str
    base_bytes: int
    load_bytes: int
    peak_bytes: int


def corpus() -> dict[str, Half]:
    """All recipes, each with its part of the corpus."""
    content = tomllib.loads(CORPUS.read_text(encoding="utf-8"))
    return {recipe: half for half in HALVES for recipe in content[half]}


def stored(environment: str) -> dict[str, Truth]:
    """Truths of that environment by their recipe."""
    rows = tomllib.loads(STORED.read_text(encoding="utf-8"))["files"]
    truths = (Truth(**row) for row in rows)
    return {truth.recipe: truth for truth in truths if truth.environment == environment}


def store(truths: list[Truth]) -> None:
    """Put these in, in place of what there was for their recipes and environments."""
    rows = tomllib.loads(STORED.read_text(encoding="utf-8"))["files"] if STORED.exists() else []
    known = {(row["recipe"], row["environment"]): Truth(**row) for row in rows}
    known |= {(truth.recipe, truth.environment): truth for truth in truths}
    blocks = [
        f"\n[[files]]\nrecipe = {json.dumps(truth.recipe)}\n"
        f'environment = "{truth.environment}"\n'
        f"size_bytes = {truth.size_bytes:_}\n"
        f'sha256 = "{truth.sha256}"\n'
        f"base_bytes = {truth.base_bytes:_}\n"
        f"load_bytes = {truth.load_bytes:_}\n"
        f"peak_bytes = {truth.peak_bytes:_}\n"
        for truth in known.values()
    ]
    STORED.write_text(_HEAD + "".join(blocks), encoding="utf-8")


def baseline(python: Path) -> tuple[str, int]:
    """An environment's name, and the peak of its interpreter after the imports alone."""
    found = json.loads(_run(python))
    return f"pandas {found['versions']['pandas']}", int(found["base_bytes"])


def measure(python: Path, recipe: str, path: Path) -> Truth:
    """Load and analyse the file in that environment."""
    found = json.loads(_run(python, path))
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Truth(
        recipe=recipe,
        environment=f"pandas {found['versions']['pandas']}",
        size_bytes=path.stat().st_size,
        sha256=digest,
        base_bytes=found["base_bytes"],
        load_bytes=found["load_bytes"],
        peak_bytes=found["peak_bytes"],
    )


def _run(python: Path, *arguments: Path) -> str:
    command = [str(python), "-I", str(_ANALYSIS), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
