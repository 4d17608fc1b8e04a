"""What is decided when a question is asked, before anything is spent."""

import threading

from services import analyst, wording
from services.analyst.types import Abstained, Reading, UnknownColumn
from services.clock import Clock
from services.conversations import Conversations
from services.conversations.types import Turn
from services.errors import InputError, LimitError
from services.ids import ConversationId, FileId, QuestionId, RunId, UserId, new_id
from services.money.types import EngineKind
from services.preflight import PreflightRoom, for_judgement
from services.preflight.types import Preflight
from services.questions import _assemble
from services.questions._smaller import smaller
from services.questions._understanding import understand
from services.questions.types import Ask, Asked, Remains, Suggested
from services.runs import Runs
from services.runs.types import AnswerQuestion, RunRow

_LONGEST_QUESTION_CHARACTERS = 4_000
_OF_EACH_KIND = 2


class Questions:
    """Takes questions. What can be said without spending is said at once; all else is a run."""

    def __init__(
        self,
        conversations: Conversations,
        preflight: PreflightRoom,
        runs: Runs,
        clock: Clock,
        engine_kind: EngineKind,
    ) -> None:
        self._conversations = conversations
        self._preflight = preflight
        self._runs = runs
        self._clock = clock
        self._engine_kind = engine_kind
        self._asking = threading.Lock()

    def ask(self, user: UserId, conversation_id: ConversationId, ask: Ask) -> Asked:
        """Put a question to a conversation.

        The same question again, while it is being answered, is the same run. Raises InputError for
        an empty or over-long question or one without a usable file, LimitError while another
        question is being answered, NotYoursError for somebody else's conversation.
        """
        question = _cleaned(ask.text)
        # Two tabs that ask at once must not both find that nothing is under way.
        with self._asking:
            return self._asked(user, conversation_id, question, ask)

    def _asked(
        self, user: UserId, conversation_id: ConversationId, question: str, ask: Ask
    ) -> Asked:
        live = self._runs.live(user, conversation_id)
        if live is not None:
            return self._same_or_refused(user, live, question)
        usable = self._usable_files(user, conversation_id)
        understanding = self._understand(user, conversation_id, question, usable)
        declined = self._declined(understanding, anyway=ask.anyway)
        question_id = QuestionId(new_id("q"))
        run_id = RunId(new_id("run")) if declined is None else None

        def write_down() -> None:
            self._conversations.add_question(
                user,
                conversation_id,
                question,
                files=tuple(usable),
                as_is=ask.anyway,
                question_id=question_id,
                run_id=run_id,
                declined=declined,
            )

        if run_id is None:
            write_down()
        else:
            self._runs.start(
                user,
                AnswerQuestion(question_id=question_id),
                conversation_id=conversation_id,
                run_id=run_id,
                along=write_down,
            )
        return Asked(question_id=question_id, run_id=run_id)

    def retry(self, user: UserId, question_id: QuestionId) -> Asked:
        """Ask the question of an ended turn again, in the same conversation. Raises as `ask`."""
        turn = self._conversations.turn(user, question_id)
        return self.ask(user, turn.conversation_id, Ask(text=turn.question, anyway=turn.as_is))

    def suggestions(self, user: UserId, file_id: FileId) -> tuple[str, ...]:
        """Questions with an exact answer that suit a file; none while it is not known."""
        reduced = smaller(self._preflight, user, file_id)
        if reduced is not None:
            return reduced.examples()
        result = self._preflight.result(user, file_id)
        return analyst.examples(result.report.tables) if result is not None else ()

    def suggested(self, user: UserId, file_id: FileId) -> tuple[Suggested, ...]:
        """Questions that suit a file, four at most; two ask for judgement where Claude does."""
        exact = [Suggested(text=t, is_exact=True) for t in self.suggestions(user, file_id)]
        result = self._preflight.result(user, file_id)
        reduced = smaller(self._preflight, user, file_id)
        is_grouped = reduced is not None and reduced.by is not None
        if self._engine_kind == "local" or result is None or is_grouped:
            return tuple(exact)
        open_ones = for_judgement(result.report.tables, _OF_EACH_KIND)
        judged = [Suggested(text=t, is_exact=False) for t in open_ones]
        return (*exact[:_OF_EACH_KIND], *judged)

    def remains(self, user: UserId, turn: Turn) -> Remains:
        """What a turn without an answer had come to. Raises NotYoursError."""
        if turn.run_id is None or turn.state == "running":
            return Remains(text="", peak_bytes=None, correlation_id=None)
        events = _assemble.last_attempt(
            [numbered.event for numbered in self._runs.events(user, turn.run_id)]
        )
        headline, text = _assemble.headline_and_text(events)
        return Remains(
            text=f"{headline}\n\n{text}".strip(),
            peak_bytes=_assemble.peak_bytes(events),
            correlation_id=self._runs.get(user, turn.run_id).correlation_id,
        )

    def _same_or_refused(self, user: UserId, live: RunRow, question: str) -> Asked:
        if isinstance(live.task, AnswerQuestion):
            turn = self._conversations.turn(user, live.task.question_id)
            if turn.question == question:
                return Asked(question_id=turn.id, run_id=live.id)
        raise LimitError(wording.runs.run_under_way(), code="run_under_way")

    def _usable_files(
        self, user: UserId, conversation_id: ConversationId
    ) -> dict[FileId, Preflight]:
        """The files that fit, newest first. Raises InputError if there are only others."""
        head = self._conversations.get(user, conversation_id)
        results = {f: self._preflight.result(user, f) for f in reversed(head.files)}
        fitting = {f: r for f, r in results.items() if r is not None and r.verdict.state == "fits"}
        usable = {f: r for f, r in fitting.items() if self.is_askable(r)}
        if fitting and not usable:
            raise InputError(wording.runs.no_table(), code="no_table")
        if usable or (not head.files and self._engine_kind == "claude"):
            return usable
        if not head.files:
            raise InputError(wording.runs.no_file(), code="no_file")
        if any(result is None for result in results.values()):
            raise InputError(wording.runs.file_still_checked(), code="still_checked")
        raise InputError(wording.runs.no_usable_file(), code="no_usable_file")

    def is_askable(self, result: Preflight) -> bool:
        """Whether questions about a file are taken.

        Text and pictures need somebody who reads them, which fixed rules don't.
        """
        return result.can_be_asked(self._engine_kind)

    def _understand(
        self,
        user: UserId,
        conversation_id: ConversationId,
        question: str,
        usable: dict[FileId, Preflight],
    ) -> Reading | UnknownColumn | Abstained:
        reports = (result.report for result in usable.values())
        previous = self._previous(user, conversation_id)
        found = understand(reports, question, previous)
        for file_id, result in usable.items():
            reduced = smaller(self._preflight, user, file_id)
            own = understand((result.report,), question, previous)
            declined = reduced.declines(own, question) if reduced is not None else None
            if declined is not None and isinstance(own, Reading) == isinstance(found, Reading):
                return declined
            if isinstance(own, Reading):
                break
        return found

    def _previous(self, user: UserId, conversation_id: ConversationId) -> Reading | None:
        for turn in reversed(self._conversations.turns(user, conversation_id)):
            if turn.answer is not None:
                return turn.answer.bundle.reading
        return None

    def _declined(
        self, understanding: Reading | UnknownColumn | Abstained, *, anyway: bool
    ) -> UnknownColumn | Abstained | None:
        """Why nothing is run. The local engine can't do better than the analyst; Claude may."""
        match understanding:
            case UnknownColumn() if not anyway or self._engine_kind == "local":
                return understanding
            case Abstained() if self._engine_kind == "local":
                return understanding
            case _:
                return None


def _cleaned(text: str) -> str:
    question = " ".join(text.split())
    if not question:
        raise InputError(wording.runs.question_empty(), code="question_empty")
    if len(question) > _LONGEST_QUESTION_CHARACTERS:
        raise InputError(
            wording.runs.question_too_long(len(question), _LONGEST_QUESTION_CHARACTERS),
            code="question_too_long",
        )
    return question
