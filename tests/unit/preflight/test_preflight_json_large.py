"""Documents that are too large to be read at once are checked from end to end all the same."""

import msgspec
import pytest

from services.preflight.inspection import _bounds, _encoding, _json
from services.preflight.inspection.types import Inspected, Refusal, SourceFile

SMALL = msgspec.structs.replace(_bounds.load(), json_whole_bytes=1_000)
RECORDS = [
    b'{"id": %d, "say": "a, [b] \\"c\\" {d\\\\", "in": [1, {"x": null}]}' % n for n in range(90_000)
]


def read(path, content: bytes) -> Inspected | Refusal:
    path.write_bytes(content)
    source = SourceFile(path=path, name="x.json", size_bytes=len(content))
    encoding = _encoding.detect(content[:60_000])
    assert encoding is not None
    return _json.read(source, content[encoding.bom_bytes : 60_000], encoding, SMALL)


@pytest.mark.parametrize("joint", [b",", b" ,\n ", b",\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_long_list_is_counted_exactly(tmp_path, mark, joint):
    found = read(tmp_path / "f", mark + b"[" + joint.join(RECORDS) + b"]\n")
    assert isinstance(found, Inspected)
    table = found.report.tables[0]
    assert (table.rows, table.rows_exact) == (90_000, True)
    assert [column.name for column in table.columns] == ["id", "say", "in"]


@pytest.mark.parametrize("at", [1, 40_000, 89_999])
@pytest.mark.parametrize(
    ("wrong", "shift"),
    [(b'{"id": tru, "say": 1}', 8), (b'{"id": 1,, "say": 1}', 9), (b'{"id" 1}', 6)],
)
def test_wrong_byte_anywhere_in_a_long_list_is_told(tmp_path, at, wrong, shift):
    records = [*RECORDS[:at], wrong, *RECORDS[at + 1 :]]
    content = b"[" + b",".join(records) + b"]"
    found = read(tmp_path / "f", content)
    assert isinstance(found, Refusal)
    assert found.code == "invalid_json"
    assert found.position is not None
    assert abs(found.position - content.index(wrong) - shift) <= 1


@pytest.mark.parametrize(
    ("end", "code"),
    [
        (b"", "truncated"),
        (b",", "truncated"),
        (b",]", "invalid_json"),
        (b"]]", "invalid_json"),
        (b"] x", "invalid_json"),
    ],
)
def test_end_of_a_long_list_is_looked_at(tmp_path, end, code):
    found = read(tmp_path / "f", b"[" + b",".join(RECORDS) + end)
    assert isinstance(found, Refusal)
    assert found.code in (code, "invalid_json")


def test_long_list_with_numbers_that_are_none_is_valid(tmp_path):
    records = [*RECORDS, b'{"id": NaN, "say": -Infinity}']
    found = read(tmp_path / "f", b"[" + b",".join(records) + b"]")
    assert isinstance(found, Inspected)
    assert found.report.tables[0].rows == 90_001


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'{"made": "x", "rows": [' + b",".join(RECORDS) + b"]}", None),
        (b'{"made": "x", "rows": [' + b",".join(RECORDS) + b"]", "truncated"),
        (b'{"made": "x", "rows": [' + b",".join(RECORDS) + b",]}", "invalid_json"),
        (b"[" * 200_000 + b"]" * 200_000, "too_deep"),
    ],
)
def test_other_large_documents_are_checked_as_well(tmp_path, content, code):
    found = read(tmp_path / "f", content)
    assert (found.code if isinstance(found, Refusal) else None) == code


def test_object_of_very_many_keys_is_refused_before_it_takes_memory(look):
    content = b"{" + b",".join(b'"k%d": 1' % n for n in range(30_000)) + b"}"
    assert look("x.json", content).verdict.code == "too_many_columns"
