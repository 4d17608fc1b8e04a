"""Ids with the prefixes that the wire uses; their length and alphabet promise nothing."""

import secrets
import string

_ALPHABET = string.ascii_letters + string.digits


def wire_id(prefix: str) -> str:
    """A random id such as `msg_01Vd…`."""
    return f"{prefix}_01" + "".join(secrets.choice(_ALPHABET) for _ in range(22))
