"""The real server, asked by the official SDK with strict validation."""

import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import pytest

from services.local_engine import LocalEngineProcess

MODEL = "claude-sonnet-5"
TOOL: dict[str, Any] = {"type": "code_execution_20260120", "name": "code_execution"}
REGIONS = ("North", "South", "East", "West")
PRODUCTS = ("Chair", "Table", "Lamp")
ROWS = [
    (region, product, 10.25 * (n + 1) + 3 * month, f"2026-{month + 1:02}-{5 + n:02}")
    for month in range(6)
    for n, region in enumerate(REGIONS)
    for product in PRODUCTS
]
ORDERS = b"region,product,amount,ordered\n" + b"".join(
    f"{region},{product},{amount:.2f},{ordered}\n".encode()
    for region, product, amount, ordered in ROWS
)


def client_of(engine: LocalEngineProcess, **options: Any) -> Any:
    """The SDK as the app uses it, but strict. Typed loosely: tests also send what is wrong."""
    return anthropic.Anthropic(
        **{
            "base_url": engine.address,
            "api_key": engine.token,
            "max_retries": 0,
            "timeout": 60,
            "http_client": httpx2.Client(trust_env=False),
            "_strict_response_validation": True,
            **options,
        }
    )


def http_of(engine: LocalEngineProcess) -> httpx2.Client:
    """A plain client with the right headers, for what the SDK would not send or would hide."""
    headers = {"authorization": f"Bearer {engine.token}", "anthropic-version": "2026-10-21"}
    return httpx2.Client(base_url=engine.address, headers=headers, trust_env=False, timeout=30)


@pytest.fixture(scope="session")
def local_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalEngineProcess]:
    """One engine for all tests that leave no trace in it but containers, files and bill rows."""
    engine = LocalEngineProcess(
        tmp_path_factory.mktemp("engine"), options=("--ping-seconds", "0.2")
    )
    engine.start()
    yield engine
    engine.stop()


@pytest.fixture
def start_engine(tmp_path: Path) -> Iterator[Callable[..., LocalEngineProcess]]:
    """Starts engines of a test's own, and ends them."""
    started: list[LocalEngineProcess] = []

    def start(*args: Any, options: Sequence[str] = (), **kwargs: Any) -> LocalEngineProcess:
        engine = LocalEngineProcess(tmp_path / "engine", *args, options=options, **kwargs)
        started.append(engine)
        engine.start()
        return engine

    yield start
    for engine in started:
        engine.stop()


@pytest.fixture
def client(local_engine: LocalEngineProcess) -> Iterator[Any]:
    """The strict SDK; whatever a test has injected and not used up is cleared after it."""
    with client_of(local_engine) as sdk:
        yield sdk
    local_engine.clear_faults()


@pytest.fixture
def http(local_engine: LocalEngineProcess) -> Iterator[httpx2.Client]:
    """The plain client."""
    with http_of(local_engine) as plain:
        yield plain
    local_engine.clear_faults()


@pytest.fixture
def orders(client: Any) -> Any:
    """The id of a small uploaded table."""
    return client.files.upload(file=("orders.csv", io.BytesIO(ORDERS), "text/csv")).id


def question(text: str, *file_ids: str) -> Any:
    """One user turn: the files, then the question."""
    uploads = [{"type": "container_upload", "file_id": file_id} for file_id in file_ids]
    return [{"role": "user", "content": [*uploads, {"type": "text", "text": text}]}]
