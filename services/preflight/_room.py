"""The room: files arrive, are kept, checked once per content, and looked up by their owner."""

import hashlib
import tempfile
import threading
from pathlib import Path
from typing import Literal

import msgspec

from services import telemetry, wording
from services.clock import Clock
from services.errors import LimitError, Message
from services.events import CheckAdvanced, FileChecked
from services.files import Files
from services.files.types import KeptFile, Upload
from services.ids import FileId, RunId, UserId
from services.limits.types import LimitProfile
from services.money import Money
from services.money.types import EngineKind
from services.preflight._check import Checker, OnFact
from services.preflight._learning import Learning
from services.preflight._profiles import Profiles
from services.preflight._reductions import Reductions, remark
from services.preflight.inspection import Inspectors
from services.preflight.inspection.types import (
    IdentifyFile,
    Identity,
    Measures,
    Preview,
    PreviewTable,
)
from services.preflight.types import (
    CheckStarted,
    Corrections,
    Identified,
    Observation,
    Preflight,
    Reduction,
    ReductionPlan,
    ReductionStep,
    TablePreview,
)
from services.runs import Runs
from services.runs.types import CheckFile, Run, RunRow
from services.store import Store

_log = telemetry.log("preflight")
_PATIENCE_SECONDS = 0.3
"""A small file is known within this time, and its page never shows that it was checked."""
_PREVIEW_ROWS = 1_000
_VERSION = "4"
"""Raised when inspection or projection say more than before: then what is stored is out of date."""
_PASSING = ("crashed", "too_long", "too_much_memory", "unreadable")
"""Refusals that another try may not end in."""
_EMPTY = TablePreview(columns=(), rows=(), total_rows=0)


class CheckRun(msgspec.Struct, frozen=True, kw_only=True):
    """Which run looks at a file."""

    run_id: RunId


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What a file's memory was projected from: that of a smaller version is, too."""

    measures: Measures


