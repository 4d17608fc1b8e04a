"""How much memory an execution holds, counted like a cold process with the same libraries."""

import os
import re
from pathlib import Path

_LINE = re.compile(
    rb"^(RssAnon|RssFile|RssShmem|VmHWM|Pss_Anon|Pss_Shmem):\s+(\d+) kB", re.MULTILINE
)
# Children are looked for at every fifth sample.
_SAMPLES_PER_FAMILY = 5
_CONFIRM_ABOVE_RATIO = 0.8


class MemoryMeter:
    """Samples one worker and what it has started.

    What the limit is about is RssAnon + RssShmem + `mapped_bytes`, the library files that a cold
    process maps; files that code maps itself can be dropped by the kernel, and don't count.
    `statm` won't do: what it calls shared holds shared memory too.
    """

    def __init__(
        self, pid: int, *, mapped_bytes: int, anonymous_bytes: int, limit_bytes: int
    ) -> None:
        self._pid = pid
        self._mapped_bytes = mapped_bytes
        self._anonymous_bytes = anonymous_bytes
        self._limit_bytes = limit_bytes
        self._family: tuple[int, ...] = ()
        self._samples = 0
        self._most_file_bytes = 0
        self._counted_bytes = 0
        self.peak_bytes = 0
        """The most seen so far, every resident page included: what `VmHWM` says in the worker."""

    @property
    def is_over(self) -> bool:
        """Whether the limit was passed at any time."""
        return self._counted_bytes > self._limit_bytes

    def sample(self) -> None:
        """Look once; nothing happens when the worker has gone."""
        if self._samples % _SAMPLES_PER_FAMILY == 0:
            self._family = _descendants(self._pid)
        self._samples += 1
        own = _kilobytes(f"/proc/{self._pid}/status")
        if not own:
            return
        self._most_file_bytes = max(self._most_file_bytes, own.get("RssFile", 0))
        held = own.get("RssAnon", 0) + own.get("RssShmem", 0)
        if self._family:
            held = self._with_family(held)
        self._count(held + self._mapped_bytes)
        self.note_high_water(own.get("VmHWM", 0))

    def note_high_water(self, resident_bytes: int) -> None:
        """Take in the kernel's own maximum, which also knows the moments between two samples."""
        more_file_bytes = max(0, self._most_file_bytes - self._mapped_bytes)
        self._count(resident_bytes - more_file_bytes)
        self.peak_bytes = max(self.peak_bytes, resident_bytes)

    def _count(self, counted_bytes: int) -> None:
        self._counted_bytes = max(self._counted_bytes, counted_bytes)
        self.peak_bytes = max(self.peak_bytes, counted_bytes)

    def _with_family(self, held: int) -> int:
        for pid in self._family:
            status = _kilobytes(f"/proc/{pid}/status")
            held += status.get("RssAnon", 0) + status.get("RssShmem", 0)
        if held + self._mapped_bytes < _CONFIRM_ABOVE_RATIO * self._limit_bytes:
            return held
        # Forked children count shared pages again. Proportional shares don't, but leave out what
        # the zygote shares: its anonymous pages at most.
        shares = 0
        for pid in (self._pid, *self._family):
            rollup = _kilobytes(f"/proc/{pid}/smaps_rollup")
            shares += rollup.get("Pss_Anon", 0) + rollup.get("Pss_Shmem", 0)
        return min(held, shares + self._anonymous_bytes) if shares else held


def _kilobytes(path: str) -> dict[str, int]:
    """The sizes in one file of /proc, in bytes; nothing when the process has gone."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return {}
    try:
        text = os.read(fd, 8_192)
    except OSError:
        return {}
    finally:
        os.close(fd)
    return {name.decode(): int(size) * 1024 for name, size in _LINE.findall(text)}


def _descendants(pid: int) -> tuple[int, ...]:
    found: list[int] = []
    waiting = [pid]
    while waiting:
        tasks = Path(f"/proc/{waiting.pop()}/task")
        try:
            texts = [(task / "children").read_text(encoding="ascii") for task in tasks.iterdir()]
        except OSError:
            continue  # it ended while we looked, or the kernel keeps no such list
        children = [int(text) for text in " ".join(texts).split()]
        found += children
        waiting += children
    return tuple(found)
