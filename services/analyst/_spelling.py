"""Slips of the keyboard in words that say what to do: 'avrage', 'montly', 'toatl'.

Only words of the rules are put right, never names of columns: a column that was nearly named may
be another one, and is asked about instead.
"""

from typing import Final

import msgspec
from rapidfuzz.distance import OSA

from services.analyst import _lexicon
from services.analyst._columns import Columns
from services.analyst._words import Cut, Word, header_words, key_of, vocabulary

_SHORTEST: Final = 4
_PUT_RIGHT: Final = vocabulary(
    "average averages median minimum maximum total totals number count month months monthly "
    "quarter quarterly weekly yearly distribution histogram correlation correlated relationship "
    "overview summary summarise summarize describe highest lowest largest smallest biggest "
    "bottom between compare trend each every across show many much most least fewest"
)
_REAL_WORDS: Final = vocabulary(
    "tread mouth mouths moth moths weakly hourly bread brand cost coast must such may man mane "
    "main mast beast last east west meat lease leash peach teach reach beach sow snow shoe shop "
    "slow shot amount mount court county country mich muck boast host lost past fast cast test "
    "rest nest best sheet never ever"
)
"""Words of one letter's difference that mean something of their own."""


def put_right(asked: Cut, columns: Columns) -> Cut:
    """The question with such slips corrected; columns, their values and known words stay."""
    known = {word for name in columns.names() for word in header_words(name)}
    known |= {key_of(word) for word in known}
    words = tuple(_right(word, known, columns) for word in asked.words)
    return msgspec.structs.replace(asked, words=words)


def _right(word: Word, known: set[str], columns: Columns) -> Word:
    text = word.text
    if len(text) < _SHORTEST or text in known or word.key in known:
        return word
    if text in _lexicon.WORDS or text in _REAL_WORDS or not text.isalpha():
        return word
    if columns.row_noun == word.key or columns.holding((word.key,)):
        return word
    meant = {target for target in _PUT_RIGHT if _is_slip(text, target)}
    if not meant:
        return word
    target = max(sorted(meant), key=len)
    return Word(target, key_of(target), word.start, word.end)


def _is_slip(text: str, target: str) -> bool:
    """One letter too many, too few, wrong or swapped; short words must have the same letters."""
    if text[0] != target[0] or OSA.distance(text, target, score_cutoff=1) > 1:
        return False
    return len(target) > _SHORTEST or sorted(text) == sorted(target)
