"""Story one: a file arrives. What it is, what it will need, and whether it fits.

`PreflightRoom` keeps uploads, has a child process look into them, and stores each verdict under the
content; `check` starts that, `result` looks it up, `identify` and `table` are for files that a run
produced. Without users or a store there are two verbs: `inspect` says what a file is, or why it
can't be used, and `assess` adds what it will need and the verdict. Both wait for their answer.

    python -m services.preflight FILE ... --json

Nothing here is sent anywhere or costs anything. Inside: `_check` reads from top to bottom, the
chamber `inspection` looks at bytes (in the child), `projection` computes, `_verdict` judges.
"""

from services.preflight._assess import assess, inspect
from services.preflight._room import PreflightRoom
from services.preflight._suggestions import for_judgement

__all__ = ["PreflightRoom", "assess", "for_judgement", "inspect"]
