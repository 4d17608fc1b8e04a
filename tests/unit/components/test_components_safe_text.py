"""Foreign text in Markdown: shown as it is, and nothing in it loads, links or runs."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from components import safe_text
from services.errors import Message

J = safe_text.JOINER
UNWANTED = {"image", "link_open", "html_inline", "html_block", "heading_open", "s_open"}
HOSTILE = (
    "![x](http://h/a.png)",
    "[l](http://h/b)",
    "<img src=http://h/c.png>",
    "<http://h>",
    ":material/home:",
    ":red[x]",
    ":smile:",
    "$x^2$",
    "`c`",
    "**b**",
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("orders_2025.csv", r"orders\_2025\.csv"),
        ("![x](y)", r"\!\[x\]\(y\)"),
        ("a  b\n\tc", "a b c"),
        ("312\u00a0MB of 950", "312\u00a0MB of 950"),
        ("gpj\u202eevil.csv", r"gpjevil\.csv"),
        ("a\x00b\x1b[0m", r"ab\[0m"),
        ("Überblick für 東京 🗼", "Überblick für 東京 🗼"),
        ("", r"\(no name\)"),
        ("\u200b\u2060", r"\(no name\)"),
        ("$5 and $6", r"\$5 and \$6"),
        ("a|b", r"a\|b"),
    ],
)
def test_label_escapes_every_mark(text, shown):
    assert safe_text.label(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://h/x", rf"http\:{J}\/\/h\/x"),
        ("HTTPS://h", rf"HTTPS\:{J}\/\/h"),
        ("www.h.example", rf"www{J}\.h\.example"),
        ("awww.h", rf"awww{J}\.h"),
        ("a.b@h.example", rf"a\.b\@{J}h\.example"),
        (":smile:", rf"\:{J}smile\:"),
        (":streamlit:", rf"\:{J}streamlit\:"),
        (":material_home:", rf"\:{J}material\_home\:"),
        (":+1:", rf"\:{J}\+1\:"),
        ("14:02", r"14\:02"),
    ],
)
def test_label_breaks_what_is_searched_for_after_the_escapes_are_gone(text, shown):
    """Links and shortcodes are found once more in the finished text, as a browser showed."""
    assert safe_text.label(text) == shown


@given(st.text())
def test_label_leaves_no_mark_unescaped(text):
    shown = safe_text.label(text)
    position = 0
    while position < len(shown):
        if shown[position] == "\\":
            assert shown[position + 1] in string.punctuation
            position += 2
            continue
        assert shown[position] not in string.punctuation
        position += 1
    assert "\n" not in shown
    assert shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("price", "`price`"),
        ("a`b", "``a`b``"),
        ("`a`", "`` `a` ``"),
        ("![x](http://h)", "`![x](http://h)`"),
        ("a\nb", "`a b`"),
        ("", "`(no name)`"),
    ],
)
def test_code_stays_one_code_span(text, shown):
    assert safe_text.code(text) == shown


def test_plain_is_one_printable_line():
    assert safe_text.plain("a\u202e\n  b|*") == "a b|*"


def test_told_puts_what_happened_first_and_bold():
    message = Message(what_happened="It is *empty*.", what_to_do="Add another.")
    assert safe_text.told(message) == r"**It is \*empty\*\.** Add another\."
    assert safe_text.told(Message(what_happened="Stopped.")) == r"**Stopped\.**"


@pytest.mark.parametrize(
    "text",
    [
        "North leads with **41,200** and *grows*.",
        "- a\n- b\n  - c",
        "1. a\n2. b",
        "| Region | Sum |\n|:--|--:|\n| North | 4 |",
        "```\nx = a[0]  # <b> $y$ :red[z]\n```",
        "Uses `df['a']` here.",
        "> quoted",
    ],
)
def test_prose_keeps_what_helps_reading(text):
    assert safe_text.prose(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("![p](http://h/p.png)", rf"\!\[p\](http\:{J}//h/p.png)"),
        ("[shop](http://h)", rf"\[shop\](http\:{J}//h)"),
        (r"!\[p](q)", r"\!\[p\](q)"),
        ("<img src=x>", r"\<img src=x\>"),
        ("see www.h.example", f"see www{J}.h.example"),
        (":material/home: :red[x]", rf"\:{J}material/home\: \:red\[x\]"),
        ("$5 and $6", r"\$5 and \$6"),
        ("&#33;[x]", r"\&#33;\[x\]"),
        (r"2 \* 3 \* 4", r"2 \* 3 \* 4"),
        ("a `b", r"a \`b"),
        ("[^1]: note", r"\[\^1\]\: note"),
    ],
)
def test_prose_takes_away_what_loads_links_or_runs(text, shown):
    assert safe_text.prose(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("# Result\nNorth.", "\n**Result**\n\nNorth."),
        ("- ## Result", "- **Result**"),
        ("Result\n===\nNorth", "Result\n\nNorth"),
        ("Result\n---\nNorth", "Result\n\nNorth"),
        ("> Result\n> ---", "> Result\n>"),
    ],
)
def test_prose_makes_no_headings(text, shown):
    """The page has one main heading; a model's would stand above its card's."""
    assert safe_text.prose(text) == shown


def test_prose_draws_no_diagram():
    assert safe_text.prose("```mermaid\ngraph TD\n```") == "```\ngraph TD\n```"


def test_prose_closes_an_open_block():
    assert safe_text.prose("```python\nx") == "```\nx\n```"


@pytest.mark.parametrize("line", ["- -", "- - ", "- - -", "- ---", "- =", "* -", "> - -"])
def test_prose_makes_no_heading_of_the_line_above_a_list_mark(line):
    assert "heading_open" not in _kinds(safe_text.prose(f"text\n{line}"))


def test_prose_finds_no_code_across_the_cells_of_a_table():
    """A table is cut at its bars before code is looked for: the picture would load."""
    row = "| `![x](http://h/a.png) | b` |"
    assert safe_text.prose(row) == rf"| \`\!\[x\](http\:{J}//h/a.png) | b\` |"


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("before", ["", "- ", "    ", "> ", "1. ", "| ", "\\", "`", "a\n===\n"])
def test_prose_holds_in_every_place(hostile, before):
    assert _kinds(safe_text.prose(before + hostile)) & UNWANTED == set()


@given(st.text(alphabet="`|\\ab ![](:/$<>*_#-=\n~>1.", max_size=80))
def test_prose_holds_for_any_text(text):
    assert _kinds(safe_text.prose(text)) & UNWANTED == set()


@given(
    st.lists(st.sampled_from((*HOSTILE, "\n", "- ", "`", "```\n", "| ", "\\", "# ")), max_size=9)
)
def test_prose_holds_for_any_mixture(parts):
    assert _kinds(safe_text.prose("".join(parts))) & UNWANTED == set()


def _kinds(shown):
    """Kinds of token that an independent reader of Markdown finds."""
    reader = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    tokens = reader.parse(shown)
    return {t.type for token in tokens for t in (token, *(token.children or ()))}


@given(st.text(alphabet="`|\\ab ![](:/$<>*_#-\n~>1.", max_size=60))
def test_prose_leaves_no_opening_mark_unescaped(text):
    """Maths and directives are Streamlit's own; what would open them is escaped outside code."""
    for line in _outside_blocks(safe_text.prose(text)):
        if re.fullmatch(r"[\s>*+|:\d.-]*", line):
            continue  # the second row of a table
        outside = safe_text._CODE_SPAN.sub("", _without_escapes(line))
        assert not set(outside) & set("![]<$`:")


def _outside_blocks(shown):
    fence = ""
    for line in shown.split("\n"):
        if fence:
            fence = "" if line == fence else fence
        elif line.startswith(("```", "~~~")):
            fence = line
        else:
            yield line


def _without_escapes(line):
    kept, position, inside = [], 0, ""
    while position < len(line):
        if line[position] == "\\" and not inside and position + 1 < len(line):
            position += 2
            continue
        if line[position] == "`":
            run = len(line[position:]) - len(line[position:].lstrip("`"))
            ticks = "`" * run
            inside = "" if inside == ticks else inside or ticks
            kept.append(ticks)
            position += run
            continue
        kept.append(line[position])
        position += 1
    return "".join(kept)
