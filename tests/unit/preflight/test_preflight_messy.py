"""Messy CSV files are read right or said to be doubtful, and never silently wrong (R12)."""

import pytest

from bench._messy_shapes import shapes
from bench.messy import outcome
from services.preflight import assess
from services.preflight.types import Corrections

SHAPES = {shape.what: shape for shape in shapes()}


@pytest.mark.parametrize("what", SHAPES)
def test_shape_is_right_or_declared_uncertain(look, what):
    found = look("messy.csv", SHAPES[what].text)
    assert outcome(SHAPES[what], found.report) in ("right", "doubtful")


@pytest.mark.parametrize(
    "what", ["plain", "words with names", "all quoted", "years as names", "quoted delimiters"]
)
def test_clean_file_is_not_doubted(look, what):
    found = look("clean.csv", SHAPES[f"{what}, by ','"].text).report
    assert [f.code for f in found.findings if f.severity == "warning"] == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a;b\n" + "x;1.234\ny;2.500\n" * 3, "decimal_ambiguous"),
        ("a;b\nx;950\n" + "x;1.234\ny;2.500\n" * 3, "decimal_ambiguous"),
        ("a\tb\n" + "x\t1.234\ny\t2.500\n" * 3, "decimal_ambiguous"),
        ("n,v\n" + "a,1\nb,2\n" * 4 + "Total,12\n", "footer"),
        ("n,v\n" + "a,1\nb,2\n" * 4 + "\nSource: the ministry\n", "footer"),
        ("n,v\n" + "a,1\nb,2\n" * 20 + "\nx,y,z\n1,2,3\n1,2,3\n", "two_tables"),
        ("n,v\n,kg\n" + "a,1\nb,2\n" * 4, "unit_row"),
        ("n,v\nfirst,of all\n" + "a,1\nb,2\n" * 4, "multi_header"),
        ("Ann Lee,Berlin\nBo Chan,Paris\nCy Diaz,Rome\n", "header_doubtful"),
        ("a   b   c\n1   x y   3\n2   x z   4\n", "delimiter_doubtful"),
        ("n,v\na,1\r\nb,2\nc\r,3\n", "mixed_line_ends"),
        ("n,v\na,1\n\ufeffn,v\nb,2\n", "inner_mark"),
    ],
)
def test_doubt_is_told_by_its_code(look, text, code):
    found = look("x.csv", text).report
    assert code in [finding.code for finding in found.findings if finding.severity == "warning"]


@pytest.fixture
def look_told(tmp_path, profile):
    def checked(content: str | bytes, **told):
        path = tmp_path / "x.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return assess(path, "x.csv", profile, corrections=Corrections(**told)).report

    return checked


def test_what_a_user_knows_better_is_how_it_is_read(look_told):
    points = "a;b\n" + "x;1.234\ny;2.500\n" * 3
    found = look_told(points, decimal=",")
    assert [f.code for f in found.findings] == ["thousands"]
    assert [c.kind for c in found.tables[0].columns] == ["text", "text"]
    colons = look_told("a:b\n1:2\n3:4\n", delimiter=":")
    assert [c.name for c in colons.tables[0].columns] == ["a", "b"]
    named = look_told("1,2\n3,4\n5,6\n", has_header=True)
    assert ([c.name for c in named.tables[0].columns], named.tables[0].rows) == (["1", "2"], 2)
    bare = look_told("a,b\nc,d\ne,f\n", has_header=False)
    assert (bare.tables[0].rows, [f.code for f in bare.findings]) == (3, ["no_header"])
    below = look_told("x,y\nn,v\na,1\nb,2\n", skip_rows=1)
    assert [c.name for c in below.tables[0].columns] == ["n", "v"]
    dated = look_told("d,n\n03/04/2024,1\n05/06/2024,2\n01/02/2024,3\n", day_first=False)
    assert (dated.tables[0].columns[0].date_format, dated.findings) == ("%m/%d/%Y", ())
    page = look_told("n,v\nł,1\n".encode("iso8859-2"), encoding="iso8859-2")
    assert page.tables[0].sample[0][0] == "ł"
