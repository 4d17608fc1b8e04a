"""Code that really runs: its limits as they stand on the wire, and its end when nobody waits."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from services import limits
from services.clock import SystemClock
from services.local_engine._containers import Container
from services.local_engine._engine import LocalEngine
from services.local_engine._execution import Execution, execute

MARK = "from pathlib import Path; Path('mark').write_text('here')\n"


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Any]:
    """Runs a coroutine with an engine whose limits are small."""

    def run(work: Callable[[LocalEngine, Container], Awaitable[Any]]) -> Any:
        async def carried() -> Any:
            engine = LocalEngine(
                home=tmp_path / "engine",
                profile=limits.load(
                    "guide",
                    {"ram_limit_bytes": 300_000_000, "execution_limit_seconds": 2},
                ),
                clock=SystemClock(),
                token=None,
            )
            engine.start()
            try:
                return await work(engine, engine.containers.mint())
            finally:
                await engine.stop()

        return asyncio.run(carried())

    return run


def test_result_has_output_code_and_top_level_files_only(run):
    code = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "out = Path(os.environ['OUTPUT_DIR'])\n"
        "(out / 'a.csv').write_text('x\\n1\\n')\n"
        "(out / 'deep').mkdir(); (out / 'deep' / 'b.csv').write_text('x')\n"
        "Path('elsewhere.csv').write_text('x')\n"
        "print('said'); print('complained', file=sys.stderr); sys.exit(3)\n"
    )

    async def work(engine: LocalEngine, container: Container) -> Any:
        execution = await execute(engine, container, code)
        (output,) = execution.content["content"]
        file = engine.files.get(output["file_id"])
        return execution, file.filename, file.downloadable, engine.files.path(file).read_bytes()

    execution, *file = run(work)
    assert file == ["a.csv", True, b"x\n1\n"]
    assert (execution.content["stdout"], execution.content["stderr"]) == ("said\n", "complained\n")
    assert execution.content["return_code"] == 3
    assert execution.failure is not None


def test_memory_over_the_limit_is_137_and_the_container_lives_on(run):
    async def work(engine: LocalEngine, container: Container) -> Any:
        await execute(engine, container, MARK)
        killed = await execute(engine, container, "x = bytearray(900_000_000)\nprint(len(x))")
        after = await execute(engine, container, "print(open('mark').read())")
        return killed, after, container.peak_bytes

    killed, after, peak_bytes = run(work)
    assert killed.content == {
        "type": "bash_code_execution_result",
        "stdout": "",
        "stderr": "Killed",
        "return_code": 137,
        "content": [],
    }
    assert after.content["stdout"] == "here\n"
    assert peak_bytes >= 300_000_000


def test_time_over_the_limit_is_a_tool_error(run):
    async def work(engine: LocalEngine, container: Container) -> Execution:
        return await execute(engine, container, "while True: pass")

    assert run(work).content == {
        "type": "bash_code_execution_tool_result_error",
        "error_code": "execution_time_exceeded",
    }


def test_cancelled_wait_ends_the_code(run):
    """Nobody reads the reply any more: the code must not go on burning a core."""

    async def work(engine: LocalEngine, container: Container) -> Any:
        await execute(engine, container, MARK)
        clock = SystemClock()
        running = asyncio.ensure_future(
            execute(engine, container, "import time\nwhile True: time.sleep(0.01)")
        )
        await asyncio.sleep(0)
        running.cancel()
        before = clock.monotonic()
        with pytest.raises(asyncio.CancelledError):
            await running
        seconds = clock.monotonic() - before
        return seconds, (await execute(engine, container, "print('free')")).content["stdout"]

    seconds, said = run(work)
    assert said == "free\n"
    assert seconds < 1.5


def test_released_container_ends_what_runs_in_it(run):
    async def work(engine: LocalEngine, container: Container) -> Any:
        await execute(engine, container, MARK)
        running = asyncio.ensure_future(execute(engine, container, "while True: pass"))
        while not running.done():
            await engine.workshop.interrupt(container.id)
            await asyncio.wait({running}, timeout=0.05)
        return running.result().content

    assert run(work) == {
        "type": "bash_code_execution_tool_result_error",
        "error_code": "unavailable",
    }
