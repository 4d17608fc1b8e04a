"""What this installation chose."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, StringConstraints, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.ids import UserId

_User = Annotated[UserId, StringConstraints(pattern=r"^u-[0-9a-f]{32}$")]


class Settings(BaseSettings):
    """Choices, not facts: environment `DATADOCK_*` first, then `.streamlit/secrets.toml`."""

    model_config = SettingsConfigDict(env_prefix="DATADOCK_", extra="forbid", frozen=True)

    home: Path
    """Folder of all durable state."""
    engine: Literal["auto", "claude", "local"] = "auto"
    """`auto`: Claude where a key is configured, else the local engine."""
    anthropic_api_key: SecretStr | None = Field(default=None, validation_alias="ANTHROPIC_API_KEY")
    claude_base_url: str = "https://api.anthropic.com"
    model: str | None = None
    """None: the default of engine/models.toml."""
    limits: str = "guide"
    limit_overrides: dict[str, Any] = Field(default_factory=dict)
    time_scale: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    """Above 1, the hours of containers pass faster; for rehearsals and tests."""
    log_format: Literal["text", "json"] = "text"
    secure_cookies: bool = False
    """Set behind TLS."""
    workers: int = Field(default=8, ge=1, le=64)
    """Runs that may be under way at once in this process."""
    operators: frozenset[_User] = frozenset()
    """Users who see all containers and all rows, and may act on them. Empty: everybody sees them.

    In the environment their ids are separated by commas.
    """

    @field_validator("operators", mode="before")
    @classmethod
    def _separated(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return [one.strip() for one in value.split(",") if one.strip()]

    @property
    def uses_claude(self) -> bool:
        """Whether questions go to Claude."""
        return self.engine == "claude" or (
            self.engine == "auto" and self.anthropic_api_key is not None
        )
