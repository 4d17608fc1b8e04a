"""All arithmetic of money: whole numbers, rounded once, half to even."""

import math

from services.errors import InternalError
from services.events import Usage
from services.limits.types import Billing, ModelPrice, Prices
from services.units import MicroUsd
from services.wording import money as wording

_TOKENS_PER_PRICE = 1_000_000
_SECONDS_PER_HOUR = 3600


def half_to_even(numerator: int, denominator: int) -> int:
    """The quotient as a whole number, a tie going to the even one; no float is involved."""
    quotient, rest = divmod(numerator, denominator)
    twice = 2 * rest
    if twice > denominator or (twice == denominator and quotient % 2 == 1):
        quotient += 1
    return quotient


class PriceBook:
    """What tokens and container time cost, by one price list and one billing rule."""

    def __init__(self, prices: Prices, billing: Billing) -> None:
        self.version = prices.version
        self.billing = billing
        self._models = {price.model: price for price in prices.models}

    def knows(self, model: str) -> bool:
        """Whether the list has a price for the model."""
        return model in self._models

    def price(self, model: str) -> ModelPrice:
        """The prices of a model. Raises InternalError if there is none."""
        if model not in self._models:
            raise InternalError(wording.no_price(model), code="no_price")
        return self._models[model]

    def tokens(self, usage: Usage, model: str) -> MicroUsd:
        """Σ tokens × price per million, over all kinds of token."""
        price = self.price(model)
        total = (
            usage.input_tokens * price.input_microusd
            + usage.output_tokens * price.output_microusd
            + usage.cache_write_5m_tokens * price.cache_write_5m_microusd
            + usage.cache_write_1h_tokens * price.cache_write_1h_microusd
            + usage.cache_read_tokens * price.cache_read_microusd
        )
        return MicroUsd(half_to_even(total, _TOKENS_PER_PRICE))

    def request_at_most(self, model: str, input_tokens: int, output_tokens: int) -> MicroUsd:
        """An upper bound, rounded up: input at the dearer of plain and five-minute cache price."""
        price = self.price(model)
        dearest = max(price.input_microusd, price.cache_write_5m_microusd)
        total = input_tokens * dearest + output_tokens * price.output_microusd
        return MicroUsd(-(-total // _TOKENS_PER_PRICE))

    def container(self, seconds: float) -> MicroUsd:
        """Whole started seconds, at least the rule's minimum, × rate per hour / 3,600."""
        billed = max(math.ceil(seconds), self.billing.minimum_seconds)
        return MicroUsd(
            half_to_even(billed * self.billing.rate_microusd_per_hour, _SECONDS_PER_HOUR)
        )

    def free_allowance(self) -> MicroUsd:
        """What the free hours of one month are worth; 0 where there are none."""
        return MicroUsd(self.billing.free_hours_per_month * self.billing.rate_microusd_per_hour)
