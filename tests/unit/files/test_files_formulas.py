"""A downloaded table can't run anything in a spreadsheet (R74)."""

import pytest

from services.files import defused_csv


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("\tx", "'\tx"),
        ("-12.5", "-12.5"),
        ("+1,234", "+1,234"),
        ("-1.5e-9", "-1.5e-9"),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_only_what_a_spreadsheet_would_run_is_changed(cell, wanted):
    assert defused_csv(f"a,b\nx,{cell}\n".encode()) == f"a,b\nx,{wanted}\n".encode()


def test_quoted_cells_and_names_are_covered():
    assert defused_csv(b'"=a",b\n"x,y","=HYPERLINK(""u"")"\n') == (
        b'\'=a,b\n"x,y","\'=HYPERLINK(""u"")"\n'
    )


def test_what_is_not_text_is_left_alone():
    assert defused_csv(b"\xff\xfe=1") == b"\xff\xfe=1"
