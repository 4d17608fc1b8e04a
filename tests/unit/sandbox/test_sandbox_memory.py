import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from services.sandbox._memory import MemoryMeter

MEGABYTE = 1_000_000


@contextmanager
def process_after(code: str) -> Iterator[int]:
    """A bare Python that has run the code and now waits."""
    process = subprocess.Popen(
        [sys.executable, "-I", "-c", f"{code}\nprint(1, flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"1\n"
        yield process.pid
        process.kill()


def meter(pid: int, *, limit_bytes: int = 10**12) -> MemoryMeter:
    return MemoryMeter(
        pid, mapped_bytes=30 * MEGABYTE, anonymous_bytes=5 * MEGABYTE, limit_bytes=limit_bytes
    )


def test_meter_adds_the_fixed_share_to_what_is_held():
    with process_after("a = b'x' * 100_000_000") as pid:
        subject = meter(pid, limit_bytes=120 * MEGABYTE)
        subject.sample()
        assert subject.is_over
        # 100 MB, 30 MB of libraries, and the few of an interpreter.
        assert 130 * MEGABYTE < subject.peak_bytes < 145 * MEGABYTE


def test_meter_knows_the_peak_between_two_samples():
    with process_after("a = b'x' * 200_000_000; del a") as pid:
        subject = meter(pid, limit_bytes=190 * MEGABYTE)
        subject.sample()
        assert subject.is_over
        assert 200 * MEGABYTE < subject.peak_bytes < 220 * MEGABYTE


def test_meter_reports_files_that_are_only_mapped_but_does_not_count_them(tmp_path):
    file = tmp_path / "mapped"
    file.write_bytes(b"x" * 100_000_000)
    read = (
        f"import mmap; f = open({str(file)!r}, 'rb')\n"
        "m = mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ)\n"
        "sum(m[i] for i in range(0, len(m), 4096))"
    )
    with process_after(read) as pid:
        subject = meter(pid, limit_bytes=50 * MEGABYTE)
        subject.sample()
        assert not subject.is_over
        assert 100 * MEGABYTE < subject.peak_bytes < 120 * MEGABYTE


def test_meter_counts_children_but_not_twice():
    fork = (
        "import os; a = b'x' * 100_000_000\n"
        "for _ in range(3):\n"
        "    if os.fork() == 0: os.read(0, 1); os._exit(0)"
    )
    with process_after(fork) as pid:
        far = meter(pid)
        far.sample()
        near = meter(pid, limit_bytes=200 * MEGABYTE)
        near.sample()
        assert not near.is_over
        # Four processes hold the same 100 MB; only near the limit are they told apart.
        assert far.peak_bytes > 430 * MEGABYTE
        assert 130 * MEGABYTE < near.peak_bytes < 200 * MEGABYTE


def test_meter_finds_nothing_of_a_process_that_is_gone():
    process = subprocess.Popen([sys.executable, "-I", "-c", ""])
    process.wait()
    subject = meter(process.pid)
    subject.sample()
    assert (subject.is_over, subject.peak_bytes) == (False, 0)
