"""Every file gets a verdict with its sentence, whatever it is (R10, R13, R23)."""

import gzip
import json
from pathlib import Path

import pytest

from services import limits
from services.errors import Message
from services.preflight import assess
from services.preflight.types import Finding, Preflight, Verdict
from tests.unit.preflight import preflight_made as made

BOOK = made.workbook(("Sales", [["region", "amount"], ["North", 1.5], ["South", 2]]))
NBSP = "\N{NO-BREAK SPACE}"
PROTECTED = Path(__file__).parents[2] / "data" / "protected.xlsx"
AGAIN = " If it came from an export, run the export again."
NOT_COPIED = "It was probably not copied or downloaded completely."
BILLION_LAUGHS = (
    b'<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY l2 "&lol;&lol;&lol;">]>'
    b"<workbook><sheets>&l2;</sheets></workbook>"
)
REFUSED: list[tuple[str, str | bytes, str, str, str]] = [
    ("empty.csv", b"", "empty_file", "There is nothing in this file.",
     "It has 0 bytes and no rows." + AGAIN),
    ("blank.csv", " \n\n\t\n", "empty_file", "There is nothing in this file.",
     "It has 5 bytes and no rows." + AGAIN),
    ("header.csv", "a,b,c\n", "no_rows", "There are no rows in this file.",
     "Only a header or an empty frame was found." + AGAIN),
    ("list.json", "[]", "no_rows", "There are no rows in this file.",
     "Only a header or an empty frame was found." + AGAIN),
    ("photo.csv", made.picture(), "wrong_type",
     "This is a PNG image, although its name ends in .csv.",
     "PNG images can't be analysed here, because the numbers in a picture aren't stored as data."),
    ("photo.xlsx", made.picture("JPEG"), "wrong_type",
     "This is a JPEG image, although its name ends in .xlsx.",
     "JPEG images can't be analysed here, because the numbers in a picture aren't stored as data."),
    ("report.csv", b"%PDF-1.4\n%\xe2\xe3", "wrong_type",
     "This is a PDF, although its name ends in .csv.",
     "PDFs can't be analysed here, because their tables aren't stored as data."),
    ("report.pdf", b"%PDF-1.4\n%\xe2\xe3", "wrong_type", "This is a PDF.",
     "PDFs can't be analysed here, because their tables aren't stored as data."),
    ("page.csv", "<!DOCTYPE html><html><table><tr><td>1,2</td></tr></table>", "wrong_type",
     "This is an HTML page, although its name ends in .csv.",
     "HTML pages can't be analysed here, because they aren't stored as rows and columns."),
    ("drawing.svg", '<svg xmlns="http://www.w3.org/2000/svg"/>', "wrong_type",
     "This is an SVG image.",
     "SVG images can't be analysed here, because the numbers in a picture aren't stored as data."),
    ("data.zip", made.archive(a="1"), "wrong_type", "This is a ZIP archive.",
     "ZIP archives can't be analysed here, because what is inside has to be unpacked first."),
    ("data.csv.gz", gzip.compress(b"a,b\n1,2\n"), "wrong_type", "This is a gzip archive.",
     "Gzip archives can't be analysed here, because what is inside has to be unpacked first."),
    ("setup.csv", b"MZ\x90\0\3" + bytes(100), "wrong_type",
     "This is a Windows program, although its name ends in .csv.",
     "Windows programs can't be analysed here, because only data is read here, never a program."),
    ("old.xls", made.compound_file("Workbook"), "legacy_workbook",
     "This is the old Excel format (.xls).", "Save it as .xlsx in Excel and add it again."),
    ("letter.doc", made.compound_file("WordDocument"), "wrong_type", "This is a Word document.",
     "Word documents can't be analysed here, because their tables aren't stored as data."),
    ("secret.xlsx", PROTECTED.read_bytes(), "encrypted_workbook",
     "This workbook is protected by a password, so nobody can read it here.",
     "In Excel: File › Info › Protect Workbook › Encrypt with Password, clear the password, save,"
     " add it again."),
    ("macro.xlsm", made.with_part(BOOK, "xl/vbaProject.bin", b"x"), "macro_workbook",
     "This workbook contains macros.", "Save it as .xlsx in Excel and add it again."),
    ("cut.xlsx", BOOK[:-900], "truncated", "The file ends in the middle.",
     f"{NOT_COPIED} Copy or download the Excel workbook again."),
    ("cut.png", made.picture()[:-20], "truncated", "The file ends in the middle.",
     f"{NOT_COPIED} Copy or download the PNG image again."),
    ("cut.json", json.dumps([{"a": i, "b": "x"} for i in range(9)])[:100], "truncated",
     "The file ends in the middle.",
     "The first 5 rows can be read; the rest is missing. Copy or download the JSON file again."),
    ("wrong.json", '[{"a": 1}, {"a":}]', "invalid_json",
     "This is not valid JSON: it breaks at byte 16.",
     "Export it again, or correct that place, and add it again."),
    ("nan.json", '[{"a": nan}]', "invalid_json", "This is not valid JSON: it breaks at byte 8.",
     "Export it again, or correct that place, and add it again."),
    ("wrong.ndjson", '{"a": 1}\n{"a" 2}\n{"a": 3}\n', "invalid_json",
     "This is not valid JSON: it breaks at byte 14.",
     "Export it again, or correct that place, and add it again."),
    ("deep.json", "[" * 100_000 + "]" * 100_000, "too_deep",
     "This JSON is nested too deeply to be a table: more than 100 levels.",
     "Export it as a list of records and add that."),
    ("objects.json", "[{}, {}]", "no_rows", "There are no rows in this file.",
     "Only a header or an empty frame was found." + AGAIN),
    ("lines.ndjson", "{}\n{}\n", "no_rows", "There are no rows in this file.",
     "Only a header or an empty frame was found." + AGAIN),
    ("nulls.json", "[null, {}, []]", "no_rows", "There are no rows in this file.",
     "Only a header or an empty frame was found." + AGAIN),
    ("null.json", "null", "no_rows", "There are no rows in this file.",
     "It holds a single value. Export it as a list of records and add that."),
    ("number.json", "5", "no_rows", "There are no rows in this file.",
     "It holds a single value. Export it as a list of records and add that."),
    ("wide.csv", ",".join(["c"] * 30_000) + "\n" + ",".join(["1"] * 30_000), "too_many_columns",
     "This table has 30,000 columns; up to 20,000 can be checked.",
     "Export it with fewer columns, or with rows and columns swapped."),
    ("laughs.xlsx", made.with_part(BOOK, "xl/workbook.xml", BILLION_LAUGHS), "bomb",
     "This file unpacks to far more than any real workbook, so it was not opened.",
     "Save the data as a new file in Excel and add that."),
    ("bomb.xlsx", made.with_part(BOOK, "xl/worksheets/sheet1.xml", b" " * 60_000_000), "bomb",
     "This file unpacks to far more than any real workbook, so it was not opened.",
     "Save the data as a new file in Excel and add that."),
    ("bomb.png", made.huge_png(60_000, 60_000), "picture_too_large",
     "This picture is too large to be opened safely.",
     "Save it with fewer pixels and add it again."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "code", "happened", "todo"), REFUSED, ids=[row[0] for row in REFUSED]
)
def test_refused_file_gets_its_own_sentence(look, name, content, code, happened, todo):
    found = look(name, content)
    assert (found.verdict.state, found.verdict.code) == ("refused", code)
    assert found.verdict.message == Message(what_happened=happened, what_to_do=todo)
    assert (found.memory, found.cost, found.time, found.report.tables) == (None, None, None, ())


