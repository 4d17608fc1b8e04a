"""One request and its reply: on record before it is sent, booked after, whatever happens."""

from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec

from services.conversations.types import Turn
from services.engine import Transfers
from services.engine.types import AttachedFile, AttemptOutcome, AttemptRequest, PastTurn
from services.errors import DatadockError, InternalError, Message
from services.events import Event, FileProduced, UploadFinished
from services.ids import FileId
from services.limits.types import Approach
from services.money.types import RequestIntent
from services.preflight.types import FileReport, Finding, Preflight
from services.questions import _assemble, _booking
from services.questions._results import Results
from services.questions._rooms import AnsweringRooms
from services.questions._tenancy import Tenancy
from services.runs.types import Run


class Exchanges:
    """The requests of one run, numbered as they are made."""

    def __init__(
        self,
        rooms: AnsweringRooms,
        run: Run,
        turn: Turn,
        approach: Approach,
        reports: Mapping[FileId, Preflight],
        tenancy: Tenancy,
        note: Callable[[Event], None],
    ) -> None:
        self.rooms = rooms
        self.run = run
        self.turn = turn
        self.tenancy = tenancy
        self.note = note
        self.model = rooms.engine.default_model().id
        self._approach: Approach = approach
        self._reports = reports
        self._count = 0

    def prepare(self) -> "Exchange":
        """The next request, with its files at the provider. Raises RemoteCallFailed."""
        request = AttemptRequest(
            model=self.model,
            approach=self._approach,
            question=self.turn.question,
            history=self._history(),
            files=self._attached(),
            container_id=self.tenancy.container_id,
            timeout_seconds=float(self.rooms.profile.request_timeout_seconds),
        )
        self._count += 1
        return Exchange(self, request, self._count)

    def _attached(self) -> tuple[AttachedFile, ...]:
        """The turn's files at the provider, the newest last; what is not there is sent first."""
        remote, owner = self.rooms.remote, self.run.owner
        conversation_id = self.turn.conversation_id
        attached = []
        for file_id, preflight in reversed(tuple(self._reports.items())):
            there = remote.uploaded(conversation_id, file_id)
            if there is None:
                kept = self.rooms.files.get(owner, file_id)
                path = self.rooms.files.path(owner, file_id)
                transfers = Transfers()
                self.run.on_stop(transfers.stop)
                try:
                    there = remote.upload(
                        owner, conversation_id, file_id, path, kept.name, transfers
                    )
                finally:
                    self.run.on_stop(None)
                self.note(
                    UploadFinished(
                        at=self.rooms.clock.now(), file_id=file_id, size_bytes=kept.size_bytes
                    )
                )
            attached.append(
                AttachedFile(
                    remote_file_id=there.id,
                    name=there.name,
                    report=self._report(file_id, preflight),
                    mounted=file_id in self.tenancy.mounted,
                )
            )
        return tuple(attached)

    def _report(self, file_id: FileId, preflight: Preflight) -> FileReport:
        """The report; of a reduced file also what it lacks, so that no total is taken for all."""
        remark = self.rooms.preflight.remark(self.run.owner, file_id)
        if remark is None:
            return preflight.report
        finding = Finding(code="reduced", severity="info", message=remark)
        findings = (finding, *preflight.report.findings)
        return msgspec.structs.replace(preflight.report, findings=findings)

    def _history(self) -> tuple[PastTurn, ...]:
        turns = self.rooms.conversations.turns(self.run.owner, self.turn.conversation_id)
        return tuple(
            PastTurn(
                question=turn.question,
                answer=f"{turn.answer.headline}\n\n{turn.answer.text}".strip(),
            )
            for turn in turns
            if turn.answer is not None and turn.id != self.turn.id
        )


class Exchange:
    """One request: `run` it once, then read `outcome`, `events` and `results`."""

    def __init__(self, of: Exchanges, request: AttemptRequest, ordinal: int) -> None:
        self._of = of
        self._rooms = of.rooms
        self._run = of.run
        self._request = request
        self._ordinal = ordinal
        self._outcome: AttemptOutcome | None = None
        self.events: list[Event] = []
        """What this attempt said and left; an answer holds nothing of those before it."""
        self.results = Results(
            of.rooms.engine,
            of.rooms.preflight,
            of.rooms.files,
            of.rooms.clock,
            owner=of.run.owner,
            folder=of.rooms.work_folder / of.run.id / str(ordinal),
            is_stopped=lambda: of.run.stop_requested,
        )

    @property
    def outcome(self) -> AttemptOutcome:
        """How it ended. Raises InternalError before `run`."""
        if self._outcome is None:
            raise InternalError(Message(what_happened="The request has not been made yet."))
        return self._outcome

    def note(self, event: Event) -> None:
        """Journal an event of this attempt, and keep it for the answer."""
        self.events.append(event)
        self._of.note(event)

    def run(self) -> AttemptOutcome:
        """Reserve, send, follow, book. What was sent is booked even if something of ours breaks."""
        attempt = self._rooms.engine.open_attempt(self._request)
        intent = _booking.intent(
            self._rooms,
            self._run,
            self._of.turn,
            self._request,
            self._of.tenancy.workspace_id,
            self._ordinal,
            prompt_bytes=attempt.prompt_bytes,
        )
        news = self._of.tenancy.news()
        if news is not None:
            self.note(news)
        # One commit for both: nothing lies between them, and the request leaves right after.
        with self._rooms.store.unit():
            self._rooms.money.reserve(intent)
            self._rooms.money.mark_sent(intent.key)
        sent_at = self._rooms.clock.now()
        try:
            with attempt:
                self._run.on_stop(attempt.close)
                for event in attempt:
                    self.note(event)
                    if isinstance(event, FileProduced):
                        self._rooms.remote.hold(event.remote_file_id)
                        self.results.expect(event.remote_file_id)
        finally:
            # Whatever broke on our side, the request is billed.
            self._run.on_stop(None)
            self._outcome = attempt.outcome
            self._book(intent, self._outcome, sent_at)
        return self._outcome

    def _book(self, intent: RequestIntent, outcome: AttemptOutcome, sent_at: datetime) -> None:
        """The request, and what it left at the provider: container and files.

        One commit, since each takes its time; but the request by itself if the rest can't be had.
        """
        money, clock = self._rooms.money, self._rooms.clock
        try:
            with self._rooms.store.unit():
                _booking.settle(money, clock, intent, outcome)
                self._of.tenancy.settle(outcome, sent_at, _assemble.peak_bytes(self.events))
                self._rooms.remote.produced(
                    self._run.owner, self._of.turn.conversation_id, self.results.remote_ids
                )
        except DatadockError:
            _booking.settle(money, clock, intent, outcome)
            raise
