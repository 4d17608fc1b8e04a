"""The shapes of question that are understood: one line each, over the tags of `_lexicon`.

A shape must cover all tags of a question from first to last. Where a shape wants a column, words
that name none fit as well: so 'total revenue by region' is known to want a column 'revenue', and
the answer is that there is none.
"""

import re
from collections.abc import Sequence
from typing import Final

from services.analyst._tags import Token
from services.analyst.types import Operation

# Small letters stand for the parts that a reading is made of, capitals for tags as they are.
_PARTS: Final = {
    "m": "(?P<measure>[CU])",
    "o": "(?P<other>[CU])",
    "g": "(?P<group>[CU])",
    "v": "(?P<noun>[CU])",
    "a": "(?P<aggregate>A)",
    "n": "(?P<limit>N)",
    "s": "(?P<end>[SY])",
    "y": "(?P<end>Y)",
    "q": "(?P<end>Q)",
    "x": "(?P<extreme>S)",
    "p": "(?P<period>G)",
    "r": "(?P<rows>W?HW?|W)",
}

_SHAPES: Final[tuple[tuple[Operation, str], ...]] = (
    ("totals", "a?mBg | maBg | mBga | Bga?m | Bgma | aBg"),
    ("totals", "D?rBg | Bgr | Bg | KgBa?m | KgBr | gKBa?m | gKBr | HvBg | HpBg"),
    ("top", "yn?g | nyg | n?gy | yn?p | nyp | n?py"),
    ("distribution", "Dm | mD | Vm | mV | am | ma | xm | A&Am"),
    ("overview", "r | V | VW | Hv"),
    ("top", "sn?gBa?m | nsgBa?m | n?g&?sa?m | n?g&?sma | sn?gBr | nsgBr | n?g&?sr"),
    ("top", "sng | qn?g | S?n?qg | n?gq | sn?gBHv | n?g&?sHv | n?gsBa?m"),
    ("top", "sn?pBa?m | nspBa?m | n?p&?sa?m | n?p&?sma | sn?pBr | n?p&?sr | n?psBa?m"),
    ("top", "sn?p | nsp | n?ps | n?gs"),
    ("correlation", "R&?m&o | mR&?o | m&oR"),
)

_TREND_SHAPES: Final[tuple[tuple[Operation, str], ...]] = (("trend", "a?m | ma | r | a | Hv | "),)

Compiled = tuple[tuple[Operation, re.Pattern[str]], ...]


def _compiled(shapes: Sequence[tuple[Operation, str]]) -> Compiled:
    return tuple(
        (operation, re.compile("".join(_PARTS.get(char, char) for char in shape.strip())))
        for operation, line in shapes
        for shape in line.split("|")
    )


GENERAL: Final = _compiled(_SHAPES)
TREND: Final = _compiled(_TREND_SHAPES)


def fit(shapes: Compiled, tokens: Sequence[Token]) -> tuple[Operation, re.Match[str]] | None:
    """The first shape that these tags have, with its parts as groups named after them."""
    code = "".join(token.tag for token in tokens)
    for operation, shape in shapes:
        match = shape.fullmatch(code)
        if match:
            return operation, match
    return None
