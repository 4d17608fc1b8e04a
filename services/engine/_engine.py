"""The room's one class: an endpoint, and the verbs that reach it."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from services.clock import Clock
from services.engine import _failures, _files
from services.engine._attempt import Attempt
from services.engine._client import open_client
from services.engine._models import catalogue
from services.engine._request import wire_request
from services.engine._transfers import Transfers
from services.engine.types import AttemptRequest, Endpoint, FetchedFile, ModelInfo
from services.errors import EngineError
from services.ids import RemoteFileId
from services.limits.types import LimitProfile

if TYPE_CHECKING:
    from anthropic import Anthropic

_T = TypeVar("_T")
_ASK_AGAIN_SECONDS = 60.0
"""After which a list of models that could not be had is asked for again."""


class Engine:
    """Attempts, files and models at one endpoint, Claude's or the local engine's alike.

    `endpoint` may be a function, asked before each call, for an address that can change; it may
    raise EngineError. All calls may come from several threads.
    """

    def __init__(
        self,
        endpoint: Endpoint | Callable[[], Endpoint],
        profile: LimitProfile,
        clock: Clock,
        model: str | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._profile = profile
        self._clock = clock
        self._catalogue = catalogue()
        self._default = self._catalogue.require(model or self._catalogue.default)
        self._lock = threading.Lock()
        self._shared: tuple[Endpoint, Anthropic] | None = None
        self._offered: tuple[ModelInfo, ...] | None = None
        self._asked_at_seconds: float | None = None

    def default_model(self) -> ModelInfo:
        """The model that questions go to unless another is chosen."""
        return self._default

    @property
    def most_produced_files(self) -> int:
        """How many files of one answer are fetched at most."""
        return self._catalogue.files.fetch_max_files

    def models(self, timeout_seconds: float = 3.0) -> tuple[ModelInfo, ...]:
        """The models of models.toml that the endpoint confirms, or all where it can't be asked.

        Asked once; after a failure again at the earliest a minute later.
        """
        with self._lock:
            now = self._clock.monotonic()
            due = (
                self._asked_at_seconds is None or now - self._asked_at_seconds > _ASK_AGAIN_SECONDS
            )
            if self._offered is None and due:
                self._asked_at_seconds = now
                self._offered = self._confirmed(timeout_seconds)
            return self._offered or self._catalogue.models

    def open_attempt(self, request: AttemptRequest) -> Attempt:
        """One attempt, to be used in a `with` block. Raises InputError for an unknown model."""
        return Attempt(
            wire_request(request, self._profile, self._catalogue),
            self._clock,
            timeout_seconds=request.timeout_seconds,
            connect=lambda line: open_client(
                self._where(), timeout_seconds=self._profile.request_timeout_seconds, line=line
            ),
        )

    def count_tokens(self, request: AttemptRequest, timeout_seconds: float = 5.0) -> int | None:
        """Input tokens of the first step of a request, as the provider counts them, free of charge.

        What tools add later is not in it, nor are mounted files. None where it can't be had.
        """
        from anthropic import omit

        wire = wire_request(request, self._profile, self._catalogue)
        counted = self._ask(
            timeout_seconds,
            lambda client: client.messages.count_tokens(
                model=wire.model,
                system=wire.system,
                messages=wire.without_files().typed_messages,
                tools=wire.typed_tools_to_count or omit,
            ),
        )
        return None if counted is None else counted.input_tokens

    def ping(self, timeout_seconds: float = 2.0) -> bool:
        """Whether the endpoint answers and takes the key."""
        return self._ask(timeout_seconds, lambda client: client.models.list(limit=1)) is not None

    def upload(self, path: Path, name: str, transfers: Transfers | None = None) -> RemoteFileId:
        """Send a file; in the container it is called `remote_name(name)`. Ends after a day.

        When `transfers` are stopped it ends as `Cancelled`. Raises RemoteCallFailed, or the
        endpoint's own EngineError.
        """
        return _files.upload(
            self._shared_client(),
            path,
            name,
            self._catalogue.files,
            self._clock.now(),
            transfers or Transfers(),
        )

    def fetch(
        self, remote_file_id: RemoteFileId, folder: Path, transfers: Transfers | None = None
    ) -> FetchedFile:
        """Bring a produced file into `folder`, under a name that can do no harm there.

        Stops as `upload` does. Raises FetchRefused if it is too large, RemoteCallFailed if it
        can't be had; then nothing of it is left in the folder.
        """
        return _files.fetch(
            self._shared_client(),
            remote_file_id,
            folder,
            self._catalogue.files,
            self._clock.now(),
            transfers or Transfers(),
        )

    def delete(self, remote_file_id: RemoteFileId) -> bool:
        """Remove a file at the provider; False if it was gone. Raises RemoteCallFailed."""
        return _files.delete(self._shared_client(), remote_file_id, self._clock.now())

    def _client(self, timeout_seconds: float | None = None) -> "Anthropic":
        silence_seconds = timeout_seconds or self._profile.request_timeout_seconds
        return open_client(self._where(), timeout_seconds=silence_seconds)

    def _shared_client(self) -> "Anthropic":
        """One client for all calls about files: making one takes longer than a local call."""
        where = self._where()
        with self._lock:
            if self._shared is None or self._shared[0] != where:
                silence_seconds = self._profile.request_timeout_seconds
                self._shared = (where, open_client(where, timeout_seconds=silence_seconds))
            return self._shared[1]

    def _where(self) -> Endpoint:
        return self._endpoint if isinstance(self._endpoint, Endpoint) else self._endpoint()

    def _confirmed(self, timeout_seconds: float) -> tuple[ModelInfo, ...] | None:
        page = self._ask(timeout_seconds, lambda client: client.models.list(limit=1000))
        there = {model.id for model in page.data} if page is not None else set()
        return tuple(model for model in self._catalogue.models if model.id in there) or None

    def _ask(self, timeout_seconds: float, question: "Callable[[Anthropic], _T]") -> _T | None:
        """The reply to a question that costs nothing, or None where there is none."""
        silent: tuple[type[Exception], ...] = (EngineError, *_failures.expected())
        try:
            with self._client(timeout_seconds) as client:
                return question(client)
        except silent:
            return None
