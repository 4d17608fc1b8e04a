"""Uploads go to disk as they arrive; what fails leaves nothing behind."""

import hashlib
import os
import re
import socket
import threading
import time
from pathlib import Path

import httpx2
import pytest

from services import web
from services.errors import LimitError
from services.files.types import Upload
from services.web import SpoolRules, UploadClaim

PATH = "/_stcore/upload_file/session-1/file-1"
MULTIPART = "multipart/form-data; boundary=XX"


def put(client: httpx2.Client, data: bytes, name: str = "orders.csv", **options) -> httpx2.Response:
    return client.put(PATH, files={"file": (name, data, "text/csv")}, **options)


def lying_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def told(behind) -> tuple[str, str, str]:
    """What the page is told about the last upload, which was turned away."""
    with pytest.raises(LimitError) as caught:
        web.open_stub(behind.uploads[-1][2])
    message = caught.value.message
    return caught.value.code, message.what_happened, message.what_to_do


def eventually(condition) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if condition():
            return True
    return False


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"a,b\r\n1,2\r\n", id="small"),
        pytest.param(b"\r\n--" * 100_000, id="looks like boundaries"),
        pytest.param(os.urandom(3_500_000), id="several buffers"),
    ],
)
def test_upload_is_written_to_disk_and_streamlit_gets_a_stub(serve, behind, spool, data):
    client = serve({"upload_bytes": 4_000_000})
    client.get("/")
    assert put(client, data).status_code == 204
    ((name, kind, stub),) = behind.uploads
    upload = web.open_stub(stub)
    assert upload is not None
    assert (name, kind) == ("orders.csv", "text/csv")
    assert upload == Upload(
        path=upload.path,
        name="orders.csv",
        size_bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
    )
    assert upload.path.parent == spool
    assert upload.path.read_bytes() == data
    assert len(stub) < 500


def test_spooled_file_is_readable_by_its_owner_only(serve, behind):
    put(serve(), b"a,b\n1,2\n")
    upload = web.open_stub(behind.uploads[0][2])
    assert upload is not None
    assert upload.path.stat().st_mode & 0o777 == 0o600
    assert upload.path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "name", ["Umsätze 2025 – Süd.csv", "a;b'c.csv", "../../etc/passwd", "\u202egnp.csv"]
)
def test_name_arrives_as_the_browser_sent_it(serve, behind, name):
    """It is hostile until `files` has cleaned it; here it must only not be lost."""
    put(serve(), b"x", name)
    upload = web.open_stub(behind.uploads[0][2])
    assert upload is not None
    assert upload.name == behind.uploads[0][0] == name


def test_spooled_path_does_not_come_from_the_name_or_the_cookie(serve, behind, spool):
    client = serve()
    client.get("/")
    put(client, b"x", "../../etc/passwd")
    (entry,) = lying_in(spool)
    assert re.fullmatch(r"[0-9a-f]{16}-[0-9a-f]{32}", entry)
    assert client.cookies["dd_sid"] not in entry


@pytest.mark.parametrize(
    "forged",
    [
        b"a,b\n1,2\n",
        b"datadock-upload ",
        b'datadock-upload 00 {"path":"/etc/passwd","name":"x","size_bytes":1,"sha256":""}',
    ],
)
def test_open_stub_takes_nothing_that_we_have_not_signed(forged):
    assert web.open_stub(forged) is None


def test_open_stub_notices_a_changed_stub(serve, behind):
    put(serve(), b"a,b\n")
    stub = behind.uploads[0][2]
    assert web.open_stub(stub) is not None
    assert web.open_stub(stub.replace(b"orders", b"0rders")) is None
    assert web.open_stub(stub + b" ") is None


def test_adopt_gives_the_file_behind_a_stub(serve, behind, spool):
    put(serve(), b"a,b\n1,2\n")
    stub = behind.uploads[0][2]
    upload = web.adopt(stub, "as streamlit says.csv", spool)
    assert upload == web.open_stub(stub)
    assert upload.name == "orders.csv"
    assert len(lying_in(spool)) == 1


