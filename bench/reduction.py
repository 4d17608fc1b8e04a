"""Files that every rule of thumb refuses, made to fit: time, memory, and whether they then do.

A CSV of 180 MB with 31 columns, and a workbook. Each is checked, reduced by the plan that is
suggested, and the result loaded and analysed under the profile's pandas (`_typical_analysis.py`).

    python bench/reduction.py          the CSV and a workbook of some 20 MB: two minutes
    python bench/reduction.py --full   a workbook of 100 MB, most of it shared strings, as well

Files are kept under the user's temporary folder.
"""

import argparse
import contextlib
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from bench import _recipes, _truths  # noqa: E402 - the root comes first
from services import limits  # noqa: E402
from services.clock import SystemClock  # noqa: E402
from services.events import ReductionAdvanced  # noqa: E402
from services.files import Files  # noqa: E402
from services.files.types import Upload  # noqa: E402
from services.ids import FileId, UserId  # noqa: E402
from services.money import Money  # noqa: E402
from services.preflight import PreflightRoom  # noqa: E402
from services.preflight.types import Preflight  # noqa: E402
from services.runs import Runs  # noqa: E402
from services.runs.types import CheckFile, ProfileFile, ReduceFile, Run  # noqa: E402
from services.store import memory_store  # noqa: E402

FOLDER = Path(tempfile.gettempdir()) / "datadock-bench"
PYTHON = ROOT / ".venv-profile/bin/python"
ANN = UserId("ann")
CSV = (
    "seq:1000000 dt:%Y-%m-%d_%H_%M_%S cat:5:6:10 cat:60:4:12 flt:100:30:2 int:1:30 bool uuid"
    " hex:32 mail name txt:6:12 url ip cat:3:3:5 flt:20:5:4 flt:0:1:6 int:0:100000 usd?0.2 raw"
    " cat:800:4:9 code:K int:0:5 flt:50:9:1?0.5 dt:%Y-%m-%d yn hex:16 int:0:9 pct flt:7:2:3 tf"
    " @ 180 : 7001"
)
TABLE = "seq:1 day cat:6:5:9 cat:300:4:12 flt:100:30:2 int:0:500 bool txt:6:12 hex:64 name raw?0.1"
WORKBOOK = f"xlsx {TABLE} @ 130000r : 7002"
LARGE = f"xlsx {TABLE} 3*hex:64 txt:10:16 @ 290000r : 7003"
POLL_SECONDS = 0.05


def main() -> int:
    """Build, reduce, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--full", action="store_true", help="a workbook of 100 MB as well")
    full = parser.parse_args().full
    if not PYTHON.exists():
        print("There is no .venv-profile; script/setup --profile-env installs it.")
        return 1
    FOLDER.mkdir(exist_ok=True)
    return max(_told(recipe) for recipe in (CSV, WORKBOOK, *([LARGE] if full else [])))


@dataclass(slots=True)
class Peaks:
    """Resident bytes at most: of the child that reduces, and of this process."""

    child_bytes: int = 0
    own_bytes: int = 0


def _told(recipe: str) -> int:
    """One file's figures on one line; whether it missed a bar."""
    path = FOLDER / _recipes.file_name(recipe)
    if not path.exists():
        _recipes.build(recipe, path)
    with tempfile.TemporaryDirectory() as folder:
        house = _House(Path(folder))
        try:
            return _figures(house, path, Path(folder))
        finally:
            house.close()


