"""From a run's events to the stages that its card shows. Pure: no drawing, no clock."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, TypeAlias, assert_never

import msgspec

from services.errors import Message
from services.events import (
    CheckAdvanced,
    CodeWritten,
    ContainerReused,
    ContainerStarted,
    Failed,
    FileChecked,
    FileDropped,
    FileFetched,
    FileProduced,
    FileProfiled,
    FileReduced,
    Finished,
    Interrupted,
    MemorySeen,
    Numbered,
    OutputPrinted,
    Queued,
    ReductionAdvanced,
    Retrying,
    RunEvent,
    Stopped,
    TextAdded,
    UploadFinished,
    UsageReported,
)
from services.units import format_bytes, format_count, format_seconds

StageKind: TypeAlias = Literal["queued", "container", "writing", "running", "fetching", "retrying"]


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a run. `ended_at` is None while it is under way."""

    kind: StageKind
    title: str
    """`Code written`; plain text of ours."""
    started_at: datetime
    ended_at: datetime | None = None
    facts: tuple[str, ...] = ()
    """Stand behind the title."""
    detail: str = ""
    """One line below it; plain text that may be a model's: escape before drawing."""
    failed: bool = False


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """All that the card draws of a run."""

    stages: tuple[Stage, ...]
    headline: str
    """`Running the analysis`."""
    upcoming: str | None
    """`fetch charts and tables`; None when nothing is left."""
    peak_bytes: int | None

    @property
    def is_waiting(self) -> bool:
        """Whether nothing but queueing has happened."""
        return all(stage.kind == "queued" for stage in self.stages)


_HEADLINES: dict[StageKind, str] = {
    "queued": "Waiting for its turn",
    "container": "Getting a container ready",
    "writing": "Writing the code",
    "running": "Running the analysis",
    "fetching": "Fetching charts and tables",
    "retrying": "Trying again",
}
_UPCOMING: dict[StageKind, str | None] = {
    "queued": "get a container ready",
    "container": "write the code",
    "writing": "run it",
    "running": "fetch charts and tables",
    "fetching": None,
    "retrying": "get a container ready",
}
_DETAIL_CHARACTERS = 160


def progress(events: Sequence[Numbered]) -> Progress:
    """What is known of the run after these events."""
    reader = _Reader()
    for noted in events:
        reader.read(noted.event)
    last = reader.stages[-1].kind if reader.stages else "queued"
    return Progress(
        stages=tuple(reader.stages),
        headline=_HEADLINES[last],
        upcoming=_UPCOMING[last],
        peak_bytes=reader.peak_bytes,
    )


