"""How a CSV is written and what its columns hold, on small files of every kind (R11, R12)."""

import codecs

import pandas as pd
import pytest

from services.preflight import assess
from services.preflight.types import Dialect, Finding, Preflight, TableReport


def table(found: Preflight) -> TableReport:
    assert found.report.kind == "csv", found.verdict
    return found.report.tables[0]


def codes(found) -> list[tuple[str, str | None]]:
    return [(finding.code, finding.column) for finding in found.report.findings]


NUMBERS = "".join(f"{i},{i * 0.5},n{i % 3}\n" for i in range(30))


@pytest.mark.parametrize(
    ("content", "dialect", "names", "rows"),
    [
        ("a,b,c\n" + NUMBERS, Dialect(delimiter=","), ("a", "b", "c"), 30),
        ("a;b\n1,5;x\n2,5;y\n", Dialect(delimiter=";", decimal=","), ("a", "b"), 2),
        ("a;b\nx, y;1\nz, w;2\nv, u;3\n", Dialect(delimiter=";"), ("a", "b"), 3),
        ("a\tb\n1\tx\n2\ty\n", Dialect(delimiter="\t"), ("a", "b"), 2),
        ("a|b|c\n1|2|3\n4|5|6\n", Dialect(delimiter="|"), ("a", "b", "c"), 2),
        ("a,b\n'x,1',2\n'y,2',3\n", Dialect(delimiter=",", quotechar="'"), ("a", "b"), 2),
        (NUMBERS, Dialect(delimiter=",", header_row=None),
         ("column_1", "column_2", "column_3"), 30),
        ("land,2019,2020,2021\nA,1,2,3\nB,4,5,6\n", Dialect(delimiter=","),
         ("land", "2019", "2020", "2021"), 2),
        ("Sales report\nMade 2024\n\nregion,year,amount\nN,2020,1\nS,2021,2\nE,2022,3\n",
         Dialect(delimiter=",", skip_rows=3), ("region", "year", "amount"), 3),
        ("Total;;\n;;\nregion;year;amount\nN;2020;1\nS;2021;2\nE;2022;3\n",
         Dialect(delimiter=";", skip_rows=2), ("region", "year", "amount"), 3),
        ("name\nAnn\nBob\n", Dialect(delimiter=","), ("name",), 2),
        ("a,b\r\n1,2\r\n3,4\r\n", Dialect(delimiter=","), ("a", "b"), 2),
        ("a,b\r1,2\r3,4\r", Dialect(delimiter=","), ("a", "b"), 2),
        ("a,b\n1,2\n\n\n3,4\n\n", Dialect(delimiter=","), ("a", "b"), 2),
        ('a,b\n"x\ny",1\n"z ""q""",2\n', Dialect(delimiter=","), ("a", "b"), 2),
        ("size,n\n5\" pipe,1\n6\" pipe,2\n7\",3\n", Dialect(delimiter=",", is_quoted=False),
         ("size", "n"), 3),
        ("a,a,b,\n1,2,3,4\n", Dialect(delimiter=","), ("a", "a.1", "b", "Unnamed: 3"), 1),
    ],
)  # fmt: skip
def test_csv_is_read_as_it_is_written(look, content, dialect, names, rows):
    found = table(look("x.csv", content))
    assert tuple(column.name for column in found.columns) == names
    assert (found.rows, found.rows_exact) == (rows, True)
    assert look("x.csv", content).report.dialect == dialect


@pytest.mark.parametrize(
    ("encoding", "named"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
        ("cp1252", "cp1252"),
    ],
)
def test_encoding_of_western_text_is_told(look, encoding, named):
    text = "city,note\n" + "Köln,Größe und Maß\nMálaga,mañana\nNîmes,très bientôt\n" * 20
    found = look("x.csv", text.encode(encoding))
    assert found.report.encoding == named
    assert table(found).sample[0] == ("Köln", "Größe und Maß")
    assert table(found).rows == 60


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1251", "город,население\nМосква столица,12\nКазань на Волге,1\nОмск в Сибири,1\n"),
        ("koi8-r", "город,население\nМосква столица,12\nКазань на Волге,1\nОмск в Сибири,1\n"),
        ("shift_jis", "都市,人口\n東京都の人口,14\n大阪府の人口,9\n北海道の人口,5\nひらがな,1\n"),
        ("gb18030", "城市,人口\n北京市的人口数量,21\n上海市的人口数量,24\n广州市的人口数量,15\n"),
        ("cp1253", "πόλη,κάτοικοι\nη Αθήνα είναι η πρωτεύουσα,3\nη Πάτρα,1\nτο Ηράκλειο,1\n"),
    ],
)
def test_text_in_another_alphabet_is_decoded_right(look, encoding, text):
    header, _, rest = text.partition("\n")
    found = look("x.csv", (header + "\n" + rest * 15).encode(encoding))
    first = rest.split("\n")[0].split(",")[0]
    assert table(found).sample[0][0] == first
    assert table(found).columns[0].name == header.split(",")[0]
    assert ("encoding", None) in codes(found)