def _figures(house: "_House", path: Path, folder: Path) -> int:
    file_id, before = house.checked(path)
    plan = before.plan
    if plan is None or before.memory is None:
        print(f"reduction file={path.suffix} verdict={before.verdict.code}: there is no plan")
        return 1
    own_before = _resident("self", "VmRSS")
    started = time.perf_counter()
    with _watched() as peaks:
        words = house.reduced(file_id)
    seconds = time.perf_counter() - started
    reduced_id = house.room.reductions.reduced(ANN, file_id)
    after = None if reduced_id is None else house.room.result(ANN, reduced_id)
    if reduced_id is None or after is None or after.memory is None:
        print(f"reduction file={path.suffix}: {house.room.reductions.failure(ANN, file_id)}")
        return 1
    copy = folder / "reduced.csv"
    shutil.copy(house.files.path(ANN, reduced_id), copy)
    measured = _truths.measure(PYTHON, "", copy).peak_bytes
    limit = house.profile.ram_limit_bytes
    size = house.files.get(ANN, reduced_id).size_bytes
    grown = peaks.own_bytes - own_before
    fits = measured < limit and size <= house.profile.file_limit_bytes
    print(
        f"reduction file={before.report.size_bytes / 1e6:.0f}MB{path.suffix}"
        f" rows={before.report.tables[0].rows} seconds={seconds:.1f}"
        f" estimated={plan.seconds:.1f} words={words}"
        f" child_peak_mb={peaks.child_bytes / 1e6:.0f} app_growth_mb={grown / 1e6:.1f}"
        f" | size_mb before={before.report.size_bytes / 1e6:.1f}"
        f" planned={plan.size_bytes / 1e6:.1f}"
        f" after={size / 1e6:.1f} | memory_mb before={before.memory.peak_bytes / 1e6:.0f}"
        f" planned={plan.memory.peak_bytes / 1e6:.0f} projected={after.memory.peak_bytes / 1e6:.0f}"
        f" measured={measured / 1e6:.0f} limit={limit / 1e6:.0f} | columns={plan.columns}"
        f" of {len(before.report.tables[0].columns)} exact={plan.is_exact} fits={fits}"
    )
    is_within = seconds <= 120 and peaks.child_bytes < 400e6 and grown < 30e6
    return 0 if fits and is_within and words > 1 else 1


class _House:
    """The rooms that preflight stands on, over a store in memory."""

    def __init__(self, folder: Path) -> None:
        clock = SystemClock()
        self._folder = folder
        self._store = memory_store(clock)
        self.profile = limits.load()
        self.files = Files(self._store, clock)
        self._runs = Runs(self._store, clock, workers=2, fence=1)
        self.room = PreflightRoom(
            files=self.files,
            store=self._store,
            runs=self._runs,
            profile=self.profile,
            money=Money(self._store, limits.load_prices(), self.profile, clock),
            clock=clock,
            model="claude-sonnet-5",
            environment="pandas 1.5.3",
            work_folder=folder / "work",
        )
        self._runs.perform(CheckFile, self.room.perform_check)
        self._runs.perform(ReduceFile, self.room.reductions.perform)
        # The exact profile goes on beside; it is not what is measured here.
        self._runs.perform(ProfileFile, _leave)

    def checked(self, path: Path) -> tuple[FileId, Preflight]:
        """Keep a copy and wait for its verdict."""
        copy = self._folder / "upload"
        shutil.copy(path, copy)
        upload = Upload(path=copy, name=f"a{path.suffix}", size_bytes=copy.stat().st_size)
        started = self.room.check(ANN, upload)
        if started.run_id is not None:
            self._runs.wait(ANN, started.run_id, 300)
        found = self.room.result(ANN, started.file_id)
        if found is None:
            raise AssertionError("there is no verdict")
        return started.file_id, found

    def reduced(self, file_id: FileId) -> int:
        """Reduce as suggested; how often it told of its progress."""
        plan = self.room.plan(ANN, file_id)
        run_id = self.room.reduce(ANN, file_id, plan.steps if plan is not None else ())
        self._runs.wait(ANN, run_id, 600)
        events = self._runs.events(ANN, run_id)
        return sum(isinstance(numbered.event, ReductionAdvanced) for numbered in events)

    def close(self) -> None:
        """End the children and threads."""
        self._runs.shutdown(5)
        self.room.close()
        self._store.close()


def _leave(run: Run, task: ProfileFile) -> None:
    del run, task


@contextlib.contextmanager
def _watched() -> Iterator[Peaks]:
    """Look at both processes until the end."""
    peaks, ended = Peaks(), threading.Event()

    def watch() -> None:
        while not ended.wait(POLL_SECONDS):
            peaks.own_bytes = max(peaks.own_bytes, _resident("self", "VmRSS"))
            for command in Path("/proc").glob("[0-9]*/cmdline"):
                with contextlib.suppress(OSError):
                    if b"reduction._worker" in command.read_bytes():
                        seen = _resident(command.parent.name, "VmHWM")
                        peaks.child_bytes = max(peaks.child_bytes, seen)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peaks
    finally:
        ended.set()
        watcher.join()


def _resident(process: str, name: str) -> int:
    """Bytes by that line of the process's status; 0 where it is gone."""
    with contextlib.suppress(OSError):
        for line in Path("/proc", process, "status").read_text(encoding="ascii").splitlines():
            if line.startswith(name):
                return int(line.split()[1]) * 1024
    return 0


if __name__ == "__main__":
    sys.exit(main())