class _Reader:
    """Reads events in order and keeps the list of stages."""

    def __init__(self) -> None:
        self.stages: list[Stage] = []
        self.peak_bytes: int | None = None
        self._said: dict[int, str] = {}
        self._block = -1
        self._latest = ""
        self._commands = 0
        self._fetched = 0
        self._sent_bytes = 0

    def read(self, event: RunEvent) -> None:
        """Take note of one event."""
        match event:
            case Queued():
                self._begin("queued", "Queued", event.at, detail="Accepted.")
            case ContainerStarted():
                detail = "It is this conversation's own, and nobody else's."
                self._container("Container started", event.at, detail=detail)
            case ContainerReused():
                age = format_seconds(event.age_seconds)
                detail = "The files are in it already."
                self._container("Container reused", event.at, facts=(f"{age} old",), detail=detail)
            case UploadFinished():
                self._sent_bytes += event.size_bytes
                detail = f"{format_bytes(self._sent_bytes)} of files sent."
                self._ensure("container", "Sending the file", event.at)
                self._change(detail=detail)
            case TextAdded():
                self._say(event)
            case CodeWritten():
                self._code(event)
            case OutputPrinted():
                self._ensure("running", "Running", event.at)
                self._printed(event)
            case FileFetched() | FileDropped():
                self._file(event)
            case MemorySeen():
                self.peak_bytes = max(event.peak_bytes, self.peak_bytes or 0)
            case Retrying():
                self._retry(event)
            case Finished() | Failed() | Stopped() | Interrupted():
                self._end(event.at, failed=isinstance(event, Failed))
            case FileProduced() | UsageReported() | CheckAdvanced() | FileChecked():
                pass  # what is produced still lies with the engine; fetching it is the next stage
            case FileProfiled() | ReductionAdvanced() | FileReduced():
                pass  # of a file, not of an answer
            case _:
                assert_never(event)

    def _begin(
        self,
        kind: StageKind,
        title: str,
        at: datetime,
        *,
        facts: tuple[str, ...] = (),
        detail: str = "",
    ) -> None:
        self._end(at)
        self.stages.append(Stage(kind=kind, title=title, started_at=at, facts=facts, detail=detail))

    def _ensure(self, kind: StageKind, title: str, at: datetime) -> None:
        if not self.stages or self.stages[-1].kind != kind:
            self._begin(kind, title, at)

    def _end(self, at: datetime, *, failed: bool = False) -> None:
        if self.stages and self.stages[-1].ended_at is None:
            self._change(ended_at=at, failed=failed or self.stages[-1].failed)

    def _change(self, **fields: object) -> None:
        self.stages[-1] = msgspec.structs.replace(self.stages[-1], **fields)

    def _container(
        self, title: str, at: datetime, *, detail: str, facts: tuple[str, ...] = ()
    ) -> None:
        """The container is there: its stage ends, and the writing begins."""
        self._ensure("container", title, at)
        self._change(title=title, facts=facts, detail=self.stages[-1].detail or detail)
        self._begin("writing", "Writing the code", at)

    def _say(self, event: TextAdded) -> None:
        """The latest sentence is what the running stage shows."""
        if not self.stages:
            self._begin("writing", "Writing the code", event.at)
        if event.block != self._block:
            self._block = event.block
            self._said[event.block] = ""
        self._said[event.block] += event.text
        latest = _latest_sentence(self._said[event.block])
        if latest:
            self._latest = latest
            self._change(detail=latest)

    def _code(self, event: CodeWritten) -> None:
        self._commands += 1
        lines = len(event.code.strip().splitlines())
        words = "1 line" if lines == 1 else f"{format_count(lines)} lines"
        if self.stages and self.stages[-1].kind == "running":
            # Further steps stay in one row, so that the card keeps its height.
            self._change(facts=(f"step {self._commands}",), detail=f"{words} more.")
            return
        self._ensure("writing", "Writing the code", event.at)
        name = {"python": "Python", "bash": "commands", "text": "an edit"}[event.language]
        self._change(title="Code written", detail=f"{words} of {name}.")
        self._begin("running", "Running", event.at, detail=self._latest)

    def _printed(self, event: OutputPrinted) -> None:
        if event.return_code:
            self._change(detail="This step ended with an error; another way is tried.")
        else:
            printed = _latest_line(event.stdout)
            self._change(detail=printed or "The code ran to its end.")

    def _file(self, event: FileFetched | FileDropped) -> None:
        self._ensure("fetching", "Fetching charts and tables", event.at)
        if isinstance(event, FileFetched):
            self._fetched += 1
            files = "1 file" if self._fetched == 1 else f"{self._fetched} files"
            self._change(facts=(files,), detail=event.name)
        else:
            self._change(detail=f"{event.name} was left out.")

    def _retry(self, event: Retrying) -> None:
        self._end(event.at, failed=True)
        pause = format_seconds(event.after_seconds)
        wait = (f"after a pause of {pause}",) if event.after_seconds else ()
        detail = _sentences(event.message)
        self._begin("retrying", "Trying again", event.at, facts=wait, detail=detail)


def _sentences(message: Message) -> str:
    return f"{message.what_happened} {message.what_to_do}".strip()


def _latest_sentence(text: str) -> str:
    """The last line that was begun, without Markdown's marks at its start."""
    return _latest_line(text).lstrip("#>*-• ").strip("*_` ")


def _latest_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        return ""
    last = lines[-1]
    return last if len(last) <= _DETAIL_CHARACTERS else last[: _DETAIL_CHARACTERS - 2] + " …"