def test_few_bad_bytes_are_told_with_their_place(look):
    content = ("a,b\n" + "é,1\n" * 300).encode() + b"\xff\xfe,2\n" + ("ü,3\n" * 9).encode()
    found = look("x.csv", content)
    assert (found.report.encoding, found.report.has_bad_bytes) == ("utf-8", True)
    assert found.report.findings[0] == Finding(
        code="bad_bytes",
        severity="warning",
        message="Some characters are damaged, the first at byte 1,504. They are shown as \ufffd.",
    )


@pytest.mark.parametrize(
    ("encoding", "sentence"),
    [
        ("cp1252", "The text is in Windows-1252 (Western European) and is read as that."),
        ("utf-16", "The text is in UTF-16 and is read as that."),
    ],
)
def test_encoding_is_named_one_way_and_with_whose_letters_it_has(look, encoding, sentence):
    text = "city,note\n" + "Köln,Größe und Maß\nMálaga,mañana\nNîmes,très bientôt\n" * 20
    found = look("x.csv", text.encode(encoding)).report.findings
    assert [finding.message for finding in found] == [sentence]


@pytest.mark.parametrize(
    ("cells", "dtype", "kind", "low", "high"),
    [
        (["1", "2", "-3"], "int64", "integer", "-3", "2"),
        (["1", "", "3"], "float64", "integer", "1", "3"),
        (["1", "NA", "3"], "float64", "integer", "1", "3"),
        (["1.5", "2", "1e3"], "float64", "number", "1.5", "1000.0"),
        (["18446744073709551615", "1"], "uint64", "integer", "1", "1.8446744073709552e+19"),
        (["12345678901234567890123", "x"], "object", "text", None, None),
        (["True", "False", "True"], "bool", "boolean", None, None),
        (["True", "", "False"], "object", "boolean", None, None),
        (["x", "y", "z"], "object", "text", None, None),
        (["1", "2", "n/k"], "object", "mixed", None, None),
        (["", "", ""], "float64", "empty", None, None),
        (["2024-01-31", "2023-12-01"], "object", "date", "2023-12-01", "2024-01-31"),
        (["31.01.2024", "01.12.2023"], "object", "date", "2023-12-01", "2024-01-31"),
        (["2024-01-31 10:30:00", "2024-02-01 00:00:00"], "object", "date",
         "2024-01-31 10:30:00", "2024-02-01 00:00:00"),
        (["1-2", "3-4"], "object", "text", None, None),
        (["192.168.0.1", "10.0.0.1"], "object", "text", None, None),
        (["-", "5"], "object", "mixed", None, None),
        (["inf", "1"], "float64", "number", "1.0", "1.0"),
        (["e5", "e6"], "object", "text", None, None),
    ],
)  # fmt: skip
def test_column_gets_the_type_that_pandas_gives_it(look, tmp_path, cells, dtype, kind, low, high):
    content = "key,value\n" + "".join(f"k,{cell}\n" for cell in cells)
    column = table(look("x.csv", content)).columns[1]
    assert (column.dtype, column.kind) == (dtype, kind)
    assert (column.minimum, column.maximum) == (low, high)
    path = tmp_path / "again.csv"
    path.write_text(content)
    frame = pd.read_csv(path)
    values = frame["value"]
    assert (column.nulls, column.distinct) == (values.isna().sum(), values.nunique())
    assert column.counts_exact
    if values.dtype != "str":
        assert str(values.dtype) == dtype


