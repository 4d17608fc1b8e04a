"""Names from the outside become harmless before they are used."""

import pytest

from services.files import clean_name

CASES = {
    "orders.csv": "orders.csv",
    "../../etc/passwd": "passwd",
    "C:\\Users\\me\\orders.csv": "orders.csv",
    "a\x00b\x1fc.csv": "abc.csv",
    "evil\u202egpj.csv": "evilgpj.csv",
    "CON.csv": "_CON.csv",
    "lpt1": "_lpt1",
    'what?*".csv': "what___.csv",
    "  spaced   name .csv": "spaced name .csv",
    "...": "file",
    "": "file",
    "/": "file",
    "Cafe\u0301.csv": "Caf\u00e9.csv",
}


@pytest.mark.parametrize(("given", "wanted"), CASES.items(), ids=repr)
def test_clean_name_gives_a_safe_last_part(given, wanted):
    assert clean_name(given) == wanted


def test_clean_name_keeps_the_suffix_when_it_cuts():
    name = clean_name("ä" * 400 + ".csv")
    assert len(name.encode()) <= 255
    assert name.endswith("ä.csv")
    assert set(name.removesuffix(".csv")) == {"ä"}


def test_clean_name_cuts_a_name_that_is_all_suffix():
    assert len(clean_name("." + "x" * 400).encode()) <= 255
