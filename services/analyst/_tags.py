"""A question's words turned into tags, in every way in which that can be done.

A word can be a column and a keyword at once ('month', 'total'). Both ways are followed, and the
question is answered only if they don't end in different readings.
"""

from collections.abc import Callable

import msgspec

from services.analyst import _lexicon
from services.analyst._columns import Columns, Mention
from services.analyst._roles import one_row_each
from services.analyst._words import Cut, Word, header_words, key_of

_MOST_WAYS = 64
_HOW_DID = ("did", "has", "have", "does", "do")
_CHANGING = ("change", "changed", "changes")


class Token(msgspec.Struct, frozen=True):
    """One tagged phrase of a question."""

    tag: _lexicon.Tag
    text: str
    value: str = ""
    names: tuple[str, ...] = ()
    """For a column: what it may be. More than one name means that it is ambiguous."""
    turned: bool = False


def tag(question: Cut, columns: Columns) -> list[tuple[Token, ...]]:
    """All ways to tag the question, the likeliest (columns first) in front."""
    words = question.words
    quotes = {start: (end, text) for start, end, text in question.quoted}
    spots = sorted([*quotes, *(word.start for word in words)])
    asked = _Question(question, words, quotes, spots, columns)
    return _ways(msgspec.structs.replace(asked, along_time=_is_along_time(asked)), 0)


class _Question(msgspec.Struct, frozen=True):
    cut: Cut
    words: tuple[Word, ...]
    quotes: dict[int, tuple[int, str]]
    spots: list[int]
    columns: Columns
    along_time: bool = False
    """Whether something besides a period's name speaks of time: 'monthly', 'over time'."""

    def at(self, spot: int) -> int:
        """The index of the first word at or after a spot."""
        return next((i for i, word in enumerate(self.words) if word.start >= spot), -1)


def _ways(question: _Question, index: int) -> list[tuple[Token, ...]]:
    if index >= len(question.spots):
        return [()]
    ways: list[tuple[Token, ...]] = []
    for token, used in _choices(question, index):
        ways.extend((token, *rest) for rest in _ways(question, index + used))
    return ways[:_MOST_WAYS]


def _is_along_time(question: _Question) -> bool:
    for at in range(len(question.words)):
        known = _phrase(question, at, len(question.words) - at)
        if known and known[0].tag in "TM":
            return True
    return False


def _choices(question: _Question, index: int) -> list[tuple[Token, int]]:
    """What can start here, with the number of spots that it takes."""
    spot = question.spots[index]
    if spot in question.quotes:
        return [(_quoted(question.quotes[spot][1], question.columns), 1)]
    at = question.at(spot)
    room = _room(question, index)
    whole = _column(question, at, room, question.columns.whole)
    known = _phrase(question, at, room)
    part = None if whole else _column(question, at, room, question.columns.part)
    if whole and known and known[0].tag == "G" and not question.along_time:
        known = None  # 'by month' in a file that has a column 'month'
    choices = [choice for choice in (whole, known) if choice]
    if part and (not known or known[0].tag == "X" or known[1] < part[1]):
        choices.append(part)
    single = _single(question.words[at], question.columns)
    if single and single.tag == "N":
        choices.append((single, 1))
    # 'tickets' of a file that numbers its tickets in a column are its rows.
    if whole and len(whole[0].names) == 1 and _numbers_rows(whole[0].names[0], question.columns):
        choices.append((Token("W", whole[0].text, "row"), whole[1]))
    # 'orders' of a file of orders are its rows, even where a header ends in 'order'.
    elif single and not whole and not known:
        choices = [(single, 1)]
    return choices or [(Token("U", question.words[at].text), 1)]


def _room(question: _Question, index: int) -> int:
    """How many words follow without a quotation in between."""
    room = 0
    for spot in question.spots[index:]:
        if spot in question.quotes:
            break
        room += 1
    return room


def _quoted(text: str, columns: Columns) -> Token:
    found = columns.quoted(text)
    return Token("C", text, names=found.names) if found else Token("U", text)


def _column(
    question: _Question, at: int, room: int, find: Callable[[tuple[str, ...]], Mention | None]
) -> tuple[Token, int] | None:
    """The longest phrase from here that names a column."""
    for length in range(min(room, question.columns.longest), 0, -1):
        words = question.words[at : at + length]
        found = find(tuple(word.key for word in words))
        if found:
            names = _as_typed(question, words, found.names)
            return Token("C", _text(question, words), "", names, found.turned), length
    return None


def _as_typed(
    question: _Question, words: tuple[Word, ...], names: tuple[str, ...]
) -> tuple[str, ...]:
    """Of headers that differ in case only, the one that was typed."""
    typed = _text(question, words)
    return (typed,) if typed in names else names


def _text(question: _Question, words: tuple[Word, ...]) -> str:
    return question.cut.text[words[0].start : words[-1].end]


def _phrase(question: _Question, at: int, room: int) -> tuple[Token, int] | None:
    """The longest known phrase from here."""
    for length in range(min(room, _lexicon.LONGEST), 0, -1):
        words = tuple(word.text for word in question.words[at : at + length])
        known = _lexicon.phrase(words)
        if known:
            if words[0] in _CHANGING and length == 1 and _asks_how_it_went(question, at):
                known = _lexicon.Phrase("T")
            return Token(known.tag, " ".join(words), known.value), length
    return None


def _asks_how_it_went(question: _Question, at: int) -> bool:
    """'How did sales change by month' wants to see them, 'change in sales' wants differences."""
    first = [word.text for word in question.words[:at]]
    return len(first) > 2 and first[0] == "how" and first[1] in _HOW_DID


def _single(word: Word, columns: Columns) -> Token | None:
    """A whole number, or what a row is called."""
    number = _lexicon.whole_number(word.text)
    if number is not None:
        return Token("N", word.text, str(number))
    return Token("W", word.text, word.key) if _is_row(word.key, columns) else None


def _numbers_rows(name: str, columns: Columns) -> bool:
    """Whether a text column has another value in each row, as a ticket's number has."""
    column = columns.report(name)
    return column.kind == "text" and one_row_each(column, columns.table)


def _is_row(key: str, columns: Columns) -> bool:
    if key in _lexicon.ROW_NOUNS or key == columns.row_noun:
        return True
    headers = {key_of(word) for name in columns.names() for word in header_words(name)}
    if key in _lexicon.TRADE_NOUNS:
        return bool(headers & _lexicon.TRADE_HEADERS)
    return key in _lexicon.PEOPLE_NOUNS and bool(headers & _lexicon.PEOPLE_HEADERS)
