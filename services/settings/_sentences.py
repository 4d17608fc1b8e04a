"""Why a setting can't be used, in words of ours; the value is never said, as it may be a secret."""

import difflib
from collections.abc import Collection

from services.errors import Message

_ALLOWED = {
    "home": "it must be the path of a folder",
    "engine": "it must be auto, claude or local",
    "ANTHROPIC_API_KEY": "it must be a text",
    "claude_base_url": "it must be an address such as https://api.anthropic.com",
    "model": "it must be the id of a model",
    "limits": "it must be the name of a limit profile, guide or documented",
    "limit_overrides": "it must be a table of limits, such as ram_limit_bytes = 900_000_000",
    "time_scale": "it must be a number above 0",
    "log_format": "it must be text or json",
    "secure_cookies": "it must be true or false",
    "workers": "it must be a whole number from 1 to 64",
    "operators": (
        "it must hold user ids as Settings & health shows them, u- and 32 characters each,"
        " separated by commas"
    ),
}
_CORRECT = "Correct it in the environment or in .streamlit/secrets.toml."


def wrong_value(name: str) -> Message:
    """A setting has a value that it can't have."""
    return Message(
        what_happened=f"The setting {name!r} can't be used: {_ALLOWED[name]}.", what_to_do=_CORRECT
    )


def unknown_name(name: str, known: Collection[str]) -> Message:
    """A setting that does not exist; most likely it is spelt differently."""
    closest = difflib.get_close_matches(name, known, n=1)
    meant = f" Did you mean {closest[0]!r}?" if closest else ""
    return Message(what_happened=f"There is no setting {name!r}.{meant}", what_to_do=_CORRECT)


def no_key() -> Message:
    """Claude is insisted on, but can't be asked."""
    return Message(
        what_happened="The engine is set to Claude, but there is no API key.",
        what_to_do="Set ANTHROPIC_API_KEY, or DATADOCK_ENGINE=local.",
    )


def secrets_unreadable() -> Message:
    """The secrets file is not TOML."""
    return Message(
        what_happened="The secrets file is not valid TOML.",
        what_to_do="Correct .streamlit/secrets.toml or remove it.",
    )


def no_table() -> Message:
    """What should hold our settings is a single value."""
    return Message(
        what_happened="In the secrets file, datadock has to be a table of settings.",
        what_to_do="Write [datadock] on a line of its own, and the settings below it.",
    )


def overrides_unreadable() -> Message:
    """The overrides of limits are not TOML."""
    return Message(
        what_happened="DATADOCK_LIMIT_OVERRIDES is not valid TOML.",
        what_to_do="Write it like this: ram_limit_bytes = 900_000_000",
    )
