"""Short questions that change the one before: 'and by segment?', 'and the worst five?'."""

import re
from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from services.analyst import _change
from services.analyst._along_time import along_time
from services.analyst._change import Parts
from services.analyst._checks import Refused
from services.analyst._columns import Columns
from services.analyst._patterns import drawn
from services.analyst._reasons import rows_that_may_repeat
from services.analyst._tags import Token
from services.analyst._wanted import Wanted
from services.analyst._words import Cut, vocabulary
from services.analyst.types import Grain, Reading

_CUE = re.compile(
    r"^\s*(and|now|same|the same|what about|how about|instead|then|also|again|ok|okay|only|just|"
    r"make (it|that)|turn it|change it|switch|do the same|repeat|but|or)\b"
    r"|\b(instead|same|this time|again)\b",
    re.IGNORECASE,
)
_AGAIN = re.compile(r"\b(again|same|repeat|once more)\b", re.IGNORECASE)
_EVERYTHING = re.compile(
    r"\b(all of them|show( me| us)? all|(full|whole|complete) list|everything)\b|^\W*all\W*$",
    re.IGNORECASE,
)
_LEADING = ("only", "but", "for", "or", "who")
_CUE_WORDS = vocabulary(
    "same instead about again ok okay time thing things ones turn into switch change use repeat "
    "once more question full whole complete everything do"
)

# Capitals are tags as in `_lexicon`, small letters name the part of the change that a tag is.
_PARTS: Final = {
    "a": "(?P<aggregate>A)",
    "h": "(?P<rows>HW?)",
    "s": "(?P<end>[SQ])",
    "e": "(?P<other_end>E)",
    "o": "(?P<order>O)",
    "n": "(?P<limit>N)",
    "g": "(?P<by>C)",
    "c": "(?P<about>C)",
    "p": "(?P<period>G)",
    "d": "(?P<spread>D)",
    "r": "(?P<relation>R)",
}
_ALWAYS: Final = (
    "a | h | Bg | aBg | Bga | s | n | sn | ns | e | en | ne | K?o | sBg | snBg | nsBg | as | sa | "
    "sna | c | cs | ncs | nsc | sp | snp | nsp | ps | nps | d | r&?c"
)
_WITH_CUE: Final = "&c | ac | ca | sc | snc | acs"


def _compile(shapes: str) -> tuple[re.Pattern[str], ...]:
    return tuple(
        re.compile("".join(_PARTS.get(char, char) for char in shape.strip()))
        for shape in shapes.split("|")
    )


_SHAPES: Final = {False: _compile(_ALWAYS), True: _compile(f"{_ALWAYS} | {_WITH_CUE}")}


def has_cue(question: Cut) -> bool:
    """Whether the question says that it goes on from the one before."""
    return bool(_CUE.search(question.text))


def is_fragment(question: Cut, tokens: Sequence[Token], columns: Columns) -> bool:
    """Whether a question goes on from one before, and says too little without it."""
    if not has_cue(question):
        return False
    spoken = _spoken(tokens, cued=True, keeps_and=False)
    timed = along_time(spoken, columns)
    if timed is not None and not isinstance(timed, Refused):
        spoken = list(timed.rest)
    return not spoken or _parts(spoken, cued=True) is not None


def follow(
    question: Cut, tokens: Sequence[Token], previous: Reading, columns: Columns
) -> Wanted | Refused | None:
    """The question before, changed as asked; None if this is a question of its own."""
    before = _change.as_wanted(previous, drawn(tokens))
    cued = has_cue(question) or any(token.tag == "I" for token in tokens)
    kept = _without_replaced(tokens, previous)
    spoken = _spoken(kept, cued=cued, keeps_and=previous.operation == "correlation")
    if any(token.tag in "XUI" or len(token.names) > 1 for token in spoken):
        return None
    if not spoken:
        return _unchanged(question, tokens, before)
    timed = along_time(spoken, columns)
    if isinstance(timed, Refused):
        return None
    if timed is not None:
        return _over_time(before, timed.rest, timed.date, timed.grain, columns)
    parts = _parts(spoken, cued=cued)
    if parts is None:
        return None
    if parts.rows and spoken[-1].tag == "W":
        repeated = rows_that_may_repeat(spoken[-1], columns)
        if repeated:
            return repeated
    return _change.changed(
        before, msgspec.structs.replace(parts, places=_places(question)), columns
    )


