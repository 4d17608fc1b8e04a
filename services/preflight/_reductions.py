"""The room's side of reductions: plans, runs that write smaller files, and what came of them."""

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec

from services import wording
from services.clock import Clock
from services.errors import InputError, Message
from services.events import Failed, FileReduced, ReductionAdvanced
from services.files import Files
from services.files.types import KeptFile, Upload
from services.ids import FileId, RunId, UserId, new_id
from services.limits.types import LimitProfile
from services.preflight.inspection.types import CsvMeasures, JsonMeasures, Measures
from services.preflight.reduction import Estimator, Reducers, gather, suggest
from services.preflight.reduction.types import (
    Advanced,
    NotWritten,
    ReduceRequest,
    Source,
    Written,
)
from services.preflight.types import (
    FileReport,
    KeepColumns,
    KeepRows,
    NarrowTypes,
    NewestRows,
    OneRowPerGroup,
    PickSheet,
    Preflight,
    Reduction,
    ReductionPlan,
    ReductionStep,
)
from services.runs import Runs
from services.runs.types import LIVE_STATES, ReduceFile, Run, RunRow
from services.store import Store

_MARK = " (reduced)"
CheckNow = Callable[[KeptFile, Path], Preflight | None]
Known = Callable[[KeptFile], tuple[Preflight, Measures] | None]


class ReductionOrder(msgspec.Struct, frozen=True, kw_only=True):
    """By which steps a file is to be reduced, in which run, and what that has brought."""

    run_id: RunId
    steps: tuple[ReductionStep, ...]
    reduced_id: FileId | None = None
    is_taken: bool = False
    """Whether the smaller file has taken the place of its source."""


