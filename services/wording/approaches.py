"""The ways of answering a question: what each is called, and what it is good for."""

from typing import Literal

Approach = Literal["text", "code", "files_code", "tools"]
_NAMES: dict[Approach, str] = {
    "text": "Text only",
    "code": "Code without the file",
    "files_code": "File and code",
    "tools": "Several tools together",
}
_GOOD_FOR: dict[Approach, str] = {
    "text": "an answer at once: what a column means, how to ask; it looks at no row",
    "code": "arithmetic on figures that stand in the question",
    "files_code": "totals, groups, trends and charts from all rows: the usual way",
    "tools": "data from the web beside the file, which a container alone can't reach",
}


def name(approach: Approach) -> str:
    """`File and code`."""
    return _NAMES[approach]


def good_for(approach: Approach) -> str:
    """When it is the right way, and what it can't do."""
    return _GOOD_FOR[approach]


def stands_out(category: str, number: str) -> str:
    """A question that asks for an opinion, so that counting alone can't answer it."""
    return f"Which {category} stands out by {number}, and what might be behind it?"


def explains_change(number: str) -> str:
    """The same of a change over time."""
    return f"What might explain the changes in {number} over time?"


def themes(column: str) -> str:
    """The same of free text."""
    return f"What are the main themes in {column}?"


def worth_knowing() -> str:
    """The same of any table."""
    return "What in this file would a manager want to know first?"


def doubtful() -> str:
    """The same of a table's quality."""
    return "Which values look wrong, and how much would they change the totals?"
