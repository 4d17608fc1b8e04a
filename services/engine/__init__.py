"""One attempt over the Messages and Files API, with the official SDK; Claude or the local engine.

Both are reached by the same path, by base URL. `Engine(endpoint, profile, clock)` has the verbs:

    with engine.open_attempt(request) as attempt:
        for event in attempt:      # RunEvents as they happen
            ...
    attempt.outcome                # Completed, or one of the failures of types.py

An attempt never raises for what can go wrong outside, and repeats nothing: what follows a failure
is decided elsewhere, since a repeated request may be paid twice. The one thing it does again by
itself is to continue a reply that the provider paused. `attempt.close()` ends the request from any
thread. `upload`, `fetch` and `delete` are for files, raise RemoteCallFailed, and end early when
their `Transfers` are stopped; `models`, `ping` and `count_tokens` ask without cost. `usage_seen`
estimates a request that nobody followed to its end. What the model is told stands in `_prompt.py`,
under `PROMPT_VERSION`. Importing the room is cheap; `preload` imports the SDK, in two seconds.
"""

from services.engine._attempt import Attempt
from services.engine._client import preload
from services.engine._engine import Engine
from services.engine._names import remote_name
from services.engine._prompt import PROMPT_VERSION
from services.engine._tally import usage_seen
from services.engine._transfers import Transfers

__all__ = [
    "PROMPT_VERSION",
    "Attempt",
    "Engine",
    "Transfers",
    "preload",
    "remote_name",
    "usage_seen",
]
