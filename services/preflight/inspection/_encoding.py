"""In which encoding a text is written, and how sure that is.

A byte order mark or valid UTF-8 settles it. Text with a zero beside every letter of ASCII is UTF-16
or UTF-32. The rest is weighed by the letters that come out (`_pages`); what is in no language that
is known there is left to charset-normalizer.
"""

import codecs
import math
import re
from dataclasses import dataclass

import charset_normalizer

from services.preflight.inspection import _pages

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig", 1, False),
    (codecs.BOM_UTF32_LE, "utf-32", 4, False),
    (codecs.BOM_UTF32_BE, "utf-32", 4, True),
    (codecs.BOM_UTF16_LE, "utf-16", 2, False),
    (codecs.BOM_UTF16_BE, "utf-16", 2, True),
)
_DETECTION_BYTES = 48_000
_HIGH_RUN = re.compile(rb"[^\n]*[\x80-\xff][^\n]*\n?")
_ESCAPED = re.compile(rb"\x1b\$[@B]")
_CONTROLS = bytes(set(range(32)) - {7, 8, 9, 10, 12, 13, 26, 27})
_PRINTABLE = bytes((*range(32, 127), 9, 10, 13))
_CONTROLS_MOST = 0.02
_POOR = -9.0
"""Nats a letter: a text that is less likely is none in a language that is known here."""
_SURE = 0.85
_MOST_ALTERNATIVES, _FEW_ALPHABETS = 4, 3


@dataclass(frozen=True, slots=True)
class Encoding:
    """A codec by its Python name, with what is needed to find line ends in raw bytes."""

    name: str
    confidence: float
    unit_bytes: int = 1
    bom_bytes: int = 0
    is_big_endian: bool = False
    ends_lines_with_return: bool = False
    alternatives: tuple[str, ...] = ()
    """Other codecs that make a likely text of the bytes, where that is in doubt."""

    @property
    def is_utf8(self) -> bool:
        """Whether the bytes can be looked at as they are."""
        return self.name in ("utf-8", "utf-8-sig")

    def to_utf8(self, raw: bytes) -> bytes:
        """The same text in UTF-8 with line feeds; what can't be decoded is replaced."""
        if not self.is_utf8:
            raw = self.decode(raw).encode("utf-8", "replace")
        return raw.replace(b"\r", b"\n") if self.ends_lines_with_return else raw

    def from_utf8(self, text: bytes) -> bytes:
        """The bytes that `to_utf8` made such text of, if all of them could be decoded."""
        if self.ends_lines_with_return:
            text = text.replace(b"\n", b"\r")
        return text if self.is_utf8 else text.decode("utf-8").encode(self.plain_name, "replace")

    def decode(self, raw: bytes) -> str:
        """Text of bytes that begin and end on a character, without a byte order mark."""
        return raw.decode(self.plain_name, "replace")

    def after_line_end(self, raw: bytes, offset: int) -> int | None:
        """Just past the first line end from that offset on."""
        mark = self.line_end
        at = raw.find(mark, offset)
        while at >= 0 and at % self.unit_bytes:
            at = raw.find(mark, at + 1)
        return None if at < 0 else at + len(mark)

    @property
    def line_end(self) -> bytes:
        """What ends a line."""
        return ("\r" if self.ends_lines_with_return else "\n").encode(self.plain_name)

    @property
    def plain_name(self) -> str:
        """The codec that neither expects nor writes a byte order mark."""
        if self.unit_bytes > 1:
            order = "be" if self.is_big_endian else "le"
            return f"utf-{8 * self.unit_bytes}-{order}"
        return "utf-8" if self.is_utf8 else self.name


def detect(head: bytes, further: bytes = b"") -> Encoding | None:
    """The encoding of a file that begins with `head`; None where it is no text.

    `further` is more of the file, cut at line ends, for bytes that the head may not show.
    """
    for mark, name, unit, big in _BOMS:
        if head.startswith(mark):
            return Encoding(name, 1.0, unit, len(mark), big)
    wide = _without_mark(head)
    if wide is not None:
        return wide
    sample = head + b"\n" + further
    if b"\0" in sample or _controls(sample) > _CONTROLS_MOST * len(sample):
        return None
    if _is_utf8(head, complete=False) and _is_utf8(further, complete=True):
        if _ESCAPED.search(sample) and _decodes(sample, "iso2022_jp"):
            return Encoding("iso2022_jp", 0.95)
        return Encoding("utf-8", 1.0)
    if _is_mostly_utf8(head + further):
        return Encoding("utf-8", 0.8)
    return _weighed(sample)