def test_refused_picture_says_what_works_instead(look):
    assert look("photo.csv", made.picture()).verdict.ways_out == (
        "Export the numbers behind it from the program that made it, as CSV or Excel",
        "Or type them into a spreadsheet and save it as .xlsx",
        "To ask about it as a picture, give it a name that ends in .png",
    )


def renamed(found: Preflight) -> list[Finding]:
    return [finding for finding in found.report.findings if finding.code == "renamed"]


@pytest.mark.parametrize(
    ("name", "content", "kind", "sentence"),
    [
        ("b.csv", BOOK, "xlsx",
         "This is an Excel workbook, although its name ends in .csv. It is read as Excel."),
        ("b.csv", '[{"a": 1}, {"a": 2}]', "json",
         "This is a JSON file, although its name ends in .csv. It is read as JSON."),
        ("b.xlsx", "a,b\n1,2\n3,4\n", "csv",
         "This is a CSV file, although its name ends in .xlsx. It is read as CSV."),
        ("b.png", made.picture("JPEG"), "jpeg",
         "This is a JPEG image, although its name ends in .png. It is read as JPEG."),
    ],
)  # fmt: skip
def test_usable_file_under_a_wrong_name_is_read_as_what_it_is(look, name, content, kind, sentence):
    found = look(name, content)
    assert (found.verdict.state, found.report.kind) == ("fits", kind)
    assert renamed(found) == [Finding(code="renamed", severity="warning", message=sentence)]


