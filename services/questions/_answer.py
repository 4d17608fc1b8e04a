"""One question, carried from the first request to the stored answer: the loop that reads the table.

The order is the guarantee: a container and a reservation are on record before a request leaves, the
answer is stored before the run says that it has finished, and only then are remote copies deleted.
"""

import itertools
import shutil
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from services import telemetry, wording
from services.analyst import read_question
from services.analyst.types import Reading
from services.clock import Clock
from services.containers import Containers
from services.containers.types import Lease
from services.conversations import Conversations
from services.conversations.types import Answer, Bundle, Turn
from services.engine import PROMPT_VERSION, Engine
from services.engine.types import (
    AttachedFile,
    AttemptOutcome,
    AttemptRequest,
    Cancelled,
    Completed,
    ContainerLost,
    Failure,
    FetchedFile,
    FetchRefused,
    PastTurn,
    RemoteCallFailed,
)
from services.errors import EngineError, Message, StoreError
from services.events import (
    ContainerReused,
    ContainerStarted,
    Event,
    Failed,
    FileDropped,
    FileFetched,
    FileProduced,
    Finished,
    Interrupted,
    ProducedKind,
    Retrying,
    RunEvent,
    Stopped,
    UploadFinished,
)
from services.files import Files
from services.ids import ContainerId, FileId, RemoteFileId
from services.limits.types import Approach, LimitProfile
from services.money import Money
from services.money.types import EngineKind
from services.preflight import PreflightRoom
from services.preflight.types import FileKind, Preflight
from services.questions import _assemble, _booking, _recovery
from services.questions._recovery import Again, GiveUp
from services.questions._remote import RemoteFiles
from services.runs.types import AnswerQuestion, Run, RunRow
from services.store import Store
from services.units import MicroUsd

_log = telemetry.log("questions")
_FETCHES = 4
_KINDS: Mapping[FileKind | None, ProducedKind] = {
    "png": "image",
    "jpeg": "image",
    "csv": "table",
    "json": "table",
    "ndjson": "table",
}
"""How a produced file is shown; what is not listed is offered as a download."""


class Answering:
    """What a worker needs to answer questions; `answer` is the performer of AnswerQuestion."""

    def __init__(
        self,
        *,
        conversations: Conversations,
        preflight: PreflightRoom,
        files: Files,
        containers: Containers,
        money: Money,
        engine: Engine,
        remote: RemoteFiles,
        store: Store,
        profile: LimitProfile,
        clock: Clock,
        engine_kind: EngineKind,
        environment: str,
        work_folder: Path,
    ) -> None:
        self.conversations = conversations
        self.preflight = preflight
        self.files = files
        self.containers = containers
        self.money = money
        self.engine = engine
        self.remote = remote
        self.store = store
        self.profile = profile
        self.clock = clock
        self.engine_kind = engine_kind
        self.environment = environment
        self.work_folder = work_folder

    def answer(self, run: Run, task: AnswerQuestion) -> None:
        """Carry one question to its end; every failure becomes the run's one ending event."""
        turn = self.conversations.turn(run.owner, task.question_id)
        with telemetry.bind(conversation=turn.conversation_id):
            _OneAnswer(self, run, turn).carry()

    def ended(self, row: RunRow, ending: Event) -> None:
        """End the turn as its run ended; an answered turn stays answered."""
        if not isinstance(row.task, AnswerQuestion):
            return
        question_id = row.task.question_id
        match ending:
            case Failed():
                self.conversations.end_turn(
                    question_id,
                    "failed",
                    failure=ending.message,
                    failure_category=ending.category,
                    seconds=ending.seconds,
                )
            case Stopped():
                self.conversations.end_turn(
                    question_id,
                    "stopped",
                    failure=wording.runs.stopped(),
                    failure_category="stopped",
                    seconds=ending.seconds,
                )
            case Interrupted():
                self.conversations.end_turn(
                    question_id,
                    "interrupted",
                    failure=wording.runs.interrupted(ending.stage),
                    failure_category="interrupted",
                )
            case _:
                pass


