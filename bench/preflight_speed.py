"""How fast a file's verdict and its profile come, and what they take, beside others' readings.

Every file is made from a seed. Verdict (a sample, one pass over all bytes) and profile (every row)
are asked of warm children; in the same run pandas 1.5.3 and the current pandas read the file in
processes of their own, DuckDB sniffs its dialect, and its newlines are counted. The best of some
tries counts, with files in the page cache. Cores are processor time over wall time.

    python bench/preflight_speed.py [--quick] [--full] [--json]

`--quick` stops at 15 MB; by default 180 MB are read of two kinds of files, with `--full` of all.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import msgspec

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from bench import _recipes  # noqa: E402 - the root comes first
from services import limits  # noqa: E402
from services.preflight import assess  # noqa: E402
from services.preflight.inspection import Inspectors  # noqa: E402
from services.preflight.inspection.types import Inspected, InspectFile  # noqa: E402
from services.preflight.profiling import Profilers  # noqa: E402
from services.preflight.profiling.types import Profiled, ProfileTables  # noqa: E402
from services.sandbox import find_environment  # noqa: E402

SEED = 24
SPECS = {
    "orders": "seq:1 dt:%Y-%m-%d cat:1500:4:14 cat:5:6:10 int:1:30 flt:80:20:2",
    "ids": "hex:32 dig:12 seq:1000000 cat:5:3:9 flt:50:20:2",
    "floats": "8*flt:0:1:15",
    "numeric": "seq:1 12*int:0:100000 12*flt:100:15:2 8*int:0:50",
    "categories": "seq:1 6*cat:40:3:12 4*cat:3000:4:14 3*int:0:1000 dt:%Y-%m-%d",
    "reviews": "seq:1 name txt:10:60 int:1:6 dt:%Y-%m-%d",
    "wide": "150*flt:0:100:3 50*int:0:1000",
}
SMALL_MB, MIDDLE_MB, LARGE_MB = 1, 15, 180
LARGE_BY_DEFAULT = ("orders", "ids")
TRIES, LARGE_TRIES = 5, 2
NO_LIMIT = 2**40
READS = """
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
    """One side's time for a file, and what it added to a child's and to this process's memory."""

    seconds: float
    cpu_seconds: float
    child_bytes: int = 0
    app_bytes: int = 0

    def __str__(self) -> str:
        cores = self.cpu_seconds / max(1e-9, self.seconds)
        return f"{1000 * self.seconds:7.1f} ms ({cores:.1f} cores)"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One file, all sides."""

    name: str
    megabytes: int
    verdict: Took
    profile: Took
    pandas_profile: Took
    pandas_current: Took
    sniffer_seconds: float
    newlines_seconds: float

    @property
    def verdict_ratio(self) -> float:
        """How many times faster the verdict comes than pandas 1.5.3 reads."""
        return self.pandas_profile.seconds / self.verdict.seconds

    @property
    def profile_ratio(self) -> float:
        """The same of the profile."""
        return self.pandas_profile.seconds / self.profile.seconds


def main() -> int:
    """Measure all files and print one line each, then the summary."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="up to 15 MB only")
    parser.add_argument("--full", action="store_true", help="180 MB of every kind")
    parser.add_argument("--json", action="store_true", help="a JSON object a line")
    given = parser.parse_args()
    python = find_environment(ROOT, limits.load().environment).python
    rows = []
    inspectors, profilers = Inspectors(), Profilers()
    try:
        with tempfile.TemporaryDirectory() as folder:
            for name, megabytes in _wanted(is_quick=given.quick, is_full=given.full):
                path = Path(folder) / f"{name}_{megabytes}.csv"
                _recipes.build(f"{SPECS[name]} @ {megabytes} : {SEED}", path)
                rows.append(_measure(name, megabytes, path, python, inspectors, profilers))
                path.unlink()
                print(_line(rows[-1], as_json=given.json), flush=True)
    finally:
        inspectors.close()
        profilers.close()
    if not given.json:
        _summarise(rows)
    return 0


def _wanted(*, is_quick: bool, is_full: bool) -> list[tuple[str, int]]:
    small = [(name, size) for name in SPECS for size in (SMALL_MB, MIDDLE_MB)]
    if is_quick:
        return small
    return small + [(name, LARGE_MB) for name in (SPECS if is_full else LARGE_BY_DEFAULT)]


