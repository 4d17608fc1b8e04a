"""Words beside a column that say no more than its name does: 'sales channel', 'created date'.

Only what can't be another thing: 'gross sales' stays unknown where there are 'Sales', and so does
'customer region' where there is a 'Region', which may be that of the shop.
"""

from collections.abc import Sequence
from typing import Final

from services.analyst._columns import Columns
from services.analyst._reasons import rows_that_may_repeat
from services.analyst._roles import is_numeric
from services.analyst._tags import Token
from services.analyst._words import header_words, is_plural, key_of, vocabulary
from services.preflight.types import ColumnReport

_OF_A_GROUP: Final = vocabulary("sale order ticket business trade row record")
_OF_A_PRODUCT: Final = vocabulary("category group line family")
_KINDS: Final = vocabulary("type kind category class group segment family line")
_COUNTED: Final = vocabulary("quantity unit volume piece")
_COMPARED: Final = vocabulary(
    "higher bigger larger greater more longer lower smaller less fewer shorter high low"
)
_PLACES: Final = frozenset("ABDSYNQK")


def without_compounds(tokens: Sequence[Token], columns: Columns) -> tuple[Token, ...]:
    """The question with such words left out, and 'for' read as 'by' where it ranks."""
    kept = [token for token in tokens if token.tag != "F" or token.value]
    dropped = {id(kept[at]) for at in range(len(kept)) if _says_nothing(kept, at, columns)}
    ranks = {id(kept[at]) for at in range(len(kept)) if _ranks(kept, at, columns)}
    return tuple(
        Token("B", token.text) if id(token) in ranks else token
        for token in tokens
        if id(token) not in dropped
    )


def _ranks(tokens: Sequence[Token], at: int, columns: Columns) -> bool:
    """'the best month for revenue': no rows are singled out by a column of numbers."""
    if tokens[at].tag != "X" or tokens[at].text != "for" or at + 2 != len(tokens):
        return False
    is_ranked = any(token.tag in "SY" for token in tokens[:at])
    column = _column(tokens[at + 1], columns)
    return is_ranked and column is not None and is_numeric(column)


def _says_nothing(tokens: Sequence[Token], at: int, columns: Columns) -> bool:
    before = tokens[at - 1] if at else None
    after = _column(tokens[at + 1], columns) if at + 1 < len(tokens) else None
    key = key_of(tokens[at].text)
    if after is not None:
        return _before(tokens, at, key, after, columns)
    if before is not None and before.tag == "W" and tokens[at].tag == "U":
        return key == "volume"  # 'ticket volume' is their number
    column = _column(before, columns)
    return column is not None and tokens[at].tag == "U" and _behind(key, column, columns)


def _before(
    tokens: Sequence[Token], at: int, key: str, column: ColumnReport, columns: Columns
) -> bool:
    """'sales channel', 'product category', 'date created', and 'higher' where two are related."""
    if tokens[at].tag in "XU" and key in _COMPARED:
        return any(token.tag == "R" for token in tokens)
    if tokens[at].tag == "U" and key == "date":
        return column.kind == "date"
    if not at or tokens[at - 1].tag not in _PLACES or tokens[at].tag not in "UCW":
        return False
    if key == "product" and _OF_A_PRODUCT & _last_key(tokens[at + 1].text):
        return True
    if tokens[at].tag == "W" and is_numeric(column):
        # 'order revenue' is that of a row, if every row is one order.
        return not is_plural(tokens[at].text) and not rows_that_may_repeat(tokens[at], columns)
    is_group = column.kind in ("text", "boolean") and not is_numeric(column)
    return is_group and (key in _OF_A_GROUP or key == columns.row_noun)


def _behind(key: str, column: ColumnReport, columns: Columns) -> bool:
    """'product names', 'weather type', 'created date', 'revenue figures', 'quantity sold'."""
    if column.kind == "text" and not is_numeric(column):
        # 'product type' may well be the category, where there is one.
        others = any(_KINDS & columns.keys(name) for name in columns.names())
        return key == "name" or (key in ("type", "kind") and not others)
    if column.kind == "date":
        return key == "date"
    is_counted = bool(_COUNTED & _last_key(column.name))
    return is_numeric(column) and (key == "figure" or (key == "sold" and is_counted))


def _last_key(text: str) -> frozenset[str]:
    return frozenset(key_of(word) for word in header_words(text)[-1:])


def _column(token: Token | None, columns: Columns) -> ColumnReport | None:
    if token is None or token.tag != "C" or len(token.names) != 1:
        return None
    return columns.report(token.names[0])
