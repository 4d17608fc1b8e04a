"""The cookie is the whole identity of a visitor: it must be private, and stay what it is."""

import re

import httpx2
import pytest

from services import identity

FORM = re.compile(r"dd_sid=[A-Za-z0-9_-]{43}; Path=/; Max-Age=34560000; HttpOnly; SameSite=Lax")


def given(response: httpx2.Response) -> list[str]:
    return response.headers.get_list("set-cookie")


@pytest.mark.parametrize("path", ["/", "/history", "/settings?c=conv-1"])
def test_page_gives_a_cookie_to_a_browser_without_one(serve, path):
    response = serve().get(path)
    (cookie,) = given(response)
    assert FORM.fullmatch(cookie)
    assert response.headers.get_list("cache-control") == ["private, no-cache"]


def test_page_leaves_a_good_cookie_alone(serve):
    client = serve()
    client.get("/")
    before = client.cookies["dd_sid"]
    again = client.get("/history")
    assert given(again) == []
    assert again.headers.get_list("cache-control") == ["no-cache"]
    assert client.cookies["dd_sid"] == before


def test_page_replaces_a_cookie_that_we_can_not_have_made(serve):
    (cookie,) = given(serve().get("/", headers={"cookie": "dd_sid=guess; other=1"}))
    assert FORM.fullmatch(cookie)


def test_two_browsers_get_different_cookies(serve):
    client = serve()
    tokens = set()
    for _ in range(2):
        client.cookies.clear()
        client.get("/")
        tokens.add(client.cookies["dd_sid"])
    assert len(tokens) == 2
    assert all(identity.is_session_token(token) for token in tokens)


@pytest.mark.parametrize(
    "path",
    ["/healthz", "/readyz", "/favicon.png", "/static/js/index.abc.js", "/_stcore/health"],
)
def test_parts_of_a_page_give_no_cookie(serve, path):
    """Several requests at once would each set another one, and the last would win."""
    assert given(serve().get(path)) == []


def test_cookie_is_secure_behind_tls(serve):
    (cookie,) = given(serve(secure=True).get("/"))
    assert cookie.endswith("; SameSite=Lax; Secure")
