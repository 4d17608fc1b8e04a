"""Damage that a structure hides, and processes that end when they should not (R13)."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from services.errors import Message
from services.preflight.inspection import Inspectors, _bounds
from services.preflight.inspection.types import Inspected, InspectFile, Refusal
from tests.unit.preflight import preflight_made as made

ROOT = Path(__file__).parents[3]
BOOK = made.workbook(("Sales", [["region", "amount"], ["North", 1.5], ["South", 2]]))
SPACE = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
DAMAGED = "This Excel workbook is damaged and can't be read."
NO_ROWS = "There are no rows in this file."


def sheet(xml: bytes) -> bytes:
    """A workbook whose only sheet is this XML."""
    return made.with_part(BOOK, "xl/worksheets/sheet1.xml", SPACE + xml)


def cell(place: str, value: str) -> bytes:
    row = place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return f'<row r="{row}"><c r="{place}"><v>{value}</v></c></row>'.encode()


END = b"</sheetData></worksheet>"
TWO = b"<sheetData>" + cell("A1", "1") + cell("A2", "2")


@pytest.mark.parametrize(
    ("content", "code", "happened"),
    [
        (sheet(TWO + cell("A99999999999", "3") + END), "damaged", DAMAGED),
        (sheet(TWO + cell("A1048577", "3") + END), "damaged", DAMAGED),
        (sheet(TWO + b'<row r="3"><c r="A3"'), "damaged", DAMAGED),
        (sheet(b"<sheetData>" + cell("A1", "x1") + cell("A2", "--") + END), "damaged", DAMAGED),
        (sheet(b"<sheetData>" + cell("ZZZ1", "1") + END), "no_rows", NO_ROWS),
        (sheet(b"<sheetData/></worksheet>"), "no_rows", NO_ROWS),
        (made.workbook(("S", [["a", "b"]])), "no_rows", NO_ROWS),
        (made.workbook(("S", [])), "no_rows", NO_ROWS),
        (made.compound_file("EncryptedPackage")[:300], "damaged",
         "This Office file is damaged and can't be read."),
        (made.compound_file("EncryptionInfo", "EncryptedPackage"), "encrypted_workbook",
         "This workbook is protected by a password, so nobody can read it here."),
        (made.archive(**{"xl/workbook.bin": "x"}), "legacy_workbook",
         "This is the binary Excel format (.xlsb)."),
    ],
)  # fmt: skip
def test_workbook_that_nobody_can_use_is_refused(look, content, code, happened):
    found = look("book.xlsx", content)
    assert (found.verdict.state, found.verdict.code) == ("refused", code)
    assert found.verdict.message.what_happened == happened


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (sheet(TWO + cell("A1048576", "3") + END), 1_048_575),
        (sheet(TWO + END + b"<!-- made by hand -->\n"), 1),
        (sheet(b'<dimension ref="A1:XFD1048576"/>' + TWO + END), 1),
    ],
)
def test_workbook_that_is_only_odd_is_read(look, content, rows):
    found = look("book.xlsx", content)
    assert (found.report.kind, found.report.tables[0].rows) == ("xlsx", rows)


def test_empty_sheet_is_left_out_where_another_holds_rows(look):
    found = look("book.xlsx", made.workbook(("S", []), ("T", [["a"], [1]])))
    assert [(table.name, table.position) for table in found.report.tables] == [("T", 1), ("S", 0)]


def test_last_whole_row_of_a_cut_file_is_told_in_the_singular(look):
    assert look("cut.json", '[{"a": 1},').verdict.message == Message(
        what_happened="The file ends in the middle.",
        what_to_do="The first row can be read; the rest is missing."
        " Copy or download the JSON file again.",
    )


@pytest.mark.parametrize("number", ["9" * 5_000, "1e999", "-1e999"])
def test_number_past_every_type_makes_no_column_of_its_own(look, number):
    found = look("x.json", '[{"a": ' + number + '}, {"a": 1}]')
    assert [(c.name, c.dtype, c.nulls) for c in found.report.tables[0].columns] == [
        ("a", "float64", 0)
    ]


@pytest.mark.parametrize("levels", [5_000, 90_000])
def test_depth_is_found_below_the_first_record_too(look, levels):
    deep = '{"a":' * levels + "1" + "}" * levels
    assert look("x.ndjson", '{"a": 1}\n' + deep + "\n").verdict.code == "too_deep"
    assert look("x.json", '[{"a": 1}, ' + deep + "]").verdict.code == "too_deep"


@pytest.mark.parametrize("content", [bytes(500), b"a,b\n1,\x002\n3,4\n" * 3])
def test_nul_bytes_are_no_table(look, content):
    assert look("x.csv", content).verdict.message.what_happened == (
        "This is a binary file, although its name ends in .csv."
    )


@pytest.mark.parametrize(
    "name", ["annual\u202efdp.csv", "a\x00\x1b[31m\n.csv", "../../etc/x.csv", "é" * 300 + ".csv"]
)
def test_hostile_name_changes_nothing_about_its_content(look, name):
    found = look(name, "a,b\n1,2\n")
    assert (found.verdict.state, found.report.findings) == ("fits", ())


def test_directory_on_the_command_line_is_refused_like_any_file(tmp_path):
    command = [sys.executable, "-m", "services.preflight", str(tmp_path), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60, check=True)
    line = json.loads(done.stdout)
    assert (line["verdict"], line["code"], line["kind"]) == ("refused", "not_a_file", None)
    assert line["message"] == "This is not a file. Choose a file with data."


@pytest.fixture
def inspectors():
    kept = Inspectors()
    yield kept
    kept.close()


def question(path: Path, *, thorough: bool = False) -> InspectFile:
    return InspectFile(
        path=str(path),
        name=path.name,
        check_limit_bytes=400_000_000,
        practical_limit_bytes=15_000_000,
        thorough=thorough,
    )


def test_small_file_does_not_wait_for_a_large_one(inspectors, tmp_path):
    large, small = tmp_path / "large.csv", tmp_path / "small.csv"
    large.write_text("a,b\n" + "1,2\n" * 9_000_000)
    small.write_text("a,b\n1,2\n")
    stop = threading.Event()
    replies: list[object] = []
    thread = threading.Thread(
        target=lambda: replies.append(inspectors.ask(question(large, thorough=True), stop))
    )
    thread.start()
    try:
        assert isinstance(inspectors.ask(question(small)), Inspected)
        assert thread.is_alive()
    finally:
        stop.set()
        thread.join(20)
    assert replies == [None]


PARENT = """
import sys
from pathlib import Path
from services.preflight.inspection import Inspectors
from services.preflight.inspection.types import InspectFile
inspectors = Inspectors()
inspectors.warm()
print("started", flush=True)
inspectors.ask(InspectFile(path=sys.argv[1], name="a.csv", check_limit_bytes=400_000_000,
                           practical_limit_bytes=15_000_000, thorough=True))