class PreflightRoom:
    """Checks of kept files. Results belong to content, and are shared; files belong to users."""

    def __init__(
        self,
        *,
        files: Files,
        store: Store,
        runs: Runs,
        profile: LimitProfile,
        money: Money,
        clock: Clock,
        model: str,
        environment: str,
        engine: EngineKind = "claude",
        work_folder: Path | None = None,
    ) -> None:
        """`work_folder` is where smaller versions of files are written, before they are kept."""
        self._files = files
        self._runs = runs
        self._profile = profile
        self._results = store.space("preflight.results", Preflight)
        self._checks = store.space("preflight.checks", CheckRun)
        self._inspectors = Inspectors()
        self._checker = Checker(
            self._inspectors, profile, money, clock, model=model, environment=environment
        )
        self._clock = clock
        self._learning = Learning(store, engine)
        self._corrections = store.space("preflight.corrections", Corrections)
        self._measures = store.space("preflight.measures", Measured)
        self.reductions = Reductions(
            files=files,
            store=store,
            runs=runs,
            profile=profile,
            environment=environment,
            clock=clock,
            work_folder=work_folder or Path(tempfile.gettempdir()),
            known=self._known,
            check_now=self._check_now,
        )
        self.profiles = Profiles(
            files=files,
            store=store,
            runs=runs,
            clock=clock,
            checker=self._checker,
            known=self._checked,
            keep=self._replace,
        )
        self._context = _digest(
            _VERSION, msgspec.json.encode(profile), environment, model, money.price_version
        )

    def warm(self) -> None:
        """Start a child process, so that the first file needn't wait for it."""
        self._inspectors.warm()

    def close(self) -> None:
        """End the child processes."""
        self._inspectors.close()
        self.profiles.close()

    def check(
        self, user: UserId, upload: Upload, origin: Literal["upload", "sample"] = "upload"
    ) -> CheckStarted:
        """Keep a file and find out what it is.

        Known content has its result at once; else a run looks at it, which a small file does not
        outlast. Raises LimitError for a file that is too large to be checked; it is not kept.
        """
        limit = self._profile.check_limit_bytes
        if upload.size_bytes > limit:
            upload.path.unlink(missing_ok=True)
            raise LimitError(
                wording.refusals.too_large_to_check(upload.name, upload.size_bytes, limit),
                code="too_large_to_check",
            )
        kept = self._files.keep(user, upload, origin)
        key = self._key(kept)
        known = self._results.get(key)
        if known is not None and known.verdict.code not in _PASSING:
            self.profiles.begin(user, kept.id)
            return CheckStarted(file_id=kept.id, run_id=None)
        self._results.delete(key)  # or the passing one would be shown while it is looked at again
        run_id = self._start(user, kept.id)
        self._runs.wait(user, run_id, _PATIENCE_SECONDS)
        return CheckStarted(file_id=kept.id, run_id=run_id)

    def correct(self, user: UserId, file_id: FileId, corrections: Corrections) -> CheckStarted:
        """Read a file as its owner says; with no corrections, as it was found. NotYoursError."""
        kept = self._files.get(user, file_id)
        if corrections == Corrections():
            self._corrections.delete(file_id)
        else:
            self._corrections.put(file_id, corrections)
        known = self._results.get(self._key(kept))
        if known is not None and known.verdict.code not in _PASSING:
            self.profiles.begin(user, file_id)
            return CheckStarted(file_id=file_id, run_id=None)
        run_id = self._start(user, file_id)
        self._runs.wait(user, run_id, _PATIENCE_SECONDS)
        return CheckStarted(file_id=file_id, run_id=run_id)

    def corrections(self, user: UserId, file_id: FileId) -> Corrections:
        """What the owner has said of a file; nothing where it is read as found. NotYoursError."""
        self._files.get(user, file_id)
        return self._corrections.get(file_id) or Corrections()

    def perform_check(self, run: Run, task: CheckFile) -> None:
        """The performer of CheckFile."""
        kept = self._files.get(run.owner, task.file_id)
        path = self._files.path(run.owner, task.file_id)
        stop = threading.Event()
        run.on_stop(stop.set)

        def tell(step: Literal["content", "shape", "memory"], fact: str) -> None:
            run.note(CheckAdvanced(at=self._clock.now(), step=step, fact=fact))

        result = self._check_now(kept, path, on_fact=tell, stop=stop)
        run.on_stop(None)
        if result is None:
            return
        run.note(FileChecked(at=self._clock.now(), file_id=task.file_id))
        self.profiles.begin(run.owner, task.file_id)
        _log.info("file_checked", verdict=result.verdict.code, seconds=round(result.seconds, 3))

    def result(self, user: UserId, file_id: FileId) -> Preflight | None:
        """What is known of the user's own file; None while it is not. Raises NotYoursError."""
        kept = self._files.get(user, file_id)
        found = self._results.get(self._key(kept))
        return found if found is None else self._learning.corrected(found)

    def learn(self, observation: Observation) -> None:
        """Keep what a finished question took beside what was projected. Raises StoreError."""
        self._learning.learn(observation)

    def observations(self, limit: int = 1_000) -> tuple[Observation, ...]:
        """What finished questions took, newest first."""
        return self._learning.observations(limit)

    def check_run(self, user: UserId, file_id: FileId) -> RunRow | None:
        """The run that looks at a file, or did. Raises NotYoursError."""
        self._files.get(user, file_id)
        check = self._checks.get(file_id)
        return self._runs.get(user, check.run_id) if check is not None else None

    def renew(self, user: UserId, file_id: FileId) -> RunRow | None:
        """As `check_run`, but begins a check where one is due.

        A verdict holds for certain limits, prices and an environment; where these have changed
        since, the file is judged again. What was stopped, broke or was interrupted is left to the
        user. A look at every row that was interrupted begins again. Raises NotYoursError.
        """
        self.profiles.begin(user, file_id)
        row = self.check_run(user, file_id)
        is_due = row is None or row.state == "finished"
        if self.result(user, file_id) is not None or not is_due:
            return row
        return self._runs.get(user, self._start(user, file_id))

    def check_failure(self, user: UserId, file_id: FileId) -> Message:
        """Why a check ended without a verdict. Raises NotYoursError."""
        row = self.check_run(user, file_id)
        if row is not None and row.state == "stopped":
            return wording.verdicts.check_stopped()
        if row is not None and row.state == "failed":
            return wording.verdicts.check_crashed()
        return wording.verdicts.check_interrupted()

    def plan(
        self, user: UserId, file_id: FileId, steps: tuple[ReductionStep, ...] | None = None
    ) -> ReductionPlan | None:
        """What these steps would bring, or the suggested ones; None without a table. NotYoursError.

        It only computes, so it may be asked at every click.
        """
        return self.reductions.plan(user, file_id, steps)

    def reduce(self, user: UserId, file_id: FileId, steps: tuple[ReductionStep, ...]) -> RunId:
        """Write a smaller version of a file, as a file of its own. Raises NotYoursError."""
        return self.reductions.start(user, file_id, steps)

    def reduction(self, user: UserId, file_id: FileId) -> Reduction | None:
        """What a file was reduced from, and how; None for any other. Raises NotYoursError."""
        return self.reductions.result(user, file_id)

    def remark(self, user: UserId, file_id: FileId) -> str | None:
        """What every answer about a reduced file says; None about any other. NotYoursError."""
        found = self.reductions.result(user, file_id)
        return None if found is None else remark(found)

    def identify(self, path: Path) -> Identified:
        """Type by content, for a file that a run produced."""
        reply = self._inspectors.ask(IdentifyFile(path=str(path)))
        if isinstance(reply, Identity):
            return reply.identified
        return Identified(kind=None, mime="application/octet-stream")

    def table(self, path: Path, name: str, rows: int = _PREVIEW_ROWS) -> TablePreview:
        """The head of a produced table; empty where it can't be read as one."""
        kinds: dict[str, Literal["csv", "json", "ndjson"]] = {
            ".json": "json",
            ".ndjson": "ndjson",
            ".jsonl": "ndjson",
        }
        kind = kinds.get(Path(name).suffix.lower(), "csv")
        reply = self._inspectors.ask(PreviewTable(path=str(path), kind=kind, rows=rows))
        return reply.table or _EMPTY if isinstance(reply, Preview) else _EMPTY

    def _check_now(
        self,
        kept: KeptFile,
        path: Path,
        *,
        on_fact: OnFact | None = None,
        stop: threading.Event | None = None,
    ) -> Preflight | None:
        """Look at a file and keep what is found; None if `stop` was set first."""
        told = self._corrections.get(kept.id)
        key = self._key_of(kept, told)
        result = self._checker.check(
            path,
            kept.name,
            kept.blob,
            on_fact=on_fact,
            stop=stop,
            corrections=told,
            on_measured=lambda measures: self._measures.put(key, Measured(measures=measures)),
        )
        if result is not None:
            self._results.put(key, result)
        return result

    def _known(self, kept: KeptFile) -> tuple[Preflight, Measures] | None:
        found = self._checked(kept)
        return None if found is None else found[1:]

    def _checked(self, kept: KeptFile) -> tuple[str, Preflight, Measures] | None:
        key = self._key(kept)
        result, measured = self._results.get(key), self._measures.get(key)
        return None if result is None or measured is None else (key, result, measured.measures)

    def _replace(self, key: str, before: Preflight, after: Preflight) -> None:
        """Put a verdict in another one's place, unless that was replaced in the meantime."""
        if self._results.get(key) == before:
            self._results.update(key, lambda now: after if now == before else now)

    def _start(self, user: UserId, file_id: FileId) -> RunId:
        run_id = self._runs.start(user, CheckFile(file_id=file_id))
        self._checks.put(file_id, CheckRun(run_id=run_id))
        return run_id

    def _key(self, kept: KeptFile) -> str:
        """Content, what its name promises, and under which limits and prices it was judged.

        A file that its owner has corrected has a result of its own.
        """
        return self._key_of(kept, self._corrections.get(kept.id))

    def _key_of(self, kept: KeptFile, told: Corrections | None) -> str:
        how = "" if told is None else f":{_digest(msgspec.json.encode(told))}"
        return f"{kept.blob}:{_digest(Path(kept.name).suffix.lower())}:{self._context}{how}"


def _digest(*parts: str | bytes) -> str:
    """A short name for these facts, of characters that keys may have."""
    joined = b"\0".join(part.encode() if isinstance(part, str) else part for part in parts)
    return hashlib.sha256(joined).hexdigest()[:16]
