"""Sentences about money, from micro-dollars; a local run's cost is never said to be paid."""

from typing import Literal, Protocol

from services.errors import Message
from services.events import Usage
from services.units import format_count, format_money


class TokenPrices(Protocol):
    """Micro-dollars per million tokens, as a price list states them for one model."""

    @property
    def input_microusd(self) -> int:
        """Plain input."""

    @property
    def output_microusd(self) -> int:
        """Output."""

    @property
    def cache_write_5m_microusd(self) -> int:
        """Input that is kept for five minutes."""

    @property
    def cache_write_1h_microusd(self) -> int:
        """Input that is kept for an hour."""

    @property
    def cache_read_microusd(self) -> int:
        """Kept input that is read again."""


def paid(cost_microusd: int, engine: Literal["local", "claude"]) -> str:
    """`You paid $0.031.`, or for the local engine that nothing is charged."""
    if engine == "local":
        return f"It would have cost {format_money(cost_microusd)}; nothing is charged."
    return f"You paid {format_money(cost_microusd)}."


def cost_caption(cost_microusd: int, engine: Literal["local", "claude"]) -> str:
    """`$0.031`, or of a rehearsal `would have cost $0.031`."""
    cost = format_money(cost_microusd)
    return f"would have cost {cost}" if engine == "local" else cost


def rehearsal(cost_microusd: int) -> str:
    """The label of a local run's cost."""
    return f"Rehearsal: would have cost {format_money(cost_microusd)}, nothing is charged"


def container_formula(
    seconds: int, rate_microusd_per_hour: int, cost_microusd: int, minimum_seconds: int = 0
) -> str:
    """`38 s × $0.05 an hour = $0.000528`; a minimum that applied is named."""
    billed = max(seconds, minimum_seconds)
    spoken = f"{format_count(seconds)} s"
    if billed != seconds:
        spoken += f", billed as {format_count(billed)} s"
    return f"{spoken} × {_rate(rate_microusd_per_hour)} an hour = {format_money(cost_microusd)}"


def token_formula(usage: Usage, price: TokenPrices, cost_microusd: int) -> str:
    """`12,000 input × $2.00 + 800 output × $10.00, per million tokens = $0.032`."""
    kinds = (
        (usage.input_tokens, "input", price.input_microusd),
        (usage.output_tokens, "output", price.output_microusd),
        (usage.cache_write_5m_tokens, "kept for 5 min", price.cache_write_5m_microusd),
        (usage.cache_write_1h_tokens, "kept for 1 h", price.cache_write_1h_microusd),
        (usage.cache_read_tokens, "read again", price.cache_read_microusd),
    )
    terms = [
        f"{format_count(tokens)} {kind} × {_rate(microusd)}"
        for tokens, kind, microusd in kinds
        if tokens
    ]
    return f"{' + '.join(terms) or '0 tokens'}, per million tokens = {format_money(cost_microusd)}"


def no_price(model: str) -> Message:
    """The price list does not know a model."""
    return Message(
        what_happened=f"There is no price for the model {model}, so its cost can't be known.",
        what_to_do="Choose another model, or add it to the price list.",
    )


def container_not_yours() -> Message:
    """The container is unknown or belongs to somebody else."""
    return Message(what_happened="This container isn't yours or is not known any more.")


def container_in_use() -> Message:
    """Only a named operator ends a container under somebody else's run; nobody one half made."""
    return Message(
        what_happened="A run is using this container, so it was not released.",
        what_to_do="Release it when the run has ended.",
    )


def _rate(microusd: int) -> str:
    """A price without a needless last digit: `$0.05`, `$2.00`."""
    text = format_money(microusd)
    return text[:-1] if text.endswith("0") and len(text.partition(".")[2]) > 2 else text
