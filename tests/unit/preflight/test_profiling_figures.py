"""The profile of a file: every figure is the one that pandas has of the same rows."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.limits.types import LimitProfile
from services.preflight import assess
from services.preflight.profiling import Profilers, _bounds, _profile
from services.preflight.profiling._team import Team
from services.preflight.profiling.types import Profiled, ProfileTables, TableFigures
from services.preflight.types import ColumnReport, Dialect, FileReport, Preflight, TableReport
from tests.unit.preflight import preflight_made as made


def exactly(tmp_path: Path, profile: LimitProfile, name: str, content: str | bytes) -> Preflight:
    """The check of such a file with every row looked at."""
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    found = assess(path, name, profile, exact=True)
    assert found.is_profiled, found.verdict
    return found


def counted(report: FileReport) -> list[Any]:
    """Rows, duplicates, and per column blanks, different values and type."""
    (table,) = report.tables
    assert table.rows_exact
    assert all(column.counts_exact for column in table.columns)
    columns = [(c.name, c.nulls, c.distinct, c.dtype) for c in table.columns]
    return [table.rows, table.duplicate_rows, *columns]


def expected(frame: pd.DataFrame) -> list[Any]:
    """The same of a frame; text is an object whatever this pandas calls it."""
    columns = [
        (str(n), int(s.isna().sum()), s.nunique(), "object" if s.dtype.kind == "O" or
         str(s.dtype) == "str" else str(s.dtype))
        for n, s in frame.items()
    ]  # fmt: skip
    return [len(frame), int(frame.duplicated().sum()), *columns]


def codes(found: Preflight) -> dict[str, str]:
    return {finding.code: finding.message for finding in found.report.findings}


CITIES = "city,n,x,flag\n" + "".join(
    f"{('Köln', 'Málaga', 'NA', '')[i % 4]},{i % 50},{i / 8},{i % 2 == 0}\n" for i in range(700)
)
CSVS: list[tuple[str, bytes, dict[str, Any]]] = [
    ("plain", CITIES.encode(), {}),
    ("with a mark", CITIES.encode("utf-8-sig"), {}),
    ("UTF-16", CITIES.encode("utf-16"), {"encoding": "utf-16"}),
    ("old code page", CITIES.encode("cp1252"), {"encoding": "cp1252"}),
    ("Windows line ends", CITIES.replace("\n", "\r\n").encode(), {}),
    ("old Mac line ends", CITIES.replace("\n", "\r").encode(), {}),
    ("no line end at the end", CITIES.rstrip().encode(), {}),
    ("blank lines", CITIES.replace("\nKöln", "\n\n   \nKöln").encode(), {}),
    ("bad byte", CITIES.encode() + b"K\xf6ln,4,5.5,True\n", {"encoding_errors": "replace"}),
    ("semicolons", CITIES.replace(",", ";").encode(), {"sep": ";"}),
    ("tabs", CITIES.replace(",", "\t").encode(), {"sep": "\t"}),
    (
        "decimal commas",
        CITIES.replace(",", ";").replace(".", ",").encode(),
        {"sep": ";", "decimal": ","},
    ),
    ("title above", b"Report\nMade 2024\n\n" + CITIES.encode(), {"skiprows": 3}),
    ("names twice", b"a,a,b\n" + b"1,2,3\n4,5,6\n1,2,3\n" * 9, {}),
    ("short rows", CITIES.encode() + b"Rome\nRome\nOslo,3\n", {}),
    ("long rows", CITIES.encode() + b"Rome,1,2.5,True,9\n", {"on_bad_lines": "skip"}),
    ("quoted line ends", b'a,b\n"one\ntwo",1\n"say ""yes""",2\n"one\ntwo",1\n', {}),
    ("quoted missing words", b'a,b\n"NA",1\n"",2\nx,3\n', {}),
    ("labels", b"n,total\n" + b"North,1,2\nSouth,3,4\nEast,1,2\n" * 5, {}),
    ("trailing delimiter", b"a,b\n" + b"1,2,\n3,4,\n1,2,\n" * 5, {"index_col": False}),
    ("padded numbers", b"a,b\n 1 ,+2\n-3, 4.5\n7,+.5\n", {}),
    ("zero and minus zero", b"a,b\n0.0,x\n-0.0,x\n1e3,y\n1000,z\n", {}),
    ("hexadecimal", b"a,b\n0x1F,1\n0x2A,2\n", {}),
    ("infinite", b"a,b\ninf,1\n-inf,2\n1.5,3\n", {}),
    ("beyond int64", b"a,b\n18446744073709551615,1\n1,2\n", {}),
    ("beyond uint64", b"a,b\n99999999999999999999999,1\n1,2\n", {}),
    ("all missing", b"a,b\n,1\nNaN,2\nNULL,3\n", {}),
    ("truth values", b"a,b\nTrue,1\nTRUE,2\nfalse,3\n", {}),
    ("truth and blanks", b"a,b\nTrue,1\n,2\nfalse,3\n", {}),
    ("one column", b"a\n1\n\n2\n2\n", {}),
    ("long text", ("a,b\n" + "".join(f"{'x' * 600}{i % 7},{i}\n" for i in range(50))).encode(), {}),
]  # fmt: skip


