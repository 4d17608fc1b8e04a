"""One question, carried from the first request to the stored answer: the loop that reads the table.

The order is the guarantee: a container and a reservation are on record before a request leaves, the
answer is stored before the run says that it has finished, and only then are remote copies deleted.
"""

import random
import threading
from collections.abc import Sequence
from datetime import datetime

from services import telemetry, wording
from services.analyst.types import Reading
from services.conversations.types import Answer, Bundle, Turn
from services.engine import PROMPT_VERSION
from services.engine.types import Cancelled, Completed, Failure, RemoteCallFailed
from services.errors import Message, StoreError
from services.events import (
    Event,
    Failed,
    FileDropped,
    FileProduced,
    Finished,
    Interrupted,
    Retrying,
    RunEvent,
    Stopped,
)
from services.ids import FileId, RemoteFileId
from services.limits.types import Approach
from services.preflight.types import Preflight
from services.questions import _assemble, _recovery
from services.questions._exchange import Exchange, Exchanges
from services.questions._recovery import Again, GiveUp
from services.questions._rooms import AnsweringRooms
from services.questions._tenancy import Tenancy
from services.questions._understanding import understand
from services.runs.types import AnswerQuestion, Run, RunRow
from services.units import MicroUsd

_STORE_PAUSES_SECONDS = (0.5, 2.0)
_MOST_SPREAD = 1.25


class Answering:
    """Answers questions; `answer` is the performer of AnswerQuestion, `ended` what follows it."""

    def __init__(self, rooms: AnsweringRooms) -> None:
        self._rooms = rooms

    def answer(self, run: Run, task: AnswerQuestion) -> None:
        """Carry one question to its end; every failure becomes the run's one ending event."""
        turn = self._rooms.conversations.turn(run.owner, task.question_id)
        with telemetry.bind(conversation=turn.conversation_id):
            _OneAnswer(self._rooms, run, turn).carry()

    def recover(self, row: RunRow, events: Sequence[Event]) -> None:
        """A run that a dead server left: write down the files that only its journal tells of."""
        if isinstance(row.task, AnswerQuestion) and row.conversation_id is not None:
            produced = (e.remote_file_id for e in events if isinstance(e, FileProduced))
            self._rooms.remote.produced(row.owner, row.conversation_id, tuple(produced))

    def ended(self, row: RunRow, ending: Event) -> None:
        """End the turn as its run ended; an answered turn stays answered."""
        if not isinstance(row.task, AnswerQuestion):
            return
        question_id = row.task.question_id
        match ending:
            case Failed():
                self._rooms.conversations.end_turn(
                    question_id,
                    "failed",
                    failure=ending.message,
                    failure_category=ending.category,
                    seconds=ending.seconds,
                )
            case Stopped():
                self._rooms.conversations.end_turn(
                    question_id,
                    "stopped",
                    failure=wording.runs.stopped(),
                    failure_category="stopped",
                    seconds=ending.seconds,
                )
            case Interrupted():
                self._rooms.conversations.end_turn(
                    question_id,
                    "interrupted",
                    failure=wording.runs.interrupted(ending.stage),
                    failure_category="interrupted",
                )
            case _:
                pass


