"""At start: is the installed diskcache the one whose inner workings we build on?

`RangeCache` overrides members that are private there. A version in which they changed would not
fail, it would quietly lose what it promises; so this asks, in a few milliseconds, and refuses.
"""

import inspect
import sqlite3

import diskcache
from diskcache.core import MODE_PICKLE

from services.errors import StoreError
from services.store._range_cache import RangeCache
from services.store.types import CorruptValue
from services.wording import store as wording

_VERSION = "5.6.3"
_KEY = "self-test"


class _Undone(Exception):
    """Ends the trial transaction."""


def check(cache: RangeCache) -> None:
    """Raises StoreError if a private member that we rely on is missing or works differently."""
    if not (_has_members(cache) and _rolls_back(cache) and _refuses_pickles(cache)):
        raise StoreError(wording.unfit_library())


def _has_members(cache: RangeCache) -> bool:
    stock = diskcache.Cache
    return (
        diskcache.__version__ == _VERSION
        and list(inspect.signature(stock._transact).parameters) == ["self", "retry", "filename"]
        and isinstance(stock._con, property)
        and isinstance(stock._sql, property)
        and callable(diskcache.Disk._write)
        and isinstance(cache._con, sqlite3.Connection)
        and cache._local.con is cache._con
        and cache._txn_id is None
    )


def _rolls_back(cache: RangeCache) -> bool:
    """Whether stock writes join our transaction, and vanish with it."""
    try:
        with cache.write():
            cache.set(_KEY, b"1")
            joined = cache._txn_id is not None and cache.get(_KEY) == b"1"
            raise _Undone
    except _Undone:
        return joined and cache.get(_KEY) is None


def _refuses_pickles(cache: RangeCache) -> bool:
    try:
        cache.disk.fetch(MODE_PICKLE, None, b"N.", False)
    except CorruptValue:
        return True
    return False
