"""Files that are made to break a reader: each has a verdict, in bounded time and memory.

    python -m bench.hostile [--full] [--seed N]

Files come from seeds: `hostile_files(seed)` gives the same ones each time. By default a third is
looked at, with --full all of them. One line per figure; 1 where a bar is missed.
"""

import argparse
import contextlib
import io
import os
import random
import resource
import socket
import struct
import sys
import tempfile
import time
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import openpyxl
from PIL import Image

from services import limits
from services.preflight import assess
from services.preflight.types import Preflight

FULL = 3_200
_MOST_SECONDS, _MOST_BYTES = 5.0, 300_000_000
_BROKEN = ("crashed", "unreadable", "too_long")
_ODD = (
    *(
        b'"',
        b"\0",
        b"\r",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        "\u202e".encode(),
        b"{",
        b"]]",
        b"PK\x03\x04",
    ),
    *(b"<!DOCTYPE", b"\x1b$B", b"\x80\x81", b",,,,,,,,", b"1e999", b"\\u0000", b"%PDF-1.7"),
)


class Hostile(NamedTuple):
    """A file: what it is, what it is called, and how its content comes to lie at a path."""

    what: str
    name: str
    write: Callable[[Path], None]
    may_fit: bool = True
    """Whether a verdict that it fits can be true."""


def seeds() -> tuple[tuple[str, bytes], ...]:
    """Valid files of every kind."""
    book = openpyxl.Workbook()
    for title in ("Data", "Notes"):
        sheet = book.active if title == "Data" else book.create_sheet(title)
        sheet.title = title
        for row in (["id", "name", "made"], *([n, f"item {n}", n * 1.5] for n in range(60))):
            sheet.append(row)
    workbook = io.BytesIO()
    book.save(workbook)
    pictures = []
    for form in ("PNG", "JPEG"):
        picture = io.BytesIO()
        Image.frombytes("RGB", (40, 30), random.Random(1).randbytes(3_600)).save(picture, form)
        pictures.append(picture.getvalue())
    rows = "".join(f"{n};Zürich {n};{n},5;2024-01-{1 + n % 28:02}\n" for n in range(80))
    records = ",".join(
        f'{{"id": {n}, "name": "item {n}", "in": [1, {{"a": null}}]}}' for n in range(60)
    )
    return (
        ("a.csv", f"id;city;amount;day\n{rows}".encode()),
        ("b.csv", f"id;city;amount;day\n{rows}".encode("cp1252")),
        ("c.csv", b"a,b,c\n" + b'1,"x, y",2.5\n3,"line\nbreak",4\n' * 40),
        ("d.csv", "a\tb\nя\t1\nю\t2\n".encode("utf-16") * 30),
        ("a.xlsx", workbook.getvalue()),
        ("a.json", f"[{records}]".encode()),
        ("a.ndjson", records.replace("},{", "}\n{").encode()),
        ("a.png", pictures[0]),
        ("a.jpg", pictures[1]),
        ("a.txt", b"Sehr geehrte Damen und Herren,\nanbei die Liste.\n" * 30),
    )


def mutated(content: bytes, other: bytes, rng: random.Random) -> bytes:
    """Some bytes flipped, cut, put in, doubled, or taken from another file."""
    made = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 5, 20))):
        at = rng.randrange(len(made) + 1)
        match rng.randrange(7):
            case 0 if made:
                made[at % len(made)] ^= 1 << rng.randrange(8)
            case 1:
                del made[at : at + rng.randrange(1, 200)]
            case 2:
                made[at:at] = rng.randbytes(rng.randrange(1, 60))
            case 3:
                made[at:at] = made[at : at + 300] * rng.randrange(1, 12)
            case 4:
                made[at:at] = rng.choice(_ODD)
            case 5:
                del made[at:]
            case _:
                start = rng.randrange(len(other) + 1)
                made[at:] = other[start:]
    return bytes(made)