@pytest.mark.parametrize(("content", "options"), [c[1:] for c in CSVS], ids=[c[0] for c in CSVS])
def test_profile_of_a_csv_is_what_pandas_counts(tmp_path, profile, content, options):
    found = exactly(tmp_path, profile, "a.csv", content)
    frame = pd.read_csv(tmp_path / "a.csv", low_memory=False, **options)
    assert counted(found.report) == expected(frame)


def test_profile_tells_extremes_of_all_rows(tmp_path, profile):
    rows = [f"{i},{i / 4},2024-01-{1 + i % 28:02d}" for i in range(60_000)]
    rows[33_333] = "-7,1e300,1999-12-31"
    found = exactly(tmp_path, profile, "a.csv", "n,x,day\n" + "\n".join(rows) + "\n")
    extremes = [(c.minimum, c.maximum) for c in found.report.tables[0].columns]
    assert extremes == [("-7", "59999"), ("0.0", "1e+300"), ("1999-12-31", "2024-01-28")]


def test_text_that_the_sample_missed_makes_a_column_text(tmp_path, profile):
    """Few enough rows that no sample is likely to see them, in a column of numbers."""
    rows = [f"{i % 100_000},{i % 7}.0,{'' if i < 5 else i % 7}" for i in range(400_000)]
    rows[251_817] = "unknown,1.00,3"
    found = exactly(tmp_path, profile, "a.csv", "n,x,y\n" + "\n".join(rows) + "\n")
    frame = pd.read_csv(tmp_path / "a.csv", low_memory=False)
    assert counted(found.report) == expected(frame)
    column = found.report.tables[0].columns[0]
    assert (column.kind, column.minimum, column.maximum) == ("mixed", None, None)


WORDS = [
    *("-Infinity", "infinity", "+INF", "iNf", "INFINITY", "NAN", "+nan", "0x1F", "1_000"),
    *("+7", " 8", "9\t", "007", "1.", "-.5", "1e5", "1e", "--1", "True", "  ", "n/a"),
]


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("number", ["1", "1.5"])
def test_word_among_numbers_is_to_the_profile_what_it_is_to_pandas(tmp_path, word, number):
    """Whatever the check took the column for."""
    path = tmp_path / "a.csv"
    path.write_text(f"p|q\n{number}|1\n{number}|2\n{word}|3\n{number}|1\n")
    frame = pd.read_csv(path, sep="|", low_memory=False)
    for kind in ("integer", "text", "mixed", "empty"):
        found = gone_over(path, [kind, "integer"], Dialect(delimiter="|"))
        got: list[Any] = [found.rows, found.duplicate_rows]
        got += [(c.name, c.nulls, c.distinct, c.dtype) for c in found.columns]
        assert got == expected(frame), kind


