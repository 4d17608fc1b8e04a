"""Real files, small, each looked at by a real child process."""

from collections.abc import Callable
from pathlib import Path

import pytest

from services import limits
from services.limits.types import LimitProfile
from services.preflight import assess
from services.preflight.types import Preflight

Look = Callable[[str, str | bytes], Preflight]


@pytest.fixture(scope="session")
def profile() -> LimitProfile:
    return limits.load()


@pytest.fixture
def look(tmp_path: Path, profile: LimitProfile) -> Look:
    """The check of a file with that name and content."""

    def checked(name: str, content: str | bytes) -> Preflight:
        path = tmp_path / "upload"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return assess(path, name, profile)

    return checked
