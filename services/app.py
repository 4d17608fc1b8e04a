"""The Application: every room, built once, wired by hand. It knows no rule.

`Application.build` makes the rooms from the settings, `start` opens what lives beside them (the
local engine, the look after containers) and `stop` ends it. The server's lifespan keeps the one
instance in `current`, where pages and routes find it.
"""

import contextlib
import fcntl
import shutil
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from services import limits, telemetry, wording
from services.clock import Clock, SystemClock
from services.containers import Containers
from services.conversations import Conversations
from services.engine import Engine, usage_seen
from services.engine.types import Endpoint
from services.errors import DatadockError, StoreError
from services.events import Event
from services.files import Files
from services.ids import ContainerId, RunId, UserId
from services.local_engine import LocalEngineProcess
from services.money import Money
from services.money.types import EngineKind
from services.preflight import PreflightRoom
from services.questions import Answering, AnsweringRooms, Questions, RemoteFiles
from services.runs import Runs
from services.runs.types import AnswerQuestion, CheckFile, ProfileFile, ReduceFile
from services.sandbox import find_environment
from services.settings import Settings
from services.store import Store, open_store

_log = telemetry.log("app")
_ROOT = Path(__file__).resolve().parent.parent
_FOLDERS = ("store", "spool", "engine", "logs", "work")
_STOP_GRACE_SECONDS = 5.0
_SWEEP_SECONDS = 30.0

current: "Application | None" = None
"""The server's Application, set by its lifespan."""


