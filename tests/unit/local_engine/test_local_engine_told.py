"""The local engine reads a file as the request says, so that a user's corrections reach it."""

from services.engine._schema import describe_files
from services.engine.types import AttachedFile
from services.ids import RemoteFileId
from services.local_engine import _told
from services.preflight.types import Corrections, Dialect, FileReport


def asked(dialect: Dialect, encoding: str = "utf-8") -> dict[str, Corrections]:
    report = FileReport(
        kind="csv", mime="text/csv", size_bytes=9, encoding=encoding, dialect=dialect
    )
    files = (AttachedFile(remote_file_id=RemoteFileId("file_1"), name="a.csv", report=report),)
    return _told.corrections("Before.\n" + describe_files(files, mounted=True))


def test_options_of_the_call_are_what_is_told():
    dialect = Dialect(delimiter=";", decimal=",", header_row=None, skip_rows=3)
    assert asked(dialect, "cp1252") == {
        "a.csv": Corrections(
            delimiter=";", decimal=",", has_header=False, skip_rows=3, encoding="cp1252"
        )
    }


def test_plain_file_is_told_in_full():
    assert asked(Dialect(delimiter=",")) == {
        "a.csv": Corrections(delimiter=",", decimal=".", has_header=True)
    }


def test_what_was_found_so_needs_no_second_look():
    dialect = Dialect(delimiter=";", decimal=",")
    told = Corrections(delimiter=";", decimal=",", has_header=True)
    report = FileReport(kind="csv", mime="text/csv", size_bytes=9, dialect=dialect)
    assert _told.agrees(report, told)
    assert not _told.agrees(report, Corrections(delimiter=";", decimal=".", has_header=True))


def test_call_that_is_no_such_call_is_left_alone():
    text = '<file name="a.csv">\nRead it with: pd.read_csv(x, sep=open("/etc/passwd"))'
    assert _told.corrections(text) == {}
