"""Sentences about the files of an answer, and those missing from it."""

from services.errors import Message
from services.units import format_bytes, format_count


def not_fetched() -> Message:
    """A produced file could not be had."""
    return Message(
        what_happened="A file of the answer could not be fetched.", what_to_do="Run it again."
    )


def too_large(limit_bytes: int) -> Message:
    """A produced file is beyond what is kept."""
    return Message(
        what_happened="A file of the answer was left out: it is larger than "
        f"{format_bytes(limit_bytes)}.",
        what_to_do="Ask for less in one file.",
    )


def too_many(limit: int) -> Message:
    """More files were produced than are kept."""
    return Message(
        what_happened="A file of the answer was left out: there are more than "
        f"{format_count(limit)}.",
        what_to_do="Ask for fewer files at once.",
    )


def not_kept() -> Message:
    """A produced file could not be written here."""
    return Message(what_happened="It could not be saved on this server.")


def not_waited_for() -> Message:
    """The run was stopped when the answer was complete and this file was still on its way."""
    return Message(what_happened="It had not arrived when the run was stopped.")


def one_file() -> str:
    """A produced file whose name is not known."""
    return "A file"


def further_files(count: int) -> str:
    """Produced files beyond what is fetched."""
    return "One more file" if count == 1 else f"{format_count(count)} more files"


def left_out(name: str, reason: str) -> str:
    """A produced file that could not be kept."""
    return f"{name} is missing from this answer. {reason}"
