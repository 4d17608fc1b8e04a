"""Names under which files are uploaded: taken by the provider, safe in a shell, still telling."""

import pytest

from services.engine import remote_name

_REFUSED = set('<>:"|?*\\/') | {chr(code) for code in range(32)}


@pytest.mark.parametrize(
    "name", ["orders.csv", "Q3 report (final).xlsx", "a-b_c.d+e,f@g=h.json", "noextension", "x.CSV"]
)
def test_harmless_name_stays(name):
    assert remote_name(name) == name


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("Umsätze.csv", "Umsatze-34a5de.csv"),
        ("данные.csv", "file-9d8cf7.csv"),
        ("a/b/c.csv", "c.csv"),
        ("a\\b\\c.csv", "c.csv"),
        ("$(rm -rf x);`y`.csv", "_(rm -rf x)_y_-a83f18.csv"),
        ("-rf.csv", "rf-686c39.csv"),
        (".hidden", "file-e3b0c4.hidden"),
        ("", "file-e3b0c4"),
        ("..", "file-5ec1f7"),
        ("what?.csv", "what_-2cc9a5.csv"),
        ("two\nlines.csv", "two_lines-edc8c1.csv"),
        ("odd.extension with space", "odd.extension with space"),
    ],
)
def test_other_name_is_changed_and_told_apart_by_digits(name, changed):
    assert remote_name(name) == changed


@pytest.mark.parametrize("name", ["x" * 400 + ".csv", "\udce4.csv", "ä" * 300, "a" * 99 + "é.json"])
def test_name_is_within_the_providers_rules_and_stable(name):
    safe = remote_name(name)
    assert 1 <= len(safe) <= 255
    assert safe.isascii()
    assert not _REFUSED & set(safe)
    assert remote_name(safe) == safe


def test_different_names_stay_different():
    assert remote_name("имя.csv") != remote_name("дом.csv")
    assert remote_name("x" * 200 + "1.csv") != remote_name("x" * 200 + "2.csv")