"""


def test_children_do_not_outlive_a_parent_that_is_killed(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "1,2\n" * 2_000_000)
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(path)], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"started\n"
    listed = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
    assert len(listed) == 1
    child = os.pidfd_open(int(listed[0]))
    parent.kill()
    parent.wait(10)
    parent.stdout.close()
    try:
        assert until(lambda: has_ended(int(listed[0])), seconds=20)
    finally:
        if not has_ended(int(listed[0])):
            signal.pidfd_send_signal(child, signal.SIGKILL)
        os.close(child)


def has_ended(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"


def until(is_true, seconds: float) -> bool:
    """Whether it became true in time."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while time.monotonic() < deadline:
        if is_true():
            return True
        pause.wait(0.02)
    return False


@pytest.mark.parametrize("kind", ["quote", "line", "json", "brackets"])
def test_hostile_file_stays_within_the_memory_of_a_check(inspectors, tmp_path, kind):
    """The peak is read from the child itself: while it works, and after its answer."""
    path = tmp_path / "x.csv"
    with path.open("wb") as file:
        match kind:
            case "quote":
                file.write(b'a,b\n"' + b"x" * 120_000_000)
            case "line":
                file.write(b"a,b\n" + b"1," * 60_000_000)
            case "json":
                file.write(b"[" + b"{}," * 20_000_000 + b"{}]")
            case "brackets":
                file.write(b"[" + b"[]," * 20_000_000 + b"[]]")
    before = own_children()
    inspectors.ask(question(made_small(tmp_path)))
    (child,) = own_children() - before
    peaks = [peak_bytes(child)]
    replies: list[object] = []
    thread = threading.Thread(target=lambda: replies.append(inspectors.ask(question(path))))
    thread.start()
    while thread.is_alive():
        peaks.append(peak_bytes(child))
        thread.join(0.02)
    assert isinstance(replies[0], Refusal | Inspected)
    assert 0 < max(peaks) < peaks[0] + _bounds.load().memory_bytes


def made_small(folder: Path) -> Path:
    path = folder / "small.csv"
    path.write_text("a,b\n1,2\n")
    return path


def own_children() -> set[int]:
    """The processes that the threads of this one have started."""
    return {
        int(pid)
        for task in Path("/proc/self/task").iterdir()
        for pid in (task / "children").read_text().split()
    }


def peak_bytes(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    lines = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    return int(lines[0]) * 1024 if lines else 0