class Application:
    """All rooms of one server."""

    def __init__(self, settings: Settings, store: Store, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.store = store
        self.profile = limits.load(settings.limits, settings.limit_overrides)
        self.prices = limits.load_prices()
        self.engine_kind: EngineKind = "claude" if settings.uses_claude else "local"
        self.environment = find_environment(_ROOT, self.profile.environment)
        fence = store.next_number("server")
        self.runs = Runs(store, clock, workers=settings.workers, fence=fence)
        self.files = Files(store, clock)
        self.money = Money(store, self.prices, self.profile, clock)
        self.local_engine = LocalEngineProcess(
            settings.home / "engine",
            settings.limits,
            clock,
            self.environment,
            overrides=settings.limit_overrides,
        )
        self.engine = Engine(self.endpoint, self.profile, clock, model=settings.model)
        self.preflight = PreflightRoom(
            files=self.files,
            store=store,
            runs=self.runs,
            profile=self.profile,
            money=self.money,
            clock=clock,
            model=self.engine.default_model().id,
            environment=self.environment_name,
            engine=self.engine_kind,
            work_folder=settings.home / "work",
        )
        self.containers = Containers(
            store,
            self.money,
            clock,
            self.profile,
            self.engine_kind,
            end_remotely=self.local_engine.release if self.engine_kind == "local" else None,
        )
        self.conversations = Conversations(store, self.files, self.money, clock)
        self.questions = Questions(
            self.conversations, self.preflight, self.runs, clock, self.engine_kind
        )
        self._attention = threading.Event()
        self.remote = RemoteFiles(store, self.engine, clock, self._attention.set)
        self.answering = Answering(
            AnsweringRooms(
                conversations=self.conversations,
                preflight=self.preflight,
                files=self.files,
                containers=self.containers,
                money=self.money,
                engine=self.engine,
                remote=self.remote,
                store=store,
                profile=self.profile,
                clock=clock,
                engine_kind=self.engine_kind,
                environment=self.environment_name,
                work_folder=settings.home / "work",
            )
        )
        self.runs.perform(CheckFile, self.preflight.perform_check)
        self.runs.perform(ProfileFile, self.preflight.profiles.perform)
        self.runs.perform(ReduceFile, self.preflight.reductions.perform)
        self.runs.perform(AnswerQuestion, self.answering.answer, self.answering.ended)
        self._closing = threading.Event()
        self._keeper: threading.Thread | None = None
        self._lock: contextlib.ExitStack | None = None

    @classmethod
    def build(cls, settings: Settings, clock: Clock | None = None) -> "Application":
        """Open the home folder and build all rooms; nothing is started yet.

        Raises StoreError, with a sentence, if the folder can't be used or another server has it.
        """
        clock = clock or SystemClock(settings.time_scale)
        held = _prepared(settings.home)
        try:
            application = cls(settings, open_store(settings.home, clock), clock)
        except BaseException:
            held.close()
            raise
        application._lock = held
        return application

    @property
    def environment_name(self) -> str:
        """Which pandas will run the code: `pandas 1.5.3`."""
        if self.engine_kind == "claude":
            return f"pandas {self.profile.environment.pandas}"
        return f"pandas {self.environment.versions['pandas']}"

    @property
    def spool_folder(self) -> Path:
        """Where uploads lie until they are adopted."""
        return self.settings.home / "spool"

    def endpoint(self) -> Endpoint:
        """Where questions go now. Raises EngineError if the local engine can't be started."""
        key = self.settings.anthropic_api_key
        if self.engine_kind == "claude" and key is not None:
            return Endpoint(
                kind="claude",
                base_url=self.settings.claude_base_url,
                api_key=key.get_secret_value(),
                label=self.engine.default_model().label,
            )
        self.local_engine.ensure()
        return Endpoint(
            kind="local",
            base_url=self.local_engine.address,
            api_key=self.local_engine.token,
            label="Local engine: rule-based analyst, not Claude",
        )

    def start(self, *further: Callable[[], object]) -> None:
        """Clear up after an earlier server, start the local engine, begin to look after things.

        `further` are steps of other rooms, taken every half minute with our own.
        """
        self._recover()
        if self.engine_kind == "local":
            self.local_engine.start()
        self.preflight.warm()
        steps = (*self._steps(), *further)
        self._keeper = threading.Thread(
            target=self._look_after, args=(steps,), name="look-after", daemon=True
        )
        self._keeper.start()
        _log.info("started", engine=self.engine_kind, limits=self.profile.name)

    def _recover(self) -> None:
        """What a dead server left under way: runs, requests, containers, files at the provider."""
        for row in self.runs.resume():
            self.answering.recover(row, self._events(row.owner, row.id))
        orphans = self.money.settle_orphans(
            lambda intent: usage_seen(self._events(intent.user, intent.run_id))
        )
        self.containers.take_back(
            {
                orphan.row.workspace_id: orphan.row.run_id
                for orphan in orphans
                if orphan.row.workspace_id is not None and orphan.row.run_id is not None
            }
        )

    def _events(self, user: UserId, run_id: RunId) -> list[Event]:
        return [numbered.event for numbered in self.runs.events(user, run_id)]

    def stop(self) -> None:
        """End runs, the local engine and the store, in that order.

        The home folder is let go only once nothing here writes to it any more; if a worker hangs,
        the end of the process does it.
        """
        self._closing.set()
        self._attention.set()
        self.runs.shutdown(_STOP_GRACE_SECONDS)
        self.preflight.close()
        self.local_engine.stop()
        # Whoever still waited for the engine has been told by its end.
        has_ended = self.runs.shutdown(_STOP_GRACE_SECONDS)
        if self._keeper is not None:
            self._keeper.join(_STOP_GRACE_SECONDS)
            has_ended = has_ended and not self._keeper.is_alive()
        self.store.close()
        if self._lock is not None and has_ended:
            self._lock.close()
        _log.info("stopped", all_ended=has_ended)

    def _steps(self) -> tuple[Callable[[], object], ...]:
        """What is looked after: ends that could not be written, containers, remote files, log."""
        steps: list[Callable[[], object]] = [self.runs.tidy]
        if self.engine_kind == "local":
            steps.append(self._forget_missing)
        return (*steps, self.containers.sweep, self.remote.sweep, self.store.maintain)

    def _look_after(self, steps: Sequence[Callable[[], object]]) -> None:
        """Take all steps at the start, then twice a minute; in between, what a run has left."""
        due_seconds = self.clock.monotonic()
        while not self._closing.is_set():
            is_due = self.clock.monotonic() >= due_seconds
            if is_due:
                due_seconds = self.clock.monotonic() + _SWEEP_SECONDS
            for step in steps if is_due else (self.remote.sweep,):
                if not self._closing.is_set():
                    self._tidy(step)
            self.clock.wait(self._attention, max(0.0, due_seconds - self.clock.monotonic()))
            self._attention.clear()

    def _forget_missing(self) -> None:
        """A local engine that died has lost its containers; up again, it tells when each ended."""
        self.local_engine.ensure()
        self.containers.forget_missing(
            lambda: {ContainerId(one.id) for one in self.local_engine.containers()}
        )

    def _tidy(self, step: Callable[[], object]) -> None:
        try:
            step()
        except DatadockError as exc:
            if not self._closing.is_set():
                _log.error("look_after_failed", code=exc.code)
        except Exception:  # noqa: BLE001 - a border: one broken step must not end the others
            if not self._closing.is_set():
                _log.exception("look_after_broke")


def _prepared(home: Path) -> contextlib.ExitStack:
    """The folders, private to us, and the lock that one server at a time holds."""
    stack = contextlib.ExitStack()
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in _FOLDERS:
            (home / name).mkdir(mode=0o700, exist_ok=True)
        lock = stack.enter_context((home / "lock").open("w"))
    except OSError as exc:
        raise StoreError(wording.app.home_unusable()) from exc
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as exc:
        stack.close()
        raise StoreError(wording.app.home_in_use()) from exc
    shutil.rmtree(home / "work", ignore_errors=True)
    return stack
