"""TOML to typed values; unknown names are errors, so that a typo can't be silently ignored."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from services.errors import InputError, Message
from services.limits.types import LimitProfile, Prices

_PROFILES = Path(__file__).parent / "profiles"
_PRICES = Path(__file__).parent / "prices.toml"
_FALLBACK = "guide"
_T = TypeVar("_T")


def load(name: str = _FALLBACK, overrides: Mapping[str, Any] | None = None) -> LimitProfile:
    """The profile of that name, with single values replaced by `overrides` (nested as in TOML).

    Raises InputError for an unknown profile, an unknown value or one of the wrong type.
    """
    path = _PROFILES / f"{name}.toml"
    if not name.isidentifier() or not path.is_file():
        known = ", ".join(sorted(p.stem for p in _PROFILES.glob("*.toml")))
        raise InputError(
            Message(
                what_happened=f"There is no limit profile called {name!r}.",
                what_to_do=f"Choose one of: {known}.",
            )
        )
    values = _merged(_read(_PROFILES / f"{_FALLBACK}.toml"), _read(path))
    values = _merged(values, dict(overrides or {}))
    return _convert(values, LimitProfile, "limit profile")


def load_prices(path: Path = _PRICES) -> Prices:
    """The price list in force. Raises InputError if the file is not one."""
    return _convert(_read(path), Prices, "price list")


def overridden_names(profile: LimitProfile) -> tuple[str, ...]:
    """Names of the top-level values that differ from the shipped profile of the same name."""
    shipped = load(profile.name)
    return tuple(
        field
        for field in LimitProfile.__struct_fields__
        if getattr(profile, field) != getattr(shipped, field)
    )


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        merged[key] = (
            _merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
        )
    return merged


def _convert(values: object, target: type[_T], what: str) -> _T:
    try:
        return msgspec.convert(values, target)
    except msgspec.ValidationError as exc:
        raise InputError(
            Message(
                what_happened=f"The {what} can't be used: {exc}.", what_to_do="Correct that value."
            )
        ) from exc
