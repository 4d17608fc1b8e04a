"""A sample that stands for the whole file, and files made to fool one."""

import csv
import io
import random
import sys

import msgspec
import pytest

from services.preflight import assess
from services.preflight.inspection._bounds import load
from services.preflight.inspection._inspect import inspect
from services.preflight.inspection._measures import chunk_rows
from services.preflight.inspection.types import CsvMeasures, Inspected, InspectFile

LARGE = 10**9
MEGABYTE = 1_000_000


def rows_until(size_bytes, row):
    """Lines of `row(i)` until they take so much."""
    lines, taken, number = [], 0, 0
    while taken < size_bytes:
        lines.append(row(number))
        taken += len(lines[-1]) + 1
        number += 1
    return lines


def inspected(path, *, thorough=False):
    request = InspectFile(
        path=str(path),
        name="file.csv",
        check_limit_bytes=LARGE,
        practical_limit_bytes=LARGE,
        thorough=thorough,
    )
    found = inspect(request, load())
    assert isinstance(found, Inspected)
    assert isinstance(found.measures, CsvMeasures)
    return found


def allocated(text):
    size = sys.getsizeof(text)
    return (size + 15) // 16 * 16 if size <= 512 else (size + 8 + 15) // 16 * 16


def strings_bytes(content, column):
    """What pandas' parser makes of a column: each string once per chunk of rows."""
    records = list(csv.reader(io.StringIO(content)))[1:]
    chunk = chunk_rows(len(records[0]))
    total = 0
    for first in range(0, len(records), chunk):
        total += sum(map(allocated, {r[column] for r in records[first : first + chunk]} - {""}))
    return total


def written(tmp_path, header, lines):
    path = tmp_path / "file.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8", newline="")
    return path


def test_text_in_the_last_tenth_of_a_column_is_seen(look):
    lines = rows_until(6 * MEGABYTE, lambda i: f"{i},{i % 977}")
    late = len(lines) * 9 // 10
    lines[late:] = [f"{i},unknown" for i in range(late, len(lines))]
    table = look("late.csv", "id,code\n" + "\n".join(lines) + "\n").report.tables[0]
    assert [column.dtype for column in table.columns] == ["int64", "object"]


@pytest.mark.parametrize("share", [0.31, 0.64, 0.97])
def test_a_single_word_in_a_table_of_numbers_is_found_wherever_it_stands(look, share):
    lines = rows_until(8 * MEGABYTE, lambda i: f"{i},{i % 977}")
    lines[int(share * len(lines))] = "5,closed"
    found = look("one.csv", "id,code\n" + "\n".join(lines) + "\n")
    assert found.report.tables[0].columns[1].dtype == "object"
    assert [(f.code, f.column) for f in found.report.findings] == [("mixed_types", "code")]


def test_one_bad_byte_near_the_end_is_found(look):
    lines = rows_until(6 * MEGABYTE, lambda i: f"{i},Zürich")
    content = ("id,place\n" + "\n".join(lines) + "\n").encode()
    at = content.rindex(b"Z", 0, len(content) - 4_001) + 1
    content = content[:at] + b"\xff" + content[at + 1 :]
    found = look("bad.csv", content)
    assert found.report.encoding == "utf-8"
    assert [f.code for f in found.report.findings if f.severity == "warning"] == ["bad_bytes"]


def test_slices_within_quoted_lines_are_told_apart_from_records(tmp_path):
    def row(i):
        return f'"alpha {i}, ""so""\nbeta, gamma","delta, ""{i * 7919 % 10_007}"" end",{i}'

    path = written(tmp_path, "note,reply,count", rows_until(9 * MEGABYTE, row))
    found = inspected(path)
    assert [column.dtype for column in found.measures.columns] == ["object", "object", "int64"]
    assert not any(f.code in ("short_rows", "long_rows") for f in found.report.findings)


def clustered(rng):
    """A sorted column: every value stands in a run of its own."""
    return lambda i: f"{i},customer {i // 40:08d},{rng.random():.4f}"


def in_blocks(rng):
    """Blocks of kinds: of few words, then all different, then blank."""
    kinds = ("same", "{:012d}", "")
    return lambda i: f"{i},{kinds[i // 30_000 % 3].format(i)},{rng.random():.4f}"


def in_copies(rng):
    """One part that comes again and again, longer than a slice and shorter than a chunk."""
    return lambda i: f"{i},{(i % 40_000) * 7919 % 100_003:010d}x,{rng.random():.4f}"


def of_few_and_many(rng):
    """A small vocabulary, mixed with values that occur once."""
    return lambda i: f"{i},{'word' if rng.random() < 0.6 else rng.getrandbits(64)},1.5"


HOSTILE = [clustered, in_blocks, in_copies, of_few_and_many]


@pytest.mark.parametrize("shape", HOSTILE)
def test_interval_holds_what_a_hostile_column_really_takes(tmp_path, shape):
    lines = rows_until(7 * MEGABYTE, shape(random.Random(7)))
    path = written(tmp_path, "id,text,amount", lines)
    truth = strings_bytes("\n".join(["id,text,amount", *lines]) + "\n", 1)
    column = inspected(path).measures.columns[1]
    assert column.dtype == "object"
    assert column.strings_low_bytes * 0.98 <= truth <= column.strings_high_bytes * 1.02


@pytest.mark.parametrize("shape", HOSTILE)
def test_a_thorough_look_counts_the_strings_one_by_one(tmp_path, shape):
    lines = rows_until(4 * MEGABYTE, shape(random.Random(11)))
    path = written(tmp_path, "id,text,amount", lines)
    truth = strings_bytes("\n".join(["id,text,amount", *lines]) + "\n", 1)
    measures = inspected(path, thorough=True).measures
    column = measures.columns[1]
    assert measures.rows == len(lines)
    assert not measures.is_sampled
    assert column.strings_bytes == pytest.approx(truth, rel=0.001)
    assert column.strings_low_bytes == column.strings_bytes == column.strings_high_bytes


def memory_of(path, profile):
    found = assess(path, "file.csv", profile).memory
    assert found is not None
    return found


def test_a_file_that_may_or_may_not_fit_is_read_from_end_to_end(tmp_path, profile):
    lines = rows_until(8 * MEGABYTE, lambda i: f"{i},{'x' * 40}{i // 300:08d},1.5")
    path = written(tmp_path, "id,text,amount", lines)
    usual = memory_of(path, profile)
    between = (usual.low_bytes + usual.high_bytes) // 2
    strict = msgspec.structs.replace(profile, ram_limit_bytes=between)
    closer = memory_of(path, strict)
    assert closer.high_bytes - closer.low_bytes < usual.high_bytes - usual.low_bytes
    assert usual.low_bytes <= closer.peak_bytes <= usual.high_bytes