def corrected(name: str, head: bytes) -> Encoding | None:
    """The encoding that a user says it is; None where there is no such codec."""
    try:
        plain = codecs.lookup(name).name
    except LookupError:
        return None
    for mark, marked, unit, big in _BOMS:
        if head.startswith(mark) and plain.startswith(marked.removesuffix("-sig")):
            return Encoding(marked, 1.0, unit, len(mark), big)
    if plain.startswith(("utf-16", "utf-32")):
        unit = int(plain[4:6]) // 8
        order = "be" if plain.endswith("be") else "le"
        return Encoding(f"utf-{8 * unit}-{order}", 1.0, unit, 0, order == "be")
    return Encoding("latin-1" if plain == "iso8859-1" else plain, 1.0)


def _controls(raw: bytes) -> int:
    return len(raw) - len(raw.translate(None, _CONTROLS))


def _is_utf8(raw: bytes, *, complete: bool) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(raw, complete)
    except UnicodeDecodeError:
        return False
    return True


def _is_mostly_utf8(raw: bytes) -> bool:
    """Whether a few bytes spoil what else is UTF-8: other encodings hardly ever look like it."""
    text = raw.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    return bad * 20 < sum(ord(c) > 127 for c in text)


def _without_mark(head: bytes) -> Encoding | None:
    """UTF-32 or UTF-16 without a mark: bytes of a kind stand at every second or fourth place.

    Line ends, delimiters, blanks and digits are ASCII in any language, so a zero stands beside
    them, and always on the same side.
    """
    for name, unit in (("utf-32-le", 4), ("utf-32-be", 4), ("utf-16-le", 2), ("utf-16-be", 2)):
        text = _plain_text(head[: len(head) - len(head) % unit], name)
        if text is not None:
            return Encoding(name, 0.9, unit, 0, is_big_endian=name.endswith("be"))
    return None


def _plain_text(raw: bytes, name: str) -> str | None:
    """The text of bytes in a wide encoding, if there is nothing in it that texts don't hold."""
    if b"\0" not in raw or len(raw) < 8:
        return None
    unit = int(name[4:6]) // 8
    low = range(unit)[0 if name.endswith("le") else -1]
    # A zero never stands for the part of a letter that tells ASCII ones apart.
    if raw[low::unit].count(0) * 10 > raw.count(0):
        return None
    # Letters of ASCII have a zero each (or three); where they have fewer, it is no text at all.
    filled = raw.replace(b"\0", b"")
    is_ascii = len(filled) - len(filled.translate(None, _PRINTABLE)) > 0.95 * len(filled)
    if is_ascii and raw.count(0) < 0.8 * (unit - 1) / unit * len(raw):
        return None
    text = codecs.getincrementaldecoder(name)("replace").decode(raw)
    ascii_ones = sum((c < "\x7f" and c.isprintable()) or c in "\t\r\n" for c in text)
    strange = sum(
        not c.isprintable() and c not in "\t\r\n\x0c\xa0\u200b\u2009\u202f\u3000\ufeff"
        for c in text
    )
    alphabets = {ord(c) >> 8 for c in text}
    strange += text.count("\N{REPLACEMENT CHARACTER}")
    is_plain = ascii_ones * 20 >= len(text) or (ascii_ones and len(alphabets) <= _FEW_ALPHABETS)
    return text if text and is_plain and strange <= max(2, len(text) // 100) else None


def _weighed(raw: bytes) -> Encoding:
    """The likeliest page; how sure, by how much less likely the next one is."""
    telling = b"".join(_HIGH_RUN.findall(raw))[:_DETECTION_BYTES]
    found = _pages.weigh(telling)
    best, others = found[0], found[1:]
    letters = max(1, sum(c > "\x7f" for c in best.text))
    if best.weight < _POOR * letters:
        return _library(telling, best.name)
    lead = best.weight - others[0].weight if others else 20.0
    # A lead of three nats is odds of twenty to one; few letters never make sure.
    confidence = min(0.98, 0.5 + 0.5 * (1 - math.exp(-lead / 2.5)), 0.65 + letters / 30)
    near = tuple(o.name for o in others) if confidence < _SURE else ()
    return Encoding(best.name, round(confidence, 2), alternatives=near[:_MOST_ALTERNATIVES])


def _library(telling: bytes, otherwise: str) -> Encoding:
    """What charset-normalizer makes of a text in no language that is known here."""
    best = charset_normalizer.from_bytes(
        telling, cp_exclusion=["utf_7", "utf_16", "utf_32"], enable_fallback=False
    ).best()
    if best is None:
        fallback = "cp1252" if _decodes(telling, "cp1252") else "latin-1"
        return Encoding(fallback, 0.3, alternatives=(otherwise,))
    name = codecs.lookup(best.encoding).name
    return Encoding(name, 0.4, alternatives=tuple({otherwise, "cp1252"} - {name}))


def _decodes(raw: bytes, name: str) -> bool:
    try:
        raw.decode(name)
    except UnicodeDecodeError:
        return False
    return True
