"""Sentences about durable state: why it can't be read or written."""

from services.errors import Message


def busy() -> Message:
    """Another writer did not finish in time."""
    return Message(
        what_happened="Saving took too long, because something else is being saved.",
        what_to_do="Try again in a moment.",
    )


def full() -> Message:
    """No space is left."""
    return Message(
        what_happened="The disk is full, so this couldn't be saved.",
        what_to_do="Free some space and try again. What was saved before is kept.",
    )


def read_only() -> Message:
    """The folder or its disk refuses writes."""
    return Message(
        what_happened="The data folder can't be written.",
        what_to_do="Check its permissions, and whether its disk is mounted read-only.",
    )


def corrupt() -> Message:
    """A value is not what was written."""
    return Message(
        what_happened="A saved value is damaged.",
        what_to_do="Restore the data folder from its last backup.",
    )


def failed() -> Message:
    """The database failed in a way that has no name."""
    return Message(
        what_happened="The saved data can't be read or written.",
        what_to_do="Try again. If it happens again, the log says more.",
    )


def unit_failed() -> Message:
    """Something inside a group of writes failed, so none of them is kept."""
    return Message(what_happened="A part of this couldn't be saved, so nothing of it was.")


def absent() -> Message:
    """What was to be changed is not there."""
    return Message(what_happened="What was to be changed doesn't exist any more.")


def conflict() -> Message:
    """A booking came twice, with different content."""
    return Message(what_happened="This was booked before with different content; the first stands.")


def fenced() -> Message:
    """Somebody newer writes this run now."""
    return Message(what_happened="A newer server has taken this run over.")


def blob_missing() -> Message:
    """The bytes of a kept file are gone."""
    return Message(
        what_happened="The content of this file is gone from the data folder.",
        what_to_do="Add the file again.",
    )


def vanished() -> Message:
    """The marker knows of a store that is not there, not whole, or older than it should be."""
    return Message(
        what_happened="A part of the saved data is missing or older than it was.",
        what_to_do="Restore the store folder from its last backup. To go on with what is there, "
        "or to begin anew, remove the file store.json beside it.",
    )


def from_the_future(found: int, known: int) -> Message:
    """The data was written by a newer version."""
    return Message(
        what_happened=f"The saved data has format {found}; this version knows only up to {known}.",
        what_to_do="Start the newer version of Datadock again.",
    )


def unfit_library() -> Message:
    """The database library behaves differently from what the store was built on."""
    return Message(
        what_happened="The installed database library isn't the one that Datadock was built on.",
        what_to_do="Install the pinned packages again with script/setup.",
    )
