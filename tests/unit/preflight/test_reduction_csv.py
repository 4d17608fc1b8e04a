"""The rows of any CSV, as pandas makes them of the original, through each step."""

import csv
import io
from datetime import date, timedelta

import hypothesis.strategies as st
import msgspec
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings

from services.preflight.reduction import _bounds, _write
from services.preflight.reduction.types import Source
from services.preflight.types import (
    Dialect,
    KeepColumns,
    KeepRows,
    NarrowTypes,
    NewestRows,
    OneRowPerGroup,
    SampleRows,
)
from tests.unit.preflight.reduction_made import read, reduced, request_of, source_of, written

ROWS = 200
ORDERS = "id,at,region,amount,qty,paid,note\n" + "".join(
    f"{n},{date(2025, 1, 1) + timedelta(n * 37 % 300)},{['North', 'South', 'East'][n % 3]},"
    f'{n * 1.25:.3f},{n % 7},{n % 2 == 0},"a, ""b"" {n}"\n'
    for n in range(ROWS)
)


CONTAINS = "note.str.contains('b\" 1')"


@pytest.fixture
def orders(tmp_path):
    return written(tmp_path / "orders.csv", ORDERS)


def same(found: pd.DataFrame, wanted: pd.DataFrame) -> None:
    """Equal as values, whatever the order of columns and the width of integers."""
    pd.testing.assert_frame_equal(
        found[list(wanted.columns)].reset_index(drop=True),
        wanted.reset_index(drop=True),
        check_dtype=False,
        check_exact=True,
    )
    assert sorted(found.columns) == sorted(wanted.columns)


def test_all_values_are_kept_and_columns_of_one_type_stand_together(orders):
    found = reduced(orders)
    same(found, read(ORDERS))
    assert list(found.columns) == ["paid", "amount", "id", "qty", "at", "region", "note"]


def test_compact_file_is_smaller_and_has_the_same_totals(orders):
    found = reduced(orders, KeepColumns(names=("region", "amount", "qty")))
    wanted = read(ORDERS)
    assert found["amount"].sum() == wanted["amount"].sum()
    assert found.groupby("region")["qty"].sum().to_dict() == (
        wanted.groupby("region")["qty"].sum().to_dict()
    )
    text = (orders.parent / "work" / "reduced.csv").read_text()
    assert text.startswith("amount,qty,region\n0,0,North\n1.25,1,South\n2.5,2,East\n")


@pytest.mark.parametrize(
    ("step", "query"),
    [
        (KeepRows(column="region", comparison="=", value="North"), "region == 'North'"),
        (KeepRows(column="region", comparison="!=", value="North"), "region != 'North'"),
        (KeepRows(column="qty", comparison=">=", value="5"), "qty >= 5"),
        (KeepRows(column="amount", comparison="<", value="100"), "amount < 100"),
        (KeepRows(column="at", comparison=">", value="2025-06-01"), "at > '2025-06-01'"),
        (KeepRows(column="note", comparison="contains", value="B\" 1"), CONTAINS),
    ],
)  # fmt: skip
def test_filter_keeps_what_the_same_query_keeps(orders, step, query):
    same(reduced(orders, step), read(ORDERS).query(query))


def test_row_may_be_chosen_by_a_column_that_is_not_kept(orders):
    steps = KeepColumns(names=("amount",)), KeepRows(column="qty", comparison="=", value="3")
    same(reduced(orders, *steps), read(ORDERS).query("qty == 3")[["amount"]])


