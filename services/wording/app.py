"""Sentences about the installation itself."""

from services.errors import Message


def home_unusable() -> Message:
    """The folder of all durable state can't be made or opened."""
    return Message(
        what_happened="The folder for Datadock's data can't be used.",
        what_to_do="Set DATADOCK_HOME to a folder that this user may write.",
    )


def home_in_use() -> Message:
    """Another server has the folder."""
    return Message(
        what_happened="Another Datadock server is already using this data folder.",
        what_to_do="Stop it first, or set DATADOCK_HOME to another folder.",
    )


def page_failed() -> Message:
    """A defect of ours while a page was drawn or a button was pressed."""
    return Message(
        what_happened="Something went wrong on this page, and it is not your doing.",
        what_to_do="Load the page again; your files and answers are kept.",
    )
