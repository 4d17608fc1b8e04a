"""A room has two doors. What the import contracts of pyproject.toml can't say stands here."""

import grimp
import pytest

PACKAGES = ("services", "components", "pages")


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(*PACKAGES, cache_dir=None)


def owner_of_indoors(module: str) -> str | None:
    """The package whose own affair this module is; None if it stands open."""
    parts = module.split(".")
    for index, part in enumerate(parts):
        if part.startswith("_"):
            return ".".join(parts[:index])
    return None


def is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def imports_of(graph: grimp.ImportGraph) -> list[tuple[str, str]]:
    return sorted(
        (importer, imported)
        for importer in graph.modules
        for imported in graph.find_modules_directly_imported_by(importer)
    )


def test_indoors_stays_indoors(graph):
    """Whoever needs something from inside a room asks at its door."""
    trespassing = [
        f"{importer} imports {imported}"
        for importer, imported in imports_of(graph)
        if (owner := owner_of_indoors(imported)) is not None and not is_within(importer, owner)
    ]
    assert trespassing == []


def test_chambers_are_for_their_room_only(graph):
    """`preflight/inspection` is a package inside a room; other rooms ask `preflight`."""
    chambers = {
        module
        for module in graph.modules
        if module.startswith("services.")
        and module.count(".") == 2
        and graph.find_children(module)
        and not module.rpartition(".")[2].startswith("_")
    }
    trespassing = [
        f"{importer} imports {imported}"
        for importer, imported in imports_of(graph)
        for chamber in chambers
        if is_within(imported, chamber) and not is_within(importer, chamber.rpartition(".")[0])
    ]
    assert trespassing == []


def test_the_test_would_notice(graph):
    """An empty graph would pass everything above."""
    assert owner_of_indoors("services.web._spool") == "services.web"
    assert owner_of_indoors("services.preflight.inspection._csv") == "services.preflight.inspection"
    assert owner_of_indoors("services.web.types") is None
    assert ("services.web._cookie", "services.identity") in imports_of(graph)
