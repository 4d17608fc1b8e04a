"""Which code page makes the likeliest text of some bytes.

Every page is tried, and what comes out is weighed letter by letter: by how frequent it is in a
language of that page, and by whether words are written so (`мОСКВА`, a sign within a word and a
vowel among vowels speak against it). Of pages with one byte a letter, a table of all bytes tells
the few that are worth reading closely. charset-normalizer, which compares whole texts, is right on
long ones, and not on the few accented cells that a table has (docs/decisions/0008).
"""

import dataclasses
import functools
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from services.preflight.inspection import _letters

_READ_BYTES, _READ_CLOSELY = 6_000, 12
_NEVER, _CONTROL, _STRANGE = -18.0, -14.0, -11.0
_SIGN, _CAPITAL, _LETTERS = -4.6, -1.7, math.log(0.9)
_FLIPPED, _WITHIN, _MIXED, _UNSPEAKABLE, _STUCK = -3.5, -4.0, -5.0, -1.6, -2.0
_VOWELS = frozenset("aeiouyæøœ")
_CONSONANTS = frozenset("bcdfghjklmnpqrstvwxzßđłþð")
_BYTES = bytes(range(256))
_WORD = re.compile(rb"[^\s,;\"]*[\x80-\xff][^\s,;\"]*")
"""None of what is between words is ever the second byte of a letter."""
_STUCK_LETTER = re.compile(rb"[A-Za-z][\x80-\xff]|[\x80-\xff][A-Za-z]")
Language: TypeAlias = dict[str, float]


@dataclass(frozen=True, slots=True)
class Weighed:
    """A page, what it makes of the bytes, and how likely that is (a logarithm)."""

    name: str
    text: str
    weight: float


def weigh(telling: bytes) -> list[Weighed]:
    """The likeliest pages, each with a text of its own, best first. `telling` is not all ASCII."""
    words = dict.fromkeys(_WORD.findall(telling))
    piece = b"\n".join(words)
    if len(piece) > _READ_BYTES:
        piece = piece[: piece.rfind(b"\n", 0, _READ_BYTES)] or piece[:_READ_BYTES]
    found: dict[str, Weighed] = {}
    for one in sorted((*_narrow(piece), *_wide(piece)), key=lambda w: -w.weight):
        found.setdefault(one.text, one)
    best = [dataclasses.replace(one, name=_usual(one, piece)) for one in found.values()]
    return sorted(best, key=lambda w: -w.weight)


def _usual(one: Weighed, piece: bytes) -> str:
    """Of the pages that make the same text of the bytes, the most usual one."""
    if one.name not in _letters.PAGES:
        return one.name
    return next(n for n in _letters.PAGES if piece.decode(n, "replace") == one.text)


def _narrow(piece: bytes) -> Iterable[Weighed]:
    """Pages with one byte a letter: the most promising ones, read closely."""
    table = _table()
    counts = np.bincount(np.frombuffer(piece, np.uint8), minlength=256)[128:]
    stuck = len(_STUCK_LETTER.findall(piece))
    totals = table.logs @ counts + table.priors + table.is_other * stuck * _MIXED
    for index in np.argsort(-totals)[:_READ_CLOSELY].tolist():
        name, language = table.rows[index]
        text = piece.decode(name, "replace")
        yield Weighed(name, text, _closely(text, language) + table.priors[index])


@dataclass(frozen=True, slots=True)
class _Table:
    rows: list[tuple[str, Language]]
    logs: np.ndarray[tuple[int, int], np.dtype[np.float64]]
    """Of each page in each language: how likely each of the upper 128 bytes is."""
    priors: np.ndarray[tuple[int], np.dtype[np.float64]]
    is_other: np.ndarray[tuple[int], np.dtype[np.bool_]]
    """Whether it is no Latin script, so that its letters never touch one of ASCII."""


