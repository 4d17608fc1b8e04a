"""Sentences about the installation itself."""

from collections.abc import Mapping
from typing import Literal

from services.errors import Message
from services.units import format_bytes


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


def reference(correlation_id: str) -> str:
    """The id by which a run or an error is found in the logs."""
    return f"Reference for support: {correlation_id}"


def not_running() -> Message:
    """The server is going down."""
    return Message(
        what_happened="Datadock is restarting.",
        what_to_do="This page comes back by itself in a moment.",
    )


def standing(standing: Literal["operator", "everybody", "visitor"]) -> str:
    """What a user may see and do on Containers & cost."""
    if standing == "operator":
        return "You are an operator: you see all containers and the ledger, and may release them."
    if standing == "visitor":
        return "You see the sums of Containers & cost; operators see containers and the ledger."
    return (
        "No operator is named, so everybody sees all containers and the ledger, and may release"
        " idle ones. DATADOCK_OPERATORS on the server names operators, by this id."
    )


def engine_answers(*, answers: bool) -> str:
    """Whether the engine takes requests."""
    return "answers" if answers else "does not answer; questions will fail until it does"


def store_state(detail: str, free_bytes: int, sqlite_version: str) -> str:
    """Whether data can be saved, and where the limit is; `detail` is what is wrong, if anything."""
    state = detail or "can be written"
    return f"{state}, {format_bytes(free_bytes)} free (SQLite {sqlite_version})"


def environment_state(*, is_profile: bool, versions: Mapping[str, str]) -> str:
    """Which versions run the code on this machine."""
    installed = f"pandas {versions['pandas']}, numpy {versions['numpy']}"
    if is_profile:
        return f"installed here: {installed}"
    return f"not installed here, so code runs with {installed}; script/setup --profile-env adds it"


def sandbox_state(*, ready: bool) -> str:
    """What running code is kept from, said plainly."""
    state = "ready" if ready else "not ready yet"
    return (
        f"{state}; memory, time and disk are limited. Files and network are not walled off, so only"
        " code written by the built-in analyst runs"
    )
