"""Sentences about files: what they are, and whether they fit."""

from services.errors import Message


def not_yours() -> Message:
    """The file is missing or belongs to somebody else."""
    return Message(
        what_happened="This file isn't yours or was removed.",
        what_to_do="Add it again to go on.",
    )
