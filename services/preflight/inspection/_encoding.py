"""In which encoding a text is written, and how sure that is.

A byte order mark or valid UTF-8 settles it. Text with a zero in every second byte is UTF-16. The
rest is weighed: charset-normalizer names the candidates, and among the Western single-byte code
pages, which it can't tell apart on short texts, the bytes that only one of them uses decide.
"""

import codecs
import re
from dataclasses import dataclass

import charset_normalizer

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig", 1, False),
    (codecs.BOM_UTF32_LE, "utf-32", 4, False),
    (codecs.BOM_UTF32_BE, "utf-32", 4, True),
    (codecs.BOM_UTF16_LE, "utf-16", 2, False),
    (codecs.BOM_UTF16_BE, "utf-16", 2, True),
)
_DETECTION_BYTES = 48_000
_WESTERN = {"cp1252", "latin_1", "iso8859_15", "cp1250", "cp1254", "iso8859_9", "mac_roman"}
_WESTERN_LETTERS = set("äöüÄÖÜßéèêëàâáåæœøñóòôõíìîïúùûçãÉÈÊÀÂÁÅÆØÑÓÔÕÍÎÚÇ€£§°·«»‘’“”–—…²³µ½ªº¿¡")
_HIGH_RUN = re.compile(rb"[^\n]*[\x80-\xff][^\n]*\n?")


@dataclass(frozen=True, slots=True)
class Encoding:
    """A codec by its Python name, with what is needed to find line ends in raw bytes."""

    name: str
    confidence: float
    unit_bytes: int = 1
    bom_bytes: int = 0
    is_big_endian: bool = False
    ends_lines_with_return: bool = False

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
        return text if self.is_utf8 else text.decode("utf-8").encode(self._plain_name, "replace")

    def decode(self, raw: bytes) -> str:
        """Text of bytes that begin and end on a character, without a byte order mark."""
        return raw.decode(self._plain_name, "replace")

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
        return ("\r" if self.ends_lines_with_return else "\n").encode(self._plain_name)

    @property
    def _plain_name(self) -> str:
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
    if b"\0" in head or b"\0" in further:
        return None
    if _is_utf8(head, complete=False) and _is_utf8(further, complete=True):
        return Encoding("utf-8", 1.0)
    if _is_mostly_utf8(head + further):
        return Encoding("utf-8", 0.8)
    return _weighed(head + b"\n" + further)


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
    """UTF-16 without a mark: nearly every second byte of Western text is zero."""
    pairs = len(head) // 2
    if pairs < 2:
        return None
    even, odd = head[: 2 * pairs : 2].count(0) / pairs, head[1 : 2 * pairs : 2].count(0) / pairs
    if odd > 0.7 and even < 0.05:
        return Encoding("utf-16-le", 0.9, 2, 0, is_big_endian=False)
    if even > 0.7 and odd < 0.05:
        return Encoding("utf-16-be", 0.9, 2, 0, is_big_endian=True)
    return None


def _weighed(raw: bytes) -> Encoding:
    telling = b"".join(_HIGH_RUN.findall(raw))[:_DETECTION_BYTES]
    western = _western(telling)
    if western is not None:
        return western
    matches = charset_normalizer.from_bytes(
        telling, cp_exclusion=["utf_7", "utf_16", "utf_32"], enable_fallback=False
    )
    best = matches.best()
    if best is None:
        return Encoding("cp1252" if _decodes(telling, "cp1252") else "latin-1", 0.3)
    name = codecs.lookup(best.encoding).name
    return Encoding(name, round(max(0.3, min(0.95, best.coherence or 1 - best.chaos)), 2))


def _western(telling: bytes) -> Encoding | None:
    """Windows-1252 or Latin-1, where nearly all letters beyond ASCII are usual Western ones."""
    name = "cp1252" if _decodes(telling, "cp1252") else "latin-1"
    text = telling.decode(name)
    beyond = [c for c in text if ord(c) > 127]
    if not beyond:
        return None
    usual = sum(c in _WESTERN_LETTERS for c in beyond) / len(beyond)
    # Where every other letter is an accented one it is no Western language, whatever its letters.
    letters = sum(c.isalpha() for c in text) or 1
    if usual > 0.95 and len(beyond) / letters < 0.3:
        return Encoding(name, 0.9 if len(beyond) > 20 else 0.7)
    return None


def _decodes(raw: bytes, name: str) -> bool:
    try:
        raw.decode(name)
    except UnicodeDecodeError:
        return False
    return True
