"""The room's side of profiles: runs that look at every row, and what that changes of a verdict."""

import threading
from collections.abc import Callable
from pathlib import Path

import msgspec

from services import telemetry, wording
from services.clock import Clock
from services.errors import LimitError
from services.events import FileProfiled
from services.files import Files
from services.files.types import KeptFile
from services.ids import FileId, RunId, UserId
from services.preflight._check import Checker
from services.preflight.inspection.types import Inspected, Measures
from services.preflight.profiling import Profilers, contradicts, correct, fill_in
from services.preflight.profiling.types import Profiled, ProfileTables, TableFigures
from services.preflight.types import Finding, MemoryProjection, Preflight
from services.runs import Runs
from services.runs.types import LIVE_STATES, ProfileFile, Run, RunRow
from services.store import Store

_log = telemetry.log("preflight")
_NOTICEABLE_RATIO = 0.05
"""By how much a projection may change before it is said that it did."""
_WAIT_SECONDS = 0.1
_TABLES = ("csv", "xlsx", "json", "ndjson")
_OF_ONE_CHECK = frozenset({"heaviest_column"})
"""Findings that judging adds, and adds again."""
Known = Callable[[KeptFile], tuple[str, Preflight, Measures] | None]
Keep = Callable[[str, Preflight, Preflight], None]


class ProfileRun(msgspec.Struct, frozen=True, kw_only=True):
    """Which run looks at every row of a file."""

    run_id: RunId
    key: str = ""
    """Under which the verdict is kept that it began with: another reading has another one."""


class Profiles:
    """Profiles of kept files, one at a time; each content is gone over once."""

    def __init__(
        self,
        *,
        files: Files,
        store: Store,
        runs: Runs,
        clock: Clock,
        checker: Checker,
        known: Known,
        keep: Keep,
    ) -> None:
        """`known` is what a check has found, and its key; `keep` puts what is known now there.

        It does so only if what stands there is still what the profile began with.
        """
        self._files = files
        self._runs = runs
        self._clock = clock
        self._checker = checker
        self._known = known
        self._keep = keep
        self._under_way = store.space("preflight.profiles", ProfileRun)
        self._profilers = Profilers()
        self._turn = threading.Lock()

    def close(self) -> None:
        """End the child process."""
        self._profilers.close()

    def begin(self, user: UserId, file_id: FileId) -> RunRow | None:
        """The run that looks at every row of a file; begins one where it is due.

        Due is what ended usable and was not gone over yet, or was under way when the server ended.
        Raises NotYoursError.
        """
        found = self._known(self._files.get(user, file_id))
        row = self.run(user, file_id)
        if found is None or not is_due(found[1]):
            return row
        last = self._under_way.get(file_id)
        is_of_this_reading = last is not None and last.key == found[0]
        if row is not None and is_of_this_reading and row.state != "interrupted":
            return row
        try:
            run_id = self._runs.start(user, ProfileFile(file_id=file_id))
        except LimitError:  # the server is going down: the next one begins it
            return row
        self._under_way.put(file_id, ProfileRun(run_id=run_id, key=found[0]))
        return self._runs.get(user, run_id)

    def run(self, user: UserId, file_id: FileId) -> RunRow | None:
        """The run that looks at every row of a file, or did. Raises NotYoursError."""
        self._files.get(user, file_id)
        known = self._under_way.get(file_id)
        return None if known is None else self._runs.get(user, known.run_id)

    def live(self, user: UserId, file_id: FileId) -> bool:
        """Whether every row of a file is being looked at just now. Raises NotYoursError."""
        row = self.run(user, file_id)
        return row is not None and row.state in LIVE_STATES

    def perform(self, run: Run, task: ProfileFile) -> None:
        """The performer of ProfileFile. What can't be gone over is left as it was checked."""
        kept = self._files.get(run.owner, task.file_id)
        path = self._files.path(run.owner, task.file_id)
        stop = threading.Event()
        run.on_stop(stop.set)
        if not self._takes_turn(stop):
            return
        try:
            found = self._known(kept)
            if found is not None and is_due(found[1]):
                self._go_over(path, *found, stop)
        finally:
            self._turn.release()
            run.on_stop(None)
        now = self._known(kept)
        if now is not None and now[1].is_profiled:
            run.note(FileProfiled(at=self._clock.now(), file_id=task.file_id))

    def _takes_turn(self, stop: threading.Event) -> bool:
        while not stop.is_set():
            if self._turn.acquire(timeout=_WAIT_SECONDS):
                return True
        return False

    def _go_over(
        self,
        path: Path,
        key: str,
        before: Preflight,
        measures: Measures,
        stop: threading.Event,
    ) -> None:
        started = self._clock.monotonic()
        after = profiled(path, before, measures, self._checker, self._profilers, stop)
        seconds = round(self._clock.monotonic() - started, 3)
        if after is None:
            _log.info("file_not_profiled", seconds=seconds, stopped=stop.is_set())
            return
        self._keep(key, before, after)
        _log.info("file_profiled", verdict=after.verdict.code, seconds=seconds)


def is_due(found: Preflight) -> bool:
    """Whether a file is a table that can be asked about, of which not every row was looked at."""
    is_table = bool(found.report.tables) and found.report.kind in _TABLES
    return is_table and found.verdict.state != "refused" and not found.is_profiled


def profiled(
    path: Path,
    before: Preflight,
    measures: Measures | None,
    checker: Checker,
    profilers: Profilers,
    stop: threading.Event | None = None,
) -> Preflight | None:
    """What is known with every row looked at; None where that was stopped or can't be done."""
    reply = profilers.ask(ProfileTables(path=str(path), report=before.report), stop)
    if not isinstance(reply, Profiled) or not reply.tables:
        return None
    report = fill_in(before.report, reply.tables)
    after = msgspec.structs.replace(before, report=report, is_profiled=True)
    if measures is None or not contradicts(before.report, report):
        return after
    return _judged_again(before, after, correct(measures, _first(reply, before)), checker)


def _first(reply: Profiled, before: Preflight) -> TableFigures:
    name = before.report.tables[0].name
    return next((table for table in reply.tables if table.name == name), reply.tables[0])


def _judged_again(
    before: Preflight, after: Preflight, measures: Measures, checker: Checker
) -> Preflight:
    """The verdict on what all rows say; where it is another one, that is a finding."""
    findings = tuple(f for f in after.report.findings if f.code not in _OF_ONE_CHECK)
    report = msgspec.structs.replace(after.report, findings=findings)
    judged = checker.judge(Inspected(report=report, measures=measures), before.blob)
    report = judged.report
    if _differs(before.memory, judged.memory) or before.verdict.state != judged.verdict.state:
        was, is_now = before.memory, judged.memory
        if was is not None and is_now is not None:
            text = wording.files.projection_changed(was.peak_bytes, is_now.peak_bytes)
            finding = Finding(code="projection_changed", severity="warning", message=text)
            report = msgspec.structs.replace(report, findings=(finding, *report.findings))
    return msgspec.structs.replace(
        judged,
        report=report,
        is_profiled=True,
        seconds=before.seconds,
        checked_at=before.checked_at,
    )


def _differs(before: MemoryProjection | None, after: MemoryProjection | None) -> bool:
    if before is None or after is None:
        return False
    change = abs(after.peak_bytes - before.peak_bytes)
    return change > _NOTICEABLE_RATIO * before.peak_bytes
