"""Prices, rounding, and the sentences that show them."""

from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services import limits
from services.clock import ManualClock
from services.errors import InternalError
from services.events import Usage
from services.limits.types import Billing, ModelPrice, Prices
from services.money import Money
from services.money._prices import PriceBook, half_to_even
from services.store import memory_store
from services.wording import money as wording

PRICE = ModelPrice(
    model="m",
    input_microusd=2_000_000,
    output_microusd=10_000_000,
    cache_write_5m_microusd=2_500_000,
    cache_write_1h_microusd=4_000_000,
    cache_read_microusd=200_000,
)
PRICES = Prices(version="v1", source="s", as_of="2026-11-24", models=(PRICE,))
LIFETIME = Billing(rule="lifetime", rate_microusd_per_hour=50_000)
PER_EXECUTION = Billing(
    rule="per_execution",
    rate_microusd_per_hour=50_000,
    minimum_seconds=300,
    free_hours_per_month=1550,
    can_release=False,
)


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**7))
def test_rounding_is_half_to_even(numerator, denominator):
    assert half_to_even(numerator, denominator) == round(Fraction(numerator, denominator))


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (Usage(), 0),
        (Usage(input_tokens=12_000, output_tokens=800), 32_000),
        (Usage(input_tokens=1), 2),
        (Usage(cache_read_tokens=2), 0),  # 0.4
        (Usage(cache_read_tokens=3), 1),  # 0.6
        (Usage(cache_write_5m_tokens=1), 2),  # 2.5, to even
        (Usage(cache_write_5m_tokens=3), 8),  # 7.5, to even
        # Rounded once: each part alone would round to 2 + 0, the sum is 2.9.
        (Usage(cache_write_5m_tokens=1, cache_read_tokens=2), 3),
        (
            Usage(
                input_tokens=1_000,
                output_tokens=1_000,
                cache_write_5m_tokens=1_000,
                cache_write_1h_tokens=1_000,
                cache_read_tokens=1_000,
            ),
            2_000 + 10_000 + 2_500 + 4_000 + 200,
        ),
    ],
)
def test_token_cost(usage, expected):
    assert PriceBook(PRICES, LIFETIME).tokens(usage, "m") == expected


@pytest.mark.parametrize(
    ("billing", "seconds", "expected"),
    [
        (LIFETIME, 0, 0),
        (LIFETIME, 0.001, 14),  # one started second: 13.89
        (LIFETIME, 1, 14),
        (LIFETIME, 1.001, 28),  # 27.78
        (LIFETIME, 38, 528),  # 527.78
        (LIFETIME, 3600, 50_000),
        (PER_EXECUTION, 0, 4_167),  # 300 s: 4,166.67
        (PER_EXECUTION, 12.3, 4_167),
        (PER_EXECUTION, 300.5, 4_181),  # 301 s: 4,180.56
    ],
)
def test_container_cost(billing, seconds, expected):
    assert PriceBook(PRICES, billing).container(seconds) == expected


def test_reserved_amount_is_never_below_the_bill():
    book = PriceBook(PRICES, LIFETIME)
    assert book.request_at_most("m", 6_001, 8_000) == 15_003 + 80_000
    assert book.request_at_most("m", 1, 0) == 3


def test_verbs_use_the_shipped_prices_and_profiles():
    clock, prices = ManualClock(), limits.load_prices()
    guide = Money(memory_store(clock), prices, limits.load("guide"), clock)
    documented = Money(memory_store(clock), prices, limits.load("documented"), clock)
    assert guide.price_version == prices.version
    assert guide.container_cost(47 * 8 * 3600) == 18_800_000
    assert documented.container_cost(1) == 4_167
    usage = Usage(input_tokens=1_000_000, output_tokens=1_000_000)
    assert guide.token_cost(usage, "claude-sonnet-5") == 12_000_000
    assert guide.max_request_cost("claude-sonnet-5", 1_000_000, 0) == 2_500_000


def test_model_without_a_price_is_named():
    with pytest.raises(InternalError) as unknown:
        PriceBook(PRICES, LIFETIME).tokens(Usage(), "other")
    assert unknown.value.code == "no_price"


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (wording.paid(31_000, "claude"), "You paid $0.031."),
        (wording.paid(31_000, "local"), "It would have cost $0.031; nothing is charged."),
        (wording.rehearsal(31_000), "Rehearsal: would have cost $0.031, nothing is charged"),
        (wording.container_formula(38, 50_000, 528), "38 s × $0.05 an hour = $0.000528"),
        (
            wording.container_formula(12, 50_000, 4_167, minimum_seconds=300),
            "12 s, billed as 300 s × $0.05 an hour = $0.004",
        ),
        (
            wording.token_formula(Usage(input_tokens=12_000, output_tokens=800), PRICE, 32_000),
            "12,000 input × $2.00 + 800 output × $10.00, per million tokens = $0.032",
        ),
        (wording.token_formula(Usage(), PRICE, 0), "0 tokens, per million tokens = $0.00"),
    ],
)
def test_sentences(sentence, expected):
    assert sentence == expected


def test_local_and_paid_amounts_never_read_alike():
    for cost in (0, 1, 31_000, 41_820_000):
        assert "paid" not in wording.paid(cost, "local")
        assert "charged" not in wording.paid(cost, "claude")


def test_price_book_reads_every_kind_of_token():
    """A price that nobody multiplies would make requests look cheaper than they are."""
    fields = [name for name in msgspec.structs.asdict(Usage()) if name.endswith("_tokens")]
    book = PriceBook(PRICES, LIFETIME)
    costs = [book.tokens(Usage(**{name: 1_000_000}), "m") for name in fields]
    assert costs == [2_000_000, 10_000_000, 2_500_000, 4_000_000, 200_000]
