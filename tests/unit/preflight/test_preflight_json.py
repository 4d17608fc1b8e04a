"""JSON is Unicode and no deeper than a table needs; what only begins like it is text (R12, R13)."""

import json

import msgspec
import pytest

from services.errors import Message
from services.preflight.inspection import _bounds, _json_text

TEXT = '[{"city": "Köln", "n": 1}, {"city": "Zürich", "n": 2}]'
DEEPEST = _bounds.load().json_depth


@pytest.mark.parametrize(
    ("name", "content", "place"),
    [
        ("a.json", b'[{"city": "K\xf6ln"}, {"city": "Z\xfcrich"}]', "byte 12 in line 1"),
        ("a.json", b'[{"city": "x"},\n {"city": "Z\xff\xfe"}]', "byte 28 in line 2"),
        ("a.ndjson", b'{"city": "x"}\n{"city": "Z\xfcrich"}\n', "byte 25 in line 2"),
        ("a.json", ("[" + '"ä",\n' * 40_000).encode() + b'"\xfc"]', "byte 240,002 in line 40,001"),
        ("a.txt", b'[{"city": "K\xf6ln"}]', "byte 12 in line 1"),
    ],
    ids=["latin", "damaged", "lines", "far in", "text"],
)
def test_json_with_bytes_that_are_no_unicode_is_refused_with_their_place(
    look, name, content, place
):
    """RFC 8259 knows no code pages: a guess would show damaged text as letters of another one."""
    found = look(name, content)
    assert (found.verdict.state, found.verdict.code) == ("refused", "not_utf8")
    assert found.verdict.message == Message(
        what_happened=f"This is not valid JSON: {place} is not UTF-8.",
        what_to_do="JSON has to be in Unicode. Export it again as UTF-8 and add that.",
    )


def test_json_that_ends_within_a_letter_ends_in_the_middle(look):
    assert look("a.json", TEXT.encode()[:13]).verdict.code == "truncated"


def test_damaged_utf16_is_refused_with_its_byte(look):
    found = look("a.json", TEXT.encode("utf-16-le") + b"\x00\xd8\x00\xd8")
    assert found.verdict.message.what_happened == (
        f"This is not valid JSON: byte {2 * len(TEXT)} is not UTF-16."
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_json_is_read_in_every_form_of_unicode(look, encoding):
    found = look("a.json", TEXT.encode(encoding))
    assert found.report.tables[0].sample == (("Köln", "1"), ("Zürich", "2"))


def nested(depth: int, kind: str) -> str:
    """A document of that depth, with more brackets inside its strings."""
    match kind:
        case "lists":
            return '[{"a": "[[\\"[[\\\\", "b": ' + "[" * (depth - 2) + "]" * (depth - 2) + "}]"
        case "objects":
            return '{"a": ' * depth + "1" + "}" * depth
        case "last":
            return "[" + '{"a": 1}, ' * 50_000 + "[" * (depth - 1) + "]" * (depth - 1) + "]"
        case _:
            return '{"a": 1}\n{"a": ' + "[" * (depth - 1) + "]" * (depth - 1) + "}\n"


@pytest.mark.parametrize("kind", ["lists", "objects", "last", "lines"])
@pytest.mark.parametrize("beyond", [0, 1, 250, 2_000, 1_000_000])
def test_json_may_nest_to_a_stated_depth_and_no_deeper(look, kind, beyond):
    found = look("a.json", nested(DEEPEST + beyond, kind))
    if not beyond:
        assert found.verdict.state == "fits"
        return
    assert (found.verdict.state, found.verdict.code) == ("refused", "too_deep")
    assert found.verdict.message == Message(
        what_happened="This JSON is nested too deeply to be a table: more than 100 levels.",
        what_to_do="Export it as a list of records and add that.",
    )


@pytest.mark.parametrize("block", [1, 3, 7, 1_000])
def test_depth_is_counted_across_the_ends_of_blocks(monkeypatch, block):
    monkeypatch.setattr(_json_text, "BLOCK_BYTES", block)
    text = json.dumps([{'a "[[" b': ['\\"[[[[', {"c": [[]]}]}, "]]]]", []])
    _json_text.check_depth(text.encode(), 6)
    with pytest.raises(_json_text.InvalidError):
        _json_text.check_depth(text.encode(), 5)


def test_depth_of_any_json_is_that_of_its_brackets_outside_strings():
    for text in ('"[[["', '["\\\\", "[["]', '["\\\\\\"[[["]', '[{"[": "]"}]'):
        value = msgspec.json.decode(text.encode())
        depth = 0
        while isinstance(value, list | dict):
            depth, value = depth + 1, next(iter(value))
        _json_text.check_depth(text.encode(), depth + isinstance(value, dict))


@pytest.mark.parametrize(
    "text",
    [
        "[draft] Dear all,\nthis is no data.\n",
        "{note} to self\n",
        "[2026-01-05 10:00] started\n[2026-01-05 10:01] stopped\n",
    ],
)
@pytest.mark.parametrize("name", ["a.txt", "a.log", "a"])
def test_text_that_only_begins_with_a_bracket_is_text(look, name, text):
    found = look(name, text)
    assert (found.verdict.state, found.report.kind) == ("fits", "text")


def test_broken_json_is_told_as_json_whatever_its_name(look):
    assert look("a.txt", '[{"a": 1}, {"a": 2]').verdict.code == "invalid_json"
    assert look("a.json", "[draft] Dear all").verdict.code == "invalid_json"
