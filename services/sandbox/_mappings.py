"""Library pages that a fork does not inherit, so that a worker counts like a cold process.

The kernel leaves the page tables of read-only file mappings behind at a fork; they fill again as
they are touched. A fresh worker would so report some 25 MB less than a process that has imported
the libraries itself, and the peak that code prints of itself would be too low by as much. The
zygote notes once which of those pages it holds, and each worker asks for the same ones.

Runs in the sandbox's interpreter: standard library only.
"""

import array
import ctypes
import os
from pathlib import Path

_POPULATE_READ = 22  # MADV_POPULATE_READ, Linux 5.14; refused by older kernels, which is harmless
_PRESENT = 1 << 63
_LIBC = ctypes.CDLL(None, use_errno=True)
_LIBC.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]


def resident_ranges() -> list[tuple[int, int]]:
    """Address and length of every stretch of read-only file pages that this process holds."""
    page = os.sysconf("SC_PAGE_SIZE")
    ranges: list[tuple[int, int]] = []
    with (
        Path("/proc/self/maps").open(encoding="utf-8", errors="replace") as maps,
        Path("/proc/self/pagemap").open("rb", buffering=0) as pagemap,
    ):
        for line in maps:
            fields = line.split()
            if len(fields) < 6 or not fields[5].startswith("/") or "w" in fields[1]:
                continue
            start, end = (int(text, 16) for text in fields[0].split("-"))
            entries = array.array("Q")
            pagemap.seek(start // page * entries.itemsize)
            entries.frombytes(pagemap.read((end - start) // page * entries.itemsize))
            ranges.extend(
                (start + first * page, count * page) for first, count in _runs_of_present(entries)
            )
    return ranges


def hold(ranges: list[tuple[int, int]]) -> None:
    """Fill the page tables of this process for these ranges: 3 to 5 ms."""
    for address, length in ranges:
        _LIBC.madvise(address, length, _POPULATE_READ)


def _runs_of_present(entries: "array.array[int]") -> list[tuple[int, int]]:
    """First index and count of each run of pages that are in memory."""
    runs: list[tuple[int, int]] = []
    first = None
    for index, entry in enumerate(entries):
        present = bool(entry & _PRESENT)
        if present and first is None:
            first = index
        elif not present and first is not None:
            runs.append((first, index - first))
            first = None
    if first is not None:
        runs.append((first, len(entries) - first))
    return runs
