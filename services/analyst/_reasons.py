"""Why a question is not read: the most specific reason that its words give."""

import re
from collections.abc import Sequence

import msgspec

from services.analyst._checks import Refused
from services.analyst._closest import is_business_word
from services.analyst._columns import Columns
from services.analyst._lexicon import ROW_NOUNS
from services.analyst._roles import is_numeric, one_row_each
from services.analyst._tags import Token
from services.analyst._words import header_words, key_of
from services.wording import oddities
from services.wording import questions as say

_STRUCTURE = frozenset("ABDRSQYGMTKHV")
_COLUMN_FOLLOWS = frozenset("ABDRSQYNKV&")
_MOST_WORDS_IN_A_REASON = 3
_A_PAIR = 2
_MOST_WORDS_OF_A_PHRASE = 4
_MOST_UNKNOWN = 4
"""More words than these that nothing accounts for make a question about something else."""


class Unknown(msgspec.Struct, frozen=True):
    """Words in a column's place that name none."""

    text: str
    others: tuple[str, ...] = ()
    """Further such words of the same question."""


class Unclear(msgspec.Struct, frozen=True):
    """The tags fit no shape."""

    reason: str


def unhandled(
    spoken: Sequence[Token], asked: Sequence[Token], columns: Columns
) -> Refused | Unclear | None:
    """Why a question is not answered that holds a phrase of `_unhandled`, if it does.

    `asked` is all of it, `spoken` what is left without the words that say nothing.
    """
    at = next((at for at, token in enumerate(spoken) if _is_telling(token)), None)
    if at is None:
        at = next((at for at, token in enumerate(spoken) if token.tag == "X"), None)
    if at is None:
        return None
    if is_about_something_else(spoken):
        return Unclear(_about_something_else(spoken))
    reason = spoken[at].value
    if reason in ("filter", "preposition", "who"):
        value = value_among(spoken, columns)
        if value:
            return value
    if reason in ("filter", "preposition"):
        if not _asks_for_figures(spoken):
            return Unclear(_about_something_else(spoken))
        return Refused(say.asks_for_some_rows(_from_here(asked, spoken[at])))
    return Refused(say.not_handled(reason, spoken[at].text))


def _is_telling(token: Token) -> bool:
    """Whether it says by itself what is asked for, as 'in' and 'for' don't."""
    return token.tag == "X" and token.value not in ("preposition", "filter")


def _asks_for_figures(spoken: Sequence[Token]) -> bool:
    return any(token.tag in _STRUCTURE or token.tag in "CWN" for token in spoken)


def is_about_something_else(spoken: Sequence[Token]) -> bool:
    """Whether most of a long question is words that mean nothing here, as in pasted text."""
    unknown = sum(token.tag == "U" for token in spoken)
    return unknown > _MOST_UNKNOWN and 2 * unknown > sum(token.tag != "U" for token in spoken)


def _about_something_else(spoken: Sequence[Token]) -> str:
    words = [token.text for token in spoken if token.tag == "U"]
    if len(words) > _MOST_UNKNOWN or not words:
        return oddities.not_about_the_columns()
    return say.unclear_words(" ".join(words[:_MOST_WORDS_IN_A_REASON]))


def _from_here(asked: Sequence[Token], start: Token) -> str:
    """The phrase with what it singles out: 'in 2023', 'over the last 3', 'excluding furniture'."""
    words: list[str] = []
    first = next(at for at, token in enumerate(asked) if token is start)
    for token in asked[first:]:
        if token is not start and token.tag not in "UNGXF":
            break
        words += token.text.split()
    return " ".join(words[:_MOST_WORDS_OF_A_PHRASE])


def value_among(spoken: Sequence[Token], columns: Columns) -> Refused | None:
    """Whether one of the unknown words is a value rather than a column: 'west sales'."""
    together = with_runs_merged([t if t.tag == "U" else Token("F", "") for t in spoken])
    for token in (*together, *spoken):
        if token.tag == "U":
            found = unknown(token.text, columns)
            if isinstance(found, Refused):
                return found
    return None


def unknown(text: str, columns: Columns) -> Refused | Unknown:
    """What words are that name no column: a value of one, or nothing in this file."""
    holder = holder_of(text, columns)
    return Refused(say.asks_for_one_value(text, holder)) if holder else Unknown(text)


def holder_of(text: str, columns: Columns) -> str | None:
    """The column that has these words as one of its values: 'west' → 'Region'."""
    return columns.holding(tuple(key_of(word) for word in header_words(text)))


