"""What an attempt produced: fetched while its reply goes on, kept once that is complete."""

import contextlib
import shutil
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path

from services import wording
from services.clock import Clock
from services.engine import Engine, Transfers
from services.engine.types import Cancelled, FetchedFile, FetchRefused, RemoteCallFailed
from services.errors import EngineError, Message, StoreError
from services.events import FileDropped, FileFetched, ProducedKind
from services.files import Files
from services.ids import RemoteFileId, UserId
from services.preflight import PreflightRoom
from services.preflight.types import FileKind

_AT_ONCE = 4
_TICK_SECONDS = 0.1
_GRACE_SECONDS = 3.0
"""How long a stop waits for the files of an answer that is complete."""
_KINDS: Mapping[FileKind | None, ProducedKind] = {
    "png": "image",
    "jpeg": "image",
    "csv": "table",
    "json": "table",
    "ndjson": "table",
}
"""How a produced file is shown; what is not listed is offered as a download."""


class Results:
    """The produced files of one attempt; `folder` is theirs alone, and gone after `close`.

    Each takes some round trips, so they are fetched several at a time and while the model still
    writes. One bad file is missing from the answer, which was paid for and stands.
    """

    def __init__(
        self,
        engine: Engine,
        preflight: PreflightRoom,
        files: Files,
        clock: Clock,
        *,
        owner: UserId,
        folder: Path,
        is_stopped: Callable[[], bool],
    ) -> None:
        """`is_stopped` says whether somebody has asked the run to end."""
        self._engine = engine
        self._preflight = preflight
        self._files = files
        self._clock = clock
        self._owner = owner
        self._folder = folder
        self._is_stopped = is_stopped
        self._transfers = Transfers()
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="fetch")
        self._fetches: list[Future[FetchedFile | FileDropped]] = []
        self._ids: list[RemoteFileId] = []

    @property
    def remote_ids(self) -> tuple[RemoteFileId, ...]:
        """All files that the reply told of, whether they are fetched or not."""
        return tuple(self._ids)

    def expect(self, remote_id: RemoteFileId) -> None:
        """The reply has told of a file: begin to fetch it, unless it is one too many."""
        # A folder for each: two of a run may have the same name.
        folder = self._folder / str(len(self._ids))
        self._ids.append(remote_id)
        if len(self._ids) <= self._engine.most_produced_files:
            self._fetches.append(self._pool.submit(self._fetched, remote_id, folder))

    def keep(self) -> Iterator[FileFetched | FileDropped]:
        """Keep them, in the order in which they were told of.

        The answer is complete and paid for, so a stop leaves them a little time to arrive.
        """
        for fetch in self._fetches:
            self._await(fetch)
            fetched = fetch.result()
            yield fetched if isinstance(fetched, FileDropped) else self._kept(fetched)
        surplus = len(self._ids) - len(self._fetches)
        if surplus:
            most = self._engine.most_produced_files
            yield self._dropped(
                wording.results.further_files(surplus), wording.results.too_many(most)
            )

    def close(self) -> None:
        """End what is still being fetched, and remove what was not kept."""
        self._transfers.stop()
        self._pool.shutdown(cancel_futures=True)
        shutil.rmtree(self._folder, ignore_errors=True)
        with contextlib.suppress(OSError):  # Not empty: another attempt of the run has files there.
            self._folder.parent.rmdir()

    def _await(self, fetch: "Future[FetchedFile | FileDropped]") -> None:
        stopped_at_seconds = None
        while not wait([fetch], _TICK_SECONDS).done:
            now = self._clock.monotonic()
            if self._is_stopped():
                stopped_at_seconds = stopped_at_seconds or now
                if now - stopped_at_seconds > _GRACE_SECONDS:
                    self._transfers.stop()

    def _fetched(self, remote_id: RemoteFileId, folder: Path) -> FetchedFile | FileDropped:
        try:
            folder.mkdir(parents=True)
            return self._engine.fetch(remote_id, folder, self._transfers)
        except FetchRefused as exc:
            return self._dropped(exc.name, exc.message)
        except RemoteCallFailed as exc:
            is_cut = isinstance(exc.failure, Cancelled)
            why = wording.results.not_waited_for() if is_cut else exc.message
            return self._dropped(wording.results.one_file(), why)
        except EngineError as exc:
            return self._dropped(wording.results.one_file(), exc.message)
        except OSError:
            return self._dropped(wording.results.one_file(), wording.results.not_kept())

    def _kept(self, fetched: FetchedFile) -> FileFetched | FileDropped:
        """Type by content: what calls itself a picture and is none is offered as a download."""
        try:
            identified = self._preflight.identify(fetched.path)
            kept = self._files.keep_path(self._owner, fetched.path, fetched.name, origin="produced")
        except (StoreError, OSError):
            return self._dropped(fetched.name, wording.results.not_kept())
        return FileFetched(
            at=self._clock.now(),
            file_id=kept.id,
            name=kept.name,
            kind=_KINDS.get(identified.kind, "other"),
            mime=identified.mime,
            size_bytes=kept.size_bytes,
        )

    def _dropped(self, name: str, why: Message) -> FileDropped:
        return FileDropped(at=self._clock.now(), name=name, reason=why.what_happened)
