"""How a phrase finds its column, and when it must not."""

import pytest

from services.analyst import read_question
from services.analyst.types import Abstained, Reading, UnknownColumn
from tests.unit.analyst.analyst_tables import column, table


def found(header: str, phrase: str, *others: str) -> str | None:
    """The group that 'number of rows by <phrase>' is read as, in a file of these headers."""
    names = (header, *others)
    sheet = table("sheet", 100, *(column(name, "text", 5, ("x", "y")) for name in names))
    understood = read_question((sheet,), f"number of rows by {phrase}")
    return understood.by if isinstance(understood, Reading) else None


@pytest.mark.parametrize(
    ("header", "phrase"),
    [
        ("Postal Code", "postal codes"),
        ("Postal Code", "PostalCode"),
        ("postal_code", "postal code"),
        ("postalCode", "postal-code"),
        ("POSTAL-CODE", "Postal Code"),
        ("Ship Mode", "shipmode"),
        ("ShipMode", "ship modes"),
        ("Categories", "category"),
        ("Category", "categories"),
        ("class", "classes"),
        ("Status", "statuses"),
        ("Movies", "movie"),
        ("Culmen Length (mm)", "culmen length"),
        ("Culmen Length (mm)", "culmen length (mm)"),
        ("Province / Territory", "province"),
        ("Province / Territory", "territories"),
        ("Province / Territory", "province / territory"),
        ("Political Affiliation at Appointment", "political affiliation"),
        ("Political Affiliation at Appointment", "affiliation"),
        ("Customer Name", "customers"),
        ("AirportID", "airport"),
        ("temp_max", "maximum temperature"),
        ("Dept", "department"),
        ("qty", "quantity"),
        ("gender", "sex"),
        ("Appointed on the advice of", "appointed on the advice of"),
        ("Größe", "größe"),
        ("2012", '"2012"'),
        ("weird ~ name!", '"weird ~ name!"'),
        ("total", "total"),
        ("reason", "reason"),
        ("mode", "mode"),
    ],
)
def test_header_is_found_through_its_spelling(header, phrase):
    assert found(header, phrase, "Something Else") == header


@pytest.mark.parametrize(
    ("header", "phrase"),
    [
        ("Sub-Category", "category"),
        ("Profit Margin", "profit"),
        ("Sales Tax", "sales"),
        ("temp_max", "temp"),
        ("Target Region", "region"),
        ("Previous Owner", "owner"),
        ("country", "count"),
        ("production", "product"),
        ("Region", "regional"),
        ("Region", "regino"),
        ("Ship Mode", "ship"),
        ("State", "status"),
        ("Name", "surname"),
        ("Long", "longitude"),
    ],
)
def test_header_is_not_found_through_likeness(header, phrase):
    """Answering with a similar column is the one defect that nobody notices."""
    assert found(header, phrase, "Something Else") is None


def test_phrase_that_ends_several_headers_is_ambiguous_and_they_are_named():
    sheet = table(
        "sheet",
        9,
        column("Culmen Length (mm)", "number"),
        column("Flipper Length (mm)", "number"),
        column("Species", "text", 3, ("x", "y")),
    )
    understood = read_question((sheet,), "average length by species")
    assert isinstance(understood, Abstained)
    assert "Culmen Length (mm) or Flipper Length (mm)" in understood.reason


def test_name_and_id_of_the_same_thing_are_not_chosen_between():
    assert found("Customer Name", "customer", "Customer ID") is None


def test_whole_header_wins_over_the_end_of_another():
    assert found("Category", "category", "Product Category") == "Category"
    assert found("Product Category", "product category", "Category") == "Product Category"


def test_two_headers_that_read_alike_are_ambiguous():
    assert found("Ship Mode", "ship mode", "ship_mode") is None
    assert found("Ship Mode", "ship_mode", "ship_mode") == "ship_mode"


def test_closest_prefers_what_a_business_person_may_mean():
    sheet = table("sheet", 9, *(column(name, "number") for name in ("Sales", "Reverse", "Venue")))
    understood = read_question((sheet,), "distribution of revenue")
    assert isinstance(understood, UnknownColumn)
    assert understood.closest[0] == "Sales"