def test_number_beyond_the_largest_float_is_text(tmp_path):
    """To pandas 1.5.3; later ones call it infinite."""
    path = tmp_path / "a.csv"
    path.write_text("p,q\n1.5,1\n1e400,2\ninf,3\n")
    found = gone_over(path, ["number", "integer"], Dialect(delimiter=","))
    assert [(c.dtype, c.odd) for c in found.columns] == [("object", "1e400"), ("int64", "")]


def test_numbers_that_the_check_took_for_text_have_extremes(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("p,q\n" + "".join(f"{i},{i / 4}\n" for i in range(40_000)))
    found = gone_over(path, ["text", "mixed"], Dialect(delimiter=","))
    figures = [(c.kind, c.dtype, c.minimum, c.maximum, c.distinct) for c in found.columns]
    assert figures == [
        ("integer", "int64", "0", "39999", 40_000),
        ("number", "float64", "0.0", "9999.75", 40_000),
    ]


@pytest.mark.parametrize(
    "row",
    [
        '"first\nsecond ""{0}"", third\n",{0}\n',
        'a 5" pipe {0},{0}\n',
        '"{0}"x,{0}\n',
        "plain {0},{0}\r\n",
        "old {0},{0}\r",
        '"{0}",\n',
        "{0}\n",
    ],
)
def test_rows_are_told_apart_in_every_piece_of_a_file(tmp_path, profile, row):
    """As many rows as several threads take turns at; of the last kind half are short."""
    rows = [row.format(i % 70_000) for i in range(100_000)]
    found = exactly(tmp_path, profile, "a.csv", "name,n" + row[-1] + "".join(rows))
    frame = pd.read_csv(tmp_path / "a.csv", low_memory=False, lineterminator=None)
    assert counted(found.report) == expected(frame)


def test_distinct_beyond_the_cap_is_estimated_and_says_so(tmp_path, profile):
    path = tmp_path / "a.csv"
    path.write_text("id,few\n" + "".join(f"u{i},{i % 9}\n" for i in range(120_000)))
    report = assess(path, "a.csv", profile).report
    profilers = Profilers()
    try:
        reply = profilers.ask(
            ProfileTables(path=str(path), report=report, exact_distinct=50_000, held_keys=20_000)
        )
    finally:
        profilers.close()
    assert isinstance(reply, Profiled)
    unique, few = reply.tables[0].columns
    assert unique.distinct_error is not None
    assert 0 < unique.distinct_error < 0.01
    assert unique.distinct == pytest.approx(120_000, rel=5 * unique.distinct_error)
    assert (few.distinct, few.distinct_error, reply.tables[0].duplicate_rows) == (9, None, 0)


def test_findings_that_need_every_row(tmp_path, profile):
    content = "kind,n,note\n" + "".join(f"a,{i % 40},{'x' if i % 8 else ''}\n" for i in range(400))
    found = codes(exactly(tmp_path, profile, "a.csv", content))
    assert found["duplicate_rows"] == "360 rows repeat another row (90%). They are kept."
    assert found["constant_column"] == "has the same value in every row."
    assert found["blanks"] == "is empty in 12% of rows (50)."


def test_two_orders_of_dates_are_told(tmp_path, profile):
    days = ["03/04/2024", "05/06/2024"] * 300_000
    days[300_010], days[400_011] = "25/12/2024", "12/25/2024"
    found = exactly(tmp_path, profile, "a.csv", "day,n\n" + "".join(f"{d},1\n" for d in days))
    assert "two_date_orders" in codes(found)
    assert "ambiguous_dates" not in codes(found)


RECORDS = [
    {"n": i % 30, "city": ("Köln", None, "a, {b}]", 'q"\\')[i % 4], "x": i / 4, "ok": i % 3 == 0}
    for i in range(900)
]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", json.dumps(RECORDS)),
        ("a.json", json.dumps(RECORDS, indent=2, ensure_ascii=False)),
        ("a.json", json.dumps(RECORDS).encode("utf-16")),
        ("a.ndjson", "\n".join(map(json.dumps, RECORDS))),
        ("a.json", json.dumps({"made": "today", "rows": RECORDS})),
        ("a.json", json.dumps({key: [r[key] for r in RECORDS] for key in RECORDS[0]})),
    ],
)
def test_profile_of_json_is_what_pandas_counts(tmp_path, profile, name, content):
    found = exactly(tmp_path, profile, name, content)
    assert counted(found.report) == expected(pd.DataFrame(RECORDS))


