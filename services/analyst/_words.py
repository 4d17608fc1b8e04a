"""Text as words: how questions and headers are cut, and when two words are the same word."""

import re
import unicodedata
from functools import lru_cache

import msgspec


def vocabulary(text: str) -> frozenset[str]:
    """A set of words, written as a line of text."""
    return frozenset(text.split())


_WORD = re.compile(r"\b\d{1,3}(?:,\d{3})+\b|[^\W_]+")
_CAMEL = re.compile(
    r"(?<=[a-zà-ÿ0-9])(?=[A-ZÀ-Þ][a-zà-ÿ])|(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])|(?<=[A-Z])(?=[A-Z][a-z])"
)
_PARENTHESES = re.compile(r"\s*[(\[][^)\]]*[)\]]\s*")
_QUOTED = re.compile(r"[\"“”„`]([^\"“”„`]+)[\"“”„`]|(?<!\w)['‘’]([^'‘’]+)['‘’](?!\w)")
_ARITHMETIC = re.compile(r"[<>=≤≥≠%$€£*+^]")

_UNCHANGED = vocabulary(
    "species series news status gas bus basis analysis diabetes virus campus bonus census focus "
    "always across less various previous"
)
_IE_WORDS = vocabulary(
    "movies cookies calories zombies pies ties lies dies rookies smoothies brownies prairies"
)

SHORT_FORMS = {
    "temp": "temperature",
    "precip": "precipitation",
    "qty": "quantity",
    "amt": "amount",
    "pct": "percent",
    "percentage": "percent",
    "dept": "department",
    "cust": "customer",
    "addr": "address",
    "lat": "latitude",
    "lon": "longitude",
    "lng": "longitude",
    "max": "maximum",
    "min": "minimum",
    "avg": "average",
    "desc": "description",
    "yr": "year",
    "humid": "humidity",
    "visib": "visibility",
    "dir": "direction",
    "cyl": "cylinder",
    "hp": "horsepower",
    "accel": "acceleration",
    "displ": "displacement",
    "gender": "sex",
    "colour": "color",
    "labour": "labor",
    "centre": "center",
}
"""Words that stand for one another in any file: abbreviations, spellings, one true synonym."""


class Word(msgspec.Struct, frozen=True):
    """One word of a question: as typed in lower case, as compared, and where it stands."""

    text: str
    key: str
    start: int
    end: int


class Cut(msgspec.Struct, frozen=True):
    """A question in words. `quoted` are spans that the asker set in quotation marks."""

    text: str
    words: tuple[Word, ...]
    quoted: tuple[tuple[int, int, str], ...]
    arithmetic: str | None
    """The first comparison, money or percent sign that stands outside quotation marks."""


@lru_cache(maxsize=4096)
def key_of(word: str) -> str:
    """The form in which two words are compared: lower case, singular, abbreviation spelt out."""
    word = word.lower()
    return SHORT_FORMS.get(word) or SHORT_FORMS.get(singular(word)) or singular(word)


def singular(word: str) -> str:
    """`cities` → `city`, `classes` → `class`; a word that is no plural comes back as it is."""
    if len(word) < 4 or not word.endswith("s") or word.endswith("ss") or word in _UNCHANGED:
        return word
    if word in _IE_WORDS:
        return word[:-1]
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("ouses", "auses")):
        return word[:-1]
    doubled = word.endswith(("sses", "xes", "zzes", "ches", "shes", "uses"))
    return word[:-2] if doubled else word[:-1]


def is_plural(word: str) -> bool:
    """Whether the word looks like a plural: `orders`, not `address`."""
    return singular(word) != word


def has_sign(name: str) -> bool:
    """Whether a header holds a sign of arithmetic, money or percent."""
    return bool(_ARITHMETIC.search(name))


def plural(name: str) -> str:
    """`Region` → `Regions`, `Sub-Category` → `Sub-Categories`; what isn't a word stays."""
    last = name[-1:]
    if not last.isalpha() or is_plural(name.lower()) or name.lower().endswith(("ies", "ed")):
        return name
    if last == "y" and name[-2:-1] not in "aeiou":
        return f"{name[:-1]}ies"
    return f"{name}es" if name.lower().endswith(("s", "x", "ch", "sh")) else f"{name}s"


def header_words(name: str) -> tuple[str, ...]:
    """A header's words in lower case: `Sub-Category`, `subCategory`, `sub_category` alike."""
    spaced = _CAMEL.sub(" ", unicodedata.normalize("NFKC", name))
    return tuple(word.lower() for word in _WORD.findall(spaced))


def without_parentheses(name: str) -> str:
    """`Body Mass (g)` → `Body Mass`; a name that is nothing but parentheses stays as it is."""
    bare = _PARENTHESES.sub(" ", name).strip()
    return bare or name


def cut(question: str, signs: tuple[str, ...] = ()) -> Cut:
    """The question's words, with camelCase and underscores opened as in headers.

    `signs` are headers with a sign in them, such as `Discount %`: there it means nothing more.
    """
    text = unicodedata.normalize("NFKC", question)
    quoted = tuple(
        (match.start(), match.end(), match.group(1) or match.group(2))
        for match in _QUOTED.finditer(text)
    )
    open_text = _blank_out(text, quoted)
    sign = _ARITHMETIC.search(_without(open_text, signs))
    plain = _open_contractions(open_text)
    words: list[Word] = []
    for match in _WORD.finditer(plain):
        words.extend(_pieces(match.group(), match.start()))
    return Cut(
        text=text,
        words=tuple(words),
        quoted=quoted,
        arithmetic=sign.group() if sign else None,
    )


def _without(text: str, headers: tuple[str, ...]) -> str:
    for header in headers:
        text = re.sub(re.escape(header), " ", text, flags=re.IGNORECASE)
    return text


def _blank_out(text: str, spans: tuple[tuple[int, int, str], ...]) -> str:
    for start, end, _ in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _open_contractions(text: str) -> str:
    """Contractions opened without moving any other character, so that spans stay true."""
    text = text.replace("’", "'").replace("‘", "'")
    text = re.sub(r"n't\b", " no", text)  # "isn't" → "is no": as long, and still a negation
    return re.sub(r"'(s|re|ve|d|ll|m)\b", lambda match: " " * len(match.group()), text)


def _pieces(word: str, start: int) -> list[Word]:
    pieces, at = [], 0
    for piece in _CAMEL.split(word):
        lower = piece.lower()
        pieces.append(Word(lower, key_of(lower), start + at, start + at + len(piece)))
        at += len(piece)
    return pieces