class _OneAnswer:
    """The state of one question under way."""

    def __init__(self, rooms: AnsweringRooms, run: Run, turn: Turn) -> None:
        self._rooms = rooms
        self._run = run
        self._turn = turn
        self._events: list[Event] = []
        self._started = rooms.clock.monotonic()
        self._reports = self._usable_reports()
        self._approach: Approach = "files_code" if self._reports else "text"
        self._tenancy = Tenancy(
            rooms.containers, rooms.clock, run, turn.conversation_id, tuple(self._reports)
        )
        self._exchanges = Exchanges(
            rooms, run, turn, self._approach, self._reports, self._tenancy, self._note
        )
        self._remote_ids: list[RemoteFileId] = []
        self._category = "failed"
        self._is_stored = False

    def carry(self) -> None:
        """Attempt, recover, keep, store: ends by noting exactly one ending."""
        if self._approach != "text":
            self._tenancy.take()
        try:
            try:
                end = self._attempts()
            finally:
                if not self._is_stored:
                    self._tenancy.give_back()
            self._note_end(end)
        finally:
            self._rooms.remote.release(tuple(self._remote_ids))

    def _attempts(self) -> Answer | Message | None:
        """The loop. A message is why it was given up, None a stop."""
        earlier: tuple[Failure, ...] = ()
        while not self._run.stop_requested:
            failure = self._attempt()
            if isinstance(failure, Answer):
                return failure
            if isinstance(failure, Cancelled) or self._run.stop_requested:
                return None
            self._category = _recovery.category(failure)
            match _recovery.decide(failure, earlier, self._rooms.profile):
                case GiveUp() as end:
                    return end.message
                case Again() as again:
                    earlier = (*earlier, failure)
                    self._try_again(failure, again)
        return None

    def _attempt(self) -> Answer | Failure:
        """One request, and the answer if it brought one.

        A file that can't be sent is a failed attempt too, but no request.
        """
        try:
            exchange = self._exchanges.prepare()
        except RemoteCallFailed as exc:
            return exc.failure
        try:
            outcome = exchange.run()
            return self._kept(exchange) if isinstance(outcome, Completed) else outcome
        finally:
            self._remote_ids += exchange.results.remote_ids
            exchange.results.close()

    def _try_again(self, failure: Failure, again: Again) -> None:
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
        self._tenancy.renew(failure, fresh=again.fresh_container)
        # Spread, so that runs that were turned away together don't come back together.
        spread = random.uniform(1.0, _MOST_SPREAD)
        self._run.wait(again.after_seconds * spread)

    def _kept(self, exchange: Exchange) -> Answer:
        """Keep what was produced and store the answer: from here on nothing of it is lost."""
        for event in exchange.results.keep():
            exchange.note(event)
        answer = self._answer(exchange)
        for pause_seconds in _STORE_PAUSES_SECONDS:
            try:
                self._store_answer(answer)
            except StoreError:
                # It is paid for: a store that is busy or full for a moment must not lose it.
                self._rooms.clock.wait(threading.Event(), pause_seconds)
            else:
                return answer
        self._store_answer(answer)
        return answer

    def _store_answer(self, answer: Answer) -> None:
        with self._rooms.store.unit():
            self._rooms.conversations.end_turn(
                self._turn.id, "answered", answer=answer, seconds=answer.seconds
            )
            took = _assemble.observation(self._run.id, answer, self._reports.values(), self._now())
            self._rooms.preflight.learn(took)
            self._tenancy.give_back()
        self._is_stored = True

    def _answer(self, exchange: Exchange) -> Answer:
        events = exchange.events
        headline, text = _assemble.headline_and_text(events)
        return Answer(
            headline=headline,
            text=text,
            produced=_assemble.produced(events, headline),
            seconds=self._seconds(),
            peak_bytes=_assemble.peak_bytes(events),
            approach=self._approach,
            engine=self._rooms.engine_kind,
            model=self._exchanges.model,
            container_id=exchange.outcome.container_id,
            bundle=Bundle(
                reading=self._reading(),
                steps=_assemble.code_steps(events),
                fingerprints=tuple(result.blob for result in self._reports.values()),
                environment=self._rooms.environment,
                prompt_version=PROMPT_VERSION,
            ),
            remarks=(
                *self._remarks(),
                *(
                    wording.results.left_out(event.name, event.reason)
                    for event in events
                    if isinstance(event, FileDropped)
                ),
            ),
        )

    def _remarks(self) -> tuple[str, ...]:
        """What the answer can't know of the whole file, since it was asked about a smaller one."""
        preflight, owner = self._rooms.preflight, self._run.owner
        found = (preflight.remark(owner, file_id) for file_id in self._reports)
        return tuple(dict.fromkeys(remark for remark in found if remark is not None))

    def _reading(self) -> Reading | None:
        previous = None
        for turn in self._rooms.conversations.turns(self._run.owner, self._turn.conversation_id):
            if turn.answer is not None and turn.id != self._turn.id:
                previous = turn.answer.bundle.reading
        reports = (result.report for result in self._reports.values())
        reading = understand(reports, self._turn.question, previous)
        return reading if isinstance(reading, Reading) else None

    def _usable_reports(self) -> dict[FileId, Preflight]:
        found: dict[FileId, Preflight] = {}
        for file_id in self._turn.files:
            result = self._rooms.preflight.result(self._run.owner, file_id)
            if result is not None and result.verdict.state == "fits":
                found[file_id] = result
        return found

    def _note_end(self, end: Answer | Message | None) -> None:
        match end:
            case None:
                self._note_stop()
            case Message():
                self._fail(end)
            case Answer():
                self._note(
                    Finished(at=self._now(), seconds=self._seconds(), cost_microusd=self._cost())
                )

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

    def _note(self, event: Event) -> None:
        self._events.append(event)
        self._run.note(event)

    def _now(self) -> datetime:
        return self._rooms.clock.now()

    def _seconds(self) -> float:
        return self._rooms.clock.monotonic() - self._started

    def _cost(self) -> MicroUsd:
        return self._rooms.money.run_cost(self._run.id).booked_microusd
