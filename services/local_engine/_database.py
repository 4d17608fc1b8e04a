"""One SQLite file for what outlives the process: files' records and the bill."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS files (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    filename TEXT NOT NULL,
    mime_type TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    downloadable INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS containers (
    id TEXT PRIMARY KEY,
    started_at INTEGER NOT NULL,
    booked_until INTEGER NOT NULL,
    spans INTEGER NOT NULL DEFAULT 0,
    ended_at INTEGER,
    how TEXT
);
CREATE TABLE IF NOT EXISTS bill (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    amount_microusd INTEGER NOT NULL,
    seconds INTEGER NOT NULL,
    row TEXT NOT NULL
);
"""
_VERSION = 1


class Database:
    """A connection that any thread may use, one statement or one transaction at a time."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        # A rehearsal's bill may lose its last rows in a power cut, never in a crash of ours.
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(_SCHEMA)
        self._connection.execute(f"PRAGMA user_version = {_VERSION}")

    def read(self, statement: str, *values: object) -> list[sqlite3.Row]:
        """All rows that a query gives."""
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    def write(self, statement: str, *values: object) -> int:
        """Change something; returns how many rows were touched."""
        with self._lock:
            return self._connection.execute(statement, values).rowcount

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside become visible together, or none does."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the file; the journal is folded in by SQLite."""
        with self._lock:
            self._connection.close()
