"""Who is asking must be stable, private and never shared by accident."""

import re

import pytest

from services.errors import InternalError
from services.identity import (
    COOKIE_NAME,
    RequestFacts,
    current_user,
    is_operator,
    is_session_token,
    may_interrupt,
    new_anonymous_id,
    new_session_token,
    standing,
)
from services.ids import UserId


def asked_with(cookie: str | None, anonymous_id: str | None = None) -> UserId:
    cookies = {} if cookie is None else {COOKIE_NAME: cookie, "other": "x"}
    return current_user(RequestFacts(cookies=cookies, anonymous_id=anonymous_id))


def test_current_user_is_the_same_for_the_same_cookie():
    token = new_session_token()
    assert asked_with(token) == asked_with(token)
    assert asked_with(token) == asked_with(token, new_anonymous_id())


def test_current_user_differs_between_cookies():
    users = {asked_with(new_session_token()) for _ in range(200)}
    assert len(users) == 200


def test_current_user_does_not_contain_the_cookie():
    """Whoever reads the store must not be able to take over a session."""
    token = "A" * 43
    user = asked_with(token)
    assert user == "u-ddec965f07804ea61748bd4a5d9d313a"
    assert re.fullmatch(r"u-[0-9a-f]{32}", user)


def test_current_user_uses_the_anonymous_id_without_a_cookie():
    first, second = new_anonymous_id(), new_anonymous_id()
    assert asked_with(None, first) == asked_with(None, first)
    assert asked_with(None, first) != asked_with(None, second)


def test_anonymous_id_can_never_be_the_user_of_a_cookie():
    token = new_session_token()
    assert asked_with(None, token) != asked_with(token)


@pytest.mark.parametrize(
    "cookie", ["", "short", "A" * 42, "A" * 44, "A" * 42 + "!", "A" * 43 + "\n"]
)
def test_malformed_cookie_counts_as_none(cookie: str):
    anonymous = new_anonymous_id()
    assert not is_session_token(cookie)
    assert asked_with(cookie, anonymous) == asked_with(None, anonymous)


def test_nobody_at_all_is_an_error_and_not_a_shared_user():
    with pytest.raises(InternalError) as caught:
        asked_with(None)
    assert caught.value.message.what_to_do == "Allow cookies for this page and load it again."


def test_session_token_holds_256_bits():
    assert is_session_token(new_session_token())
    assert len(new_session_token()) == 43


def test_everybody_is_an_operator_unless_some_are_named():
    ada, bob = UserId("u-a"), UserId("u-b")
    assert is_operator(ada)
    assert is_operator(ada, {ada})
    assert not is_operator(bob, {ada})
    assert [standing(ada, ()), standing(ada, {ada}), standing(bob, {ada})] == [
        "everybody",
        "operator",
        "visitor",
    ]


def test_only_its_user_and_named_operators_may_break_a_run():
    ada, bob, eve = UserId("u-a"), UserId("u-b"), UserId("u-e")
    assert may_interrupt(ada, ada)
    assert may_interrupt(ada, ada, {bob})
    assert may_interrupt(bob, ada, {bob})
    assert not may_interrupt(bob, ada)
    assert not may_interrupt(eve, ada, {bob})
