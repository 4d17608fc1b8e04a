"""The process that imports the libraries once and forks a worker for every execution.

Started as a file by `_supervisor.py`, in the sandbox's own interpreter (Python 3.11 or later, with
libraries older or newer than ours): standard library only, plus the libraries that it warms.

It speaks on one SEQPACKET socket, a JSON object a message. First it says hello: `{"ready": true,
"mapped_bytes", "anonymous_bytes"}`, or `{"ready": false, "missing" | "problem"}`. Then it answers
in turn: `{"op": "run", …}` with three descriptors by `{"pid"}` and a pidfd; `{"op": "reap", "pid"}`
by `{"status", "peak_bytes"}`. A worker stays a zombie until it is reaped, so its number can't come
to mean another process. When the other end closes, every worker is killed and the zygote ends.
"""

import contextlib
import gc
import importlib
import importlib.util
import io
import json
import os
import select
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

_LIBRARIES = ("numpy", "pandas", "matplotlib", "matplotlib.pyplot")
_MESSAGE_BYTES = 65_536


def main(descriptor: int) -> None:
    """Say hello on that descriptor, then serve until its other end closes."""
    control = socket.socket(fileno=descriptor)
    # Not inherited by what workers start: the socket's end is what keeps the zygote alive.
    control.set_inheritable(False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        _import_libraries(control)
        _draw_once()
    except ModuleNotFoundError as error:
        _say(control, {"ready": False, "missing": error.name or "a library"})
        return
    except Exception as error:  # noqa: BLE001 - a child process tells its parent why it ends
        _say(control, {"ready": False, "problem": f"{type(error).__name__}: {error}"[:500]})
        return
    if len(os.listdir("/proc/self/task")) != 1:  # noqa: PTH208 - names are all that is needed
        # Only the forking thread lives on in a fork; locks of the others would stay shut.
        _say(control, {"ready": False, "problem": "a library started threads"})
        return
    worker, mappings = _sibling("_worker"), _sibling("_mappings")
    ranges = mappings.resident_ranges()
    gc.collect()
    gc.freeze()
    sizes = {
        "mapped_bytes": _status_bytes("RssFile"),
        "anonymous_bytes": _status_bytes("RssAnon"),
    }
    _say(control, {"ready": True} | sizes)
    _serve(control, worker, mappings, ranges)


def _import_libraries(control: socket.socket) -> None:
    for name in _LIBRARIES:
        _leave_if_alone(control)
        importlib.import_module(name)


def _leave_if_alone(control: socket.socket) -> None:
    """End at once when the supervisor has gone while we were importing."""
    poll = select.poll()
    poll.register(control, select.POLLHUP)
    if poll.poll(0):
        os._exit(0)


def _draw_once() -> None:
    """Load fonts and FreeType now, so that no worker has to."""
    pyplot = sys.modules["matplotlib.pyplot"]
    figure, axes = pyplot.subplots()
    axes.set_title("warm")
    axes.plot([1, 2])
    figure.savefig(io.BytesIO())
    pyplot.close("all")


def _sibling(name: str) -> ModuleType:
    """A file beside this one, as a module. There is no package here: ours needs more libraries."""
    path = Path(__file__).with_name(f"{name}.py")
    spec = importlib.util.spec_from_file_location(f"datadock{name}", path)
    if spec is None or spec.loader is None:
        raise ImportError(name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _serve(
    control: socket.socket,
    worker: ModuleType,
    mappings: ModuleType,
    ranges: list[tuple[int, int]],
) -> None:
    live: set[int] = set()
    # An OSError is the supervisor's end, met while answering it.
    with contextlib.suppress(OSError):
        while True:
            message, descriptors, _, _ = socket.recv_fds(
                control, _MESSAGE_BYTES, 3, socket.MSG_CMSG_CLOEXEC
            )
            if not message:
                break
            order: dict[str, Any] = json.loads(message)
            if order["op"] == "reap":
                live.discard(order["pid"])
                _say(control, _reap(order["pid"]))
                continue
            live.add(_fork(control, order, descriptors, lambda: mappings.hold(ranges), worker))
            for descriptor in descriptors:
                os.close(descriptor)
    for pid in live - {0}:
        _kill_group(pid)


def _fork(
    control: socket.socket,
    order: dict[str, Any],
    descriptors: list[int],
    hold_pages: Callable[[], None],
    worker: ModuleType,
) -> int:
    """Start a worker and say which; 0 when the machine has no room for another process."""
    sys.stdout.flush()
    sys.stderr.flush()
    zygote = os.getpid()
    try:
        pid = os.fork()
    except OSError:
        _say(control, {"pid": 0})
        return 0
    if pid == 0:
        try:
            control.close()
            hold_pages()
            worker.become(order, descriptors, zygote)
        except BaseException:  # noqa: BLE001 - a fork must never come back into this loop
            traceback.print_exc()
        finally:
            os._exit(1)
    # The worker does it too: whoever is first.
    with contextlib.suppress(PermissionError, ProcessLookupError):
        os.setpgid(pid, pid)
    pidfd = os.pidfd_open(pid)
    socket.send_fds(control, [json.dumps({"pid": pid}).encode()], [pidfd])
    os.close(pidfd)
    return pid


def _reap(pid: int) -> dict[str, int]:
    """End whatever the worker left running in its group, and collect the worker."""
    _kill_group(pid)
    _, status, usage = os.wait4(pid, 0)
    return {"status": status, "peak_bytes": usage.ru_maxrss * 1024}


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        # It has not become head of its group yet.
        os.kill(pid, signal.SIGKILL)


def _status_bytes(name: str) -> int:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) * 1024
    return 0


def _say(control: socket.socket, message: dict[str, Any]) -> None:
    control.send(json.dumps(message).encode())


if __name__ == "__main__":
    main(int(sys.argv[1]))