class Reductions:
    """Reductions of kept files. Orders stand under the source's id, results under the new one's."""

    def __init__(
        self,
        *,
        files: Files,
        store: Store,
        runs: Runs,
        profile: LimitProfile,
        environment: str,
        clock: Clock,
        work_folder: Path,
        known: Known,
        check_now: CheckNow,
    ) -> None:
        """`known` is what a check has found, `check_now` makes one and keeps what it finds."""
        self._files = files
        self._runs = runs
        self._profile = profile
        self._environment = environment
        self._clock = clock
        self._work_folder = work_folder
        self._known = known
        self._check_now = check_now
        self._orders = store.space("preflight.reduction_orders", ReductionOrder)
        self._results = store.space("preflight.reductions", Reduction)
        self._reducers = Reducers()

    def plan(
        self, user: UserId, file_id: FileId, steps: tuple[ReductionStep, ...] | None
    ) -> ReductionPlan | None:
        """What the steps bring; without any, the suggestion."""
        found = self._known(self._files.get(user, file_id))
        if found is None or not found[0].report.tables:
            return None
        preflight, measures = found
        source = Source(report=preflight.report, measures=measures)
        estimator = Estimator(source, self._profile, self._environment)
        if steps is not None:
            return estimator.plan(steps)
        if preflight.plan is not None or preflight.verdict.state != "fits":
            return preflight.plan
        return self._with_room(source, estimator)

    def start(self, user: UserId, file_id: FileId, steps: tuple[ReductionStep, ...]) -> RunId:
        """Write the steps down and start the run; one that is under way goes on instead."""
        row = self.run(user, file_id)
        if row is not None and row.state in LIVE_STATES:
            return row.id
        order = ReductionOrder(run_id=RunId(new_id("run")), steps=steps)
        return self._runs.start(
            user,
            ReduceFile(file_id=file_id),
            run_id=order.run_id,
            along=lambda: self._orders.put(file_id, order),
        )

    def perform(self, run: Run, task: ReduceFile) -> None:
        """The performer of ReduceFile: write, keep, check, and only then say so."""
        order, kept = self._orders.get(task.file_id), self._files.get(run.owner, task.file_id)
        found = self._known(kept)
        if order is None or found is None:
            raise InputError(wording.reductions.not_reduced("crashed"), code="not_reduced")
        if not _are_of(order.steps, found[0].report):
            # Read differently since, the file has other columns than those that were chosen.
            raise InputError(wording.reductions.not_reduced("other_columns"), code="other_columns")
        folder = self._work_folder / run.id
        stop = threading.Event()
        run.on_stop(stop.set)
        try:
            folder.mkdir(parents=True)
            request = self._request(run.owner, kept, order, *found, folder)
            written = self._reducers.reduce(request, self._teller(run), stop)
            if isinstance(written, NotWritten):
                raise InputError(wording.reductions.not_reduced(written.code), code=written.code)
            if written is not None:
                run.on_stop(None)
                reduced_id = self._keep(run.owner, kept, order, found[0], written, folder)
                event = FileReduced(
                    at=self._clock.now(), file_id=task.file_id, reduced_id=reduced_id
                )
                run.note(event)
        except OSError as exc:
            raise InputError(wording.reductions.not_reduced("disk_full"), code="disk_full") from exc
        finally:
            run.on_stop(None)
            shutil.rmtree(folder, ignore_errors=True)

    def run(self, user: UserId, file_id: FileId) -> RunRow | None:
        """The run that reduces a file, or did. Raises NotYoursError."""
        self._files.get(user, file_id)
        order = self._orders.get(file_id)
        return None if order is None else self._runs.get(user, order.run_id)

    def reduced(self, user: UserId, file_id: FileId) -> FileId | None:
        """The smaller version of a file that has not taken its place yet. Raises NotYoursError."""
        self._files.get(user, file_id)
        order = self._orders.get(file_id)
        return None if order is None or order.is_taken else order.reduced_id

    def take(self, user: UserId, file_id: FileId) -> None:
        """The smaller version has taken the place of that file, or is not to. NotYoursError."""
        self._files.get(user, file_id)
        if self._orders.get(file_id) is not None:
            self._orders.update(file_id, lambda o: msgspec.structs.replace(o, is_taken=True))

    def failure(self, user: UserId, file_id: FileId) -> Message | None:
        """Why the last reduction brought nothing; None where it did, or is under way."""
        row = self.run(user, file_id)
        if row is None or row.state in LIVE_STATES or row.state == "finished":
            return None
        if row.state == "stopped":
            return wording.reductions.stopped()
        if row.state == "interrupted":
            return wording.reductions.interrupted()
        events = [numbered.event for numbered in self._runs.events(user, row.id)]
        told = [event.message for event in events if isinstance(event, Failed)]
        return told[-1] if told else wording.reductions.not_reduced("crashed")

    def result(self, user: UserId, file_id: FileId) -> Reduction | None:
        """What a file was reduced from, and how; None for any other. Raises NotYoursError."""
        self._files.get(user, file_id)
        return self._results.get(file_id)

    def _with_room(self, source: Source, estimator: Estimator) -> ReductionPlan:
        """A file that fits, but barely, is brought below where runs begin to stop."""
        tighter = msgspec.structs.replace(
            self._profile, ram_limit_bytes=self._profile.ram_alert_bytes
        )
        found = suggest(Estimator(source, tighter, self._environment))
        return estimator.plan(() if found is None else found.steps)

    def _request(
        self,
        user: UserId,
        kept: KeptFile,
        order: ReductionOrder,
        preflight: Preflight,
        measures: Measures,
        folder: Path,
    ) -> ReduceRequest:
        return ReduceRequest(
            path=str(self._files.path(user, kept.id)),
            folder=str(folder),
            report=preflight.report,
            fields=measures.width if isinstance(measures, CsvMeasures) else 0,
            shape=measures.shape if isinstance(measures, JsonMeasures) else "records",
            steps=order.steps,
        )

    def _teller(self, run: Run) -> Callable[[Advanced], None]:
        def tell(word: Advanced) -> None:
            run.note(ReductionAdvanced(at=self._clock.now(), done=word.done, rows=word.rows))

        return tell

    def _keep(
        self,
        user: UserId,
        source: KeptFile,
        order: ReductionOrder,
        preflight: Preflight,
        written: Written,
        folder: Path,
    ) -> FileId:
        path = folder / "reduced.csv"
        name = wording.reductions.reduced_name(Path(source.name).stem.removesuffix(_MARK))
        upload = Upload(path=path, name=name, size_bytes=path.stat().st_size)
        kept = self._files.keep(user, upload, "reduced")
        self._results.put(kept.id, self._told(user, source, order, preflight, written))
        self._check_now(kept, self._files.path(user, kept.id))
        self._orders.update(
            source.id, lambda o: msgspec.structs.replace(o, reduced_id=kept.id, is_taken=False)
        )
        return kept.id

    def _told(
        self,
        user: UserId,
        source: KeptFile,
        order: ReductionOrder,
        preflight: Preflight,
        written: Written,
    ) -> Reduction:
        """What was done in all: a file that was reduced before brings its own story along."""
        earlier = self._results.get(source.id)
        plan = self.plan(user, source.id, order.steps)
        table = preflight.report.tables[0]
        picked = gather(order.steps).table
        table = next((t for t in preflight.report.tables if t.name == picked), table)
        reduction = Reduction(
            source=source.id,
            steps=order.steps,
            source_columns=len(table.columns),
            source_rows=written.source_rows,
            kept_columns=written.columns,
            kept_rows=written.rows,
            is_exact=plan is not None and plan.is_exact,
            truth=plan.truth if plan is not None else "",
        )
        if earlier is None:
            return reduction
        return msgspec.structs.replace(
            reduction,
            steps=(*earlier.steps, *order.steps),
            source_columns=earlier.source_columns,
            source_rows=earlier.source_rows,
            is_exact=earlier.is_exact and reduction.is_exact,
            truth=reduction.truth if earlier.is_exact else earlier.truth,
        )


def remark(reduction: Reduction) -> str:
    """What every answer about such a file carries."""
    wanted = gather(reduction.steps)
    return wording.reductions.remark(
        reduction.kept_columns,
        reduction.source_columns,
        every=wanted.every,
        is_part=bool(wanted.filters) or wanted.newest is not None,
        is_grouped=wanted.by is not None,
        is_rounded=bool(wanted.digits),
    )


def _are_of(steps: tuple[ReductionStep, ...], report: FileReport) -> bool:
    """Whether the steps name columns and tables that there are, and leave something."""
    picked = next((step.name for step in steps if isinstance(step, PickSheet)), None)
    tables = [table for table in report.tables if picked in (None, table.name)]
    names = {column.name for table in tables[:1] for column in table.columns}
    for step in steps:
        match step:
            case KeepColumns(names=wanted) | OneRowPerGroup(by=wanted):
                if not wanted or not names.issuperset(wanted):
                    return False
            case NarrowTypes(columns=wanted):
                if not names.issuperset(wanted):
                    return False
            case KeepRows(column=column) | NewestRows(column=column):
                if column is not None and column not in names:
                    return False
    return bool(tables)
