"""In which encoding a text is written, and how sure that is.

A byte order mark or valid UTF-8 settles it. Text with a zero in every second byte is UTF-16. The
rest is weighed: single-byte pages, which statistics can't tell apart on short texts, by the letters
that come out; what is none of them is left to charset-normalizer.
"""

import codecs
import itertools
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
_SIGNS = "€£§°·«»‘’“”„–—…²³µ½ªº¿¡©®×\u00a0"
_WESTERN = frozenset("äöüÄÖÜßéèêëàâáåæœøñóòôõíìîïúùûçãÉÈÊÀÂÁÅÆØÑÓÔÕÍÎÚÇ" + _SIGNS)
_CENTRAL = frozenset("ąćęłńóśźżĄĆĘŁŃÓŚŹŻáčďéěíňřšťúůýžÁČĎÉĚÍŇŘŠŤÚŮÝŽöőüűäôľĺŕăâîșşțţđ" + _SIGNS)
_TURKISH = frozenset("ğışçöüâîûĞİŞÇÖÜ" + _SIGNS)
_OFTEN_WESTERN = frozenset("äöüßéèêàâçñáíóúåæøÄÖÜÉ")
_OFTEN_CENTRAL = frozenset("ąęłńśźżčěřšžůőűťďňýćáéíóúöüŁŚŻČŘŠŽ")
_LATIN_PAGES = {
    "cp1252": (_WESTERN, _OFTEN_WESTERN),
    "latin-1": (_WESTERN, _OFTEN_WESTERN),
    "cp1250": (_CENTRAL, _OFTEN_CENTRAL),
    "iso8859-2": (_CENTRAL, _OFTEN_CENTRAL),
    "cp1254": (_TURKISH, _TURKISH),
    "cp850": (_WESTERN, _OFTEN_WESTERN),
    "mac-roman": (_WESTERN, _OFTEN_WESTERN),
    "cp437": (_WESTERN, _OFTEN_WESTERN),
}
"""Pages of Latin letters, most usual first, with the letters of texts in them and frequent ones."""
_WITHIN_WORD = re.compile(r"(?<=[^\W\d_])[^\w\s](?=[^\W\d_])")
_ACCENTED_MOST = 0.6
_CYRILLIC = ("\u0401", "\u045f", "оеаинтсрвл")
_GREEK = ("\u0384", "\u03ce", "αοιετσνηυράέόί")
_ALPHABETS = {
    "cp1251": _CYRILLIC,
    "koi8-r": _CYRILLIC,
    "iso8859-5": _CYRILLIC,
    "cp866": _CYRILLIC,
    "cp1253": _GREEK,
    "iso8859-7": _GREEK,
    "cp1255": ("\u05d0", "\u05ea", "יוהלאמתרשב"),
    "cp1256": ("\u0621", "\u06d2", "الينمتوربه"),
    "cp874": ("\u0e01", "\u0e5b", "านรอกเงยมล่้วส"),
}
"""Pages of other alphabets: where their letters begin and end, and which are most frequent."""
_FREQUENT_RATIO = 0.5
_FEW_LETTERS, _SURE_SCORE = 12, 0.95
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
    known = _latin(telling) or _alphabetic(telling)
    if known is not None:
        return known
    matches = charset_normalizer.from_bytes(
        telling, cp_exclusion=["utf_7", "utf_16", "utf_32"], enable_fallback=False
    )
    best = next((match for match in matches if not _is_half_width(str(match))), None)
    if best is None:
        return Encoding("cp1252" if _decodes(telling, "cp1252") else "latin-1", 0.3)
    name = codecs.lookup(best.encoding).name
    return Encoding(name, round(max(0.3, min(0.95, best.coherence or 1 - best.chaos)), 2))


def _latin(telling: bytes) -> Encoding | None:
    """A single-byte page of Latin letters, where nearly all of those beyond ASCII are usual ones.

    Where several pages make usual letters of it, those with more of the frequent ones are taken.
    """
    shares = {name: _latin_shares(telling, name) for name in _LATIN_PAGES}
    best = max(shares, key=lambda name: shares[name])
    share, _ = shares[best]
    if share <= _SURE_SCORE:
        return None
    rivals = {telling.decode(n) for n, (other, _) in shares.items() if other > share - 0.01}
    beyond = sum(byte > 127 for byte in telling)
    return Encoding(best, 0.9 if beyond > 20 and len(rivals) == 1 else 0.7)


def _latin_shares(telling: bytes, name: str) -> tuple[float, float]:
    """Of the characters beyond ASCII: those that such texts are made of, and the frequent ones."""
    usual, frequent = _LATIN_PAGES[name]
    try:
        text = telling.decode(name)
    except UnicodeDecodeError:
        return 0.0, 0.0
    beyond = sum(c > "\x7f" for c in text)
    letters = sum(c.isalpha() for c in text) or 1
    # Where every other letter is an accented one it is no Latin script, whatever its letters.
    if not beyond or beyond / letters > _ACCENTED_MOST:
        return 0.0, 0.0
    # A sign within a word is a letter of another page.
    odd = sum(c > "\x7f" and c in _SIGNS for c in _WITHIN_WORD.findall(text))
    fitting = sum(c in usual for c in text) - odd
    return round(fitting / beyond, 2), sum(c in frequent for c in text) / beyond


def _alphabetic(telling: bytes) -> Encoding | None:
    """A single-byte page whose letters come out all of one alphabet, in words as they are written.

    The pages of one alphabet differ in where a letter stands and in which half is capital, so text
    in the wrong one turns up as `мОСКВА`, and other text in any of them as a mixture.
    """
    scores = {name: _alphabet_score(telling, name) for name in _ALPHABETS}
    best = max(scores, key=lambda name: scores[name])
    return Encoding(best, 0.9) if scores[best] > _SURE_SCORE else None


def _alphabet_score(telling: bytes, name: str) -> float:
    first, last, frequent = _ALPHABETS[name]
    try:
        text = telling.decode(name)
    except UnicodeDecodeError:
        return 0.0
    beyond = [c for c in text if ord(c) > 127]
    letters = [c for c in beyond if first <= c <= last]
    if len(letters) < _FEW_LETTERS:
        return 0.0
    pairs = [(a, b) for a, b in itertools.pairwise(text) if a.isalpha() and b.isalpha()]
    odd = sum((a.islower() and b.isupper()) or a.isascii() != b.isascii() for a, b in pairs)
    usual = sum(c.lower() in frequent for c in letters) / len(letters)
    sane = 1 - odd / max(1, len(pairs))
    return len(letters) / len(beyond) * sane * min(1.0, usual / _FREQUENT_RATIO)


def _is_half_width(text: str) -> bool:
    """Half-width katakana, as which single-byte text comes out of a Japanese code page."""
    beyond = [c for c in text if ord(c) > 127]
    half = sum("\uff61" <= c <= "\uff9f" for c in beyond)
    return half > 0.3 * len(beyond)


def _decodes(raw: bytes, name: str) -> bool:
    try:
        raw.decode(name)
    except UnicodeDecodeError:
        return False
    return True
