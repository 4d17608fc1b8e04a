"""What stands in code and what stands in the documents is the same."""

import ast
from pathlib import Path

from services.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ROOT / "services"


def rooms() -> set[str]:
    return {
        path.name.removesuffix(".py")
        for path in SERVICES.iterdir()
        if not path.name.startswith("_")
        and (path.suffix == ".py" or (path / "__init__.py").exists())
    }


def classes() -> dict[str, tuple[list[str], str | None]]:
    """Every class of ours: the names of its bases, and the code that it sets for itself."""
    found = {}
    for path in SERVICES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                bases = [ast.unparse(base).rpartition(".")[2] for base in node.bases]
                found[node.name] = (bases, code_of(node))
    return found


def code_of(node: ast.ClassDef) -> str | None:
    for line in node.body:
        if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "code":
            return str(ast.literal_eval(line.value))
    return None


def errors() -> dict[str, str | None]:
    """Everything below DatadockError, by name, with the code it sets for itself."""
    every = classes()
    found = {"DatadockError"}
    while True:
        more = {name for name, (bases, _) in every.items() if found & set(bases)} - found
        if not more:
            return {name: every[name][1] for name in found}
        found |= more


def test_every_error_has_a_code_of_its_own():
    """Logs and alerts tell errors apart by it; a class without one would be filed as its parent."""
    codes = {name: code for name, code in errors().items() if not name.startswith("_")}
    assert [name for name, code in codes.items() if not code] == []
    # The root is what a defect of ours looks like when nobody has named it.
    named = [str(code) for name, code in codes.items() if name != "DatadockError"]
    assert sorted(named) == sorted(set(named))
    assert len(named) >= 6


def test_every_room_has_its_line_in_the_architecture():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert [room for room in sorted(rooms()) if f"`{room}`" not in text] == []
    assert len(rooms()) > 15


def test_every_setting_has_its_line_in_the_guide():
    text = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
    names = [
        str(field.validation_alias or f"DATADOCK_{name.upper()}")
        for name, field in Settings.model_fields.items()
    ]
    assert [name for name in names if f"| `{name}`" not in text] == []
    assert "DATADOCK_HOME" in names
    assert "ANTHROPIC_API_KEY" in names
