"""How fast a file is gone over, and what that takes, beside pandas reading the same bytes.

Each file is made from a seed; each figure is the best of some tries, warm, in the same run as its
rival's. Pandas reads in a process of its own, which tells the time of `read_csv` alone.

    .venv/bin/python bench/preflight_speed.py [--quick] [--json]
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import _recipes
from services import limits
from services.preflight import assess
from services.preflight.profiling import Profilers
from services.preflight.profiling.types import Profiled, ProfileTables
from services.sandbox import find_environment

_ROOT = Path(__file__).resolve().parent.parent
_SEED = 24
_SPECS = {
    "numeric": "seq:1 12*int:0:100000 12*flt:100:15:2 8*int:0:50",
    "floats": "8*flt:0:1:15",
    "categories": "seq:1 6*cat:40:3:12 4*cat:3000:4:14 3*int:0:1000 dt:%Y-%m-%d",
    "reviews": "seq:1 name txt:10:60 int:1:6 dt:%Y-%m-%d",
    "ids": "hex:32 dig:12 seq:1000000 cat:5:3:9 flt:50:20:2",
    "wide": "150*flt:0:100:3 50*int:0:1000",
}
_SIZES_MB, _QUICK_SIZES_MB = (1, 15, 180), (1, 15)
_TRIES = 3
_PANDAS = """
import sys, time
import pandas as pd
best = cpu = 1e9
for _ in range(int(sys.argv[2])):
    at, used = time.perf_counter(), time.process_time()
    pd.read_csv(sys.argv[1])
    used = time.process_time() - used
    took = time.perf_counter() - at
    if took < best:
        best, cpu = took, used
print(best, cpu)
"""


class Took(msgspec.Struct, frozen=True, kw_only=True):
    """One side's time for a file, with the processor's share; cores are cpu over wall."""

    seconds: float
    cpu_seconds: float
    added_bytes: int = 0
    """Of the child, at its peak, beyond what it takes when idle."""
    app_added_bytes: int = 0

    @property
    def cores(self) -> float:
        """How many were busy on average."""
        return self.cpu_seconds / max(1e-9, self.seconds)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One file, both sides."""

    name: str
    megabytes: int
    profile: Took
    pandas: Took

    @property
    def ratio(self) -> float:
        """How many times faster than pandas."""
        return self.pandas.seconds / self.profile.seconds


def main() -> None:
    """Measure all files and print one line each, then the summary."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="up to 15 MB only")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    python = find_environment(_ROOT, limits.load().environment).python
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name, spec in _SPECS.items():
            for megabytes in _QUICK_SIZES_MB if given.quick else _SIZES_MB:
                path = Path(folder) / f"{name}_{megabytes}.csv"
                _recipes.build(f"{spec} @ {megabytes} : {_SEED}", path)
                rival = pandas_reads(python, path)
                rows.append(
                    Row(name=name, megabytes=megabytes, profile=profile(path), pandas=rival)
                )
                path.unlink()
                _show(rows[-1], as_json=given.json)
    ratios = [row.ratio for row in rows]
    added = max(row.profile.added_bytes for row in rows) / 1e6
    app = max(row.profile.app_added_bytes for row in rows) / 1e6
    sys.stdout.write(
        f"profile files={len(rows)} median={statistics.median(ratios):.1f}x"
        f" least={min(ratios):.1f}x child=+{added:.0f}MB app=+{app:.0f}MB\n"
    )


def profile(path: Path) -> Took:
    """Every row of the file, by a warm child of its own."""
    report = assess(path, path.name, limits.load()).report
    request = ProfileTables(path=str(path), report=report)
    profilers = Profilers()
    try:
        with tempfile.TemporaryDirectory() as folder:
            small = Path(folder) / "warm.csv"
            small.write_text("a,b\n1,x\n2,y\n")
            warm = assess(small, "warm.csv", limits.load()).report
            profilers.ask(ProfileTables(path=str(small), report=warm))
        idle, app = _memory(profilers.child_id, "VmRSS"), _memory("self", "VmRSS")
        best = Took(seconds=float("inf"), cpu_seconds=0.0)
        for _ in range(_TRIES):
            at, used = time.perf_counter(), _cpu(profilers.child_id)
            reply = profilers.ask(request)
            seconds = time.perf_counter() - at
            if not isinstance(reply, Profiled):
                raise SystemExit(f"{path.name} was left unprofiled: {reply}")
            if seconds < best.seconds:
                best = Took(seconds=seconds, cpu_seconds=_cpu(profilers.child_id) - used)
        return msgspec.structs.replace(
            best,
            added_bytes=_memory(profilers.child_id, "VmHWM") - idle,
            app_added_bytes=_memory("self", "VmRSS") - app,
        )
    finally:
        profilers.close()


def pandas_reads(python: Path, path: Path) -> Took:
    """`read_csv` of the profile's environment."""
    done = subprocess.run(
        [python, "-c", _PANDAS, path, str(_TRIES)], capture_output=True, text=True, check=True
    )
    seconds, cpu = map(float, done.stdout.split())
    return Took(seconds=seconds, cpu_seconds=cpu)


def _memory(process: int | str | None, what: str) -> int:
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if what in line)


def _cpu(process: int | None) -> float:
    """Seconds of processor, to a hundredth."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def _show(row: Row, *, as_json: bool) -> None:
    if as_json:
        line = json.dumps(msgspec.to_builtins(row) | {"ratio": round(row.ratio, 2)})
    else:
        ours, theirs = row.profile, row.pandas
        line = (
            f"profile {row.name:<11} {row.megabytes:>4} MB"
            f"  {ours.seconds:7.3f} s ({ours.cpu_seconds:.2f} cpu) +{ours.added_bytes / 1e6:.0f} MB"
            f"  | pandas {theirs.seconds:7.3f} s ({theirs.cpu_seconds:.2f} cpu)  {row.ratio:.1f}x"
        )
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
