"""Workers: threads that wait on streams. What is risky runs in child processes of other rooms."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import msgspec

from services import telemetry, wording
from services.clock import Clock
from services.errors import DatadockError, LimitError, NotYoursError
from services.events import (
    Event,
    Failed,
    Finished,
    Interrupted,
    Numbered,
    Queued,
    RunEvent,
    Stopped,
)
from services.ids import ConversationId, CorrelationId, RunId, UserId, new_id
from services.runs import _journal
from services.runs._live import LiveRun
from services.runs.types import LIVE_STATES, Run, RunRow, RunState, Task
from services.store import Store
from services.store.types import Fenced

_log = telemetry.log("runs")
_TaskT = TypeVar("_TaskT", bound=Task)


class Runs:
    """Starts, follows and stops runs. `fence` is this server's start number, ever rising."""

    def __init__(self, store: Store, clock: Clock, *, workers: int, fence: int) -> None:
        self._store = store
        self._rows = store.space("runs.rows", RunRow)
        self._clock = clock
        self._fence = fence
        self._performers: dict[type, Callable[[Run, Any], None]] = {}
        self._after: dict[type, Callable[[RunRow, Event], None]] = {}
        self._workers = workers
        self._pools: dict[type, ThreadPoolExecutor] = {}
        """Workers for each kind of task, so that long questions keep no file waiting."""
        self._live: dict[RunId, LiveRun] = {}
        self._unfinished: set[RunId] = set()
        """Runs that are over here, though the store could not be told."""
        self._lock = threading.Lock()
        self._closing = False

    def perform(
        self,
        task_type: type[_TaskT],
        performer: Callable[[Run, _TaskT], None],
        ended: Callable[[RunRow, Event], None] | None = None,
    ) -> None:
        """Say which function carries out tasks of that type, and what to do after their ending.

        `ended` is called once the ending is journalled and before the run's state says so: by the
        worker, or by `resume` for a run that an earlier server left behind. It may be repeated.
        """
        self._performers[task_type] = performer
        self._pools[task_type] = ThreadPoolExecutor(
            self._workers, thread_name_prefix=task_type.__name__
        )
        if ended is not None:
            self._after[task_type] = ended

    def start(
        self,
        user: UserId,
        task: Task,
        *,
        conversation_id: ConversationId | None = None,
        run_id: RunId | None = None,
        along: Callable[[], None] | None = None,
    ) -> RunId:
        """Record a run and hand it to a worker. Returns at once.

        `run_id` is given where it has been written down already; `along` writes what has to stand
        if, and only if, the run does. Raises LimitError while the server is going down.
        """
        if self._closing:
            raise LimitError(wording.runs.server_ends(), code="server_ends")
        row = RunRow(
            id=run_id or RunId(new_id("run")),
            owner=user,
            task=task,
            conversation_id=conversation_id,
            state="queued",
            attempt=1,
            fence=self._fence,
            started_at=self._clock.now(),
            correlation_id=CorrelationId(new_id("p", length=6)),
        )
        live = LiveRun(
            row, _journal.Journal(self._store, self._clock, row.id, row.fence), self._clock
        )
        # Live before it is on record, so that nobody finds it there and takes it for left behind.
        with self._lock:
            self._live[row.id] = live
        try:
            with self._store.unit():
                if along is not None:
                    along()
                self._rows.put(row.id, row)
                live.note(Queued(at=self._clock.now()))
        except BaseException:
            with self._lock:
                self._live.pop(row.id, None)
            raise
        try:
            live.waiting = self._pools[type(task)].submit(self._work, live)
        except RuntimeError:
            # The server began to go down a moment ago: the run ends as those under way do.
            live.request_stop(server_ends=True)
            self._work(live)
        return row.id

    def get(self, user: UserId, run_id: RunId) -> RunRow:
        """The run's row. Raises NotYoursError."""
        with self._lock:
            live = self._live.get(run_id)
            is_unfinished = run_id in self._unfinished
        row = live.row if live is not None else self._rows.get(run_id)
        if row is None or row.owner != user:
            raise NotYoursError(wording.runs.not_yours())
        # Over, though the store could not be told yet: nobody carries it any more.
        return msgspec.structs.replace(row, state="interrupted") if is_unfinished else row

    def events(self, user: UserId, run_id: RunId, after: int = 0) -> tuple[Numbered, ...]:
        """What happened past the cursor. Raises NotYoursError."""
        self.get(user, run_id)
        with self._lock:
            live = self._live.get(run_id)
        if live is not None:
            live.journal.flush()
        return _journal.read(self._store, run_id, after)

    def stop(self, user: UserId, run_id: RunId) -> bool:
        """Ask a run to end; false if it is over already. Raises NotYoursError."""
        self.get(user, run_id)
        with self._lock:
            live = self._live.get(run_id)
        if live is None:
            return False
        live.request_stop()
        self._end_waiting(live)
        return True

    def wait(self, user: UserId, run_id: RunId, seconds: float) -> bool:
        """Wait until the run is over, at most that long; whether it is. Raises NotYoursError."""
        row = self.get(user, run_id)
        with self._lock:
            live = self._live.get(run_id)
        if live is None:
            return row.state not in LIVE_STATES
        return self._clock.wait(live.ended, seconds)

    def live(self, user: UserId, conversation_id: ConversationId) -> RunRow | None:
        """The run under way in that conversation, if there is one."""
        with self._lock:
            runs = [live.row for live in self._live.values() if live.row.state in LIVE_STATES]
        for row in runs:
            if row.conversation_id == conversation_id and row.owner == user:
                return row
        return None

    def resume(self) -> tuple[RunRow, ...]:
        """Mark every run that an earlier server left under way as interrupted; returns their rows.

        Safe to repeat: a run that has its ending is left alone.
        """
        interrupted = []
        for run_id, row in self._rows.scan():
            if row.state in LIVE_STATES and row.fence < self._fence:
                interrupted.append(self._interrupt(RunId(run_id), row))
        return tuple(interrupted)

    def tidy(self) -> None:
        """Write down the ends that the store did not take before. Raises StoreError if it can't."""
        with self._lock:
            unfinished = list(self._unfinished)
        for run_id in unfinished:
            row = self._rows.get(run_id)
            if row is not None and row.state in LIVE_STATES:
                self._interrupt(run_id, row)
            with self._lock:
                self._unfinished.discard(run_id)

    def shutdown(self, grace_seconds: float) -> bool:
        """Ask all runs to end and wait that long; whether they have. No other is started."""
        self._closing = True
        with self._lock:
            runs = list(self._live.values())
        for live in runs:
            live.request_stop(server_ends=True)
            self._end_waiting(live)
        for pool in self._pools.values():
            pool.shutdown(wait=False)
        deadline = self._clock.monotonic() + grace_seconds
        return all(
            self._clock.wait(live.ended, max(0.0, deadline - self._clock.monotonic()))
            for live in runs
        )

    def _end_waiting(self, live: LiveRun) -> None:
        """A run that was asked to stop and that no worker has taken yet ends here and now."""
        if live.waiting is not None and live.waiting.cancel():
            self._work(live)

    def _work(self, live: LiveRun) -> None:
        """The worker's border: whatever happens, the run ends with one ending event."""
        row = live.row
        ids = {"run": row.id, "correlation_id": row.correlation_id}
        with telemetry.bind(**ids):
            try:
                if not live.stop_requested:
                    # Not written down: after a restart queued and running are the same thing.
                    live.row = msgspec.structs.replace(live.row, state="running")
                    self._performers[type(row.task)](live, row.task)
                self._ensure_ending(live)
            except Fenced:
                _log.warning("run_fenced")
            except DatadockError as exc:
                _log.warning("run_failed", code=exc.code)
                live.note(Failed(at=self._clock.now(), category=exc.code, message=exc.message))
            except Exception:  # noqa: BLE001 - one of the three borders where anything is caught
                _log.exception("run_broke")
                live.note(
                    Failed(
                        at=self._clock.now(),
                        category="internal",
                        message=wording.runs.internal_error(),
                    )
                )
            finally:
                self._close(live)

    def _ensure_ending(self, live: LiveRun) -> None:
        if live.journal.ending is not None:
            return
        seconds = (self._clock.now() - live.row.started_at).total_seconds()
        if live.server_ends:
            live.note(Interrupted(at=self._clock.now(), stage=wording.runs.stage_reached(())))
        elif live.stop_requested:
            live.note(Stopped(at=self._clock.now(), seconds=seconds))
        else:
            live.note(Finished(at=self._clock.now(), seconds=seconds))

    def _close(self, live: LiveRun) -> None:
        is_saved = False
        try:
            live.journal.flush()
            ending = live.journal.ending
            if ending is not None:
                self._tell(live.row, ending)
                self._save(live, _state_after(ending))
                is_saved = True
        except Fenced:
            # Another server carries it now, and has told its end.
            is_saved = True
        except DatadockError as exc:
            _log.error("run_state_not_saved", code=exc.code)
        finally:
            with self._lock:
                self._live.pop(live.row.id, None)
                if not is_saved:
                    self._unfinished.add(live.row.id)
            live.ended.set()

    def _save(self, live: LiveRun, state: RunState) -> None:
        ended_at = None if state in LIVE_STATES else self._clock.now()
        live.row = msgspec.structs.replace(live.row, state=state, ended_at=ended_at)
        self._rows.put(live.row.id, live.row)

    def _tell(self, row: RunRow, ending: Event) -> None:
        after = self._after.get(type(row.task))
        if after is not None:
            after(row, ending)

    def _interrupt(self, run_id: RunId, row: RunRow) -> RunRow:
        journal = _journal.Journal(self._store, self._clock, run_id, self._fence)
        numbered = _journal.read(self._store, run_id, 0)
        last = numbered[-1].event if numbered else None
        if last is None or not isinstance(last, Finished | Failed | Stopped | Interrupted):
            stage = wording.runs.stage_reached(tuple(n.event for n in numbered))
            last = Interrupted(at=self._clock.now(), stage=stage)
            journal.note(last)
        self._tell(row, last)
        done = msgspec.structs.replace(
            row, state=_state_after(last), fence=self._fence, ended_at=self._clock.now()
        )
        self._rows.put(run_id, done)
        _log.info("run_interrupted", run=run_id)
        return done


def _state_after(ending: RunEvent | Event) -> RunState:
    match ending:
        case Finished():
            return "finished"
        case Failed():
            return "failed"
        case Stopped():
            return "stopped"
        case _:
            return "interrupted"
