"""Headers stand between what a model says and the reader's browser."""

import base64
import hashlib

from services.web._headers import page_policy, script_sources

STREAMLIT_POLICY = (
    "default-src 'none'; script-src 'self' 'sha256-H'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'none'; object-src 'none'; "
    "frame-ancestors 'none'"
)


def test_page_policy_is_the_strictest_that_streamlit_works_under():
    assert page_policy(["'sha256-H'"]) == STREAMLIT_POLICY


def test_script_sources_allow_each_inline_script_and_nothing_else():
    first, second = "a()", "\n b = '<' \n"
    html = (
        f'<script>{first}</script><script type="module" src="x"></script><script>{second}</script>'
    )
    assert script_sources(html) == tuple(
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        for text in (first, second)
    )


def test_every_response_carries_the_security_headers(serve):
    client = serve()
    expected = {
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "permissions-policy": (
            "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=()"
        ),
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "x-frame-options": "DENY",
    }
    for path in ("/", "/history", "/static/js/index.abc.js", "/healthz", "/_stcore/metrics"):
        headers = client.get(path).headers
        assert {name: headers.get(name) for name in expected} == expected, path
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "strict-transport-security" not in headers


def test_media_is_never_cached_and_has_no_rights_as_a_document(serve):
    client = serve()
    client.get("/")
    response = client.get("/media/abc.png")
    assert response.status_code == 200
    assert response.headers.get_list("cache-control") == ["private, no-store"]
    assert response.headers["content-security-policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
    )


def test_tls_is_insisted_on_only_where_there_is_tls(serve):
    headers = serve(secure=True).get("/").headers
    assert headers["strict-transport-security"] == "max-age=31536000"


def test_counters_and_agent_interface_are_not_served(serve):
    client = serve()
    client.get("/")
    for path in (
        "/_stcore/metrics",
        "/_stcore/metrics/",
        "/_stcore/agent/openapi.json",
        "/_stcore/agent/mcp",
        "/history/_stcore/agent/mcp",
    ):
        response = client.get(path)
        assert (response.status_code, response.text) == (404, "Not found"), path


def test_media_needs_the_session_cookie(serve):
    """A leaked address of a figure must not work outside a browser that has been here."""
    client = serve()
    assert client.get("/media/abc.png").status_code == 404
    client.get("/")
    assert client.get("/media/abc.png").content == b"png"


def test_health_says_ok_and_readiness_says_what_is_missing(serve):
    checks = {"application": True, "libraries": False}
    client = serve(readiness=lambda: checks)
    alive = client.get("/healthz")
    assert (alive.status_code, alive.text) == (200, "ok")
    waiting = client.get("/readyz")
    assert (waiting.status_code, waiting.json()) == (503, {"ready": False, "checks": checks})
    checks["libraries"] = True
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"ready": True, "checks": checks})
    assert ready.headers["cache-control"] == "no-store"