def hostile_files(seed: int, count: int) -> Iterator[Hostile]:
    """So many files: those made by hand, then mutations of valid ones."""
    rng = random.Random(seed)
    by_hand = [*_bombs(), *_polyglots(), *_texts(), *_places(), *_names()]
    yield from by_hand
    valid = seeds()
    for number in range(count - len(by_hand)):
        (name, content), (_, other) = rng.choice(valid), rng.choice(valid)
        raw = mutated(content, other, rng)
        called = rng.choice((name, name, "x.csv", "x.json", "x.xlsx", "x.png", "x"))
        yield Hostile(f"mutation {number} of {name}", called, _writer(raw))


def _writer(raw: bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(raw)

    return write


def _bytes(what: str, name: str, raw: bytes, *, may_fit: bool = True) -> Hostile:
    return Hostile(what, name, _writer(raw), may_fit)


def _zip(parts: dict[str, bytes], *, twice: str = "") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in parts.items():
            archive.writestr(name, raw)
        if twice:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                archive.writestr(twice, parts[twice])
    return out.getvalue()


def _parts(**changed: bytes) -> dict[str, bytes]:
    """A workbook's parts, some of them changed: `sheet`, `strings`, `book`, `rels`, `styles`."""
    with zipfile.ZipFile(io.BytesIO(dict(seeds())["a.xlsx"])) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    places = {
        "sheet": "xl/worksheets/sheet1.xml",
        "strings": "xl/sharedStrings.xml",
        "book": "xl/workbook.xml",
        "rels": "xl/_rels/workbook.xml.rels",
        "styles": "xl/styles.xml",
    }
    return parts | {places[key]: raw for key, raw in changed.items()}


def _png(width: int, height: int, data: bytes) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


def _bombs() -> Iterator[Hostile]:
    zeros = zlib.compress(bytes(60_000_000), 9)
    yield _bytes("png bomb", "x.png", _png(100, 100, zeros), may_fit=False)
    for side in (0, 20_000, 65_535, 2**31 - 1):
        raw = _png(side, side, zlib.compress(bytes(100)))
        yield _bytes(f"png of {side} pixels a side", "x.png", raw, may_fit=False)
    jpeg = bytearray(dict(seeds())["a.jpg"])
    at = jpeg.index(b"\xff\xc0")
    jpeg[at + 5 : at + 9] = b"\xff\xff\xff\xff"
    yield _bytes("jpeg of 65,535 pixels a side", "x.jpg", bytes(jpeg), may_fit=False)
    billion = (
        b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">'
        + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
        + b"]>"
    )
    yield _bytes("entities", "x.xml", billion + b"<l>&j;</l>", may_fit=False)
    for part in ("sheet", "strings", "book", "rels", "styles"):
        raw = _zip(_parts(**{part: billion + b"<worksheet>&j;</worksheet>"}))
        yield _bytes(f"entities in {part}", "x.xlsx", raw, may_fit=False)
    row = b'<row r="1"><c r="A1"><v>1</v></c></row>'
    sheet = b"<worksheet><sheetData>" + row * 1_500_000 + b"</sheetData></worksheet>"
    yield _bytes("sheet of one row, often", "x.xlsx", _zip(_parts(sheet=sheet)))
    blank = b"<worksheet><sheetData>" + bytes(b" " * 80_000_000) + b"</sheetData></worksheet>"
    yield _bytes("sheet of blanks", "x.xlsx", _zip(_parts(sheet=blank)))
    deep = b"<worksheet>" + b"<a>" * 200_000 + b"</a>" * 200_000 + b"</worksheet>"
    yield _bytes("deep sheet", "x.xlsx", _zip(_parts(sheet=deep)))
    counted = b'<sst count="1000000000" uniqueCount="1000000000"><si><t>x</t></si></sst>'
    yield _bytes("strings that claim to be many", "x.xlsx", _zip(_parts(strings=counted)))
    for place in ("ZZZ99999999", "A0", "XFD1048576", "A18446744073709551616", "é1"):
        odd = (
            f'<worksheet><dimension ref="A1:{place}"/><sheetData><row r="1"><c r="{place}"><v>1'
            '</v></c></row><row r="2"><c r="A2"><v>2</v></c></row></sheetData></worksheet>'
        )
        yield _bytes(f"a cell at {place}", "x.xlsx", _zip(_parts(sheet=odd.encode())))
    rels = (
        b'<Relationships><Relationship Id="rId1" Target="http://example.org/s.xml" '
        b'TargetMode="External" Type="x/worksheet"/></Relationships>'
    )
    yield _bytes("sheets elsewhere", "x.xlsx", _zip(_parts(rels=rels)), may_fit=False)
    up = rels.replace(b"http://example.org/s.xml", b"../../../../etc/passwd").replace(
        b"External", b"Internal"
    )
    yield _bytes("sheets above", "x.xlsx", _zip(_parts(rels=up)), may_fit=False)
    yield _bytes(
        "absolute parts", "x.xlsx", _zip(_parts() | {"/etc/passwd": b"x", "../../x": b"y"})
    )
    yield _bytes("a part twice", "x.xlsx", _zip(_parts(), twice="xl/worksheets/sheet1.xml"))
    yield _bytes("many parts", "x.xlsx", _zip(_parts() | {f"p{n}": b"" for n in range(30_000)}))
    nested = _zip({"a.zip": _zip({"b.zip": zeros})})
    yield _bytes("zip in zip", "x.xlsx", nested, may_fit=False)


def _polyglots() -> Iterator[Hostile]:
    valid = dict(seeds())
    pdf = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
    yield _bytes("pdf and zip", "x.xlsx", pdf + valid["a.xlsx"], may_fit=False)
    yield _bytes("zip and pdf", "x.pdf", valid["a.xlsx"] + pdf)
    yield _bytes("png and zip", "x.png", valid["a.png"] + valid["a.xlsx"])
    yield _bytes("gif and script", "x.csv", b"GIF89a=1;alert(1);\n" * 30, may_fit=False)
    yield _bytes("csv that begins as a zip", "x.csv", b"PK\x03\x04,b\n1,2\n3,4\n")
    yield _bytes("csv that begins with PK", "x.csv", b"PK,b\n1,2\n3,4\n")
    yield _bytes(
        "html as csv", "x.csv", b"<html><table><tr><td>1,2</td></tr></table></html>", may_fit=False
    )
    yield _bytes("svg as png", "x.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>", may_fit=False)
    yield _bytes("program as csv", "x.csv", b"\x7fELF" + bytes(500), may_fit=False)
    yield _bytes("csv as png", "x.png", valid["a.csv"])
    for kind, magic in {
        "gz": b"\x1f\x8b\x08\0" + bytes(40), "7z": b"7z\xbc\xaf\x27\x1c" + bytes(40),
        "rar": b"Rar!\x1a\x07" + bytes(40), "parquet": b"PAR1" + bytes(40) + b"PAR1",
        "sqlite": b"SQLite format 3\0" + bytes(90), "exe": b"MZ\x90\0" + bytes(90),
        "xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        "tar": bytes(257) + b"ustar" + bytes(300),
    }.items():  # fmt: skip
        for name in (f"x.{kind}", "x.csv", "x.xlsx", "x.json"):
            yield _bytes(f"{kind} as {name}", name, magic, may_fit=False)


def _texts() -> Iterator[Hostile]:
    for depth in (90, 110, 5_000, 500_000, 5_000_000):
        yield _bytes(
            f"lists {depth} deep", "x.json", b"[" * depth + b"]" * depth, may_fit=depth < 100
        )
        yield _bytes(
            f"objects {depth} deep",
            "x.json",
            b'{"a":' * depth + b"1" + b"}" * depth,
            may_fit=depth < 100,
        )
    yield _bytes("lists without an end", "x.json", b"[" * 10_000_000, may_fit=False)
    yield _bytes("a key of 10 MB", "x.json", b'[{"' + b"k" * 10_000_000 + b'": 1}]')
    yield _bytes("a number of 2 MB", "x.json", b'[{"a": ' + b"9" * 2_000_000 + b"}]")
    yield _bytes(
        "many keys", "x.json", b"{" + b",".join(b'"k%d":1' % n for n in range(1_000_000)) + b"}"
    )
    yield _bytes("same keys", "x.json", b"[{" + b",".join(b'"k":1' for _ in range(500_000)) + b"}]")
    yield _bytes(
        "a million columns",
        "x.csv",
        b",".join(b"c%d" % n for n in range(1_000_000)) + b"\n" + b"1," * 999_999 + b"1\n",
        may_fit=False,
    )
    yield _bytes("delimiters only", "x.csv", b"," * 20_000_000, may_fit=False)
    yield _bytes(
        "a field of 100 MB", "x.csv", b"a,b\n1," + b"x" * 100_000_000 + b"\n", may_fit=False
    )
    yield _bytes("a quoted field of 100 MB", "x.csv", b'a,b\n1,"' + b"x\n" * 50_000_000 + b'"\n')
    yield _bytes("a quote never closed", "x.csv", b'a,b\n"' + b"1,2\n" * 2_000_000)
    yield _bytes("quotes only", "x.csv", b'"' * 5_000_001)
    yield _bytes("line ends only", "x.csv", b"\n" * 20_000_000, may_fit=False)
    yield _bytes("returns only", "x.csv", b"\r" * 5_000_000, may_fit=False)
    yield _bytes("zeros", "x.csv", bytes(5_000_000), may_fit=False)
    yield _bytes("zeros within", "x.csv", b"a,b\n1,\0\n" * 1_000, may_fit=False)
    for code in ("utf-16", "utf-32", "cp1251", "shift_jis"):
        text = "a,b\nя,1\n".encode(code, "replace") * 50
        yield _bytes(f"utf-8 then {code}", "x.csv", "a,b\nя,1\n".encode() * 50 + text)
    names = "a\u202eb,c\x07d,__proto__,=cmd|' /C calc'!A0,\u200b,nul\x1b[31m\n"
    names += "1,2,3,4,5,6\n7,8,9,1,2,3\n"
    yield _bytes("names that act", "x.csv", names.encode())
    yield _bytes("lone surrogates", "x.json", b'[{"\\ud800": "\\udfff"}, {"a": 1}]')
    yield _bytes("cut within a letter", "x.csv", "a,b\nя,1\n".encode()[:-4] * 40)
    yield _bytes("escapes of iso-2022", "x.csv", b'a,b\n\x1b$B$"$$\x1b(B,1\n' * 40 + b"\x1b$B")
    yield _bytes("empty", "x.csv", b"", may_fit=False)
    for one in (b"\n", b"\xef\xbb\xbf", b"\xff\xfe", b",", b'"', b"{", b"[", b"\0", b"\xff", b"0"):
        for name in ("x.csv", "x.json", "x.txt", "x.xlsx"):
            yield _bytes(f"only {one!r}", name, one)


def _places() -> Iterator[Hostile]:
    def socket_at(path: Path) -> None:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(str(path))

    yield Hostile("a pipe", "x.csv", os.mkfifo, may_fit=False)
    yield Hostile("a folder", "x.csv", lambda path: path.mkdir(), may_fit=False)
    yield Hostile("a socket", "x.csv", socket_at, may_fit=False)
    for target in ("/dev/zero", "/dev/stdin", "/nowhere", "/proc/self/mem", "loop"):
        yield Hostile(f"a link to {target}", "x.csv", _linker(target), may_fit=False)


def _linker(target: str) -> Callable[[Path], None]:
    def link(path: Path) -> None:
        path.symlink_to(path if target == "loop" else target)

    return link


def _names() -> Iterator[Hostile]:
    for name in (
        "\u202egnp.csv", "../../etc/passwd", "a\0b.csv", "con.csv", "x" * 400 + ".csv", "", ".",
        "a\nb.csv", "<script>.csv", "a/b\\c.csv", "\ufeff.csv", "x.csv.exe",
        "![x](http:).csv", "é" * 300,
    ):  # fmt: skip
        yield _bytes(f"name {name[:20]!r}", name, b"a,b\n1,2\n3,4\n")


def is_wrongly_accepted(file: Hostile, path: Path, found: Preflight) -> bool:
    """Whether it is said to fit and is not what it is said to be."""
    if found.verdict.state == "refused":
        return False
    if not file.may_fit:
        return True
    kind = found.report.kind
    try:
        if kind in ("png", "jpeg"):
            with Image.open(path) as picture:
                picture.load()
                return picture.format != kind.upper()
        if kind == "xlsx":
            book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()), read_only=True)
            for row in book[found.report.tables[0].name].iter_rows(max_row=50, values_only=True):
                del row
    except Exception as exc:  # noqa: BLE001 - whatever a reader raises: it can't be read
        del exc
        return True
    return False


