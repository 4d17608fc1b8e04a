"""The page's scripts are sent compressed from the second visitor on, and nothing else is."""

import time

import httpx2

ASSET = "/static/js/index.abc.js"
SCRIPT = "export const answer = 42;\n" * 400


def learned(client: httpx2.Client) -> httpx2.Response:
    """The first answer that came compressed."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        response = client.get(ASSET, headers={"accept-encoding": "gzip, br"})
        if "content-encoding" in response.headers:
            return response
    raise AssertionError("never compressed")


def test_first_visitor_gets_the_asset_as_it_is(serve):
    response = serve().get(ASSET, headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in response.headers
    assert response.text == SCRIPT


def test_later_visitors_get_it_compressed_and_still_immutable(serve, behind):
    response = learned(serve())
    asked = behind.asset_requests
    assert response.text == SCRIPT
    kept = ("content-encoding", "vary", "content-type", "cache-control")
    assert {name: response.headers[name] for name in kept} == {
        "content-encoding": "gzip",
        "vary": "accept-encoding",
        "content-type": "text/javascript; charset=utf-8",
        "cache-control": "public, immutable, max-age=31536000",
    }
    assert int(response.headers["content-length"]) < len(SCRIPT) / 10
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert behind.asset_requests == asked


def test_browser_that_takes_no_gzip_gets_the_asset_as_it_is(serve):
    client = serve()
    learned(client)
    response = client.get(ASSET, headers={"accept-encoding": "identity"})
    assert "content-encoding" not in response.headers
    assert response.text == SCRIPT


def test_question_whether_it_changed_goes_to_the_app(serve, behind):
    client = serve()
    learned(client)
    asked = behind.asset_requests
    client.get(ASSET, headers={"if-none-match": '"x"', "accept-encoding": "gzip"})
    assert behind.asset_requests == asked + 1


def test_unknown_asset_is_never_kept(serve, behind):
    """For an unknown name Streamlit answers with the page; strangers could fill the memory."""
    client = serve()
    for _ in range(3):
        response = client.get("/static/js/made-up.js", headers={"accept-encoding": "gzip"})
        assert "content-encoding" not in response.headers
    assert behind.asset_requests == 3
