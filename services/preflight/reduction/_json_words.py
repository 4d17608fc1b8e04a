"""`NaN` and `Infinity`, which Python and pandas write into JSON and the standard does not know."""

import re

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"?|-?Infinity|NaN', re.DOTALL)
_REST_OF_STRING = re.compile(rb'(?:[^"\\]|\\.)*"?', re.DOTALL)
_STANDS_FOR = {b"NaN": b"null", b"Infinity": b'"inf"', b"-Infinity": b'"-inf"'}
_HELD_BYTES = 16
_ENDS_A_WORD = frozenset(b' \t\r\n,:[]{}"0123456789')


class Words:
    """Puts what every parser knows in their place, outside strings, in text in pieces.

    `NaN` is nothing; the infinite become the text that a reader of CSV makes such numbers of.
    """

    def __init__(self) -> None:
        self._held = b""
        self._is_inside = False

    def plain(self, piece: bytes, *, final: bool) -> bytes:
        """The next piece; its last bytes may come with the one after it."""
        text = self._held + piece
        cut = len(text) if final else _cut(text)
        text, self._held = text[:cut], text[cut:]
        inside = self._is_inside
        bare = text
        if b"\\" in text:
            bare = text.replace(b"\\\\", b"").replace(b'\\"', b"")
        self._is_inside ^= bool(bare.count(b'"') & 1)
        if b"NaN" not in text and b"Infinity" not in text:
            return text
        found = _REST_OF_STRING.match(text) if inside else None
        start = found.end() if found is not None else 0
        return text[:start] + _TOKEN.sub(_plain, text[start:])


def _cut(text: bytes) -> int:
    """Where no word and no escape is cut in two."""
    for at in range(len(text), max(0, len(text) - _HELD_BYTES), -1):
        if text[at - 1] in _ENDS_A_WORD and not _is_escaped(text, at - 1):
            return at
    if len(text) <= _HELD_BYTES:
        return 0
    at = len(text)
    while at and text[at - 1 : at] == b"\\":
        at -= 1
    return at


def _is_escaped(text: bytes, at: int) -> bool:
    before = len(text[:at]) - len(text[:at].rstrip(b"\\")) if text[at - 1 : at] == b"\\" else 0
    return bool(before & 1)


def _plain(found: "re.Match[bytes]") -> bytes:
    return _STANDS_FOR.get(found[0], found[0])
