"""The forked process of one execution: it becomes `python3 <<EOF`, runs the source, and ends.

Runs in the sandbox's interpreter: standard library only, plus what the zygote has imported.
"""

import atexit
import builtins
import ctypes
import os
import resource
import signal
import sys
import tempfile
import threading
import traceback
import types
from pathlib import Path
from typing import Any, NoReturn

_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)
_OPEN_FILES = 1024
_INTERRUPTED = 130


def become(order: dict[str, Any], descriptors: list[int], zygote: int) -> NoReturn:
    """Carry out one order in this freshly forked process. Never returns.

    `descriptors`: where the source is read from, then standard output and standard error.
    """
    _bind_to(zygote)
    source_fd, stdout_fd, stderr_fd = descriptors
    with os.fdopen(source_fd, "rb") as file:
        source = file.read()
    _connect(stdout_fd, stderr_fd)
    _limit(order["file_bytes"])
    _settle_in(order["folder"], order["environment"])
    code = _run(source)
    os._exit(_finish(code))


def _bind_to(zygote: int) -> None:
    """Die with the zygote, and be the head of a group that can be ended as one."""
    os.setpgid(0, 0)
    _LIBC.prctl(_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != zygote:
        os._exit(1)  # it died before we asked to be told


def _connect(stdout_fd: int, stderr_fd: int) -> None:
    """Put the three standard streams in place, for C code and for Python."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    for fd, place in ((nothing, 0), (stdout_fd, 1), (stderr_fd, 2)):
        os.dup2(fd, place)
        os.close(fd)
    for name, place in (("stdin", 0), ("stdout", 1), ("stderr", 2)):
        # Written by lines, so that what was printed before a kill is not lost.
        stream = os.fdopen(
            place,
            "r" if place == 0 else "w",
            buffering=1,
            encoding="utf-8",
            errors="backslashreplace",
            closefd=False,
        )
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _limit(file_bytes: int) -> None:
    wanted = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: _OPEN_FILES,
        resource.RLIMIT_FSIZE: file_bytes,
    }
    for kind, value in wanted.items():
        hard = resource.getrlimit(kind)[1]
        capped = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (capped, capped))
    os.nice(5)
    try:
        # When the whole machine runs out of memory, this process goes before the app does.
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    except OSError:
        return


def _settle_in(folder: str, environment: dict[str, str]) -> None:
    """Undo what is shared by all forks: variables, folder, caches, random numbers."""
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    tempfile.tempdir = None
    sys.argv = [""]
    sys.path.insert(0, "")
    sys.dont_write_bytecode = True
    atexit._clear()
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(None)  # `random` does this by itself after a fork, numpy does not
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)


def _run(source: bytes) -> int:
    """Execute the source as `__main__`; the exit code that `python3` would have."""
    module = types.ModuleType("__main__")
    module.__dict__["__builtins__"] = builtins
    sys.modules["__main__"] = module
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        exec(compile(source, "<stdin>", "exec", dont_inherit=True), module.__dict__)  # noqa: S102 - this is what a sandbox is for
    except SystemExit as stop:
        return _exit_code(stop)
    except BaseException as error:  # noqa: BLE001 - the border of a child process
        # The first frame is this function's, which nobody wrote.
        outer = error.__traceback__
        inner = outer.tb_next if outer is not None else None
        sys.excepthook(type(error), error.with_traceback(inner), inner)
        return _INTERRUPTED if isinstance(error, KeyboardInterrupt) else 1
    return 0


def _exit_code(stop: SystemExit) -> int:
    if stop.code is None:
        return 0
    if isinstance(stop.code, int):
        return stop.code & 0xFF
    print(stop.code, file=sys.stderr)  # noqa: T201 - what `sys.exit("text")` does
    return 1


def _finish(code: int) -> int:
    """What an interpreter does at its end, except for taking itself apart."""
    try:
        threading._shutdown()  # type: ignore[attr-defined] # waits for threads, as at a normal end
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
            if stream is not None and not stream.closed:
                stream.flush()
    except BaseException:  # noqa: BLE001 - the border of a child process
        traceback.print_exc()
        return code or 1
    return code