@functools.cache
def _table() -> _Table:
    rows, logs, priors = [], [], []
    for name, (against, groups) in _letters.PAGES.items():
        upper = _BYTES[128:].decode(name, "replace")
        for letters in (letters for group in groups for letters in group.values()):
            language = _language(letters)
            rows.append((name, language))
            logs.append([_one(char, language) for char in upper])
            priors.append(-against)
    is_other = [max(language, key=language.__getitem__) >= "\u0370" for _, language in rows]
    return _Table(rows, np.array(logs), np.array(priors), np.array(is_other))


@functools.cache
def _language(letters: str) -> Language:
    """How likely each character beyond ASCII is, as a logarithm."""
    shares = [1 / (rank + 3) for rank in range(len(letters))]
    total = sum(shares)
    known = {c: _LETTERS + math.log(s / total) for c, s in zip(letters, shares, strict=True)}
    for char, log in list(known.items()):
        # `ß` has no capital of one letter.
        if len(char.upper()) == 1:
            known.setdefault(char.upper(), log + _CAPITAL)
    for rank, sign in enumerate(_letters.SIGNS):
        known.setdefault(sign, _SIGN - rank * 0.12)
    return known


def _one(char: str, language: Language) -> float:
    known = language.get(char)
    if known is not None:
        return known
    if char == "\N{REPLACEMENT CHARACTER}":
        return _NEVER
    if unicodedata.category(char) == "Cc":
        return _CONTROL
    return _STRANGE + (1.5 if char.isalpha() else 0.0)


def _closely(text: str, language: Language) -> float:
    """How likely a text is, with an eye on the neighbours of each letter."""
    padded = f" {text} "
    total = 0.0
    seen: Counter[str] = Counter(
        padded[i - 1 : i + 2] for i in range(1, len(padded) - 1) if padded[i] > "\x7f"
    )
    for around, count in seen.items():
        before, char, after = around[0], around[1], around[2]
        total += count * (_one(char, language) + _neighbours(before, char, after))
    return total


@functools.lru_cache(maxsize=20_000)
def _neighbours(before: str, char: str, after: str) -> float:
    """What the characters next to one say of it; nothing, or that it is odd there."""
    if not char.isalpha():
        if (
            char in "—–”»"
            and after.isalpha()
            and not before.isalpha()
            and before not in ")0123456789"
        ):
            return _STUCK
        is_within = before.isalpha() and after.isalpha() and char not in "’·‘-"
        return _WITHIN if is_within and unicodedata.category(char) != "Mn" else 0.0
    weight = 0.0
    if char.isupper() and after.islower() and not before.isalpha():
        weight -= _CAPITAL / 2
    if before.islower() and char.isupper():
        weight += _FLIPPED
    elif char.isupper() and after.isupper():
        weight -= _CAPITAL / 2
    if before.isupper() and char.isupper():
        weight -= _CAPITAL / 2
    if char.isupper() and before.isupper() and after.islower():
        weight += _FLIPPED / 2
    if ord(char) >= 0x370:
        if before.isascii() and before.isalpha():
            weight += _MIXED
        return weight + (_MIXED if after.isascii() and after.isalpha() else 0.0)
    return weight + _spoken(before, char, after)


def _spoken(before: str, char: str, after: str) -> float:
    """A vowel between vowels, or a consonant between consonants, is seldom right in Latin."""
    one, left, right = _bare(char), _bare(before), _bare(after)
    if not (before.isalpha() and after.isalpha()):
        neighbour = left if before.isalpha() else right
        same = one in _CONSONANTS and neighbour in _CONSONANTS
        return _UNSPEAKABLE / 2 if same and char in "ßñç" else 0.0
    if one in _VOWELS and left in _VOWELS and right in _VOWELS:
        return _UNSPEAKABLE
    if one in _CONSONANTS and left in _CONSONANTS and right in _CONSONANTS:
        return _UNSPEAKABLE
    return _UNSPEAKABLE if char == "ß" and left in _CONSONANTS else 0.0


