"""Words that must not stand anywhere in the repository, or only in one place."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MADE = {".git", ".venv", ".venv-profile", "__pycache__", ".hypothesis"}
# Put together from halves, so that this file does not find itself.
SESSION_STATE = "st.session" + "_state"
NOWHERE = [
    pytest.param("unsafe_allow" + "_html", id="raw HTML"),
    pytest.param("unsafe_allow" + "_javascript", id="raw scripts"),
    pytest.param(r"pypi\." + "org", id="package registry"),
    pytest.param("files.python" + "hosted", id="package registry's files"),
    pytest.param(r"registry\.npm" + "js", id="package registry of scripts"),
    pytest.param(r"deb\." + r"debian\.org", id="registry of the system"),
    pytest.param("/wo" + "rk/(main|shared)", id="a path of one machine"),
    pytest.param("/op" + "t/(pypi|wheels)", id="a mirror of one machine"),
    pytest.param("/ro" + "ot/", id="the home of one account"),
    pytest.param(r"\.\./" + "shared", id="a folder beside the repository"),
]


def tracked_names() -> list[str]:
    """As git lists them; in a copy without git, all that is not made by our own commands."""
    if shutil.which("git"):
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False, text=True
        )
        if listed.returncode == 0:
            return [name for name in listed.stdout.split("\0") if name]
    return [
        str(path.relative_to(ROOT))
        for path in ROOT.rglob("*")
        if not any(part in MADE or part.endswith("_cache") for part in path.parts)
    ]


def tracked_texts() -> dict[str, str]:
    """Every tracked file that is text, by its path."""
    texts = {}
    for name in tracked_names():
        path = ROOT / name
        if path.is_file():
            data = path.read_bytes()
            if b"\0" not in data:
                texts[name] = data.decode("utf-8", errors="replace")
    return texts


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    return tracked_texts()


@pytest.mark.parametrize("pattern", NOWHERE)
def test_word_stands_nowhere(texts, pattern):
    wanted = re.compile(pattern)
    assert [name for name, text in texts.items() if wanted.search(text)] == []


def test_session_state_is_touched_in_one_place(texts):
    """What stands in it is lost on a refresh, so nothing that matters may."""
    allowed = {"components/view_state.py"}
    code = {name for name in texts if name.endswith(".py") and not name.startswith("tests/")}
    assert {name for name in code if SESSION_STATE in texts[name]} <= allowed


def test_the_files_are_really_read(texts):
    assert "streamlit_app.py" in texts
    assert len(texts) > 100
