"""Files are kept once by content, belong to one user, and move out of the spool."""

import pytest

from services.errors import NotYoursError
from services.files import Files
from services.files.types import Upload
from services.ids import FileId, UserId
from services.store import memory_store

ALICE, BOB = UserId("alice"), UserId("bob")


@pytest.fixture
def files(clock):
    return Files(memory_store(clock), clock)


def spooled(tmp_path, content=b"a,b\n1,2\n", name="orders.csv"):
    path = tmp_path / "spooled"
    path.write_bytes(content)
    return Upload(path=path, name=name, size_bytes=len(content))


def test_keep_moves_the_upload_and_knows_its_content(files, tmp_path):
    upload = spooled(tmp_path)
    kept = files.keep(ALICE, upload)
    assert not upload.path.exists()
    assert files.read(ALICE, kept.id) == b"a,b\n1,2\n"
    assert (kept.name, kept.size_bytes, kept.origin) == ("orders.csv", 8, "upload")


def test_keep_stores_equal_content_once(files, tmp_path):
    first = files.keep(ALICE, spooled(tmp_path))
    second = files.keep(BOB, spooled(tmp_path, name="copy.csv"))
    assert first.blob == second.blob
    assert first.id != second.id


def test_a_stranger_is_told_the_same_as_for_a_missing_file(files, tmp_path):
    kept = files.keep(ALICE, spooled(tmp_path))
    with pytest.raises(NotYoursError) as stranger:
        files.path(BOB, kept.id)
    with pytest.raises(NotYoursError) as missing:
        files.path(BOB, FileId("file-none"))
    assert stranger.value.message == missing.value.message
