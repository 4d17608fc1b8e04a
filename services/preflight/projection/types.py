"""What the projection deals in: an environment's constants, peaks, and who knows the prices."""

from typing import Literal, Protocol

import msgspec

from services.events import Usage
from services.units import MicroUsd


class EnvironmentConstants(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One environment's constants, see environments.toml."""

    name: str
    strings: Literal["objects", "arrow"]
    baseline_bytes: int
    figure_bytes: int
    row_bytes: tuple[float, float, float]
    textual_row_bytes: tuple[float, float, float]
    real_row_bytes: float
    column_bytes: float
    workbook_bytes: int
    csv_ratios: tuple[float, float]
    """Of truths to projections, the least and the most that is reckoned with."""
    workbook_ratios: tuple[float, float]
    json_ratios: tuple[float, float]


class Peaks(msgspec.Struct, frozen=True, kw_only=True):
    """Peak resident bytes while loading, and in the typical analysis after it."""

    load_bytes: float
    analysis_bytes: float


class Costing(Protocol):
    """Whoever knows the prices; the arithmetic of money is theirs."""

    def token_cost(self, usage: Usage, model: str) -> MicroUsd:
        """What these tokens cost with that model."""

    def container_cost(self, seconds: float) -> MicroUsd:
        """What a container costs for that long."""
