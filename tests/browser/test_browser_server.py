"""The server as a process, and what it lets into a browser."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

ROOT = Path(__file__).resolve().parents[2]
XSRF = "2|00000000|" + "ab" * 16 + "|1700000000"


def run_server(port: int, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A server that is expected to end by itself."""
    return subprocess.run(
        [sys.executable, "-m", "streamlit", "run", "streamlit_app.py"],
        cwd=ROOT,
        env=os.environ
        | {"DATADOCK_HOME": str(home), "STREAMLIT_SERVER_PORT": str(port)}
        | environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def client(server):
    with httpx2.Client(base_url=server.address, trust_env=False) as client:
        yield client


def test_wrong_setting_is_one_sentence_and_no_traceback(tmp_path):
    ended = run_server(free_port(), tmp_path, DATADOCK_WORKERS="many")
    assert ended.returncode == 1
    (line,) = ended.stderr.strip().splitlines()
    assert line.startswith("Datadock: The setting 'workers' can't be used: ")


def test_second_server_on_one_data_folder_is_one_sentence(server):
    ended = run_server(free_port(), server.home)
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert (
        "Datadock: Another Datadock server is already using this data folder. "
        "Stop it first, or set DATADOCK_HOME to another folder."
    ) in ended.stderr


@pytest.mark.platform
@pytest.mark.skipif(
    not Path("/proc/net/tcp").exists(), reason="Only Linux lists its sockets there."
)
def test_server_listens_on_loopback_only(server):
    listening = Path("/proc/net/tcp").read_text(encoding="ascii").split("\n")[1:]
    addresses = {line.split()[1] for line in listening if line and line.split()[3] == "0A"}
    port = f"{server.port:04X}"
    assert {address for address in addresses if address.endswith(f":{port}")} == {
        f"0100007F:{port}"
    }


def test_ready_server_says_so(client):
    assert client.get("/readyz").json() == {
        "ready": True,
        "checks": {"application": True, "libraries": True},
    }


@pytest.mark.parametrize(
    "headers", [{}, {"x-xsrftoken": XSRF, "cookie": f"_streamlit_xsrf={XSRF}"}]
)
def test_upload_of_a_stranger_is_refused(client, server, headers):
    """Neither without Streamlit's token nor with one but no open page."""
    response = client.put(
        "/_stcore/upload_file/nobody/file", files={"f": ("a.csv", b"a,b\n")}, headers=headers
    )
    assert (response.status_code, response.text) == (
        403,
        "This upload does not come from an open page.",
    )
    assert list((server.home / "spool").iterdir()) == []


@pytest.mark.browser
@pytest.mark.parametrize("path", ["/", "/containers", "/settings"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_opens_without_a_word_on_the_console(visitor, path, scheme):
    page = visitor(color_scheme=scheme).new_page()
    page.goto(path)
    page.get_by_role("heading", level=1).wait_for()


@pytest.mark.browser
def test_session_cookie_is_private_and_each_visitor_has_one(visitor):
    tokens = set()
    for _ in range(2):
        context = visitor()
        page = context.new_page()
        page.goto("/")
        (cookie,) = [c for c in context.cookies() if c["name"] == "dd_sid"]
        assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Lax", "/")
        assert "dd_sid" not in page.evaluate("document.cookie")
        tokens.add(cookie["value"])
    assert len(tokens) == 2


@pytest.mark.browser
def test_page_runs_no_foreign_script_and_calls_nobody(page, problems):
    problems.forgive("Content Security Policy", "192.0.2.1")
    page.goto("/")
    page.get_by_role("heading", level=1).wait_for()
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.intruder = true";
            document.body.appendChild(script);
            const image = document.createElement("img");
            image.src = "http://192.0.2.1/pixel.png";
            document.body.appendChild(image);
        }"""
    )
    fetched = page.evaluate("fetch('http://192.0.2.1/').then(() => 'sent', () => 'blocked')")
    assert fetched == "blocked"
    assert page.evaluate("window.intruder") is None
    blocked = [text for text in problems.seen if "Content Security Policy" in text]
    assert len(blocked) >= 3


@pytest.mark.browser
def test_upload_is_kept_by_content_and_leaves_the_spool_empty(page, server, tmp_path):
    """Between choosing a file and its card nothing of it may stay behind."""
    file = tmp_path / "orders 2025.csv"
    file.write_text("region,amount\n" + "North,12.5\nSouth,7\n" * 50, encoding="utf-8")
    page.goto("/")
    page.set_input_files('[data-testid="stFileUploader"] input[type="file"]', str(file))
    page.get_by_text("orders 2025.csv").first.wait_for()
    page.get_by_role("textbox", name="Ask about orders 2025.csv").wait_for()
    assert list((server.home / "spool").iterdir()) == []
