"""By what a superlative ranks, where the question does not say so or can't mean it."""

from services.analyst._checks import Refused
from services.analyst._columns import Columns
from services.analyst._roles import is_better_when_high
from services.analyst._superlatives import ADJECTIVES
from services.analyst._tags import Token
from services.wording import questions as say


def measure_of(end: Token, group: Token, columns: Columns) -> str | Refused:
    """The one column that 'rainiest' can be about."""
    _, words = ADJECTIVES[end.text]
    found = [name for name in columns.numbers() if words & columns.keys(name)]
    if len(found) == 1:
        return found[0]
    if not found:
        return Refused(say.not_handled("measure", end.text))
    word = "highest" if end.value == "most" else "lowest"
    asked = tuple(f"{group.text} with the {word} {name}" for name in found)
    return Refused(say.ambiguous_amount(found), asked)


def problem_of(
    end: Token, measure: Token | None, parts: dict[str, Token], columns: Columns
) -> Refused | None:
    """'best 3 regions by profit' are the highest; whether high costs are good isn't known."""
    if end.tag == "Y" and measure:
        fits = ADJECTIVES[end.text][1] & columns.keys(measure.names[0])
        return None if fits else Refused(say.not_handled("measure", end.text))
    if end.tag == "S" and measure is None and "rows" not in parts and "limit" not in parts:
        return Refused(say.not_handled("measure", end.text))
    if end.value not in ("best", "worst"):
        return None
    if measure is None:
        return Refused(say.not_handled("measure", end.text))
    name = measure.names[0]
    if is_better_when_high(columns.report(name)):
        return None
    group = parts.get("group")
    asked = tuple(f"{word} 3 {group.text} by {name}" for word in ("top", "bottom")) if group else ()
    return Refused(say.good_or_bad(end.text, name), asked)
