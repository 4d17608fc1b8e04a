"""A whole server without its web: real rooms, a real engine process, small real files."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import httpx2

from services.app import Application
from services.clock import SystemClock
from services.events import Event
from services.files.types import Upload
from services.ids import ConversationId, FileId, RunId, UserId
from services.money.types import LedgerRow
from services.questions.types import Ask, Asked
from services.settings import Settings

_EventT = TypeVar("_EventT", bound=Event)
ANN, BEN = UserId("user-ann"), UserId("user-ben")
PATIENCE_SECONDS = 30.0
TOTALS = "total amount by region"
AVERAGES = "average amount by region"
_REGIONS = ("North", "South", "East", "West", "")


def orders(seed: int = 0, rows: int = 200) -> bytes:
    """A CSV of regions, amounts and dates, with blanks in each; another content for each seed."""
    lines = ["region,amount,date"]
    for n in range(rows):
        amount = "" if n % 17 == 16 else f"{(n * 7 + seed) % 90 + 0.5:.2f}"
        day = "" if n % 23 == 22 else f"2026-{n % 6 + 1:02}-{n % 27 + 1:02}"
        lines.append(f"{_REGIONS[n % len(_REGIONS)]},{amount},{day}")
    return "\n".join(lines).encode() + b"\n"


@contextmanager
def serving(home: Path, time_scale: float = 1.0) -> Iterator[Application]:
    """An Application that runs for as long as the block."""
    application = Application.build(Settings(home=home, time_scale=time_scale))
    application.start()
    try:
        yield application
    finally:
        application.stop()


def add_file(
    application: Application, content: bytes, name: str = "orders.csv", user: UserId = ANN
) -> FileId:
    """A file that has been checked."""
    path = application.spool_folder / f"{name}-{threading.get_ident()}"
    path.write_bytes(content)
    upload = Upload(path=path, name=name, size_bytes=len(content))
    started = application.preflight.check(user, upload)
    run_id = started.run_id
    if run_id is not None:
        until(lambda: application.runs.wait(user, run_id, 1.0))
    assert application.preflight.result(user, started.file_id) is not None
    return started.file_id


def talk_about(application: Application, *file_ids: FileId, user: UserId = ANN) -> ConversationId:
    """A conversation that holds these files, the last one newest."""
    conversation_id = application.conversations.open(user)
    for file_id in file_ids:
        application.conversations.attach(user, conversation_id, file_id)
    return conversation_id


def begin(
    application: Application, conversation_id: ConversationId, question: str = TOTALS
) -> Asked:
    """A question whose run is under way."""
    return application.questions.ask(ANN, conversation_id, Ask(text=question))


def ended(application: Application, run_id: RunId | None) -> tuple[Event, ...]:
    """All events of a run, once it has ended."""
    assert run_id is not None
    until(lambda: application.runs.wait(ANN, run_id, 1.0))
    return tuple(one.event for one in application.runs.events(ANN, run_id))


def ask(
    application: Application, conversation_id: ConversationId, question: str = TOTALS
) -> tuple[Event, ...]:
    """A question and all events of its run."""
    return ended(application, begin(application, conversation_id, question).run_id)


def until_event(application: Application, run_id: RunId | None, kind: type[Event]) -> None:
    """Wait until a run has come to an event of that kind; it may not end before."""
    assert run_id is not None
    seen = 0
    deadline = application.clock.monotonic() + PATIENCE_SECONDS
    while True:
        for one in application.runs.events(ANN, run_id, seen):
            if isinstance(one.event, kind):
                return
            seen = one.sequence
        assert application.clock.monotonic() < deadline, f"no {kind.__name__} after {seen} events"
        assert not application.runs.wait(ANN, run_id, 0.0)
        application.store.journal.wait(run_id, seen, 1.0)


def until(condition: Callable[[], bool]) -> None:
    """Wait until something holds that another thread or process brings about."""
    clock, never = SystemClock(), threading.Event()
    deadline = clock.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert clock.monotonic() < deadline
        clock.wait(never, 0.02)


def of_kind(events: Sequence[Event], kind: type[_EventT]) -> list[_EventT]:
    """The events of one kind, in order."""
    return [event for event in events if isinstance(event, kind)]


def rows_of(application: Application, conversation_id: ConversationId) -> list[LedgerRow]:
    """A conversation's ledger rows, oldest first."""
    report = application.money.spend_in("local", "week")
    rows = [numbered.row for numbered in reversed(report.rows)]
    return [row for row in rows if row.conversation_id == conversation_id]


def http_of(application: Application) -> httpx2.Client:
    """A plain client of the engine's own API."""
    headers = {
        "authorization": f"Bearer {application.local_engine.token}",
        "anthropic-version": "2026-10-21",
    }
    return httpx2.Client(
        base_url=application.local_engine.address, headers=headers, trust_env=False, timeout=30
    )


def produced_at(application: Application) -> set[str]:
    """Names of the files that runs have left with the engine."""
    with http_of(application) as client:
        names = {one["filename"] for one in client.get("/v1/files").json()["data"]}
    return names - {"orders.csv"}


def swept(application: Application) -> None:
    """Wait until nothing is deleted any more, which would use up a fault about files."""
    until(lambda: not produced_at(application))
