"""The engine's own arithmetic, by exact fractions and over any interleaving."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.events import Usage
from services.limits import load, load_prices
from services.limits.types import ModelPrice
from services.local_engine._bill import Books, token_amount
from services.local_engine._database import Database
from services.local_engine._instants import from_micros, rfc3339, to_micros, whole_started_seconds

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
BILLING = load("guide").billing
PRICES = load_prices()


@pytest.fixture
def books(tmp_path: Path) -> Books:
    return Books(Database(tmp_path / "bill.sqlite3"), PRICES, BILLING)


def reply(books: Books, number: int, at: datetime, container_id: str | None = "c") -> None:
    books.book_reply(
        request_id=f"req_{number}",
        model=PRICES.models[0].model,
        usage=Usage(input_tokens=1_000, output_tokens=100),
        outcome="completed",
        received_at=at,
        replied_at=at,
        container_id=container_id,
    )


def spans(books: Books) -> list[tuple[float, int, int]]:
    """Start after the container's, whole seconds, amount."""
    return [
        ((row.span_from - START).total_seconds(), row.seconds, row.amount_microusd)
        for row in books.bill().rows
        if row.kind == "container" and row.span_from is not None
    ]


def test_spans_touch_and_a_started_second_is_counted_once(books):
    books.open_container("c", START)
    for number, after in enumerate((0.4, 0.9, 1.0, 1.000001, 72.5)):
        reply(books, number, START + timedelta(seconds=after))
    assert spans(books) == [(0, 1, 14), (1, 1, 14), (2, 71, 986)]
    assert books.close_container("c", START + timedelta(seconds=72.9), "released") == (
        START + timedelta(seconds=72.9)
    )
    assert len(spans(books)) == 3


def test_whole_life_is_billed_as_one_hour_however_it_is_cut(books):
    books.open_container("c", START)
    for number, minutes in enumerate((3, 20, 59)):
        reply(books, number, START + timedelta(minutes=minutes))
    books.close_container("c", START + timedelta(hours=1), "expired")
    assert sum(seconds for _, seconds, _ in spans(books)) == 3_600
    assert books.ended_at("c") == START + timedelta(hours=1)


def test_closing_again_changes_nothing(books):
    books.open_container("c", START)
    first = books.close_container("c", START + timedelta(seconds=5), "released")
    before = books.bill()
    assert books.close_container("c", START + timedelta(hours=1), "expired") == first
    reply(books, 1, START + timedelta(minutes=2))
    assert [row for row in books.bill().rows if row.kind == "container"] == [
        row for row in before.rows if row.kind == "container"
    ]


def test_text_only_request_books_no_container(books):
    reply(books, 1, START, container_id=None)
    (row,) = books.bill().rows
    assert (row.key, row.amount_microusd, row.container_id, row.seconds) == (
        "req_1",
        3_000,
        None,
        0,
    )


def test_containers_without_an_end_are_known_after_a_crash(tmp_path):
    database = Database(tmp_path / "bill.sqlite3")
    books = Books(database, PRICES, BILLING)
    books.open_container("a", START)
    books.open_container("b", START)
    books.close_container("a", START, "released")
    database.close()
    again = Books(Database(tmp_path / "bill.sqlite3"), PRICES, BILLING)
    assert again.left_open() == [("b", START)]


@given(
    tokens=st.tuples(*[st.integers(0, 10**7)] * 5),
    prices=st.tuples(*[st.integers(0, 10**8)] * 5),
)
def test_token_amount_is_rounded_once_half_to_even(tokens, prices):
    usage = Usage(
        input_tokens=tokens[0],
        output_tokens=tokens[1],
        cache_write_5m_tokens=tokens[2],
        cache_write_1h_tokens=tokens[3],
        cache_read_tokens=tokens[4],
    )
    price = ModelPrice(
        model="m",
        input_microusd=prices[0],
        output_microusd=prices[1],
        cache_write_5m_microusd=prices[2],
        cache_write_1h_microusd=prices[3],
        cache_read_microusd=prices[4],
    )
    exact = Fraction(sum(a * b for a, b in zip(tokens, prices, strict=True)), 1_000_000)
    assert token_amount(usage, price) == round(exact)


@settings(max_examples=30, deadline=None)
@given(gaps=st.lists(st.integers(0, 5 * 10**6), max_size=8), rest=st.integers(0, 10**7))
def test_booked_seconds_are_the_whole_started_seconds_of_the_life(tmp_path_factory, gaps, rest):
    """Whatever the replies' instants, the sum of all spans is as if there had been one."""
    database = Database(tmp_path_factory.mktemp("books") / "bill.sqlite3")
    books = Books(database, PRICES, BILLING)
    books.open_container("c", START)
    at = START
    for number, gap in enumerate(gaps):
        at += timedelta(microseconds=gap)
        reply(books, number, at)
    end = at + timedelta(microseconds=rest)
    books.close_container("c", end, "released")
    assert sum(seconds for _, seconds, _ in spans(books)) == whole_started_seconds(START, end)
    database.close()


@given(micros=st.integers(0, 4 * 10**15))
def test_instants_survive_storage_and_the_wire_exactly(micros):
    at = from_micros(micros)
    assert to_micros(at) == micros
    assert datetime.fromisoformat(rfc3339(at)) == at