def _measure(
    name: str,
    megabytes: int,
    path: Path,
    python: Path,
    inspectors: Inspectors,
    profilers: Profilers,
) -> Row:
    tries = LARGE_TRIES if megabytes == LARGE_MB else TRIES
    content = path.read_bytes()  # into the page cache
    del content
    report = assess(path, path.name, limits.load()).report
    look = InspectFile(
        path=str(path), name=path.name, check_limit_bytes=NO_LIMIT, practical_limit_bytes=NO_LIMIT
    )
    count = ProfileTables(path=str(path), report=report)

    def verdict() -> None:
        if not isinstance(inspectors.ask(look), Inspected):
            raise SystemExit(f"{path.name} has no verdict")

    def profile() -> None:
        if not isinstance(profilers.ask(count), Profiled):
            raise SystemExit(f"{path.name} has no profile")

    return Row(
        name=name,
        megabytes=megabytes,
        verdict=_asked(verdict, lambda: inspectors.idle_child_id, tries),
        profile=_asked(profile, lambda: profilers.child_id, tries),
        pandas_profile=_read_by(python, path, tries),
        pandas_current=_read_by(Path(sys.executable), path, tries),
        sniffer_seconds=_best(lambda: _sniff(path), tries),
        newlines_seconds=_best(lambda: _count_newlines(path), tries),
    )


def _asked(ask: Callable[[], None], child: Callable[[], int | None], tries: int) -> Took:
    ask()  # the child is warm from here on
    idle, app = _memory(child(), "VmRSS"), _memory("self", "VmRSS")
    _forget_peak(child())
    best = Took(seconds=float("inf"), cpu_seconds=0.0)
    for _ in range(tries):
        at, used = time.perf_counter(), _cpu(child())
        ask()
        seconds = time.perf_counter() - at
        if seconds < best.seconds:
            best = Took(seconds=seconds, cpu_seconds=_cpu(child()) - used)
    return msgspec.structs.replace(
        best,
        child_bytes=_memory(child(), "VmHWM") - idle,
        app_bytes=_memory("self", "VmRSS") - app,
    )


def _read_by(python: Path, path: Path, tries: int) -> Took:
    """`read_csv` of an environment, imports not counted."""
    command = [str(python), "-c", READS, str(path), str(tries)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, cpu = map(float, done.stdout.split())
    return Took(seconds=seconds, cpu_seconds=cpu)


def _sniff(path: Path) -> None:
    duckdb.execute("select * from sniff_csv(?)", [str(path)]).fetchall()


def _count_newlines(path: Path) -> int:
    buffer = bytearray(1 << 19)
    found = 0
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            found += buffer.count(b"\n", 0, count)
    return found


def _best(work: Callable[[], object], tries: int) -> float:
    seconds = []
    for _ in range(tries):
        at = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - at)
    return min(seconds)


def _memory(process: int | str | None, what: str) -> int:
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if what in line)


def _forget_peak(process: int | None) -> None:
    Path(f"/proc/{process}/clear_refs").write_text("5", encoding="ascii")


def _cpu(process: int | None) -> float:
    """Seconds of processor, to a hundredth."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def _line(row: Row, *, as_json: bool) -> str:
    if as_json:
        ratios = {"verdict_ratio": row.verdict_ratio, "profile_ratio": row.profile_ratio}
        return json.dumps(msgspec.to_builtins(row) | ratios)
    return (
        f"{row.name:<11}{row.megabytes:>4} MB  verdict {row.verdict} {row.verdict_ratio:5.1f}x"
        f"  profile {row.profile} {row.profile_ratio:4.1f}x"
        f"  | pandas 1.5.3 {row.pandas_profile}  current {row.pandas_current}"
        f"  sniffer {1000 * row.sniffer_seconds:.0f} ms"
        f"  newlines {1000 * row.newlines_seconds:.1f} ms"
    )


def _summarise(rows: list[Row]) -> None:
    for megabytes in (SMALL_MB, MIDDLE_MB, LARGE_MB):
        some = [row for row in rows if row.megabytes == megabytes]
        if not some:
            continue
        verdicts, profiles = [r.verdict_ratio for r in some], [r.profile_ratio for r in some]
        newlines = statistics.median(r.verdict.seconds / r.newlines_seconds for r in some)
        print(
            f"verdict size_mb={megabytes} files={len(some)}"
            f" median={statistics.median(verdicts):.1f}x least={min(verdicts):.1f}x"
            f" slowest_ms={1000 * max(r.verdict.seconds for r in some):.0f}"
            f" newline_counts={newlines:.1f}"
            f" child_mb={max(r.verdict.child_bytes for r in some) / 1e6:.0f}"
            f" app_mb={max(r.verdict.app_bytes for r in some) / 1e6:.0f}"
        )
        print(
            f"profile size_mb={megabytes} files={len(some)}"
            f" median={statistics.median(profiles):.1f}x least={min(profiles):.1f}x"
            f" child_mb={max(r.profile.child_bytes for r in some) / 1e6:.0f}"
            f" app_mb={max(r.profile.app_bytes for r in some) / 1e6:.0f}"
        )


if __name__ == "__main__":
    raise SystemExit(main())
