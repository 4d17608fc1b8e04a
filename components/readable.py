"""Names made for files and programs, as a person would write them. Plain text: escape to draw."""

from collections.abc import Collection
from pathlib import PurePath
from typing import Final

from components import safe_text

_LONGEST_NAME: Final = 60


def title_of(file_name: str) -> str:
    """`Revenue by region` of `revenue_by_region.csv`."""
    return _words(PurePath(file_name).stem) or safe_text.plain(file_name)


def heading_of(column: str, exact: Collection[str] = ()) -> str:
    """`Total Revenue` of `total Revenue`, `Order id` of `order_id`; names in `exact` as they are.

    What a file calls its columns is exact: nobody should look for a column that is not there.
    """
    return column if column in exact else _words(column) or column


def shortened(text: str, characters: int = _LONGEST_NAME) -> str:
    """One line of at most that many characters; what is cut off is an ellipsis."""
    line = safe_text.plain(text)
    return line if len(line) <= characters else line[: characters - 1].rstrip() + "…"


def file_name(name: str, characters: int = _LONGEST_NAME) -> str:
    """One line of at most that many characters, which keeps its end: `a_very_lo…_final.csv`."""
    line = safe_text.plain(name)
    if len(line) <= characters:
        return line
    end = characters // 4
    return line[: characters - 1 - end] + "…" + line[-end:]


def _words(name: str) -> str:
    """Spaces for underscores where there are none, and a capital to begin with."""
    line = safe_text.plain(name)
    if " " not in line:
        line = " ".join(line.replace("_", " ").split())
    return line[:1].upper() + line[1:]
