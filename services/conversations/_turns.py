"""Heads and turns of conversations; a head is keyed by its owner, so a stranger finds nothing."""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from services import wording
from services.analyst.types import Abstained, UnknownColumn
from services.clock import Clock
from services.conversations.types import (
    Answer,
    Conversation,
    ConversationSummary,
    Turn,
    TurnState,
)
from services.errors import Message, NotYoursError
from services.files import Files
from services.ids import ConversationId, FileId, QuestionId, RunId, UserId, new_id
from services.money import Money
from services.store import Store

_TITLE_CHARACTERS = 80
_T = TypeVar("_T")


def _same(old: _T) -> _T:
    return old


class Conversations:
    """All conversations of all users. Thread-safe: its state is in the store."""

    def __init__(self, store: Store, files: Files, money: Money, clock: Clock) -> None:
        self._store = store
        self._heads = store.space("conversations.heads", Conversation)
        self._turns = store.space("conversations.turns", Turn)
        self._files = files
        self._money = money
        self._clock = clock

    def open(self, user: UserId) -> ConversationId:
        """Begin an empty conversation."""
        now = self._clock.now()
        head = Conversation(
            id=ConversationId(new_id("c")),
            owner=user,
            title="",
            files=(),
            turns=(),
            created_at=now,
            changed_at=now,
        )
        self._heads.put(_key(user, head.id), head)
        return head.id

    def get(self, user: UserId, conversation_id: ConversationId) -> Conversation:
        """The user's own conversation. Raises NotYoursError."""
        head = self._heads.get(_key(user, conversation_id))
        if head is None:
            raise NotYoursError(wording.runs.conversation_not_yours())
        return head

    def attach(self, user: UserId, conversation_id: ConversationId, file_id: FileId) -> None:
        """Add a file of the user's; the newest stands last. Raises NotYoursError."""
        self._files.get(user, file_id)
        self._change(
            self.get(user, conversation_id),
            files=lambda old: (*(f for f in old if f != file_id), file_id),
        )

    def detach(self, user: UserId, conversation_id: ConversationId, file_id: FileId) -> None:
        """Take a file out; what was answered about it stays. Raises NotYoursError."""
        self._change(
            self.get(user, conversation_id),
            files=lambda old: tuple(f for f in old if f != file_id),
        )

    def add_question(
        self,
        user: UserId,
        conversation_id: ConversationId,
        question: str,
        *,
        files: tuple[FileId, ...] = (),
        as_is: bool = False,
        question_id: QuestionId | None = None,
        run_id: RunId | None = None,
        declined: UnknownColumn | Abstained | None = None,
    ) -> Turn:
        """Write a question down, before anything is done about it. Raises NotYoursError.

        Either the run that is about to carry it is named, or why it was declined.
        """
        head = self.get(user, conversation_id)
        turn = Turn(
            id=question_id or QuestionId(new_id("q")),
            conversation_id=conversation_id,
            owner=user,
            question=question,
            asked_at=self._clock.now(),
            files=files,
            state="running" if declined is None else "declined",
            run_id=run_id,
            declined=declined,
            as_is=as_is,
        )
        with self._store.unit():
            self._turns.put(turn.id, turn)
            self._change(
                head,
                turns=lambda old: (*old, turn.id),
                title=lambda old: old or question[:_TITLE_CHARACTERS],
            )
        return turn

    def end_turn(
        self,
        question_id: QuestionId,
        state: TurnState,
        *,
        answer: Answer | None = None,
        failure: Message | None = None,
        failure_category: str | None = None,
        seconds: float = 0.0,
    ) -> Turn:
        """Store how a turn ended. A turn that has ended is left as it is, and returned."""

        def ended(old: Turn) -> Turn:
            if old.state != "running":
                return old
            return msgspec.structs.replace(
                old,
                state=state,
                answer=answer,
                failure=failure,
                failure_category=failure_category,
                seconds=seconds,
            )

        return self._turns.update(question_id, ended)

    def dismiss(self, user: UserId, question_id: QuestionId) -> None:
        """Put the failure card of a turn away. Raises NotYoursError."""
        self.turn(user, question_id)
        self._turns.update(question_id, lambda t: msgspec.structs.replace(t, dismissed=True))

    def turn(self, user: UserId, question_id: QuestionId) -> Turn:
        """One turn of the user's. Raises NotYoursError."""
        turn = self._turns.get(question_id)
        if turn is None or turn.owner != user:
            raise NotYoursError(wording.runs.conversation_not_yours())
        return turn

    def turns(self, user: UserId, conversation_id: ConversationId) -> tuple[Turn, ...]:
        """All turns, oldest first. Raises NotYoursError."""
        head = self.get(user, conversation_id)
        found = (self._turns.get(question_id) for question_id in head.turns)
        return tuple(turn for turn in found if turn is not None)

    def recent(self, user: UserId, limit: int = 10) -> tuple[ConversationSummary, ...]:
        """The user's conversations that hold a question, last changed first."""
        heads = [head for _, head in self._heads.scan(prefix=f"{user}:") if head.turns]
        heads.sort(key=lambda head: head.changed_at, reverse=True)
        return tuple(self._summary(user, head) for head in heads[:limit])

    def _change(
        self,
        head: Conversation,
        *,
        files: Callable[[tuple[FileId, ...]], tuple[FileId, ...]] = _same,
        turns: Callable[[tuple[QuestionId, ...]], tuple[QuestionId, ...]] = _same,
        title: Callable[[str], str] = _same,
    ) -> None:
        """From what is stored at that moment: another tab may have changed it meanwhile."""

        def changed(old: Conversation) -> Conversation:
            return msgspec.structs.replace(
                old,
                files=files(old.files),
                turns=turns(old.turns),
                title=title(old.title),
                changed_at=self._clock.now(),
            )

        self._heads.update(_key(head.owner, head.id), changed)

    def _summary(self, user: UserId, head: Conversation) -> ConversationSummary:
        turns = self.turns(user, head.id)
        names = [self._files.get(user, file_id).name for file_id in head.files]
        return ConversationSummary(
            id=head.id,
            title=head.title,
            file_names=tuple(names),
            answers=sum(turn.state == "answered" for turn in turns),
            state=turns[-1].state if turns else None,
            changed_at=head.changed_at,
            cost_microusd=self._money.conversation_cost(head.id),
        )


def _key(user: UserId, conversation_id: ConversationId) -> str:
    return f"{user}:{conversation_id}"