@pytest.mark.parametrize("every", [2, 7])
def test_sample_keeps_one_row_of_each_n_and_the_same_ones_each_time(orders, every):
    found = reduced(orders, SampleRows(every=every))["id"]
    whole = ROWS // every
    assert [n // every for n in found[:whole]] == list(range(whole))
    assert len(found) - whole in (0, 1)
    assert found.tolist() == reduced(orders, SampleRows(every=every))["id"].tolist()


def test_sample_of_few_rows_has_one(orders):
    assert reduced(orders, SampleRows(every=1_000))["id"].tolist() == [0]


def test_sample_loses_no_group_of_rows_that_alternate(orders):
    """Every third row would be of one region."""
    assert set(reduced(orders, SampleRows(every=3))["region"]) == {"North", "South", "East"}


@pytest.mark.parametrize("rows", [1, 30, 5_000])
def test_newest_rows_are_those_with_the_latest_dates_in_the_order_of_the_file(orders, rows):
    wanted = read(ORDERS)
    latest = wanted.sort_values("at", kind="stable").tail(rows).sort_index()
    same(reduced(orders, NewestRows(rows=rows, column="at")), latest)


def test_last_rows_are_taken_where_no_date_orders_them(orders):
    same(reduced(orders, NewestRows(rows=11)), read(ORDERS).tail(11))


def test_groups_have_exact_sums_and_counts(orders):
    found = reduced(orders, OneRowPerGroup(by=("region",)), KeepColumns(names=("amount", "qty")))
    wanted = read(ORDERS).groupby("region")
    assert dict(zip(found["region"], found["rows"], strict=True)) == wanted.size().to_dict()
    assert dict(zip(found["region"], found["qty"], strict=True)) == wanted["qty"].sum().to_dict()
    np.testing.assert_allclose(found["amount"], wanted["amount"].sum(), rtol=1e-14)
    assert list(found.columns) == ["amount", "qty", "rows", "region"]


def test_groups_of_the_rows_that_a_filter_leaves(orders):
    steps = OneRowPerGroup(by=("region", "paid")), KeepRows(column="qty", comparison="<", value="2")
    found = reduced(orders, *steps)
    wanted = read(ORDERS).query("qty < 2").groupby(["paid", "region"]).size()
    assert found.set_index(["paid", "region"])["rows"].to_dict() == wanted.to_dict()


def test_rounding_changes_only_digits_beyond(orders):
    found = reduced(orders, NarrowTypes(columns=("amount",), digits=1))
    assert found["amount"].tolist() == [float(f"{n * 1.25:.1f}") for n in range(ROWS)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
def test_text_is_the_same_whatever_the_encoding(tmp_path, encoding):
    text = "Stadt;Preis;Größe\n" + "".join(f"Köln;{n},5;groß {n}\n" for n in range(40))
    path = written(tmp_path / "städte.csv", text.encode(encoding))
    found = reduced(path)
    same(found, read(text, ";", ","))


def test_dates_that_a_reader_has_to_guess_become_iso(tmp_path):
    """The smaller file has commas, and so would be read with the month first."""
    days = [date(2025, 1, 1) + timedelta(n) for n in range(60)]
    lines = "".join(f"{day:%d.%m.%Y};{n},5\n" for n, day in enumerate(days))
    found = reduced(written(tmp_path / "a.csv", "tag;wert\n" + lines))
    assert found["tag"].tolist() == [day.isoformat() for day in days]
    assert found["wert"].tolist() == [n + 0.5 for n in range(60)]


def test_numbers_written_as_text_become_numbers(tmp_path):
    lines = "".join(f'"${n},{n:03}.50",({n}.5)\n' for n in range(1, 60))
    path = written(tmp_path / "a.csv", "usd,net\n" + lines)
    found = reduced(path, NarrowTypes(columns=("usd", "net")))
    assert found["usd"].tolist() == [n * 1_000 + n + 0.5 for n in range(1, 60)]
    assert found["net"].tolist() == [-n - 0.5 for n in range(1, 60)]


def test_what_the_sample_did_not_show_stays_as_it_is(tmp_path):
    """Numbers, then a word far behind the part that was looked at."""
    lines = [f"{n}.50" for n in range(300_000)]
    lines[-5] = "unknown"
    path = written(tmp_path / "a.csv", "n\n" + "\n".join(lines) + "\n")
    found = reduced(path)
    assert found["n"].iloc[-5] == "unknown"
    assert float(found["n"].iloc[-1]) == 299_999.5
    assert len(found) == 300_000


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ("code\n007\n008\n", ["007", "008"]),
        ("a,b\n1,\n,2\n", ["1", None]),
    ],
)
def test_first_column_of_odd_files(tmp_path, content, wanted):
    path = written(tmp_path / "a.csv", content)
    reduced(path)
    frame = pd.read_csv(tmp_path / "work" / "reduced.csv", dtype=str).astype(object)
    first = next(name for name in ("code", "a") if name in frame)
    assert frame[first].where(frame[first].notna(), None).tolist() == wanted