@pytest.mark.parametrize("name", ["b.xlsx", "b", "B.XLSX", "b.backup"])
def test_name_that_promises_nothing_else_is_no_finding(look, name):
    assert renamed(look(name, BOOK)) == []


def test_file_that_fits_tells_its_peak_with_an_interval(look):
    found = look("orders.csv", "region,amount\n" + "North,1.5\nSouth,2.5\n" * 200)
    assert found.memory is not None
    assert 90e6 < found.memory.low_bytes < found.memory.peak_bytes < found.memory.high_bytes < 120e6
    assert found.verdict.message == Message(
        what_happened="Ready.",
        what_to_do="Loading it should need about"
        f" {found.memory.peak_bytes / 1e6:.0f}{NBSP}MB at its peak"
        f" ({found.memory.low_bytes / 1e6:.0f}–{found.memory.high_bytes / 1e6:.0f}), of the"
        f" 950{NBSP}MB available.",
    )
    assert (found.verdict.state, found.verdict.code, found.profile) == ("fits", "fits", "guide")


WAY_ON = "It has to be made smaller before it can be asked about: "


def test_file_over_the_limit_that_can_be_sent_has_to_be_made_smaller(look):
    """30 MB of plain numbers fit in memory; what can be sent is another matter."""
    found = look("big.csv", "a,b,c\n" + "123456,1.25,north\n" * 1_670_000)
    assert (found.verdict.state, found.verdict.code) == ("fits_after_reduction", "over_file_limit")
    assert found.memory is not None
    assert found.memory.fits
    assert found.verdict.message == Message(
        what_happened=f"It fits in memory ({found.memory.peak_bytes / 1e6:.0f}{NBSP}MB of"
        f" 950{NBSP}MB), but 30.1{NBSP}MB is over the 20{NBSP}MB that can be sent.",
        what_to_do="Reduced, it fits.",
    )
    assert found.report.tables[0].rows == 1_670_000
    assert "over_practical_limit" not in [finding.code for finding in found.report.findings]


@pytest.mark.parametrize(
    ("file_limit", "code", "size"),
    [
        (20_000_000, "over_memory", ""),
        (8_000_000, "over_memory_and_size", f", and 8.7{NBSP}MB is over the 8{NBSP}MB"),
        (2_000_000, "over_memory_and_size", f", and 8.7{NBSP}MB is over the 2{NBSP}MB"),
    ],
)
def test_file_that_needs_too_much_is_told_by_the_limits_that_it_passes(
    tmp_path, file_limit, code, size
):
    """JSON is the dangerous format: some ten times its size."""
    path = tmp_path / "upload"
    path.write_text((json.dumps({f"column_{i}": i * 1_000 for i in range(12)}) + "\n") * 40_000)
    tight = limits.load(overrides={"ram_limit_bytes": 150_000_000, "file_limit_bytes": file_limit})
    found = assess(path, "big.ndjson", tight)
    memory = found.memory
    assert memory is not None
    assert (memory.fits, memory.rough, memory.environment) == (False, False, "pandas 1.5.3")
    peak, low, high = (
        f"{size / 1e6:.0f}" for size in (memory.peak_bytes, memory.low_bytes, memory.high_bytes)
    )
    size += " that can be sent" if size else ""
    happened = (
        f"Too large as it is: it would need about {peak}{NBSP}MB ({low}–{high})"
        f" of 950{NBSP}MB{size}."
    )
    assert found.plan is not None
    assert found.plan.fits
    assert found.verdict == Verdict(
        state="fits_after_reduction",
        code=code,
        message=Message(what_happened=happened, what_to_do="Reduced, it fits."),
    )


@pytest.mark.parametrize("alert", [800_000_000, 120_000_000])
def test_heaviest_column_is_named_where_memory_is_short(tmp_path, alert):
    path = tmp_path / "upload"
    path.write_text("id,note\n" + "".join(f"{i},a remark of number {i}\n" for i in range(300_000)))
    found = assess(path, "notes.csv", limits.load(overrides={"ram_alert_bytes": alert}))
    told = [(f.code, f.column) for f in found.report.findings]
    assert told == ([("heaviest_column", "note")] if alert < 800_000_000 else [])


