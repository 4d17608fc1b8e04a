"""The five calls of the Files API, through the strict SDK and as bytes."""

import io
import threading
from datetime import timedelta
from typing import Any

import anthropic
import pytest
from anthropic.types import FileExpiredError, FileNotDownloadableError

from services.clock import SystemClock
from tests.wire.conftest import MODEL, ORDERS, TOOL, client_of, http_of, question


def upload(client: Any, name: str, content: bytes = b"a,b\n1,2\n", **options):
    return client.files.upload(file=(name, io.BytesIO(content), "text/csv"), **options)


def eventually(condition, seconds: float = 10.0) -> None:
    """Wait until the condition holds; fail when it does not in time."""
    end = SystemClock().monotonic() + seconds
    while not condition():
        assert SystemClock().monotonic() < end, "it did not happen in time"
        threading.Event().wait(0.02)


def test_upload_tells_what_is_kept(client):
    file = upload(client, "orders.csv", ORDERS)
    assert file.to_dict(mode="json") == {
        "id": file.id,
        "type": "file",
        "filename": "orders.csv",
        "mime_type": "text/csv",
        "size_bytes": len(ORDERS),
        "created_at": file.to_dict(mode="json")["created_at"],
        "downloadable": False,
        "expires_at": None,
    }
    assert file.id.startswith("file_")
    assert client.files.retrieve_metadata(file.id) == file


def test_upload_may_expire_in_an_hour_or_ninety_days_and_nothing_else(client):
    for seconds in (3_600, 7_776_000):
        file = upload(client, "x.csv", expires_in_seconds=seconds)
        assert file.expires_at is not None
        assert file.expires_at - file.created_at == timedelta(seconds=seconds)
    for seconds in (3_599, 7_776_001, 0):
        with pytest.raises(anthropic.BadRequestError, match="expires_in_seconds"):
            upload(client, "x.csv", expires_in_seconds=seconds)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Umsätze 2026 – Ü.csv", "Umsätze 2026 – Ü.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\sales.csv", "sales.csv"),
        ("%41.csv", "%41.csv"),
        ("x" * 251 + ".csv", "x" * 251 + ".csv"),
    ],
)
def test_filename_is_the_last_part_of_what_was_sent(client, sent, kept):
    assert upload(client, sent).filename == kept


@pytest.mark.parametrize(
    "name", ['a"b.csv', "a<b.csv", "a|b.csv", "a?b.csv", "a\nb.csv", "..", "x" * 252 + ".csv"]
)
def test_filename_that_the_service_refuses_is_refused(client, name):
    with pytest.raises(anthropic.BadRequestError, match="filename"):
        upload(client, name)


def test_bytes_without_a_name_get_one(client):
    file = client.files.upload(file=b"\x00\x01\xff binary")
    assert (file.filename, file.mime_type, file.size_bytes) == (
        "unnamed.bin",
        "application/octet-stream",
        10,
    )


def test_file_over_the_limit_is_too_large_and_leaves_nothing(start_engine):
    engine = start_engine(overrides={"file_limit_bytes": 100_000})
    with client_of(engine) as sdk:
        assert upload(sdk, "at.csv", b"x" * 100_000).size_bytes == 100_000
        for size in (100_001, 3_000_000):
            with pytest.raises(anthropic.ContentTooLargeError, match="100000 bytes"):
                upload(sdk, "over.csv", b"x" * size)
        assert [file.filename for file in sdk.files.list()] == ["at.csv"]


@pytest.mark.parametrize(
    ("content_type", "content"),
    [
        ("application/json", b"{}"),
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=b", b"no parts at all"),
        ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: form-data; na"),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="other"\r\n\r\nx\r\n--b--\r\n',
        ),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\ncut off',
        ),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx\r\n' * 2
            + b"--b--\r\n",
        ),
    ],
)
def test_body_that_is_no_upload_is_refused(http, content_type, content):
    before = http.get("/v1/files").json()["data"]
    reply = http.post("/v1/files", content=content, headers={"content-type": content_type})
    assert (reply.status_code, reply.json()["error"]["type"]) == (400, "invalid_request_error")
    assert http.get("/v1/files").json()["data"] == before