def test_adopt_writes_bytes_that_came_without_a_stub(spool):
    """Where nothing stands in front of Streamlit, as in its own test harness."""
    data = b"a,b\n1,2\n"
    upload = web.adopt(data, "orders.csv", spool)
    assert upload == Upload(
        path=upload.path,
        name="orders.csv",
        size_bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
    )
    assert upload.path.parent == spool
    assert upload.path.read_bytes() == data
    assert upload.path.stat().st_mode & 0o777 == 0o600


def test_upload_that_streamlit_refuses_leaves_nothing(serve, behind, spool):
    behind.upload_status = 400
    assert put(serve(), b"a,b\n").status_code == 400
    assert lying_in(spool) == []


def test_upload_is_judged_before_its_body_is_read(serve, behind, spool):
    """Strangers must not be able to fill the disk, not even for the time of a request."""
    claims: list[UploadClaim] = []

    def admits(claim: UploadClaim) -> bool:
        claims.append(claim)
        return False

    client = serve(admits=admits)
    address = (client.base_url.host, client.base_url.port)
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(
            f"PUT {PATH} HTTP/1.1\r\nhost: x\r\ncontent-type: {MULTIPART}\r\n"
            "x-xsrftoken: sent\r\ncookie: _streamlit_xsrf=kept\r\n"
            "content-length: 900000\r\n\r\n".encode()
        )
        answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 403")
    assert claims == [UploadClaim(session_id="session-1", xsrf_header="sent", xsrf_cookie="kept")]
    assert behind.uploads == []
    assert lying_in(spool) == []


def test_file_over_the_limit_is_refused(serve, behind, spool):
    client = serve({"upload_bytes": 1000})
    assert put(client, b"x" * 1000).status_code == 204
    refused = put(client, b"x" * 1001)
    assert (refused.status_code, refused.text) == (413, "The file is larger than can be taken.")
    assert put(client, b"x" * 1_200_000).status_code == 413
    assert len(behind.uploads) == len(lying_in(spool)) == 1


def test_upload_without_a_length_is_refused(serve, spool):
    response = serve().put(PATH, content=iter([b"--XX\r\n"]), headers={"content-type": MULTIPART})
    assert response.status_code == 411
    assert lying_in(spool) == []


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/csv", b"a,b\n"),
        ("multipart/form-data", b"--XX\r\n"),
        (f"multipart/form-data; boundary={'X' * 300}", b"--XX\r\n"),
        (MULTIPART, b""),
        (MULTIPART, b"nonsense"),
        (MULTIPART, b"--XX--\r\n"),
        (MULTIPART, b'--XX\r\nContent-Disposition: form-data; name="f"\r\n\r\nx\r\n--XX--\r\n'),
        (MULTIPART, b'--XX\r\nContent-Disposition: form-data; filename="f"\r\n\r\nends early'),
        (
            MULTIPART,
            b'--XX\r\nContent-Disposition: form-data; filename="f"\r\n\r\nx\r\n'
            b'--XX\r\nContent-Disposition: form-data; filename="g"\r\n\r\ny\r\n--XX--\r\n',
        ),
        (MULTIPART, b"--XX\r\n" + b"".join(b"h%d: x\r\n" % n for n in range(500)) + b"\r\n"),
    ],
)
def test_body_that_is_no_form_with_one_file_is_refused(serve, behind, spool, kind, body):
    response = serve().put(PATH, content=body, headers={"content-type": kind})
    assert response.status_code == 400
    assert behind.uploads == []
    assert lying_in(spool) == []


def test_browser_that_hangs_up_leaves_nothing(serve, behind, spool):
    client = serve()
    address = (client.base_url.host, client.base_url.port)
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(
            f"PUT {PATH} HTTP/1.1\r\nhost: x\r\ncontent-type: {MULTIPART}\r\n"
            "content-length: 500000\r\n\r\n--XX\r\n"
            'Content-Disposition: form-data; name="f"; filename="f"\r\n\r\nhalf'.encode()
        )
        assert eventually(lambda: len(lying_in(spool)) == 1)
    assert eventually(lambda: lying_in(spool) == [])
    assert behind.uploads == []


