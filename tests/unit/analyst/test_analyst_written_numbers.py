"""Numbers that are written as text: which of them are understood, and what the reading says."""

import pytest

from services.analyst import read_question
from services.analyst._written import writing_of
from services.analyst.types import Abstained, Reading
from services.wording import questions as say
from tests.unit.analyst.analyst_tables import column, table

UNDERSTOOD = [
    # Thousands, decimal, sign
    (("1.234,50", "950,00"), (".", ",", "")),
    (("1,234.50", "950.00", "-3.20"), (",", ".", "")),
    (("1 234,50", "12,5"), (" ", ",", "")),
    (("1\u202f234,50", "12,5"), (" ", ",", "")),
    (("1'234.50", "12"), ("'", ".", "")),
    (("12,5%", "8,0%"), (".", ",", "%")),
    (("$1,200", "$980"), (",", ".", "$")),
    (("($30)", "$1,200.10"), (",", ".", "$")),
    (("1.200 €", "980 €"), (".", ",", "€")),
    (("23,288  ", "1,200", "900"), (",", ".", "")),
    (("1.234.567", "12"), (".", ",", "")),
    (("0,123", "1,234"), (".", ",", "")),
]

NOT_UNDERSTOOD = [
    ("1,234", "900"),  # once: a thousand, or a bit more than one
    ("1.234", "2.345", "9.001"),  # without a sign nothing tells
    ("$5", "€7"),
    ("$5", "7"),
    ("12 kg", "1,200 kg"),
    ("1,234.50", "1.234,50"),
    ("1,23,456.5", "2"),
    ("n/a", "1,200", "2,300"),
    ("12", "13"),
    ("[1,2]", "3,4"),
    (),
]


@pytest.mark.parametrize(("examples", "writing"), UNDERSTOOD)
def test_one_way_of_writing_is_recognised(examples, writing):
    found = writing_of(column("amount", "text", None, examples))
    assert found is not None
    assert (found.thousands, found.decimal, found.sign) == writing


@pytest.mark.parametrize("examples", NOT_UNDERSTOOD)
def test_writing_that_could_mean_two_things_is_not_guessed(examples):
    assert writing_of(column("amount", "text", None, examples)) is None


def test_reading_says_that_the_numbers_were_converted():
    sheet = table(
        "sheet.csv",
        90,
        column("Region", "text", 3, ("Bonn",)),
        column("Revenue", "text", 80, ("1.234,50", "950,00")),
    )
    reading = read_question((sheet,), "total revenue by region")
    assert isinstance(reading, Reading)
    assert reading.sentence == (
        "Read as: sum of Revenue for each Region. "
        "The numbers in Revenue are written like 1.234,50 and were converted."
    )
    assert "converted" not in getattr(read_question((sheet,), "rows by region"), "sentence", "")


def test_percent_signs_make_averages_and_no_sums():
    sheet = table(
        "sheet.csv",
        90,
        column("Region", "text", 3, ("Bonn",)),
        column("Cost", "text", 80, ("12,5%", "8,0%")),
    )
    reading = read_question((sheet,), "cost by region")
    assert isinstance(reading, Reading)
    assert reading.aggregate == "mean"


def test_numbers_that_stay_text_are_named_with_their_reason():
    sheet = table(
        "sheet.csv",
        90,
        column("Region", "text", 3, ("Bonn",)),
        column("Revenue", "text", 80, ("$5", "€7")),
    )
    abstained = read_question((sheet,), "total revenue by region")
    assert isinstance(abstained, Abstained)
    assert abstained.reason == say.text_that_looks_like_numbers("Revenue", "$5")
