"""How much a profile may take: data, not code."""

import tomllib
from pathlib import Path

import msgspec

from services.preflight.profiling.types import Bounds

_FILE = Path(__file__).with_name("bounds.toml")


def load() -> Bounds:
    """The bounds of bounds.toml."""
    return msgspec.convert(tomllib.loads(_FILE.read_text(encoding="utf-8")), Bounds)
