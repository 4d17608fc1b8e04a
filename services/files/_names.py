"""File names from the outside, made harmless."""

import unicodedata

_MAX_BYTES = 255
_MAX_SUFFIX_BYTES = 20
_FORBIDDEN = frozenset('<>:"|?*\\/')
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul"}
    | {f"com{n}" for n in "123456789"}
    | {f"lpt{n}" for n in "123456789"}
)
_FALLBACK = "file"


def clean_name(name: str) -> str:
    """The last path component without what can mislead people or file systems.

    Control, format (bidi overrides included) and unassigned characters go; characters that some
    system forbids become `_`; reserved device names get a `_` in front; the result is NFC, has
    1 to 255 bytes in UTF-8 and keeps its suffix when it has to be cut.
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = (
        "_" if char in _FORBIDDEN else char
        for char in unicodedata.normalize("NFC", last)
        if unicodedata.category(char)[0] != "C"
    )
    text = " ".join("".join(kept).split()).strip(". ")
    if not text:
        return _FALLBACK
    if text.split(".", 1)[0].strip().lower() in _RESERVED:
        text = "_" + text
    return _cut(text)


def _cut(text: str) -> str:
    if len(text.encode()) <= _MAX_BYTES:
        return text
    stem, dot, suffix = text.rpartition(".")
    if not dot or not stem or len(suffix.encode()) > _MAX_SUFFIX_BYTES:
        stem, suffix = text, ""
    tail = dot + suffix if suffix else ""
    room = _MAX_BYTES - len(tail.encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip(". ") + tail
