"""The constants of the environment that will run, by its name."""

import functools
import re
import tomllib
from pathlib import Path

import msgspec

from services.preflight.projection.types import EnvironmentConstants

_FILE = Path(__file__).parent / "environments.toml"


def find(name: str) -> tuple[EnvironmentConstants, bool]:
    """The constants for `pandas 1.5.3` or `1.5.3`, and whether they were measured for just that.

    For another version those of the nearest major are taken, which is a guess.
    """
    version = name.removeprefix("pandas ").strip()
    known = _all()
    for constants in known:
        if constants.name == f"pandas {version}":
            return constants, True
    near = min(known, key=lambda constants: abs(_major(constants.name) - _major(version)))
    return msgspec.structs.replace(near, name=f"pandas {version}"), False


@functools.cache
def _all() -> tuple[EnvironmentConstants, ...]:
    content = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return msgspec.convert(content["environments"], tuple[EnvironmentConstants, ...])


def _major(version: str) -> int:
    digits = re.search(r"\d+", version)
    return int(digits[0]) if digits else 0