def test_picture_is_ready_but_holds_no_table(look):
    found = look("photo.png", made.picture())
    assert found.report.image is not None
    assert (found.report.image.width, found.report.image.height) == (40, 30)
    assert found.report.image.decoded_bytes == 3_600
    assert found.verdict.message == Message(
        what_happened="Ready.",
        what_to_do="This is a PNG image without a table, which only Claude can be asked about.",
    )


def test_picture_that_needs_too_much_memory_is_refused_with_a_size_that_fits(look):
    """Nothing here makes a picture smaller, so 'fits after reduction' would be untrue."""
    found = look("map.png", made.huge_png(13_000, 13_000))
    assert found.verdict == Verdict(
        state="refused",
        code="over_memory",
        message=Message(
            what_happened="This picture has 13,000 × 13,000 pixels: looking at it would need about"
            f" 1,780{NBSP}MB (1,602–1,994), of the 950{NBSP}MB available.",
            what_to_do="Save it at most 8,600 pixels wide and add it again.",
        ),
    )
    assert (found.cost, found.time) == (None, None)
    assert look("map.png", made.huge_png(8_600, 8_600)).verdict.state == "fits"
    assert look("map.png", made.huge_png(8_700, 8_700)).verdict.state == "refused"


@pytest.mark.parametrize(
    ("form", "mode", "per_pixel"),
    [("PNG", "1", 3), ("PNG", "L", 3), ("PNG", "P", 3), ("PNG", "LA", 8), ("PNG", "RGB", 10),
     ("PNG", "RGBA", 12), ("PNG", "I;16", 12), ("JPEG", "L", 3), ("JPEG", "CMYK", 12)],
)  # fmt: skip
def test_memory_of_a_picture_goes_by_its_mode(look, form, mode, per_pixel):
    """Measured under the profile's Pillow: opened, then made an array of."""
    memory = look("a", made.picture(form, mode)).memory
    assert memory is not None
    assert memory.peak_bytes - memory.baseline_bytes == 40 * 30 * per_pixel


@pytest.mark.parametrize(
    ("name", "content", "todo"),
    [
        ("book.txt", "Once upon a time. ", "cut it into parts and add one of them."),
        ("noise.png", made.picture(), "save it with fewer pixels, or as a JPEG image, and add it"
         " again."),
        ("noise.jpg", made.picture("JPEG"), "save it with fewer pixels, and add it again."),
    ],
)  # fmt: skip
def test_text_or_picture_over_the_limit_that_can_be_sent_is_refused(tmp_path, name, content, todo):
    path = tmp_path / "upload"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    size = path.stat().st_size
    found = assess(path, name, limits.load(overrides={"file_limit_bytes": size - 1}))
    assert (found.verdict.state, found.verdict.code) == ("refused", "over_file_limit")
    assert found.verdict.message.what_to_do == WAY_ON + todo
    assert (found.cost, found.time) == (None, None)


@pytest.mark.parametrize(
    ("name", "content", "asked"),
    [
        ("a.csv", "a,b\n1,2\n", ["local", "claude"]),
        ("a.txt", "Dear all,", ["claude"]),
        ("a.png", made.picture(), ["claude"]),
        ("a.csv", "", []),
        ("map.png", made.huge_png(13_000, 13_000), []),
    ],
)
def test_local_engine_can_only_be_asked_about_tables(look, name, content, asked):
    found = look(name, content)
    assert [engine for engine in ("local", "claude") if found.can_be_asked(engine)] == asked


def test_cost_and_time_carry_their_formula(look):
    found = look("a.csv", "a,b\n1,2\n")
    assert found.cost is not None
    assert found.time is not None
    assert (found.time.low_seconds, found.time.high_seconds) == (20, 60)
    assert found.time.typical_seconds == pytest.approx(34.6, abs=0.1)
    assert found.cost.low_microusd == found.cost.token_low_microusd + 278
    assert found.cost.token_low_microusd == 4_000 * 2 + 600 * 10
    assert found.cost.token_high_microusd == 15_000 * 2 + 2_500 * 10
    assert found.cost.container_high_microusd == 833
    assert "4,000–15,000" in found.cost.formula
