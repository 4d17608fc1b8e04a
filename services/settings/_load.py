"""Environment first, then `.streamlit/secrets.toml`, then defaults."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import platformdirs
from pydantic import ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from services.errors import InputError, Message
from services.settings import _sentences
from services.settings.types import Settings

_SECRETS = Path(".streamlit/secrets.toml")


def load(environment: Mapping[str, str] | None = None, secrets_path: Path = _SECRETS) -> Settings:
    """The settings of this installation.

    A key may stand in `ANTHROPIC_API_KEY` or as `anthropic_api_key` in the secrets file, where a
    table `[datadock]` may hold any other setting. A blank key is none. Raises InputError, without
    the value, for an unknown name or a value that can't be used.
    """
    environment = os.environ if environment is None else environment
    secrets = _read_secrets(secrets_path)
    ours = secrets.get("datadock", {})
    if not isinstance(ours, dict):
        raise InputError(_sentences.no_table())
    values: dict[str, Any] = dict(ours)
    for name, value in environment.items():
        if name.startswith("DATADOCK_"):
            values[name.removeprefix("DATADOCK_").lower()] = _decoded(name, value)
    key = (
        environment.get("ANTHROPIC_API_KEY", "").strip()
        or str(secrets.get("anthropic_api_key", "")).strip()
    )
    if key:
        values["ANTHROPIC_API_KEY"] = key
    values.setdefault("home", platformdirs.user_data_path("datadock"))
    try:
        settings = _FromValues(**values)
    except ValidationError as exc:
        raise InputError(_explained(exc)) from None
    if settings.engine == "claude" and settings.anthropic_api_key is None:
        raise InputError(_sentences.no_key())
    return settings


class _FromValues(Settings):
    """Settings from what `load` gathered and from nowhere else."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what was given."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)


def _read_secrets(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise InputError(_sentences.secrets_unreadable()) from exc


def _decoded(name: str, value: str) -> Any:
    """Overrides of limits are given as inline TOML: `ram_limit_bytes = 900_000_000`."""
    if name != "DATADOCK_LIMIT_OVERRIDES":
        return value
    try:
        return tomllib.loads(value)
    except tomllib.TOMLDecodeError as exc:
        raise InputError(_sentences.overrides_unreadable()) from exc


def _explained(exc: ValidationError) -> Message:
    first = exc.errors(include_input=False, include_url=False, include_context=False)[0]
    name = str(first["loc"][0])
    if first["type"] == "extra_forbidden":
        return _sentences.unknown_name(name, Settings.model_fields)
    return _sentences.wrong_value(name)
