"""What the code imports is what pyproject.toml asks for, and each dependency has its reason."""

import ast
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OURS = {"services", "components", "pages", "streamlit_app"}
# The analyst's programs import them, where no environment of the hosted container is installed.
NOT_IMPORTED = {"matplotlib", "openpyxl"}


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {normalised(re.split(r"[<>=!~ ]", line)[0]) for line in project["dependencies"]}


def imported_modules() -> set[str]:
    """First names of all that the product imports, tests and benches apart."""
    found = set()
    files = [ROOT / "streamlit_app.py"]
    for folder in ("services", "components", "pages"):
        files += (ROOT / folder).rglob("*.py")
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.partition(".")[0])
    return found - OURS - set(sys.stdlib_module_names)


def imported_packages() -> set[str]:
    providers = metadata.packages_distributions()
    return {normalised(providers[module][0]) for module in imported_modules()}


def test_every_imported_package_is_declared():
    """One that comes along with another may stop coming."""
    assert imported_packages() - declared() == set()


def test_every_declared_package_is_imported():
    assert declared() - imported_packages() - NOT_IMPORTED == set()


def test_every_declared_package_has_its_reason():
    text = (ROOT / "docs" / "decisions" / "0002-dependencies.md").read_text(encoding="utf-8")
    assert {name for name in declared() if f"| {name} |" not in text} == set()
