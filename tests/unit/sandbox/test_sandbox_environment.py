import hashlib
import json
import platform
import sys
from importlib import metadata
from pathlib import Path

import msgspec
import pytest

from services.limits.types import Environment
from services.sandbox import SandboxEnvironment, find_environment

WANTED = Environment(
    python="3.11.7", pandas="1.5.3", numpy="1.24.3", matplotlib="3.7.1", scikit_learn="1.2.2"
)
INSTALLED = {
    "python": "3.11.2",
    "pandas": "1.5.3",
    "numpy": "1.24.3",
    "matplotlib": "3.7.1",
    "scikit-learn": "1.2.2",
}


class Repository:
    """A clone whose profile interpreter is a script that answers, and counts how often."""

    def __init__(self, root: Path, versions: dict[str, str]) -> None:
        self.root = root
        lock = root / "services" / "sandbox" / "requirements.txt"
        lock.parent.mkdir(parents=True)
        lock.write_text("pandas==1.5.3\n")
        self.venv = root / ".venv-profile"
        self.python = self.venv / "bin" / "python"
        self.python.parent.mkdir(parents=True)
        self.calls = root / "calls"
        self.answer(versions)
        self.ready(hashlib.sha256(lock.read_bytes()).hexdigest())

    def answer(self, versions: dict[str, str]) -> None:
        text = f"#!/bin/sh\necho asked >> {self.calls}\necho '{json.dumps(versions)}'\n"
        self.python.write_text(text)
        self.python.chmod(0o755)

    def ready(self, sha256: str) -> None:
        (self.venv / ".ready").write_text(sha256 + "\n")

    def times_asked(self) -> int:
        return len(self.calls.read_text().split()) if self.calls.exists() else 0


def own() -> SandboxEnvironment:
    found = find_environment(Path("/nonexistent"), WANTED)
    assert found.python == Path(sys.executable)
    assert found.versions["python"] == platform.python_version()
    assert found.versions["pandas"] == metadata.version("pandas")
    assert not found.is_profile
    return found


def test_environment_is_the_profiles_where_it_is_complete(tmp_path):
    repository = Repository(tmp_path, INSTALLED)
    expected = SandboxEnvironment(python=repository.python, versions=INSTALLED, is_profile=True)
    assert find_environment(tmp_path, WANTED) == expected
    assert find_environment(tmp_path, WANTED) == expected
    assert repository.times_asked() == 1


def test_environment_is_asked_again_when_it_has_changed(tmp_path):
    repository = Repository(tmp_path, INSTALLED)
    find_environment(tmp_path, WANTED)
    repository.answer(INSTALLED | {"pandas": "2.0.0", "a-longer": "answer"})
    assert find_environment(tmp_path, WANTED) == own()
    assert repository.times_asked() == 2


def test_environment_is_our_own_while_the_profiles_is_being_installed(tmp_path):
    repository = Repository(tmp_path, INSTALLED)
    repository.ready("another lock's sum")
    assert find_environment(tmp_path, WANTED) == own()
    (repository.venv / ".ready").unlink()
    assert find_environment(tmp_path, WANTED) == own()
    assert repository.times_asked() == 0


@pytest.mark.parametrize(
    "change",
    [
        {"python": "3.12.2"},
        {"numpy": "1.24.4"},
        {"matplotlib": "3.7.2"},
        {"scikit-learn": "1.3.0"},
        {"pyarrow": "12.0.0"},
    ],
)
def test_environment_is_our_own_when_a_version_differs(tmp_path, change):
    Repository(tmp_path, INSTALLED | change)
    assert find_environment(tmp_path, WANTED) == own()


def test_environment_may_have_pyarrow_when_the_profile_has_it(tmp_path):
    Repository(tmp_path, INSTALLED | {"pyarrow": "12.0.0"})
    assert find_environment(tmp_path, msgspec.structs.replace(WANTED, pyarrow=True)).is_profile


def test_environment_is_our_own_when_the_profiles_interpreter_is_broken(tmp_path):
    repository = Repository(tmp_path, INSTALLED)
    repository.python.write_text("#!/bin/sh\nexit 1\n")
    assert find_environment(tmp_path, WANTED) == own()
    repository.python.unlink()
    assert find_environment(tmp_path, WANTED) == own()


def test_environment_does_without_a_stamp_where_it_can_write_none(tmp_path):
    repository = Repository(tmp_path, INSTALLED)
    (repository.venv / ".versions.json").mkdir()
    assert find_environment(tmp_path, WANTED).is_profile
    assert find_environment(tmp_path, WANTED).is_profile
    assert repository.times_asked() == 2
