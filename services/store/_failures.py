"""Errors of SQLite and of the file system, by their codes, as the errors of this room."""

import contextlib
import errno
import sqlite3
from collections.abc import Iterator

from services.errors import StoreError
from services.store.types import CorruptValue, StoreBusy, StoreFull, StoreReadOnly
from services.wording import store as wording

_PRIMARY_CODE = 0xFF
_LOCKED = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_READ_ONLY = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM})
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})
_NO_ACCESS = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})


def is_locked(exc: sqlite3.Error) -> bool:
    """Whether somebody else holds the database, so that trying again may help."""
    return _code(exc) in _LOCKED


def named(exc: sqlite3.Error) -> StoreError:
    """The error of this room that says what SQLite's error means."""
    code = _code(exc)
    if code in _LOCKED:
        return StoreBusy(wording.busy())
    if code == sqlite3.SQLITE_FULL:
        return StoreFull(wording.full())
    if code in _READ_ONLY:
        return StoreReadOnly(wording.read_only())
    if code in _DAMAGED:
        return CorruptValue(wording.corrupt())
    return StoreError(wording.failed())


@contextlib.contextmanager
def files_named() -> Iterator[None]:
    """Inside, an OSError becomes the error of this room that says what it means."""
    try:
        yield
    except OSError as exc:
        if exc.errno in _NO_SPACE:
            raise StoreFull(wording.full()) from exc
        if exc.errno in _NO_ACCESS:
            raise StoreReadOnly(wording.read_only()) from exc
        raise StoreError(wording.failed()) from exc


def _code(exc: sqlite3.Error) -> int | None:
    # Errors of the Python binding itself (wrong thread, closed connection) carry no code.
    code = getattr(exc, "sqlite_errorcode", None)
    return None if code is None else code & _PRIMARY_CODE