@pytest.mark.parametrize(
    ("lines", "dialect"),
    [
        ("made on a Monday\nby hand\n{}", Dialect(delimiter=",", skip_rows=2)),
        ("above\n\n{}", Dialect(delimiter=",", header_row=1)),
    ],
)
def test_what_stands_above_the_header_is_skipped_as_the_dialect_says(tmp_path, lines, dialect):
    plain = "a,b\n1,x\n2,y\n3,z\n"
    source = source_of(written(tmp_path / "plain.csv", plain))
    path = written(tmp_path / "a.csv", lines.format(plain))
    report = msgspec.structs.replace(source.report, dialect=dialect)
    request = request_of(Source(report=report, measures=source.measures), path, tmp_path / "w")
    _write.write(request, _bounds.load(), lambda _: None)
    assert (tmp_path / "w" / "reduced.csv").read_text() == plain


def test_table_without_a_header_gets_the_names_of_the_report(tmp_path):
    source = source_of(written(tmp_path / "plain.csv", "a,b\n1,x\n2,y\n"))
    path = written(tmp_path / "a.csv", "1,x\n2,y\n")
    report = msgspec.structs.replace(source.report, dialect=Dialect(delimiter=",", header_row=None))
    request = request_of(Source(report=report, measures=source.measures), path, tmp_path / "w")
    _write.write(request, _bounds.load(), lambda _: None)
    assert (tmp_path / "w" / "reduced.csv").read_text() == "a,b\n1,x\n2,y\n"


whole = st.one_of(st.integers(-(10**12), 10**12).map(str), st.sampled_from(["", "+5", "0", "-0"]))
decimals = st.one_of(
    st.decimals(-1000, 1000, places=3, allow_nan=False).map(str),
    st.floats(-1e9, 1e9, allow_subnormal=False).map(repr),
    st.sampled_from(["", "NA", "-0.0", "1e5", "0.10", ".5", "5.", "-.0", "12.5000", " 7.50"]),
)
texts = st.one_of(
    st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12).map(str.strip),
    st.sampled_from(["True", 'q"q', "a,b", "007", "NULL", "1.50 kg"]),
)
a_column = st.sampled_from([whole, decimals, texts, st.one_of(whole, decimals, texts)]).flatmap(
    lambda cells: st.lists(cells, min_size=12, max_size=12)
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    columns=st.lists(a_column, min_size=2, max_size=4),
    delimiter=st.sampled_from([",", ";", "\t"]),
)
def test_any_table_keeps_every_value(tmp_path_factory, columns, delimiter):
    """Each column, read as numbers where it is one, else as text, is the original's."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow([f"name {n}" for n in range(len(columns))])
    writer.writerows(zip(*columns, strict=True))
    path = written(tmp_path_factory.mktemp("any") / "a.csv", out.getvalue())
    dialect = source_of(path).report.dialect
    assert dialect is not None
    if (dialect.delimiter, dialect.header_row, dialect.decimal) != (delimiter, 0, "."):
        return  # What it is read as is the inspection's affair.
    if not dialect.is_quoted:
        return
    found = reduced(path)
    wanted = pd.read_csv(path, sep=delimiter)
    same(found, wanted)
