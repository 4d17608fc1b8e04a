"""Limits are data; a typo in them is an error with a sentence."""

import pytest

from services import limits
from services.errors import InputError


def test_the_guide_states_the_limits_that_were_seen():
    profile = limits.load()
    assert (profile.ram_limit_bytes, profile.ram_alert_bytes, profile.ram_warn_bytes) == (
        947_000_000,
        800_000_000,
        900_000_000,
    )
    assert (profile.file_limit_bytes, profile.concurrent_containers) == (20_000_000, 10)
    assert profile.billing.rate_microusd_per_hour == 50_000
    assert profile.environment.pandas == "1.5.3"


def test_documented_falls_back_to_the_guide_for_what_it_does_not_state():
    documented, guide = limits.load("documented"), limits.load("guide")
    assert documented.file_limit_bytes == 500_000_000
    assert documented.billing.minimum_seconds == 300
    assert not documented.billing.can_release
    assert documented.concurrent_containers == guide.concurrent_containers
    assert documented.environment == guide.environment


def test_overrides_replace_single_values_and_are_told():
    profile = limits.load("guide", {"ram_limit_bytes": 1, "billing": {"minimum_seconds": 5}})
    assert profile.ram_limit_bytes == 1
    assert profile.billing.minimum_seconds == 5
    assert profile.billing.rate_microusd_per_hour == 50_000
    assert limits.overridden_names(profile) == ("ram_limit_bytes", "billing")
    assert limits.overridden_names(limits.load()) == ()


@pytest.mark.parametrize(
    ("name", "overrides"),
    [
        ("nowhere", {}),
        ("../guide", {}),
        ("guide", {"ram_limit_byte": 1}),
        ("guide", {"ram_limit_bytes": "much"}),
    ],
)
def test_what_is_not_known_is_refused_with_a_sentence(name, overrides):
    with pytest.raises(InputError) as refusal:
        limits.load(name, overrides)
    assert refusal.value.message.what_happened.endswith(".")


def test_every_price_is_of_a_model_and_positive():
    prices = limits.load_prices()
    assert "claude-sonnet-5" in {price.model for price in prices.models}
    assert all(
        0 < price.cache_read_microusd < price.input_microusd < price.output_microusd
        for price in prices.models
    )