def _places(question: Cut) -> Literal["one", "many", "as before"]:
    words = {word.text for word in question.words}
    if words & {"ones", "are", "were"}:
        return "many"
    return "one" if words & {"is", "was", "has", "had"} else "as before"


def _unchanged(question: Cut, tokens: Sequence[Token], before: Wanted) -> Wanted | None:
    """'as a pie chart', 'the same again', 'show all'; not a mere 'hello'."""
    if before.operation == "top" and _EVERYTHING.search(question.text):
        return _change.with_all(before)
    asks_for_chart = any(token.tag == "F" and token.value for token in tokens)
    return before if asks_for_chart or _AGAIN.search(question.text) else None


def _over_time(
    before: Wanted,
    rest: Sequence[Token],
    date: str | None,
    grain: Grain | None,
    columns: Columns,
) -> Wanted | Refused | None:
    if not rest:
        return _change.over_time(before, date, grain, columns)
    if [token.tag for token in rest] != ["A"]:
        return None
    aggregated = _change.aggregated(before, rest[0].value)
    if isinstance(aggregated, Refused):
        return None  # 'average by month' where nothing was averaged is a question of its own
    return _change.over_time(aggregated, date, grain, columns)


def _parts(spoken: Sequence[Token], *, cued: bool) -> Parts | None:
    """What is to be changed, if the tags are nothing but changes."""
    code = "".join(token.tag for token in spoken)
    for shape in _SHAPES[cued]:
        match = shape.fullmatch(code)
        if match:
            named = {name: spoken[match.start(name)] for name, t in match.groupdict().items() if t}
            return msgspec.structs.replace(Parts(), **named)
    return None


def _without_replaced(tokens: Sequence[Token], previous: Reading) -> list[Token]:
    """'by month instead of by region': leave out what is replaced, if it was asked for before."""
    at = next((at for at, token in enumerate(tokens) if token.tag == "I"), len(tokens))
    replaced = [token for token in tokens[at + 1 :] if token.tag not in "FB"]
    known = {*previous.columns, previous.grain, previous.aggregate}
    if len(replaced) == 1 and {*replaced[0].names, replaced[0].value or None} & known:
        return list(tokens[:at])
    return list(tokens)


def _spoken(tokens: Sequence[Token], *, cued: bool, keeps_and: bool) -> list[Token]:
    """What is said besides that it goes on from before."""
    spoken = [
        token
        for token in tokens
        if token.tag != "F" and not (cued and token.tag == "U" and token.text in _CUE_WORDS)
    ]
    while cued and spoken and spoken[0].tag == "&" and (not keeps_and or _second(spoken) == "&"):
        spoken.pop(0)
    # 'only the top 3', 'the same but for profit': of what was answered, so nothing is filtered.
    while spoken and spoken[0].text in _LEADING and (cued or _second(spoken) in ("S", "E")):
        spoken.pop(0)
    if spoken and spoken[-1].text == "only" and {token.tag for token in spoken[:-1]} <= {*"SNE"}:
        spoken.pop()
    # 'the first three', 'which one is last': of the list that was answered.
    if {token.tag for token in spoken} == {"X", "N"} and len(spoken) == len("XN"):
        (place,) = (token.text for token in spoken if token.tag == "X")
        number = [token for token in spoken if token.tag == "N"]
        spoken = {"first": number, "last": [Token("E", "last"), *number]}.get(place, spoken)
    return spoken


def _second(spoken: Sequence[Token]) -> str:
    return spoken[1].tag if len(spoken) > 1 else ""
