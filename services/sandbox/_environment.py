"""Which interpreter runs the code: the limit profile's own libraries where they are installed."""

import contextlib
import hashlib
import os
import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import msgspec

from services import telemetry
from services.limits.types import Environment
from services.sandbox.types import SandboxEnvironment

_log = telemetry.log("sandbox")
_LIBRARIES = (
    "matplotlib",
    "numpy",
    "openpyxl",
    "pandas",
    "pyarrow",
    "scikit-learn",
    "scipy",
    "statsmodels",
)
_ASK_SECONDS = 60.0
# Asked of the other interpreter; nothing is imported there but the standard library.
_QUESTION = """
import json, sys
from importlib import metadata
found = {"python": "%d.%d.%d" % sys.version_info[:3]}
for name in sys.argv[1:]:
    try:
        found[name] = metadata.version(name)
    except metadata.PackageNotFoundError:
        pass
print(json.dumps(found))
"""


class _Stamp(msgspec.Struct, frozen=True):
    """What was found at the last look; good as long as the environment is the same."""

    of: str
    versions: dict[str, str]


def find_environment(repo_root: Path, environment: Environment) -> SandboxEnvironment:
    """The profile's environment if it is complete and has the profile's versions, else our own.

    Complete is `.venv-profile` when its file `.ready` holds the SHA-256 of the lock file. Python
    itself is compared by its minor version, libraries in full.
    """
    folder = repo_root.absolute() / ".venv-profile"
    lock = repo_root / "services" / "sandbox" / "requirements.txt"
    if _is_complete(folder, lock):
        python = folder / "bin" / "python"
        versions = _versions_of(python, folder)
        if _matches(versions, environment):
            return SandboxEnvironment(python=python, versions=versions, is_profile=True)
        _log.warning("profile_environment_differs", versions=versions)
    return SandboxEnvironment(python=Path(sys.executable), versions=_own(), is_profile=False)


def _is_complete(folder: Path, lock: Path) -> bool:
    try:
        ready = (folder / ".ready").read_text(encoding="ascii").strip()
        return ready == hashlib.sha256(lock.read_bytes()).hexdigest()
    except (OSError, UnicodeDecodeError):
        return False


def _versions_of(python: Path, folder: Path) -> dict[str, str]:
    """The interpreter's answer, or the one of last time where nothing has changed since."""
    try:
        status = python.stat()
        lock = (folder / ".ready").read_text(encoding="ascii").strip()
    except OSError:
        return {}
    now = f"{lock} {python.resolve()} {status.st_size} {status.st_mtime_ns}"
    stamp_path = folder / ".versions.json"
    # No stamp, or one that can't be read or written, only costs this look 100 ms.
    with contextlib.suppress(OSError, msgspec.MsgspecError):
        stamp = msgspec.json.decode(stamp_path.read_bytes(), type=_Stamp)
        if stamp.of == now:
            return stamp.versions
    versions = _ask(python)
    with contextlib.suppress(OSError):
        written = stamp_path.with_name(f".versions.{os.getpid()}.json")
        written.write_bytes(msgspec.json.encode(_Stamp(of=now, versions=versions)))
        written.replace(stamp_path)
    return versions


def _ask(python: Path) -> dict[str, str]:
    try:
        answer = subprocess.run(  # noqa: S603 - our own question to an environment that we made
            [python, "-I", "-c", _QUESTION, *_LIBRARIES],
            capture_output=True,
            check=True,
            env={"LANG": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            timeout=_ASK_SECONDS,
        )
        return msgspec.json.decode(answer.stdout, type=dict[str, str])
    except (OSError, subprocess.SubprocessError, msgspec.MsgspecError):
        _log.warning("profile_environment_broken")
        return {}


def _own() -> dict[str, str]:
    versions = {"python": platform.python_version()}
    for name in _LIBRARIES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            versions[name] = metadata.version(name)
    return versions


def _matches(versions: dict[str, str], environment: Environment) -> bool:
    wanted = {
        "pandas": environment.pandas,
        "numpy": environment.numpy,
        "matplotlib": environment.matplotlib,
        "scikit-learn": environment.scikit_learn,
    }
    minor = versions.get("python", "").split(".")[:2]
    return (
        minor == environment.python.split(".")[:2]
        and all(versions.get(name) == version for name, version in wanted.items())
        and ("pyarrow" in versions) == environment.pyarrow
    )
