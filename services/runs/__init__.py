"""Long actions as runs: a worker thread, a journal of facts, a stop, and honesty after a restart.

`perform` tells which function carries which task; `start` records a run before a worker takes it;
`events` reads the journal from a cursor, for any page and any tab of the owner; `stop` asks the
worker to end; `resume`, once at start, marks what an earlier server left behind as interrupted.
A task is only an id: everything a performer needs is in the store.
"""

from services.runs._workers import Runs

__all__ = ["Runs"]
