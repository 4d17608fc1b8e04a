"""What one question of an approach costs: tokens and container time, as a range (R21)."""

from services.events import Usage
from services.limits.types import Approach, LimitProfile
from services.preflight.projection.types import Costing
from services.preflight.types import CostProjection
from services.units import MicroUsd, format_count, format_money, format_seconds


def project(
    approach: Approach, profile: LimitProfile, costing: Costing, model: str
) -> CostProjection:
    """From the profile's typical tokens and times, at the prices in force.

    A container that is new for the question is counted for as long as the question takes; what it
    goes on costing while it is kept for the next one is not the question's.
    """
    tokens, times = profile.typical_tokens[approach], getattr(profile.typical_seconds, approach)
    low = costing.token_cost(
        Usage(input_tokens=tokens.input_low, output_tokens=tokens.output_low), model
    )
    high = costing.token_cost(
        Usage(input_tokens=tokens.input_high, output_tokens=tokens.output_high), model
    )
    uses_container = approach != "text"
    container_low = costing.container_cost(times.low_seconds) if uses_container else MicroUsd(0)
    container_high = costing.container_cost(times.high_seconds) if uses_container else MicroUsd(0)
    return CostProjection(
        low_microusd=MicroUsd(low + container_low),
        high_microusd=MicroUsd(high + container_high),
        token_low_microusd=low,
        token_high_microusd=high,
        container_low_microusd=container_low,
        container_high_microusd=container_high,
        formula=(
            f"{format_count(tokens.input_low)}–{format_count(tokens.input_high)} tokens in and"
            f" {format_count(tokens.output_low)}–{format_count(tokens.output_high)} out:"
            f" {format_money(low)}–{format_money(high)}; container for"
            f" {format_seconds(times.low_seconds)}–{format_seconds(times.high_seconds)}:"
            f" {format_money(container_low)}–{format_money(container_high)}"
        ),
    )
