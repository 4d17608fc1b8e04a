"""Sentences of a verdict: whether a file fits, and if it is too large, what to do about it."""

from services.errors import Message
from services.units import (
    format_bytes,
    format_count,
    format_megabytes,
    format_megabytes_range,
)


def fits(peak: int, low: int, high: int, spoken: int) -> Message:
    """It fits with room."""
    return Message(
        what_happened="Ready.",
        what_to_do=f"Loading it should need about {format_megabytes(peak)} at its peak"
        f" ({format_megabytes_range(low, high)}), of the {format_megabytes(spoken)} available.",
    )


def fits_barely(peak: int, low: int, high: int, alert: int) -> Message:
    """It fits, near the limit."""
    return Message(
        what_happened="It fits, but barely.",
        what_to_do=f"It should need about {format_megabytes(peak)}"
        f" ({format_megabytes_range(low, high)}); above {format_megabytes(alert)} runs sometimes"
        " stop. A copy with fewer columns is safer.",
    )


def fits_without_table(kind: str) -> Message:
    """Something that is no table, and small enough."""
    return Message(
        what_happened="Ready.",
        what_to_do=f"This is {kind} without a table, which only Claude can be asked about.",
    )


def tables_only() -> Message:
    """A text or a picture where the local engine is the one that answers."""
    return Message(
        what_happened="It fits, but can't be asked about here.",
        what_to_do="The local engine answers about tables only; for texts and pictures Claude is"
        " needed.",
    )


_SMALLER = {
    "text": "cut it into parts and add one of them",
    "png": "save it with fewer pixels, or as a JPEG image, and add it again",
    "jpeg": "save it with fewer pixels, and add it again",
}


def over_memory(kind: str | None, peak: int, low: int, high: int, spoken: int) -> Message:
    """It needs too much memory as it is."""
    return Message(
        what_happened=f"Too large as it is: it would need about {format_megabytes(peak)}"
        f" ({format_megabytes_range(low, high)}), of the {format_megabytes(spoken)} available.",
        what_to_do=_make_smaller(kind),
    )


def over_file_limit(kind: str | None, size: int, limit: int) -> Message:
    """It is larger than what can be sent, and no table that could be reduced."""
    return Message(
        what_happened=f"{format_bytes(size)} is over the {format_bytes(limit)} that can be sent.",
        what_to_do=_make_smaller(kind),
    )


def reducible_memory(
    peak: int, low: int, high: int, spoken: int, *, size: int | None, limit: int
) -> Message:
    """It needs too much memory as it is, and fits once it is reduced."""
    too_large = ""
    if size is not None:
        too_large = f", and {format_bytes(size)} is over the {format_bytes(limit)} that can be sent"
    return Message(
        what_happened=f"Too large as it is: it would need about {format_megabytes(peak)}"
        f" ({format_megabytes_range(low, high)}) of {format_megabytes(spoken)}{too_large}.",
        what_to_do="Reduced, it fits.",
    )


def reducible_size(size: int, limit: int, peak: int | None, spoken: int) -> Message:
    """It is larger than what can be sent, and fits once it is reduced."""
    memory = ""
    if peak is not None:
        memory = f"It fits in memory ({format_megabytes(peak)} of {format_megabytes(spoken)}), but "
    return Message(
        what_happened=f"{memory}{format_bytes(size)} is over the {format_bytes(limit)} that can be"
        " sent.",
        what_to_do="Reduced, it fits.",
    )


def too_large_even_reduced(size: int, limit: int) -> Message:
    """Nothing that can be left out brings it within the limits."""
    return Message(
        what_happened="Too large to bring within the limits.",
        what_to_do=f"It is {format_bytes(size)} of {format_bytes(limit)} that can be sent, and even"
        " few rows of its most useful columns are more. Cut it into parts and add one of them.",
    )


def picture_over_memory(
    width: int, height: int, peak: int, low: int, high: int, spoken: int, *, widest: int
) -> Message:
    """A picture that takes too much memory once it is opened."""
    return Message(
        what_happened=f"This picture has {format_count(width)} × {format_count(height)} pixels:"
        f" looking at it would need about {format_megabytes(peak)}"
        f" ({format_megabytes_range(low, high)}), of the {format_megabytes(spoken)} available.",
        what_to_do=f"Save it at most {format_count(widest)} pixels wide and add it again.",
    )


def _make_smaller(kind: str | None) -> str:
    """The way on, by what can be left out of such a file."""
    how = _SMALLER.get(kind or "", "leave something out, and add it again")
    return f"It has to be made smaller before it can be asked about: {how}."


def check_crashed() -> Message:
    """The reader died on this file."""
    return Message(
        what_happened="This file can't be read.",
        what_to_do="It is damaged in a way that stops our reader. Save it again and add that.",
    )


def check_stopped() -> Message:
    """The user stopped the check."""
    return Message(
        what_happened="The check was stopped.", what_to_do="Add the file again to check it."
    )


def check_interrupted() -> Message:
    """The server ended during the check."""
    return Message(
        what_happened="The check was interrupted when the server restarted.",
        what_to_do="Add the file again to check it.",
    )