def _bare(char: str) -> str:
    return unicodedata.normalize("NFD", char.lower())[:1] if char > "\x7f" else char.lower()


def _wide(piece: bytes) -> Iterable[Weighed]:
    """Pages with two bytes a letter."""
    for name, language in _WIDE:
        try:
            text = piece.decode(name)
        except UnicodeDecodeError:
            # Some pages stop at a letter that one of their later versions has.
            text = piece.decode(name, "replace")
            if text.count("\N{REPLACEMENT CHARACTER}") * 50 > sum(c > "\x7f" for c in text):
                continue
        weight = sum(n * language(c) for c, n in Counter(text).items() if c > "\x7f")
        yield Weighed(name, text, weight + _among_letters(text))


def _among_letters(text: str) -> float:
    """Letters of ours that stick to one of theirs were half of a pair of bytes."""
    pairs = len(
        re.findall(r"[\u3000-\u9fff\uac00-\ud7ff][a-z]|[a-z][\u3000-\u9fff\uac00-\ud7ff]", text)
    )
    return pairs * -2.5


@functools.cache
def _ranks(letters: str) -> dict[str, float]:
    return {
        c: -4.6 - 1.5 * math.log10(1 + rank / 12) for rank, c in enumerate(dict.fromkeys(letters))
    }


def _pair(char: str, page: str) -> int:
    try:
        raw = char.encode(page)
    except UnicodeEncodeError:
        return 0
    return int.from_bytes(raw, "big") if len(raw) == 2 else 0


@functools.lru_cache(maxsize=20_000)
def _simplified(char: str) -> float:
    if (log := _ranks(_letters.HANZI).get(char)) is not None:
        return log
    if 0xB0A1 <= _pair(char, "gb2312") <= 0xD7F9:
        return -9.0
    return _sign_of_east(char) or (-11.0 if _pair(char, "gb2312") > 0xD800 else -14.0)


@functools.lru_cache(maxsize=20_000)
def _traditional(char: str) -> float:
    if (log := _ranks(_letters.HANZI_TRADITIONAL).get(char)) is not None:
        return log
    if 0xA440 <= _pair(char, "big5") <= 0xC67E:
        return -9.0
    return _sign_of_east(char) or (-11.5 if _pair(char, "big5") > 0xC8FF else -14.0)


@functools.lru_cache(maxsize=20_000)
def _japanese(char: str) -> float:
    if "\u3041" <= char <= "\u3096":
        return -4.0
    if "\u30a1" <= char <= "\u30fc":
        return -4.4
    if (log := _ranks(_letters.KANJI).get(char)) is not None:
        return log
    if 0xB0A1 <= _pair(char, "euc_jp") <= 0xCFD3:
        return -9.0
    if "\uff61" <= char <= "\uff9f":
        return -5.5
    return _sign_of_east(char) or (-11.5 if _pair(char, "euc_jp") > 0xCFD3 else -14.0)


@functools.lru_cache(maxsize=20_000)
def _korean(char: str) -> float:
    if (log := _ranks(_letters.HANGUL).get(char)) is not None:
        return log
    if 0xB0A1 <= _pair(char, "euc_kr") <= 0xC8FE:
        return -8.5
    return _sign_of_east(char) or (-12.0 if _pair(char, "euc_kr") else -14.0)


def _sign_of_east(char: str) -> float:
    """Marks of sentences, and full-width letters and digits; 0.0 for anything else."""
    if char in "、。，（）「」・：；！？《》“”　￥～【】":
        return -5.0
    return -7.0 if "\uff01" <= char <= "\uff5e" else 0.0


_WIDE: tuple[tuple[str, Callable[[str], float]], ...] = (
    ("gb18030", _simplified),
    ("big5", _traditional),
    ("cp950", _traditional),
    ("shift_jis", _japanese),
    ("cp932", _japanese),
    ("euc_jp", _japanese),
    ("euc_kr", _korean),
    ("cp949", _korean),
)