def rows_that_may_repeat(noun: Token, columns: Columns) -> Refused | None:
    """Why rows are not counted as 'orders' where an order may stand in several of them."""
    if noun.value in ROW_NOUNS:
        return None
    numbered = columns.identifies(noun.value)
    if numbered and not one_row_each(numbered, columns.table):
        return Refused(say.rows_may_repeat(noun.value, numbered.name))
    return None


def with_runs_merged(tokens: Sequence[Token]) -> list[Token]:
    """Unknown words taken together with the columns beside them: 'gross sales', 'wind speed'."""
    merged: list[Token] = []
    for token in tokens:
        before = merged[-1] if merged else None
        if before and {before.tag, token.tag} in ({"U"}, {"U", "C"}, {"U", "W"}):
            merged[-1] = Token("U", f"{before.text} {token.text}")
        else:
            merged.append(token)
    return merged


def with_unknown_merged(tokens: Sequence[Token]) -> list[Token]:
    """Unknown words beside one another taken together: 'standard class'."""
    merged: list[Token] = []
    for token in tokens:
        if merged and merged[-1].tag == token.tag == "U":
            merged[-1] = Token("U", f"{merged[-1].text} {token.text}")
        else:
            merged.append(token)
    return merged


def unclear(tokens: Sequence[Token], columns: Columns) -> Unclear | Refused | Unknown:
    """Why tags that fit no shape are not read."""
    value = value_among(tokens, columns)
    if value:
        return value
    runs = with_runs_merged([token for token in tokens if token.tag == "U"])
    if runs and is_about_something_else(tokens):
        return Unclear(_about_something_else(tokens))
    missing = _missing_columns(tokens) or _business_words(runs)
    if missing:
        return Unknown(missing[0], missing[1:])
    if runs:
        words = runs[0].text.split()[:_MOST_WORDS_IN_A_REASON]
        return Unclear(say.unclear_words(" ".join(words)))
    if any(token.tag in "EI" for token in tokens):
        return Unclear(say.nothing_before())
    if tokens and all(token.tag == "N" for token in tokens):
        return Unclear(say.unclear_words(" ".join(token.text for token in tokens)))
    if any(token.tag == "N" for token in tokens):
        return Refused(say.number_without_use(next(t.text for t in tokens if t.tag == "N")))
    return _what_is_too_much(tokens, columns)


def _missing_columns(tokens: Sequence[Token]) -> tuple[str, ...]:
    """The unknown words, if each of them stands where a column has to."""
    merged = with_runs_merged(tokens)
    found = [at for at, token in enumerate(merged) if token.tag == "U"]
    placed = all(
        at
        and merged[at - 1].tag in _COLUMN_FOLLOWS
        and len(merged[at].text.split()) <= _MOST_WORDS_IN_A_REASON
        for at in found
    )
    return tuple(merged[at].text for at in found) if placed else ()


def _business_words(runs: Sequence[Token]) -> tuple[str, ...]:
    """The unknown words where all are of the kind that columns are named by: 'our profit'."""
    words = [word for run in runs for word in run.text.split()]
    return (runs[0].text,) if len(runs) == 1 and all(map(is_business_word, words)) else ()


def _what_is_too_much(tokens: Sequence[Token], columns: Columns) -> Unclear | Refused:
    for token in tokens:
        if len(token.names) > 1:
            return Refused(say.ambiguous_column(token.text, token.names))
    code = "".join(token.tag for token in tokens)
    part = re.search("CW", code)
    if part:
        text = " ".join(token.text for token in tokens[part.start() : part.end()])
        return Refused(say.asks_for_some_rows(text))
    both = re.search(r"(?<=B)CC", code)
    if both:
        first, second = tokens[both.start() : both.end()]
        names = (first.names[0], second.names[0])
        return Refused(say.ambiguous_column(f"{first.text} {second.text}", names))
    if len(re.findall(r"B[CG]|M", code)) > 1 or re.search(r"B[CG]&[CG]", code):
        return Unclear(say.several_groupings())
    if code == "C":
        name = tokens[0].names[0]
        return Unclear(say.nothing_said_of(name, is_number=is_numeric(columns.report(name))))
    if "D" in code and re.search(r"B[CG]", code):
        return Unclear(say.distribution_of_all_rows())
    if "R" in code and code.count("C") > _A_PAIR:
        return Unclear(say.two_columns_at_a_time())
    if code.count("C") > 1 and "R" not in code:
        return Unclear(say.one_column_at_a_time())
    return Unclear(say.not_understood() if code else oddities.no_question())
