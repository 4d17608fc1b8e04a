"""A row may be as long as a file that can be sent; beyond that the refusal says so (R12, R13)."""

import pytest

from services.errors import Message
from services.preflight.inspection import _bounds

NBSP = "\N{NO-BREAK SPACE}"
LONG = "x" * 9_000_000


@pytest.mark.parametrize(
    ("content", "rows", "smallest"),
    [
        (f"id,note\n1,{LONG}\n", 1, "1"),
        (f"id,note\n1,{LONG}", 1, "1"),
        (f"id,note\n1,{LONG}\n2,short\n3,short\n", 3, "1"),
        (f"id,note\n1,short\n2,{LONG}\n", 2, "1"),
        ('id,note\n1,"' + "a line, and\n" * 500_000 + '"\n2,short\n', 2, "1"),
    ],
    ids=["only", "no line end", "first", "last", "of many lines"],
)
def test_row_of_megabytes_is_a_row(look, content, rows, smallest):
    found = look("notes.csv", content)
    (table,) = found.report.tables
    assert (found.verdict.state, table.rows, table.rows_exact) == ("fits", rows, True)
    assert [(c.name, c.dtype) for c in table.columns] == [("id", "int64"), ("note", "object")]
    assert table.columns[0].minimum == smallest


def test_memory_of_a_value_of_megabytes_is_counted_in_full(look):
    """pandas holds it twice: as the parser's text, and as a string."""
    short = look("notes.csv", "id,note\n1,short\n")
    long = look("notes.csv", f"id,note\n1,{LONG}\n")
    grown = long.memory.load_bytes - short.memory.load_bytes
    assert grown == pytest.approx(2 * len(LONG), rel=0.1)


def test_row_beyond_the_bound_is_refused_with_the_truth(look):
    bound = _bounds.load().record_bytes
    assert bound == 20_000_000
    for rest in ("", "2,short\n" * 9):
        found = look("notes.csv", "id,note\n1," + "x" * (bound + 500_000) + "\n" + rest)
        assert (found.verdict.state, found.verdict.code) == ("refused", "record_too_long")
        assert found.verdict.message == Message(
            what_happened=f"One row of this file is longer than 20{NBSP}MB, so its columns can't be"
            " told apart.",
            what_to_do="Line ends may have been lost: export it again with one record a line.",
        )


@pytest.mark.parametrize("words", ["word ", "xy,"])
def test_line_of_millions_of_words_takes_no_more_than_a_check_may(look, words):
    """Each field that is tried is an object: none is made where there would be millions."""
    content = words * (18_000_000 // len(words))
    found = look("book.txt", content)
    assert (found.verdict.state, found.report.kind) == ("fits", "text")
    assert found.report.text_characters == len(content)


def test_csv_without_line_ends_is_told_by_its_columns(look):
    found = look("all.csv", "xy," * 3_000_000)
    assert found.verdict.code == "too_many_columns"
    assert found.verdict.message.what_happened == (
        "This table has 3,000,001 columns; up to 20,000 can be checked."
    )
