"""All parts of one running engine, and their start and end."""

import asyncio
import contextlib
import hmac
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from services import telemetry
from services.clock import Clock
from services.limits import load_prices
from services.limits.types import LimitProfile
from services.local_engine._analysis import Analysis
from services.local_engine._bill import Books
from services.local_engine._containers import Container, Containers
from services.local_engine._database import Database
from services.local_engine._faults import Faults
from services.local_engine._file_store import FileStore
from services.local_engine._workshop import Workshop
from services.local_engine.types import EngineHealth
from services.sandbox.types import SandboxEnvironment

_log = telemetry.log("local_engine")
_SWEEP_REAL_SECONDS = 0.25
_FILE_SWEEP_EVERY = 240


class LocalEngine:
    """What every request handler works with. Made before the server listens."""

    def __init__(
        self,
        *,
        home: Path,
        profile: LimitProfile,
        clock: Clock,
        token: str | None,
        environment: SandboxEnvironment | None = None,
        max_request_bytes: int = 32_000_000,
        ping_seconds: float = 5.0,
    ) -> None:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        prices = load_prices()
        self.clock = clock
        self.profile = profile
        self.models = tuple(price.model for price in prices.models)
        self.max_request_bytes = max_request_bytes
        self.ping_seconds = ping_seconds
        self._token = token
        self._database = Database(home / "engine.sqlite3")
        self.files = FileStore(self._database, home / "files", clock)
        self.books = Books(self._database, prices, profile.billing)
        self.containers = Containers(self.books, clock, profile.container_lifetime_seconds)
        self.workshop = Workshop(profile, home, environment)
        self.analysis = Analysis(profile)
        self.faults = Faults()
        self._background: set[asyncio.Task[None]] = set()

    def admits(self, credential: str | None) -> bool:
        """Whether a request with that key may be served; without a token, any key will do."""
        if not credential:
            return False
        return self._token is None or hmac.compare_digest(credential.encode(), self._token.encode())

    def start(self) -> None:
        """Settle what an earlier process left, warm up, look after containers."""
        self.containers.bury()
        # One after the other: the app's own first page wants the processor at the same time.
        self.workshop.start(self.analysis.warm_up)
        self.spawn(self._sweep())

    async def stop(self) -> None:
        """End all containers, on the bill too, and close the books."""
        for task in self._background:
            task.cancel()
        self.containers.end_all("stopped")
        self.analysis.stop()
        await asyncio.to_thread(self.workshop.stop)
        self._database.close()

    def close_room(self, container: Container) -> None:
        """Free what an ended container holds, in the background."""
        self.spawn(self.workshop.close(container.id))

    def health(self) -> EngineHealth:
        """How the engine is."""
        environment = self.workshop.environment
        return EngineHealth(
            status="ok",
            sandbox=self.workshop.state,
            profile=self.profile.name,
            versions=dict(environment.versions) if environment else {},
            is_profile_environment=bool(environment and environment.is_profile),
            now=self.clock.now(),
            containers=len(self.containers.live()),
        )

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Carry out something beside the requests."""
        task = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def _sweep(self) -> None:
        """End containers whose life is over, soon after, and bytes whose time has passed."""
        with contextlib.suppress(asyncio.CancelledError):
            rounds = 0
            while True:
                for container in self.containers.expire_all():
                    self.close_room(container)
                if rounds % _FILE_SWEEP_EVERY == 0:
                    self.files.sweep()
                rounds += 1
                await asyncio.sleep(_SWEEP_REAL_SECONDS)