def test_list_pages_newest_first_and_by_ids(start_engine):
    with client_of(start_engine()) as sdk:
        ids = [upload(sdk, f"{n}.csv").id for n in range(7)]
        newest_first = ids[::-1]
        assert [file.id for file in sdk.files.list(limit=3)] == newest_first
        first = sdk.files.list(limit=3)
        assert [file.id for file in first.data] == newest_first[:3]
        assert first.next_page is not None
        assert first.next_page.startswith("page_")
        assert sdk.files.list(limit=7).next_page is None
        chosen = sdk.files.list(ids=[ids[1], "file_unknown", ids[4], ids[1]])
        assert ([file.id for file in chosen.data], chosen.next_page) == ([ids[4], ids[1]], None)
        for wrong in (
            {"limit": 0},
            {"limit": 1001},
            {"page": "page_x"},
            {"ids": ids, "limit": 5},
            {"ids": [f"file_{n}" for n in range(101)]},
        ):
            with pytest.raises(anthropic.BadRequestError):
                sdk.files.list(**wrong)


def test_old_beta_header_gets_the_old_shape(start_engine):
    """A client that still sends it sees no `next_page`; the trap is real, so it is here too."""
    engine = start_engine()
    with client_of(engine) as sdk, http_of(engine) as http:
        ids = [upload(sdk, f"{n}.csv").id for n in range(3)][::-1]
        old = {"anthropic-beta": "something-else, files-api-2025-04-14"}
        body = http.get("/v1/files?limit=2", headers=old).json()
        assert [file["id"] for file in body.pop("data")] == ids[:2]
        assert body == {"has_more": True, "first_id": ids[0], "last_id": ids[1]}
        rest = http.get(f"/v1/files?limit=2&after_id={ids[1]}", headers=old).json()
        assert ([file["id"] for file in rest["data"]], rest["has_more"]) == (ids[2:], False)
        assert "expires_at" not in http.get(f"/v1/files/{ids[0]}", headers=old).json()


def test_upload_can_not_be_downloaded(client, orders):
    with pytest.raises(FileNotDownloadableError) as caught:
        client.files.download(orders)
    assert (caught.value.status_code, caught.value.error_code) == (400, "file_not_downloadable")


def test_deleted_file_is_gone(client, orders):
    deleted = client.files.delete(orders)
    assert (deleted.id, deleted.type) == (orders, "file_deleted")
    for call in (client.files.retrieve_metadata, client.files.download, client.files.delete):
        with pytest.raises(anthropic.NotFoundError) as caught:
            call(orders)
        assert caught.value.api_message == f"File `{orders}` not found."


def test_expired_file_keeps_its_record_only(start_engine):
    """Its content is gone, a message that names it fails, and the record can still be read."""
    with client_of(start_engine(clock=SystemClock(36_000))) as sdk:
        file = upload(sdk, "short.csv", expires_in_seconds=3_600)

        def has_expired() -> bool:
            with pytest.raises(anthropic.APIStatusError) as caught:
                sdk.files.download(file.id)
            return isinstance(caught.value, FileExpiredError)

        eventually(has_expired)
        assert sdk.files.retrieve_metadata(file.id) == file
        with pytest.raises(FileExpiredError):
            sdk.messages.create(
                model=MODEL, max_tokens=100, tools=[TOOL], messages=question("q", file.id)
            )


def test_files_outlive_the_process(tmp_path, start_engine):
    engine = start_engine()
    with client_of(engine) as sdk:
        kept = [upload(sdk, "a.csv"), upload(sdk, "b.csv")]
    engine.stop()
    engine.start()
    with client_of(engine) as sdk:
        assert list(sdk.files.list()) == kept[::-1]
