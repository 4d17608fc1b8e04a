"""Facts about the world that somebody may dispute: limits, rates, prices; each with its source."""

from typing import Literal, TypeAlias

import msgspec

Approach: TypeAlias = Literal["text", "code", "files_code", "tools"]


class SecondsRange(msgspec.Struct, frozen=True, kw_only=True):
    """From and to, in seconds."""

    low_seconds: float
    high_seconds: float


class TypicalTimes(msgspec.Struct, frozen=True, kw_only=True):
    """What the four ways of answering usually take."""

    text: SecondsRange
    code: SecondsRange
    files_code: SecondsRange
    tools: SecondsRange


class TypicalTokens(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens that a question of one approach usually takes, for the cost projection."""

    input_low: int
    input_high: int
    output_low: int
    output_high: int


class Environment(msgspec.Struct, frozen=True, kw_only=True):
    """What is installed in a container; the model is told, and the sandbox copies it."""

    python: str
    pandas: str
    numpy: str
    matplotlib: str
    scikit_learn: str
    pyarrow: bool = False


class Billing(msgspec.Struct, frozen=True, kw_only=True):
    """How container time is billed.

    `lifetime`: from first use until release or the end of its life. `per_execution`: the seconds of
    each request, at least `minimum_seconds`, less `free_hours_per_month`.
    """

    rule: Literal["lifetime", "per_execution"]
    rate_microusd_per_hour: int
    minimum_seconds: int = 0
    free_hours_per_month: int = 0
    can_release: bool = True
    """Whether the provider has a way to end a container early."""


class LimitProfile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One named set of limits. Every value can be overridden; sizes in bytes, MB = 10^6."""

    name: str
    title: str
    source: str
    as_of: str
    ram_limit_bytes: int
    ram_spoken_bytes: int
    """The limit as people speak of it; sentences and the gauge show this one."""
    ram_alert_bytes: int
    ram_warn_bytes: int
    disk_limit_bytes: int
    container_lifetime_seconds: int
    container_at_risk_after_seconds: int
    billing: Billing
    typical_seconds: TypicalTimes
    typical_tokens: dict[str, TypicalTokens]
    """Keyed by approach."""
    request_timeout_seconds: int
    slow_run_alert_seconds: int
    execution_limit_seconds: int
    file_limit_bytes: int
    practical_file_limit_bytes: int
    check_limit_bytes: int
    """A file above this is not even checked."""
    folk_memory_factor_low: float
    folk_memory_factor_high: float
    folk_row_limit: int
    concurrent_containers: int
    cleanup_interval_seconds: int
    expiry_retries: int
    backoff_max_seconds: int
    memory_retry_tokens_ratio: float
    memory_retry_timeout_ratio: float
    cache_hit_target_ratio: float
    environment: Environment


class ModelPrice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Micro-dollars per million tokens of one model, by kind of token."""

    model: str
    input_microusd: int
    output_microusd: int
    cache_write_5m_microusd: int
    cache_write_1h_microusd: int
    cache_read_microusd: int


class Prices(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The price list in force; `version` is written into every ledger row."""

    version: str
    source: str
    as_of: str
    models: tuple[ModelPrice, ...]
