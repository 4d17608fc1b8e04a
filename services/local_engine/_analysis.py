"""From attached files and a question to the code that answers it.

The rules are the analyst's and the inspection is preflight's; this file only asks them, in threads,
and remembers what a file is under its content hash.
"""

import asyncio
import contextlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import msgspec

from services import telemetry, wording
from services.analyst.types import Abstained, Reading, Understanding, UnknownColumn
from services.limits.types import LimitProfile
from services.local_engine import _told
from services.local_engine._file_store import StoredFile
from services.preflight.types import Corrections, FileReport, Verdict

_log = telemetry.log("local_engine")
_T = TypeVar("_T")
_THREADS = 4
_REPORTS_KEPT = 100


class Readable(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the container, with where it can be inspected."""

    file: StoredFile
    path: Path


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What will be run, and the reading that it follows from."""

    sentence: str
    code: str


class Analysis:
    """Inspects files once, reads questions, writes code."""

    def __init__(self, profile: LimitProfile) -> None:
        self._profile = profile
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="analysis")
        self._reports: dict[tuple[str, str, Corrections | None], Future[FileReport | Verdict]] = {}

    def prepare(
        self, file: StoredFile, path: Path, told: Corrections | None = None
    ) -> Future[FileReport | Verdict]:
        """Begin to inspect a file, unless that is done or under way; `told` is how to read it."""
        key = (file.sha256, file.filename, told)
        found = self._reports.get(key)
        if found is None or (found.done() and found.exception() is not None):
            found = self._threads.submit(self._inspect, path, file.filename, told)
            self._reports[key] = found
            while len(self._reports) > _REPORTS_KEPT:
                del self._reports[next(iter(self._reports))]
        return found

    def warm_up(self) -> None:
        """Get ready what the first question needs: the analyst, and a child that inspects."""
        import services.analyst  # noqa: F401 - imported for its effect

        # Without a temporary folder the first question takes a little longer; no more than that.
        with contextlib.suppress(OSError), tempfile.NamedTemporaryFile(suffix=".csv") as file:
            file.write(b"a,b\n1,2\n")
            file.flush()
            self._inspect(Path(file.name), "warm-up.csv")

    async def plan(
        self, files: Sequence[Readable], questions: Sequence[str], system: str = ""
    ) -> Plan | str:
        """The code for the last question, or the sentence that says why there is none."""
        tables: list[tuple[StoredFile, FileReport]] = []
        refused = ""
        told = _told.corrections(system)
        for one in files:
            corrections = told.get(one.file.filename)
            report = await asyncio.wrap_future(self.prepare(one.file, one.path))
            if corrections is not None and not _told.agrees(report, corrections):
                report = await asyncio.wrap_future(self.prepare(one.file, one.path, corrections))
            if isinstance(report, FileReport):
                tables.append((one.file, report))
            else:
                refused = wording.replies.unreadable_file(
                    one.file.filename, report.message.what_happened
                )
        if not tables:
            return refused
        return await self._in_thread(lambda: _plan(tables, questions))

    def stop(self) -> None:
        """Begin nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _inspect(
        self, path: Path, name: str, told: Corrections | None = None
    ) -> FileReport | Verdict:
        from services.preflight import inspect

        return inspect(path, name, self._profile, corrections=told)

    async def _in_thread(self, work: Callable[[], _T]) -> _T:
        return await asyncio.wrap_future(self._threads.submit(work))


def _plan(files: Sequence[tuple[StoredFile, FileReport]], questions: Sequence[str]) -> Plan | str:
    """Ask the analyst about each file, the latest first; the first reading wins."""
    from services.analyst import write_code

    previous: Reading | None = None
    for earlier in questions[:-1]:
        for _, understood in _understood(files, earlier, previous):
            if isinstance(understood, Reading):
                previous = understood
                break
    answers: list[Understanding] = []
    for (file, report), understood in _understood(files, questions[-1], previous):
        if isinstance(understood, Reading):
            reading = _naming(understood, file.filename) if len(files) > 1 else understood
            return Plan(sentence=reading.sentence, code=write_code(reading, file.filename, report))
        answers.append(understood)
    # A column that is missing says more about the question than a general abstention.
    unknown = next((one for one in answers if isinstance(one, UnknownColumn)), None)
    if unknown is not None:
        return wording.replies.unknown_column(unknown.name, unknown.closest, unknown.others)
    abstained = next(one for one in answers if isinstance(one, Abstained))
    return wording.replies.cannot_answer(abstained.reason, abstained.examples)


def _naming(reading: Reading, name: str) -> Reading:
    """The reading with the file that it is about, which is not plain where there are several."""
    return msgspec.structs.replace(
        reading, sentence=wording.replies.of_file(reading.sentence, name)
    )


def _understood(
    files: Sequence[tuple[StoredFile, FileReport]], question: str, previous: Reading | None
) -> Iterator[tuple[tuple[StoredFile, FileReport], Understanding]]:
    """How each file reads a question, the latest first.

    A question goes on from the one before only in the file that this was about.
    """
    from services.analyst import read_question

    for file, report in reversed(files):
        yield (file, report), read_question(report.tables, question, previous)
