"""The only way for foreign text into Markdown: names from files and models, prose of models.

Streamlit reads every label as Markdown: titles, buttons, tabs, metrics, captions and errors. A
column called `![x](http://…)` would make the browser fetch that address. `label` shows a text
exactly as it is written, `code` shows it as code, `prose` keeps bold, lists, tables and code and
takes everything else away that could load, link or run.
"""

import re
import string
import unicodedata

from services.errors import Message

JOINER = "\N{WORD JOINER}"
"""Invisible and without width; put inside what a later pass would turn into a link or picture."""

_NO_NAME = "(no name)"
_ESCAPED = str.maketrans({mark: "\\" + mark for mark in string.punctuation})
# Escapes don't stop these. Addresses, shortcodes and icons are searched for once more in the
# finished text (GFM autolinks, remark-emoji, Streamlit's own), when the backslashes are gone.
_LATE = re.compile(
    r"https?:(?=//)|www(?=\.)|(?<=[\w.+-])@(?=[\w-])|:(?=[\w+/-]+:)",
    re.IGNORECASE,
)
# No-break spaces keep a figure with its unit, so they stay what they are.
_SPACES = re.compile(r"[^\S\u00a0\u202f]+")
_KEPT = {"\n", "\t", "\N{ZERO WIDTH JOINER}", "\N{ZERO WIDTH NON-JOINER}"}
"""The joiners hold emoji and words of several scripts together."""
_DROPPED_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
"""Control, format (bidi overrides among them), surrogate, private, line and paragraph."""


def label(text: str) -> str:
    """One line that Markdown shows exactly as it is written; never empty."""
    return _defused(_one_line(text)).translate(_ESCAPED)


def code(text: str) -> str:
    """One line as inline code: for column names and values inside a sentence."""
    line = _one_line(text)
    longest = max((len(run) for run in re.findall(r"`+", line)), default=0)
    fence = "`" * (longest + 1)
    padding = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{padding}{line}{padding}{fence}"


def plain(text: str) -> str:
    """One line for what is not Markdown: table cells, text alternatives, file names."""
    return _one_line(text)


def told(message: Message) -> str:
    """A message as Markdown: what happened in bold, what to do after it."""
    happened = f"**{label(message.what_happened)}**"
    return f"{happened} {label(message.what_to_do)}" if message.what_to_do else happened


def prose(text: str) -> str:
    """A model's Markdown with bold, italics, lists, tables and code, and nothing else.

    Pictures, links, HTML, maths, directives and footnotes become the plain text that they were
    written as; headings become bold lines, since the page keeps the order of its own headings.
    """
    lines: list[str] = []
    fence = ""
    for line in _printable(text).expandtabs(4).split("\n"):
        opening = _FENCE.match(line)
        if fence:
            closes = opening and opening["mark"].startswith(fence) and not opening["info"].strip()
            lines.append(fence if closes else line)
            fence = "" if closes else fence
        elif opening and "`" not in opening["info"]:
            # Without its language: Streamlit draws `mermaid` blocks as diagrams.
            fence = opening["mark"]
            lines.append(fence)
        else:
            lines.append(_prose_line(line))
    if fence:
        lines.append(fence)
    return "\n".join(lines)


_FENCE = re.compile(r" {0,3}(?P<mark>`{3,}|~{3,})(?P<info>.*)$")
_HEADING = re.compile(r"#{1,6}(?:\s+(?P<text>.*?))?\s*#*\s*$")
_UNDERLINE = re.compile(r"(?:=+|-+)\s*$")
_DELIMITER_ROW = re.compile(r"\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$")
_CONTAINER = re.compile(r"(?:[-*+]|\d{1,9}[.)])\s+|>\s?")
_LONGEST_INDENT = 3
"""One space more would begin a code block, in which our escapes would be seen."""


def _prose_line(line: str) -> str:
    """One line outside code blocks: its list and quote marks, then its text."""
    rest = line.lstrip(" ")
    indent = line[: len(line) - len(rest)]
    marks = ""
    while not _UNDERLINE.match(rest) and (mark := _CONTAINER.match(rest)):
        marks += mark.group()
        rest = rest[mark.end() :]
    if not marks:
        indent = indent[:_LONGEST_INDENT]
    heading = _HEADING.match(rest)
    if heading:
        words = (heading["text"] or "").replace("*", "").strip()
        bold = f"**{_inline(words)}**" if words else ""
        return f"{indent}{marks}{bold}" if marks else f"\n{bold}\n"
    if _UNDERLINE.match(rest):
        # It would make a heading of the line above; so would a list mark that is left alone.
        alone = marks.rstrip()
        return "" if _UNDERLINE.match(alone) else (indent + alone).rstrip()
    if "|" in rest and _DELIMITER_ROW.match(rest):
        return indent + marks + rest
    return indent + marks + _inline(rest)


# Cells of a table are cut at `|` before code is looked for, so a span with one is no code here.
_CODE_SPAN = re.compile(r"(?P<ticks>(?<!`)`+(?!`))(?P<inside>[^|]+?)(?<!`)(?P=ticks)(?!`)")
_UNWANTED = str.maketrans({mark: "\\" + mark for mark in "![]<>$:&~{}^`\\"})
# What the model escaped itself must not turn into emphasis while its other escapes are undone.
# It travels as private characters, which `_printable` lets no text bring along.
_HELD = {mark: chr(0xE000 + index) for index, mark in enumerate("*_|#-+=")}
_RELEASED = str.maketrans({private: "\\" + mark for mark, private in _HELD.items()})


def _inline(text: str) -> str:
    """A line's text: code spans as they are, the rest without anything that loads or links."""
    pieces: list[str] = []
    position = 0
    for span in _CODE_SPAN.finditer(text):
        pieces += [_emphasised(text[position : span.start()]), span.group()]
        position = span.end()
    return "".join([*pieces, _emphasised(text[position:])])


def _emphasised(text: str) -> str:
    """Text in which only emphasis and the bars of a table still mean something."""
    unescaped = re.sub(r"\\([!-/:-@\[-`{-~])", lambda match: _HELD.get(match[1], match[1]), text)
    return _defused(unescaped).translate(_UNWANTED).translate(_RELEASED)


def _defused(text: str) -> str:
    """With a joiner inside whatever a later pass would link or replace."""
    return _LATE.sub(lambda match: match.group() + JOINER, text)


def _one_line(text: str) -> str:
    return _printable(_SPACES.sub(" ", text)).strip() or _NO_NAME


def _printable(text: str) -> str:
    """Without control, format, bidi and private characters; line breaks and tabs stay."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        mark
        for mark in unified
        if mark in _KEPT or unicodedata.category(mark) not in _DROPPED_CATEGORIES
    )
