"""What a child process allows itself, so that it holds even where the parent is gone."""

import resource
from pathlib import Path


def limit_memory(more_bytes: int) -> None:
    """At most so much beyond what is taken already, in any kind of memory but mapped files."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    taken = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmData"))
    cap = taken * 1024 + more_bytes
    resource.setrlimit(resource.RLIMIT_DATA, (cap, cap))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def limit_time(more_seconds: int) -> None:
    """So many seconds of processor from now on; past them the kernel ends the process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + more_seconds
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))
