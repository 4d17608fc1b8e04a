"""Sentences about runs: how an answer came about, or why it did not."""

from collections.abc import Sequence

from services.errors import Message
from services.events import (
    CodeWritten,
    ContainerReused,
    ContainerStarted,
    Event,
    FileFetched,
    FileProduced,
    OutputPrinted,
    TextAdded,
)


def not_yours() -> Message:
    """The run is missing or belongs to somebody else."""
    return Message(what_happened="This run isn't yours or was deleted.")


def conversation_not_yours() -> Message:
    """The conversation is missing or belongs to somebody else."""
    return Message(what_happened="This conversation isn't yours or was deleted.")


def internal_error() -> Message:
    """A defect of ours."""
    return Message(
        what_happened="Something went wrong on our side.",
        what_to_do="The file and your question are kept. Run it again, or quote the id below.",
    )


def stage_reached(events: Sequence[Event]) -> str:
    """The name of the last stage that a run reached."""
    stage = "Queued"
    for event in events:
        match event:
            case ContainerStarted() | ContainerReused():
                stage = "Container started"
            case TextAdded() | CodeWritten():
                stage = "Code written"
            case OutputPrinted():
                stage = "Running"
            case FileProduced() | FileFetched():
                stage = "Fetching charts and tables"
            case _:
                pass
    return stage
