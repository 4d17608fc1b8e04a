"""What a user can want on each page: one closed union per page.

A component returns one of these or None; the page matches on them and ends in `assert_never`.
What must act before the page's own code runs (an upload, Stop, Release) is a callable instead.
"""

from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from services.ids import ConversationId, FileId, QuestionId
from services.preflight.types import ReductionStep


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """A data set that comes with Datadock; the page knows where it lies."""

    id: str
    label: str
    """`Shop orders`."""
    caption: str
    """`CSV, 9,412 rows`."""
    path: Path
    icon: str = ":material/table_chart:"


class SampleChosen(msgspec.Struct, frozen=True, kw_only=True):
    """One of our own data sets is to be analysed."""

    sample_id: str


class FileAddWanted(msgspec.Struct, frozen=True, kw_only=True):
    """A further file is to join the conversation: the page shows the uploader."""


class FileAddCancelled(msgspec.Struct, frozen=True, kw_only=True):
    """No further file after all: the page puts the uploader away."""


class FileReplaced(msgspec.Struct, frozen=True, kw_only=True):
    """Another file is to take this one's place: it leaves when the other one has come."""

    file_id: FileId


class FileRemoved(msgspec.Struct, frozen=True, kw_only=True):
    """The file leaves the conversation."""

    file_id: FileId


class ReduceRequested(msgspec.Struct, frozen=True, kw_only=True):
    """A smaller version of the file is to be written by these steps, and take its place."""

    file_id: FileId
    steps: tuple[ReductionStep, ...]


class ReductionEdited(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a file is to be chosen: the page opens the dialog."""

    file_id: FileId


class CorrectionWanted(msgspec.Struct, frozen=True, kw_only=True):
    """A file is to be read in another way: the page opens the dialog."""

    file_id: FileId


class OriginalWanted(msgspec.Struct, frozen=True, kw_only=True):
    """The file that a reduced one was made from is to take its place again."""

    file_id: FileId


class ConversationOpened(msgspec.Struct, frozen=True, kw_only=True):
    """An earlier conversation is to be read on."""

    conversation_id: ConversationId


class ConversationStarted(msgspec.Struct, frozen=True, kw_only=True):
    """Begin with an empty page; what was there stays in the list of conversations."""


class QuestionAsked(msgspec.Struct, frozen=True, kw_only=True):
    """A question, exactly as it is to be asked."""

    text: str
    source: Literal["composer", "suggestion", "way_out"]
    anyway: bool = False
    """Ask although a column that it names seems not to exist."""
    file_id: FileId | None = None
    """The file that it was suggested for; of several, the one that the question is then about."""


class RunRepeated(msgspec.Struct, frozen=True, kw_only=True):
    """The same question once more."""

    question_id: QuestionId


class FailureDismissed(msgspec.Struct, frozen=True, kw_only=True):
    """The card of a failed run is to be put away; the turn stays among the earlier ones."""

    question_id: QuestionId


AnalyseIntent: TypeAlias = (
    SampleChosen
    | FileAddWanted
    | FileAddCancelled
    | FileReplaced
    | FileRemoved
    | ReduceRequested
    | ReductionEdited
    | OriginalWanted
    | CorrectionWanted
    | ConversationOpened
    | ConversationStarted
    | QuestionAsked
    | RunRepeated
    | FailureDismissed
)


class FirstQuestionWanted(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing has run yet: go to where questions are asked."""


CostIntent: TypeAlias = FirstQuestionWanted


class HealthChecked(msgspec.Struct, frozen=True, kw_only=True):
    """All health checks are to be made again."""


SettingsIntent: TypeAlias = HealthChecked
