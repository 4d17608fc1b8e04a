"""Every sentence that is built from facts: one typed function each, plain text, British spelling.

Files: what a file is and whether it fits. Runs: how an answer came about or failed. Results: its
files. Money: what something cost. Replies: what the local engine says. Static labels stand in the
component that draws them.
"""

from services.wording import (
    app,
    approaches,
    costs,
    files,
    money,
    reductions,
    refusals,
    replies,
    results,
    runs,
    store,
    verdicts,
)

__all__ = [
    "app",
    "approaches",
    "costs",
    "files",
    "money",
    "reductions",
    "refusals",
    "replies",
    "results",
    "runs",
    "store",
    "verdicts",
]
