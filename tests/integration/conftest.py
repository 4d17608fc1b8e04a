"""One server for all tests of a file that leave it as they found it."""

from collections.abc import Iterator

import pytest

from services.app import Application
from services.ids import ConversationId
from tests.integration.integration_server import add_file, orders, serving, talk_about


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """A running Application with its own data folder."""
    with serving(tmp_path_factory.mktemp("server") / "home") as running:
        yield running


@pytest.fixture
def conversation(application: Application) -> Iterator[ConversationId]:
    """A conversation of Ann's with one file that fits; faults not used up are cleared after."""
    yield talk_about(application, add_file(application, orders()))
    application.local_engine.clear_faults()