@pytest.mark.parametrize("name", ["a.json", "a.ndjson"])
def test_members_that_later_records_begin_with_are_columns(tmp_path, profile, name):
    records: list[dict[str, Any]] = [{"n": i % 30, "city": "Rome"} for i in range(90_000)]
    records[70_000]["late"] = "a"
    records[70_001] |= {"late": "b", "later": 4.5}
    content = json.dumps(records) if name == "a.json" else "\n".join(map(json.dumps, records))
    found = exactly(tmp_path, profile, name, content)
    assert counted(found.report) == expected(pd.DataFrame(records))
    told = "2 more columns first come up in later records: “late”, “later”."
    assert codes(found)["columns_found_late"] == told


def test_profile_of_a_workbook_is_what_pandas_counts(tmp_path, profile):
    rows: list[list[Any]] = [["city", "n", "x", "ok"]]
    rows += [[("Köln", "NA", "R & D", None)[i % 4], i % 20, i / 4, i % 2 == 0] for i in range(300)]
    found = exactly(tmp_path, profile, "a.xlsx", made.workbook(("Orders", rows)))
    frame = pd.read_excel(tmp_path / "a.xlsx", engine="openpyxl")
    assert counted(found.report) == expected(frame)


def gone_over(path: Path, kinds: list[Any], dialect: Dialect) -> TableFigures:
    """The figures of a CSV of columns p, q, … that a check took for such kinds."""
    columns = tuple(
        ColumnReport(name=name, dtype="int64", kind=kind)
        for name, kind in zip("pqr", kinds, strict=False)
    )
    table = TableReport(name="a.csv", rows=0, rows_exact=False, columns=columns)
    report = FileReport(kind="csv", mime="text/csv", size_bytes=0, dialect=dialect, tables=(table,))
    team = Team(2)
    try:
        reply = _profile.profile(path, report, _bounds.load(), team)
    finally:
        team.close()
    assert isinstance(reply, Profiled)
    (found,) = reply.tables
    return found


FIELDS = st.one_of(
    st.integers(-(10**6), 10**6).map(str),
    st.floats(-1e6, 1e6).map(repr),
    st.sampled_from(["", "NA", "n/a", "True", "x y", "a,b", 'say "hi"', "two\nlines", "é", "-"]),
)


def quoted(field: str) -> str:
    return '"' + field.replace('"', '""') + '"' if set(field) & set(',"\n') else field


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.lists(FIELDS, min_size=3, max_size=3), min_size=2, max_size=30))
def test_profile_of_any_csv_is_what_pandas_counts(tmp_path, rows):
    """Read by one report, so that it is the profile that is tried and not the sniffing."""
    path = tmp_path / "a.csv"
    path.write_text("p,q,r\n" + "".join(",".join(map(quoted, row)) + "\n" for row in rows))
    found = gone_over(path, ["integer"] * 3, Dialect(delimiter=","))
    frame = pd.read_csv(path, low_memory=False)
    got = [found.rows, *((c.nulls, c.distinct, c.dtype) for c in found.columns)]
    wanted = expected(frame)
    assert got == [wanted[0], *(column[1:] for column in wanted[2:])]