@pytest.mark.parametrize(
    ("values", "style", "is_ambiguous"),
    [
        (("2024-01-31", "2024-02-01"), "%Y-%m-%d", False),
        (("31/01/2024", "01/02/2024"), "%d/%m/%Y", False),
        (("01/31/2024", "02/01/2024"), "%m/%d/%Y", False),
        (("03/04/2024", "05/01/2024"), "%m/%d/%Y", True),
        (("1.2.2024", "3.4.2024"), "%d.%m.%Y", False),
        (("5-Jan-24", "12-Mar-24"), "%d-%b-%y", False),
        (("Jan 5, 2024", "Mar 12, 2024"), "%b %d, %Y", False),
        (("May 2024", "March 2024"), "%B %Y", False),
        (("2024-01", "2024-12"), "%Y-%m", False),
        (("2024-01-31T10:00:00Z", "2024-02-01T11:30:00Z"), "%Y-%m-%dT%H:%M:%S%z", False),
        (("1/31/2024 9:05 PM", "2/1/2024 10:15 AM"), "%m/%d/%Y %I:%M %p", False),
        (("01/02/2024", "01/03/2024", "01/04/2024", "15/04/2024"), "%d/%m/%Y", False),
        (("01/02/2024", "02/02/2024", "03/02/2024", "01/03/2024"), "%d/%m/%Y", True),
        (("2024-01-31", "soon"), None, False),
        (("12:30", "13:45"), None, False),
        (("555-12-34", "555-98-76"), None, False),
    ],
)
def test_dates_get_the_one_format_that_all_follow(look, values, style, is_ambiguous):
    content = "n,when\n" + "".join(f'{i},"{value}"\n' for i, value in enumerate(values))
    found = look("x.csv", content)
    column = table(found).columns[1]
    assert column.date_format == style
    assert (column.kind == "date") == (style is not None)
    assert (("ambiguous_dates", "when") in codes(found)) == is_ambiguous


def test_decimal_commas_are_a_finding_and_numbers(look):
    found = look("x.csv", "name;price\n" + "".join(f"n{i};{i},50\n" for i in range(1, 30)))
    price = table(found).columns[1]
    assert (price.dtype, price.kind, price.minimum, price.maximum) == (
        "float64", "number", "1.5", "29.5",
    )  # fmt: skip
    assert found.report.findings == (
        Finding(
            code="decimal_comma",
            severity="info",
            message="is read as numbers with a decimal comma (1,50).",
            column="price",
        ),
    )


COMMA = "is read as numbers with a decimal comma ({})."
WRITTEN = "is read as numbers, which are written like {}."
UNCLEAR = (
    "holds numbers like {}. Its marks could mean thousands or decimals, so it is read as text."
)
POINT = "has numbers like {}. The point is read as a decimal mark; it could mean thousands."


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (["1.234,50", "12,50", "999,00"], ("thousands", "info", COMMA.format("1.234,50"))),
        (["1,234.50", "12.50"], ("thousands", "info", WRITTEN.format("1,234.50"))),
        (["$1,234", "$12"], ("thousands", "info", WRITTEN.format("$1,234"))),
        (["1.234 €", "12.500 €"], ("thousands", "info", WRITTEN.format("1.234 €"))),
        (["12%", "7%"], ("thousands", "info", WRITTEN.format("12%"))),
        (["1 234,5", "12,5"], ("thousands", "info", COMMA.format("1 234,5"))),
        (["1.234.567", "2.000.000"], ("thousands", "info", WRITTEN.format("1.234.567"))),
        (["€5", "$5,50"], ("thousands", "warning", UNCLEAR.format("$5,50"))),
        (["1.234", "12.500"], ("decimal_ambiguous", "warning", POINT.format("1.234"))),
        (["1.234", "12.5"], None),
        (["1.234", "12.500", "late"], ("mixed_types", "warning",
         "mixes numbers and text: 33% are not numbers (\u201clate\u201d). It is read as text.")),
        (["red", "blue"], None),
    ],
)  # fmt: skip
def test_numbers_written_as_text_are_told_with_how_they_are_read(look, values, said):
    content = "name;price\n" + "".join(f"n{i};{v}\n" for v in values for i in range(3))
    found = [f for f in look("x.csv", content).report.findings if f.column == "price"]
    assert [(f.code, f.severity, f.message) for f in found] == ([] if said is None else [said])


def test_findings_say_what_is_odd_and_what_is_done(look):
    rows = "".join(f"{i},{'' if i % 4 else 'x'},1,2\n" for i in range(98))
    found = look("x.csv", "id,note,v,v\n" + rows + "n/k,x,1\n5,x,1,2,3\n")
    assert [(f.code, f.column, f.message) for f in found.report.findings] == [
        ("long_rows", None, "1% of rows have more fields than the header. They are left out."),
        ("short_rows", None,
         "1% of rows have too few fields. The missing ones are read as empty."),
        ("duplicate_name", "v",
         "is the name of 2 columns. The later ones get .1, .2 and so on."),
        ("mixed_types", "id",
         "mixes numbers and text: 1% are not numbers (\u201cn/k\u201d). It is read as text."),
        ("blanks", "note", "is empty in 74% of rows (73)."),
        ("blanks", "v.1", "is empty in 1% of rows (1)."),
    ]  # fmt: skip
    assert table(found).rows == 99


