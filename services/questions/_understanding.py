"""How a question is read where a conversation has several files."""

from collections.abc import Iterable

from services.analyst import read_question
from services.analyst.types import Abstained, Reading, UnknownColumn
from services.preflight.types import FileReport


def understand(
    reports: Iterable[FileReport], question: str, previous: Reading | None
) -> Reading | UnknownColumn | Abstained:
    """Ask the analyst about each file, the newest first; the first reading wins.

    Without one, a column that is missing says more about the question than an abstention.
    """
    declined: list[UnknownColumn | Abstained] = []
    for report in reports:
        found = read_question(report.tables, question, previous)
        if isinstance(found, Reading):
            return found
        declined.append(found)
    if not declined:
        return read_question((), question, previous)
    return next((one for one in declined if isinstance(one, UnknownColumn)), declined[0])