def children_peak_bytes() -> int:
    """The most that one ended or living child of this process has had resident."""
    most = 0
    for task in Path("/proc/self/task").iterdir():
        for child in (task / "children").read_text(encoding="ascii").split():
            with contextlib.suppress(OSError):
                status = Path(f"/proc/{child}/status").read_text(encoding="ascii")
                most = max(
                    most,
                    *(
                        int(line.split()[1]) * 1024
                        for line in status.splitlines()
                        if line.startswith("VmHWM")
                    ),
                )
    return max(most, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)


def main(arguments: list[str] | None = None) -> int:
    """Look at the files and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m bench.hostile")
    parser.add_argument("--full", action="store_true", help=f"all {FULL} files")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    profile = limits.load()
    count = FULL if given.full else FULL // 3
    states: dict[str, int] = {}
    slowest, broken, wrong = (0.0, ""), [], []
    with tempfile.TemporaryDirectory() as folder:
        quiet = Path(folder) / "quiet.csv"
        quiet.write_text("a,b\n1,2\n", encoding="ascii")
        assess(quiet, "quiet.csv", profile)
        idle, most = children_peak_bytes(), (0, "")
        for number, file in enumerate(hostile_files(given.seed, count)):
            path = Path(folder) / f"f{number}"
            file.write(path)
            started = time.perf_counter()  # a bench measures real time
            found = assess(path, file.name, profile)
            slowest = max(slowest, (time.perf_counter() - started, file.what))
            states[found.verdict.state] = states.get(found.verdict.state, 0) + 1
            peak = children_peak_bytes()
            most = max(most, (peak, file.what)) if peak > most[0] else most
            if found.verdict.code in _BROKEN:
                broken.append(f"{file.what}: {found.verdict.code}")
            if is_wrongly_accepted(file, path, found):
                wrong.append(f"{file.what}: {found.report.kind}")
            if not path.is_dir():
                path.unlink(missing_ok=True)
    grown = most[0] - idle
    out = sys.stdout.write
    out(f"hostile files={count} " + " ".join(f"{k}={v}" for k, v in sorted(states.items())) + "\n")
    out(f"slowest={slowest[0]:.2f}s ({slowest[1]})\n")
    out(f"child_growth={grown / 1e6:.0f}MB ({most[1]})\n")
    out(f"readers_broken={len(broken)}\n" + "".join(f"  {one}\n" for one in broken[:40]))
    out(f"wrongly_accepted={len(wrong)}\n" + "".join(f"  {one}\n" for one in wrong[:40]))
    is_met = not broken and not wrong and slowest[0] <= _MOST_SECONDS and grown <= _MOST_BYTES
    return 0 if is_met else 1


if __name__ == "__main__":
    raise SystemExit(main())
