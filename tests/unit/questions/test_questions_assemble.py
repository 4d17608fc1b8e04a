"""From events to the stored answer."""

from datetime import UTC, datetime

import pytest

from services.conversations.types import CodeStep, Produced
from services.events import CodeWritten, FileFetched, MemorySeen, OutputPrinted, TextAdded
from services.ids import FileId
from services.questions import _assemble

AT = datetime(2026, 11, 24, tzinfo=UTC)


def text(value):
    return TextAdded(at=AT, text=value)


CODE = CodeWritten(at=AT, tool_use_id="t1", code="print(1)")
OUTPUT = OutputPrinted(
    at=AT,
    tool_use_id="t1",
    stdout="1\nALT: sales.png: Bar chart: North leads.\n",
    stderr="",
    return_code=0,
)


@pytest.mark.parametrize(
    ("events", "wanted"),
    [
        ([text("I look first. "), CODE, OUTPUT, text("North leads. "), text("South follows.")],
         ("North leads.", "South follows.")),
        ([text("**North** leads.\n\n| a | b |")], ("North leads.", "| a | b |")),
        ([text("No full stop here")], ("No full stop here", "")),
        ([text("A plan only."), CODE, OUTPUT], ("A plan only.", "")),
        ([], ("", "")),
    ],
)  # fmt: skip
def test_headline_is_the_first_sentence_after_the_last_command(events, wanted):
    assert _assemble.headline_and_text(events) == wanted


def test_a_long_first_sentence_is_cut_for_the_headline_and_kept_in_the_text():
    sentence = "word " * 40 + "end."
    headline, rest = _assemble.headline_and_text([text(sentence)])
    assert len(headline) <= 90
    assert headline.endswith("…")
    assert rest == sentence


def test_code_steps_pair_output_by_tool_use():
    other = CodeWritten(at=AT, tool_use_id="t2", code="print(2)")
    assert _assemble.code_steps([CODE, other, OUTPUT]) == (
        CodeStep(code="print(1)", stdout=OUTPUT.stdout, stderr="", return_code=0),
        CodeStep(code="print(2)", stdout="", stderr="", return_code=-1),
    )


def test_produced_puts_pictures_first_and_gives_each_its_text_alternative():
    def fetched(name, kind):
        return FileFetched(
            at=AT, file_id=FileId(name), name=name, kind=kind, mime="x/y", size_bytes=1
        )

    events = [OUTPUT, fetched("t.csv", "table"), fetched("sales.png", "image")]
    assert _assemble.produced(events, "North leads.") == (
        Produced(
            file_id=FileId("sales.png"),
            name="sales.png",
            kind="image",
            mime="x/y",
            size_bytes=1,
            alt="Bar chart: North leads.",
        ),
        Produced(
            file_id=FileId("t.csv"),
            name="t.csv",
            kind="table",
            mime="x/y",
            size_bytes=1,
            alt="North leads.",
        ),
    )


def test_peak_is_the_highest_reported():
    assert _assemble.peak_bytes([MemorySeen(at=AT, peak_bytes=n) for n in (5, 9, 7)]) == 9
    assert _assemble.peak_bytes([]) is None
