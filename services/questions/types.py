"""Asking: what the user wants, and what happened at once."""

import msgspec

from services.ids import CorrelationId, QuestionId, RunId
from services.limits.types import Approach


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """A question as it was typed or chosen."""

    text: str
    approach: Approach | None = None
    """None leaves the choice to Datadock."""
    anyway: bool = False
    """Run it although a column that it names seems not to exist."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The question is in the conversation; without a run it was answered there and then."""

    question_id: QuestionId
    run_id: RunId | None


class Suggested(msgspec.Struct, frozen=True, kw_only=True):
    """A question that suits a file."""

    text: str
    is_exact: bool
    """Counting answers it; else it asks for judgement, which the local engine has none of."""


class Remains(msgspec.Struct, frozen=True, kw_only=True):
    """What a run without an answer leaves to show."""

    text: str
    """What had been said when it ended: the model's words, to be escaped."""
    peak_bytes: int | None
    correlation_id: CorrelationId | None