class _OneAnswer:
    """The state of one question under way."""

    def __init__(self, rooms: Answering, run: Run, turn: Turn) -> None:
        self._rooms = rooms
        self._run = run
        self._turn = turn
        self._events: list[Event] = []
        self._started = rooms.clock.monotonic()
        self._reports = self._usable_reports()
        self._approach: Approach = "files_code" if self._reports else "text"
        self._model = rooms.engine.default_model().id
        self._lease: Lease | None = None
        self._requests = 0
        self._container_id: ContainerId | None = None
        self._is_given_back = False
        self._told_lease: Lease | None = None
        self._is_sent = False
        self._is_container_lost = False
        self._attempt_from = 0
        self._category = "failed"

    def carry(self) -> None:
        """Attempt, recover, fetch, store: ends by noting exactly one ending."""
        if self._approach != "text":
            self._lease = self._acquire()
        try:
            end = self._attempts()
            if isinstance(end, Completed):
                self._fetch_all(_produced_ids(self._events_of_attempt()))
                answer = self._answer()
                with self._rooms.store.unit():
                    self._rooms.conversations.end_turn(
                        self._turn.id, "answered", answer=answer, seconds=answer.seconds
                    )
                    self._give_back()
        finally:
            self._give_back()
        match end:
            case Completed():
                self._note(
                    Finished(at=self._now(), seconds=self._seconds(), cost_microusd=self._cost())
                )
            case Message():
                self._fail(end)
            case None:
                self._note_stop()
        self._delete_remote(_produced_ids(self._events))

    def _give_back(self) -> None:
        """Leave the container to the next question, once."""
        if self._lease is not None and not self._is_given_back:
            self._is_given_back = True
            self._rooms.containers.give_back(self._lease.workspace.id)

    def _attempts(self) -> Completed | Message | None:
        """The loop. A message is why it was given up, None a stop."""
        earlier: tuple[Failure, ...] = ()
        while not self._run.stop_requested:
            outcome = self._attempt()
            if isinstance(outcome, Completed):
                return outcome
            if isinstance(outcome, Cancelled) or self._run.stop_requested:
                return None
            self._category = _recovery.category(outcome)
            match _recovery.decide(outcome, earlier, self._rooms.profile):
                case GiveUp() as end:
                    return end.message
                case Again() as again:
                    earlier = (*earlier, outcome)
                    self._note(
                        Retrying(
                            at=self._now(),
                            category=self._category,
                            message=again.message,
                            after_seconds=again.after_seconds,
                        )
                    )
                    if again.send_files:
                        for file_id in self._reports:
                            self._rooms.remote.forget(self._turn.conversation_id, file_id)
                    self._renew_container(again, outcome)
                    self._run.wait(again.after_seconds)
        return None

    def _attempt(self) -> AttemptOutcome:
        """One request: on record before it is sent, settled after.

        A file that can't be sent is a failed attempt too, but no request.
        """
        self._is_sent = False
        self._attempt_from = len(self._events)
        try:
            request = self._request()
        except RemoteCallFailed as exc:
            return exc.failure
        self._requests += 1
        intent = _booking.intent(
            self._rooms.money,
            self._rooms.profile,
            self._rooms.engine_kind,
            self._run,
            self._turn,
            request,
            self._lease,
            self._requests,
        )
        self._note_container()
        attempt = self._rooms.engine.open_attempt(request)
        # One commit for both: nothing lies between them, and the request leaves right after.
        with self._rooms.store.unit():
            self._rooms.money.reserve(intent)
            self._rooms.money.mark_sent(intent.key)
        sent_at = self._now()
        self._is_sent = True
        try:
            with attempt:
                self._run.on_stop(attempt.close)
                for event in attempt:
                    self._note(event)
        finally:
            # Whatever broke on our side, the request is billed: booked first, and by itself.
            self._run.on_stop(None)
            outcome = attempt.outcome
            _booking.settle(self._rooms.money, self._rooms.clock, intent, outcome)
        self._container_id = outcome.container_id
        with self._rooms.store.unit():
            self._tell_containers(outcome, outcome.received_at or sent_at)
            self._rooms.remote.produced(
                self._run.owner,
                self._turn.conversation_id,
                _produced_ids(self._events_of_attempt()),
            )
        self._lose_unnamed_container(outcome)
        return outcome

    def _request(self) -> AttemptRequest:
        reuse = self._lease.workspace.container_id if self._lease and self._lease.reused else None
        return AttemptRequest(
            model=self._model,
            approach=self._approach,
            question=self._turn.question,
            history=self._history(),
            files=self._attached(
                mounted=self._lease.workspace.files if reuse and self._lease else ()
            ),
            container_id=reuse,
            timeout_seconds=float(self._rooms.profile.request_timeout_seconds),
        )

    def _attached(self, mounted: tuple[str, ...]) -> tuple[AttachedFile, ...]:
        """The turn's files at the provider; what is not there is sent first."""
        attached = []
        for file_id, preflight in self._reports.items():
            kept = self._rooms.files.get(self._run.owner, file_id)
            conversation_id = self._turn.conversation_id
            there = self._rooms.remote.uploaded(conversation_id, file_id)
            if there is None:
                path = self._rooms.files.path(self._run.owner, file_id)
                there = self._rooms.remote.upload(
                    self._run.owner, conversation_id, file_id, path, kept.name
                )
                self._note(
                    UploadFinished(at=self._now(), file_id=file_id, size_bytes=kept.size_bytes)
                )
            attached.append(
                AttachedFile(
                    remote_file_id=there.id,
                    name=there.name,
                    report=preflight.report,
                    mounted=file_id in mounted,
                )
            )
        return tuple(attached)

    def _history(self) -> tuple[PastTurn, ...]:
        turns = self._rooms.conversations.turns(self._run.owner, self._turn.conversation_id)
        return tuple(
            PastTurn(
                question=turn.question,
                answer=f"{turn.answer.headline}\n\n{turn.answer.text}".strip(),
            )
            for turn in turns
            if turn.answer is not None and turn.id != self._turn.id
        )

    def _usable_reports(self) -> dict[FileId, Preflight]:
        found: dict[FileId, Preflight] = {}
        for file_id in self._turn.files:
            result = self._rooms.preflight.result(self._run.owner, file_id)
            if result is not None and result.verdict.state == "fits":
                found[file_id] = result
        return found

    def _acquire(self) -> Lease:
        return self._rooms.containers.acquire(
            self._run.owner, self._turn.conversation_id, tuple(self._reports)
        )

    def _note_container(self) -> None:
        """Once for each: an attempt that was turned away has not used it."""
        if self._lease is None or self._lease is self._told_lease:
            return
        self._told_lease = self._lease
        workspace = self._lease.workspace
        if self._lease.reused and workspace.container_id is not None:
            since = workspace.billed_from or workspace.recorded_at
            self._note(
                ContainerReused(
                    at=self._now(),
                    workspace_id=workspace.id,
                    container_id=workspace.container_id,
                    age_seconds=(self._now() - since).total_seconds(),
                )
            )
        else:
            self._note(ContainerStarted(at=self._now(), workspace_id=workspace.id))

    def _renew_container(self, again: Again, outcome: AttemptOutcome) -> None:
        """Another container for the next attempt, if that needs one or this one is given up."""
        if self._lease is None or not self._is_sent:
            return
        if again.fresh_container or self._is_container_lost:
            self._lose_container(outcome)
            self._lease = self._acquire()
            self._is_container_lost = False

    def _lose_container(self, outcome: AttemptOutcome) -> None:
        if self._lease is not None:
            self._rooms.containers.lost(
                self._lease.workspace.id,
                ended_at=outcome.container_ended_at,
                run_id=self._run.id,
            )

    def _tell_containers(self, outcome: AttemptOutcome, sent_at: datetime) -> None:
        if self._lease is None:
            return
        workspace_id = self._lease.workspace.id
        if outcome.container_id is not None:
            self._rooms.containers.replied(
                workspace_id,
                container_id=outcome.container_id,
                expires_at=outcome.container_expires_at,
                started_at=outcome.container_started_at,
                sent_at=sent_at,
                replied_at=outcome.replied_at or self._now(),
                run_id=self._run.id,
                file_ids=tuple(self._reports),
                peak_bytes=_assemble.peak_bytes(self._events_of_attempt()),
            )

    def _lose_unnamed_container(self, outcome: AttemptOutcome) -> None:
        """Its id comes with the end of a reply only; without one it can't be used again.

        A request that was turned away has made none, and its record waits for the next attempt.
        """
        is_named = outcome.container_id is not None or isinstance(outcome, ContainerLost)
        if self._lease is None or self._lease.reused or is_named:
            return
        if not _booking.is_turned_away(outcome):
            self._lose_container(outcome)
            self._is_container_lost = True

    def _events_of_attempt(self) -> list[Event]:
        """What the last attempt said and left; an answer holds nothing of those before it."""
        return self._events[self._attempt_from :]

    def _fetch_all(self, remote_ids: tuple[RemoteFileId, ...]) -> None:
        """Fetch at the same time, since each takes some round trips; keep in the order told."""
        most = self._rooms.engine.most_produced_files
        folder = self._rooms.work_folder / self._run.id
        try:
            with ThreadPoolExecutor(_FETCHES) as pool:
                for fetched in pool.map(self._fetched, remote_ids[:most], _subfolders(folder)):
                    self._note(fetched if isinstance(fetched, FileDropped) else self._kept(fetched))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        if len(remote_ids) > most:
            name = wording.runs.further_files(len(remote_ids) - most)
            self._note(self._dropped(name, wording.runs.too_many_results(most)))

    def _fetched(self, remote_id: RemoteFileId, folder: Path) -> FetchedFile | FileDropped:
        try:
            folder.mkdir(parents=True)
            return self._rooms.engine.fetch(remote_id, folder)
        except FetchRefused as exc:
            return self._dropped(exc.name, exc.message)
        except EngineError as exc:
            return self._dropped(wording.runs.one_file(), exc.message)
        except OSError:
            return self._dropped(wording.runs.one_file(), wording.runs.result_not_kept())

    def _kept(self, fetched: FetchedFile) -> FileFetched | FileDropped:
        """Type by content: what calls itself a picture and is none is offered as a download.

        A file that can't be kept is missing from the answer, which was paid for and stands.
        """
        try:
            identified = self._rooms.preflight.identify(fetched.path)
            kept = self._rooms.files.keep_path(
                self._run.owner, fetched.path, fetched.name, origin="produced"
            )
        except (StoreError, OSError):
            return self._dropped(fetched.name, wording.runs.result_not_kept())
        return FileFetched(
            at=self._now(),
            file_id=kept.id,
            name=kept.name,
            kind=_KINDS.get(identified.kind, "other"),
            mime=identified.mime,
            size_bytes=kept.size_bytes,
        )

    def _dropped(self, name: str, why: Message) -> FileDropped:
        return FileDropped(at=self._now(), name=name, reason=why.what_happened)

    def _answer(self) -> Answer:
        events = self._events_of_attempt()
        headline, text = _assemble.headline_and_text(events)
        return Answer(
            headline=headline,
            text=text,
            produced=_assemble.produced(events, headline),
            seconds=self._seconds(),
            peak_bytes=_assemble.peak_bytes(events),
            approach=self._approach,
            engine=self._rooms.engine_kind,
            model=self._model,
            container_id=self._container_id,
            bundle=Bundle(
                reading=self._reading(),
                steps=_assemble.code_steps(events),
                fingerprints=tuple(result.blob for result in self._reports.values()),
                environment=self._rooms.environment,
                prompt_version=PROMPT_VERSION,
            ),
            remarks=tuple(
                wording.runs.file_left_out(event.name, event.reason)
                for event in events
                if isinstance(event, FileDropped)
            ),
        )

    def _reading(self) -> Reading | None:
        newest = next(iter(self._reports.values()), None)
        if newest is None:
            return None
        previous = None
        for turn in self._rooms.conversations.turns(self._run.owner, self._turn.conversation_id):
            if turn.answer is not None and turn.id != self._turn.id:
                previous = turn.answer.bundle.reading
        reading = read_question(newest.report.tables, self._turn.question, previous)
        return reading if isinstance(reading, Reading) else None

    def _fail(self, message: Message) -> None:
        self._note(
            Failed(
                at=self._now(),
                category=self._category,
                message=message,
                cost_microusd=self._cost(),
                seconds=self._seconds(),
            )
        )

    def _note_stop(self) -> None:
        ending: RunEvent = Stopped(
            at=self._now(), seconds=self._seconds(), cost_microusd=self._cost()
        )
        if self._run.server_ends:
            stage = wording.runs.stage_reached(self._events)
            ending = Interrupted(at=self._now(), stage=stage, cost_microusd=self._cost())
        self._note(ending)

    def _delete_remote(self, remote_ids: tuple[RemoteFileId, ...]) -> None:
        try:
            self._rooms.remote.delete_produced(remote_ids)
        except EngineError as exc:
            _log.warning("remote_files_left", code=exc.code, count=len(remote_ids))

    def _note(self, event: Event) -> None:
        self._events.append(event)
        self._run.note(event)

    def _now(self) -> datetime:
        return self._rooms.clock.now()

    def _seconds(self) -> float:
        return self._rooms.clock.monotonic() - self._started

    def _cost(self) -> MicroUsd:
        return self._rooms.money.run_cost(self._run.id).booked_microusd


def _produced_ids(events: Sequence[Event]) -> tuple[RemoteFileId, ...]:
    return tuple(event.remote_file_id for event in events if isinstance(event, FileProduced))


def _subfolders(folder: Path) -> Iterator[Path]:
    """One for each file: two of a run may have the same name."""
    return (folder / str(number) for number in itertools.count())
