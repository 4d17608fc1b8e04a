"""Who is asking. One private, anonymous session per browser, told by a cookie.

`current_user` turns what a request carries into a `UserId`; the store knows only that, a hash, so
whoever reads the store can't take over a session. `new_session_token` makes what the cookie holds,
`is_session_token` tells whether a text can be one. A browser that keeps no cookies is told by an
id that the page keeps for it (`new_anonymous_id`), for as long as the page stays open.

`is_operator` tells who sees the containers and ledger rows of all, and may release what is idle;
`may_interrupt` who may end a container that is in use. `standing` is what to say of a user.
"""

from services.identity._anonymous import (
    COOKIE_NAME,
    current_user,
    is_session_token,
    new_anonymous_id,
    new_session_token,
)
from services.identity._operators import Standing, is_operator, may_interrupt, standing
from services.identity.types import RequestFacts

__all__ = [
    "COOKIE_NAME",
    "RequestFacts",
    "Standing",
    "current_user",
    "is_operator",
    "is_session_token",
    "may_interrupt",
    "new_anonymous_id",
    "new_session_token",
    "standing",
]
