"""The engine as a child process: how it starts, what it is given, how it ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from services.clock import SystemClock
from services.errors import EngineError
from services.local_engine import LocalEngineProcess
from tests.wire.conftest import http_of
from tests.wire.test_wire_files import eventually

COMMAND = [sys.executable, "-m", "services.local_engine"]


def is_running(pid: int) -> bool:
    """Whether the process exists and is no zombie."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


@pytest.fixture
def by_hand():
    """A process as a shell would start it."""
    child = subprocess.Popen(
        [*COMMAND, "--port", "0"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdin is not None
    assert child.stdout is not None
    yield child
    child.stdin.close()
    child.wait(10)
    child.stdout.close()


def test_first_line_is_the_address_of_a_server_that_answers(by_hand):
    address = by_hand.stdout.readline().strip()
    assert address.startswith("http://127.0.0.1:")
    with httpx2.Client(trust_env=False) as http:
        assert http.get(address + "/v1/models").status_code == 401


def test_process_ends_when_its_stdin_closes(by_hand):
    by_hand.stdout.readline()
    by_hand.stdin.close()
    assert by_hand.wait(10) == 0


def test_process_ends_on_sigterm(by_hand):
    by_hand.stdout.readline()
    by_hand.send_signal(signal.SIGTERM)
    assert by_hand.wait(10) == 0


def test_process_leaves_no_child_behind(start_engine):
    """The sandbox's processes end with it."""
    engine = start_engine()
    eventually(lambda: engine.health().sandbox == "ready", seconds=60)
    pid = engine.pid
    children = [
        int(child)
        for task in Path(f"/proc/{pid}/task").iterdir()
        for child in (task / "children").read_text().split()
    ]
    assert children
    engine.stop()
    assert not is_running(pid)
    eventually(lambda: not any(is_running(child) for child in children))


def test_engine_ends_when_the_app_is_killed(tmp_path):
    """Nothing is left behind, however the server died."""
    script = (
        "import sys, threading\n"
        "from pathlib import Path\n"
        "from services.local_engine import LocalEngineProcess\n"
        "engine = LocalEngineProcess(Path(sys.argv[1]))\n"
        "engine.ensure()\n"
        "sys.stdout.write(f'{engine.pid}\\n'); sys.stdout.flush()\n"
        "threading.Event().wait()\n"
    )
    app = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert app.stdout is not None
    with app.stdout:
        lines = iter(app.stdout.readline, "")
        pid = int(next(line for line in lines if line.strip().isdecimal()))
        assert is_running(pid)
        app.kill()
        app.wait()
    eventually(lambda: not is_running(pid))


def test_engine_sees_nothing_of_the_apps_environment(start_engine, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-secret")
    monkeypatch.setenv("SOME_PASSWORD", "secret")
    engine = start_engine()
    assert engine.address
    told = Path(f"/proc/{engine.pid}/environ").read_bytes().decode().split("\0")
    names = {line.partition("=")[0] for line in told if line}
    assert names <= {
        *("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR"),
        *("PYTHONPATH", "PYTHONUNBUFFERED", "MPLCONFIGDIR", "DATADOCK_ENGINE_TOKEN"),
    }
    assert engine.token not in " ".join(Path(f"/proc/{engine.pid}/cmdline").read_text())


def test_each_start_has_a_token_of_its_own(start_engine):
    engine = start_engine()
    with http_of(engine) as http:
        assert http.get("/v1/models").status_code == 200
        old = engine.token
        engine.stop()
        engine.start()
        assert engine.token != old
        stale = {"authorization": f"Bearer {old}"}
        assert http.get(engine.address + "/v1/models", headers=stale).status_code == 401


def test_ensure_starts_again_what_has_died_and_waits_longer_each_time(start_engine):
    engine = start_engine()
    engine.ensure()
    first = engine.pid
    os.kill(first, signal.SIGKILL)
    eventually(lambda: not engine.is_alive())
    engine.ensure()
    assert engine.pid != first
    assert engine.health().status == "ok"
    os.kill(engine.pid, signal.SIGKILL)
    eventually(lambda: not engine.is_alive())
    with pytest.raises(EngineError):
        engine.ensure()

    def is_back() -> bool:
        try:
            engine.ensure()
        except EngineError:
            return False
        return True

    eventually(is_back)


def test_stopped_engine_stays_stopped(start_engine):
    engine = start_engine()
    engine.stop()
    engine.stop()
    assert not engine.is_alive()
    for call in (engine.ensure, engine.health, lambda: engine.address):
        with pytest.raises(EngineError):
            call()


def test_engine_that_can_not_start_is_told_in_a_sentence(tmp_path, capfd):
    (tmp_path / "file").write_text("not a folder")
    engine = LocalEngineProcess(tmp_path / "file")
    engine.start()
    try:
        with pytest.raises(EngineError, match="can't be reached"):
            engine.ensure()
    finally:
        engine.stop()
    said = capfd.readouterr().err
    assert "can't be used as the engine's home" in said
    assert "Traceback" not in said


def test_engine_keeps_the_apps_time(start_engine):
    """Scale and origin are shared, so both agree on the hour."""
    clock = SystemClock(3_600)
    engine = start_engine(clock=clock)
    assert engine.address
    before = clock.now()
    now = engine.health().now
    assert before <= now <= clock.now()


def test_start_does_not_wait(tmp_path):
    """The first page must not wait for the engine, and the engine not for its sandbox."""
    clock = SystemClock()
    engine = LocalEngineProcess(tmp_path / "engine")
    try:
        before = clock.monotonic()
        engine.start()
        started = clock.monotonic()
        assert started - before < 0.5
        assert engine.health().sandbox == "starting"
    finally:
        engine.stop()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--limits", "nonsense"], "no limit profile called"),
        (["--limit-overrides", '{"ram": 5}'], "ram"),
        (["--port", "x"], "invalid int value"),
    ],
)
def test_unusable_arguments_end_with_a_sentence(arguments, said):
    ended = subprocess.run(
        [*COMMAND, *arguments],
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


def test_taken_port_ends_with_a_sentence(by_hand):
    port = by_hand.stdout.readline().strip().rpartition(":")[2]
    ended = subprocess.run(
        [*COMMAND, "--port", port],
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (ended.returncode, ended.stderr) == (
        2,
        f"Port {port} is taken. Choose another, or 0 for a free one.\n",
    )
