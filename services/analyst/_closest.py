"""Which columns somebody may have meant by a name that the file does not have.

Never used to answer, only to offer: a column that means much the same, one that shares a word, one
that was misspelt. Where there is none of these nothing is offered, since a name that merely looks
alike ('Product' for 'profit') would mislead.
"""

from collections.abc import Iterable
from typing import Final

from rapidfuzz.distance import OSA

from services.analyst._words import header_words, key_of, without_parentheses

_ALIKE: Final = (
    "revenue sales turnover income amount total",
    "profit margin earning income gain",
    "cost expense spend spending actual price",
    "price cost amount fee",
    "budget plan target",
    "quantity unit volume piece amount count",
    "product item article sku category sub",
    "category type kind group segment class",
    "customer client buyer consumer account",
    "supplier vendor manufacturer",
    "employee staff worker headcount person",
    "department team division unit",
    "shop store branch outlet location filiale",
    "country nation state region",
    "state province region country",
    "city town location place",
    "place city region state location",
    "region area territory zone state",
    "date day created",
    "channel source medium",
    "rating score satisfaction star",
    "duration hour minute second length time",
    "time hour minute second duration",
    "size length width mass",
    "weight mass",
    "salary wage pay income",
    "discount rebate reduction",
    "order purchase transaction invoice",
    "ticket case issue request",
    "status state stage",
    "party affiliation",
    "agent owner assignee manager team",
    "name title",
    "rainfall precipitation rain",
    "rain precipitation rainfall",
    "wind gust",
    "temperature heat",
)
_WORDS: Final = frozenset(key_of(word) for line in _ALIKE for word in line.split())
_MOST: Final = 3
_LONG_WORD: Final = 8
_SAME_WORD: Final = 1
_SYNONYM: Final = 2
_SAME_BESIDE: Final = 3
_NOT_THE_FIRST: Final = 10
"""A group is about its first word; that two others stand in it says less."""


def is_business_word(word: str) -> bool:
    """Whether it is the kind of word that a table has a column for."""
    return key_of(word) in _WORDS


def closest_of(name: str, headers: Iterable[str]) -> tuple[str, ...]:
    """Up to three headers that may be meant, best first."""
    keys = [key_of(word) for word in header_words(name)]
    ranked = [(rank, header) for header in headers if (rank := _rank(keys, header)) is not None]
    ranked.sort(key=lambda pair: pair[0])
    # Beside a header of the very word, one that merely means much the same would mislead.
    best = [header for (how, _), header in ranked if how <= max(_SAME_WORD, ranked[0][0][0])]
    return tuple(best[:_MOST])


def _rank(keys: list[str], header: str) -> tuple[int, int] | None:
    """The lower the closer; None where the header has nothing to do with it."""
    words = [key_of(word) for word in header_words(without_parentheses(header))]
    if any(_is_misspelt(key, word) for key in keys for word in words):
        return (0, 0)
    if words and words[-1] in keys:
        return (_SAME_WORD, 0 if keys[-1] == words[-1] else 1)
    meant = _places(keys, words)
    if meant:
        return (_SYNONYM, min(meant))
    return (_SAME_BESIDE, 0) if set(keys) & set(words) else None


def _places(keys: list[str], words: list[str]) -> list[int]:
    """How far behind its synonym a header's word stands, for each group that has both."""
    found = []
    for line in _ALIKE:
        group = [key_of(word) for word in line.split()]
        if any(key == group[0] for key in keys):
            found += [group.index(word) for word in words if word in group[1:]]
        elif any(key in group for key in keys):
            at = next(group.index(key) for key in keys if key in group)
            others = [word for word in words if word in group and word not in keys]
            found += [_NOT_THE_FIRST + abs(group.index(word) - at) for word in others]
    return found


def _is_misspelt(key: str, word: str) -> bool:
    """`reigon` for `region`: as many slips as a hand makes, and none in the first letter."""
    slips = 2 if min(len(key), len(word)) > _LONG_WORD else 1
    if key == word or min(len(key), len(word)) < 4 or key[0] != word[0]:
        return False
    return OSA.distance(key, word, score_cutoff=slips) <= slips