def test_row_labels_and_trailing_delimiters_are_told_apart(look):
    labels = look("x.csv", "a,b\nr1,1,2\nr2,3,4\n")
    assert codes(labels) == [("row_labels", None)]
    assert [c.minimum for c in table(labels).columns] == ["1", "2"]
    trailing = look("x.csv", "a,b\n1,2,\n3,4,\n")
    assert codes(trailing) == [("trailing_delimiter", None)]
    assert [c.minimum for c in table(trailing).columns] == ["1", "2"]


def test_quote_that_is_never_closed_hides_no_rows(look):
    found = look("x.csv", 'a,b\n"x,1\ny,2\n')
    assert codes(found) == [("stray_quotes", None)]
    assert table(found).rows == 2


def test_text_is_a_table_only_where_lines_have_the_same_fields(look):
    prose = look("letter.txt", "Dear all,\nthis is no table, really.\nYours, me, and you\n")
    assert (prose.report.kind, prose.report.text_characters) == ("text", 55)
    assert look("x.txt", "a\tb\n1\t2\n3\t4\n5\t6\n").report.kind == "csv"


def test_examples_and_sample_are_cut_and_most_frequent_first(look):
    long = "x" * 200
    found = table(look("x.csv", "v,w\n" + "b,1\n" + "a,2\n" * 5 + f"{long},3\n"))
    assert found.columns[0].examples == ("a", "b", "x" * 80)
    assert found.sample[-1] == ("x" * 80, "3")
    wide = table(
        look("x.csv", ",".join(f"c{i}" for i in range(80)) + "\n" + ("1," * 79 + "1\n") * 150)
    )
    assert (len(wide.sample), len(wide.sample[0]), len(wide.columns)) == (100, 50, 80)


@pytest.fixture
def large() -> str:
    """Past what is looked at as a whole: 60,000 rows, the last tenth of them different."""
    lines = ["id,group,value,late,note"]
    for i in range(60_000):
        late = "unknown" if i >= 54_000 else str(i % 7)
        note = "" if i % 5 else f"remark number {i}"
        lines.append(f"{i},g{i % 4},{i % 1000 / 8},{late},{note}")
    return "\n".join(lines) + "\n"


def test_large_file_is_told_from_a_sample_that_reaches_its_end(look, large):
    found = table(look("x.csv", large))
    assert (found.rows, found.rows_exact) == (60_000, True)
    by_name = {column.name: column for column in found.columns}
    assert [c.dtype for c in found.columns] == ["int64", "object", "float64", "object", "object"]
    assert by_name["late"].kind == "mixed"
    assert by_name["note"].nulls == pytest.approx(48_000, rel=0.01)
    assert (by_name["group"].distinct, by_name["group"].counts_exact) == (4, False)
    assert by_name["id"].distinct == pytest.approx(60_000, rel=0.01)


def test_exact_check_agrees_with_pandas_on_every_column(tmp_path, profile, large):
    path = tmp_path / "x.csv"
    path.write_text(large)
    found = assess(path, "x.csv", profile, exact=True).report.tables[0]
    frame = pd.read_csv(path, low_memory=False)
    assert found.rows == len(frame)
    for column in found.columns:
        values = frame[column.name]
        assert (column.nulls, column.distinct) == (values.isna().sum(), values.nunique())
        assert column.counts_exact
    assert (found.columns[0].maximum, found.columns[2].maximum) == ("59999", "124.875")


def test_utf16_is_counted_like_its_utf8_twin(look, large):
    plain = table(look("x.csv", large))
    wide = table(look("x.csv", codecs.BOM_UTF16_LE + large.encode("utf-16-le")))
    assert wide.rows == plain.rows
    assert [c.dtype for c in wide.columns] == [c.dtype for c in plain.columns]


def test_long_ids_are_told_apart_to_the_last_digit(look):
    ids = [str(2**60 + i) for i in range(40)]
    column = table(look("x.csv", "id,n\n" + "".join(f"{i},1\n" for i in ids))).columns[0]
    assert (column.dtype, column.distinct, column.counts_exact) == ("int64", 40, True)


def test_single_line_of_numbers_is_a_row(look):
    found = table(look("x.csv", "1,2.5,3\n"))
    assert (found.rows, [c.name for c in found.columns]) == (
        1, ["column_1", "column_2", "column_3"],
    )  # fmt: skip