def test_owner_can_not_fill_the_spool(serve, behind, spool):
    client = serve({"owner_bytes": 3000})
    client.get("/")
    assert put(client, b"x" * 2000).status_code == 204
    assert put(client, b"x" * 2000).status_code == 204
    assert told(behind) == (
        "owner_full",
        "Other uploads of yours leave no room for 2\u00a0kB more.",
        "Add this file again when they are finished.",
    )
    assert len(lying_in(spool)) == 1
    other = httpx2.Client(base_url=client.base_url, trust_env=False)
    with other:
        other.get("/")
        assert put(other, b"x" * 2000).status_code == 204
    fetched = web.open_stub(behind.uploads[0][2])
    assert fetched is not None
    fetched.path.unlink()
    assert put(client, b"x" * 2000).status_code == 204


def test_uploads_under_way_count_for_their_owner(serve, behind, spool):
    """A limit that only counts finished files is none."""
    client = serve({"owner_bytes": 900_000})
    address = (client.base_url.host, client.base_url.port)
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(
            f"PUT {PATH} HTTP/1.1\r\nhost: x\r\ncontent-type: {MULTIPART}\r\n"
            "content-length: 800000\r\n\r\n".encode()
        )
        assert eventually(lambda: len(lying_in(spool)) == 1)
        put(client, b"x" * 200_000)
        assert told(behind)[0] == "owner_full"
    assert eventually(lambda: lying_in(spool) == [])
    put(client, b"x" * 200_000)
    assert web.open_stub(behind.uploads[-1][2]) is not None


def test_upload_is_turned_away_with_a_sentence_while_the_disk_is_nearly_full(serve, behind, spool):
    """Of an HTTP error Streamlit would show the number only."""
    assert put(serve({"disk_reserve_bytes": 10**18}), b"x" * 3_000).status_code == 204
    assert behind.uploads[0][0] == "orders.csv"
    assert told(behind) == (
        "disk_full",
        "There is no room for this file of 3\u00a0kB here.",
        "Ask an operator to free disk space, then add it again.",
    )
    assert lying_in(spool) == []


def test_other_requests_pass_untouched(serve, behind):
    client = serve()
    assert client.post("/echo", content=b"x" * 2_000_000).text == "2000000"
    assert behind.uploads == []


def test_uploads_at_once_do_not_mix(serve, behind):
    client = serve({"upload_bytes": 4_000_000})
    contents = {f"{n}.csv": os.urandom(1_500_000) for n in range(6)}
    threads = [
        threading.Thread(target=put, args=(client, data, name)) for name, data in contents.items()
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    uploads = [web.open_stub(stub) for _, _, stub in behind.uploads]
    assert {u.name: u.path.read_bytes() for u in uploads if u is not None} == contents


def test_sweep_removes_only_what_nobody_fetched_in_time(spool):
    rules = SpoolRules(folder=spool, upload_bytes=1)
    assert web.sweep_spool(rules) == 0
    spool.mkdir()
    for name, age_seconds in (("old", 3700), ("fresh", 3500), ("kept", 9000)):
        (spool / name).write_bytes(b"x")
        when = time.clock_gettime(time.CLOCK_REALTIME) - age_seconds
        os.utime(spool / name, (when, when))
    assert web.sweep_spool(rules) == 2
    assert lying_in(spool) == ["fresh"]


def test_upload_sweeps_orphans_of_others(serve, behind, spool):
    spool.mkdir()
    (spool / "orphan").write_bytes(b"x")
    os.utime(spool / "orphan", (1, 1))
    put(serve(), b"x")
    assert "orphan" not in lying_in(spool)
    assert len(lying_in(spool)) == 1
