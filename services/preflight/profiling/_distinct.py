"""How many different keys there are, in bounded memory.

Keys are gathered as they come and sorted as seldom as may be: sorting is what costs. Where values
repeat, a small table of known keys keeps most of them out. Beyond the cap only keys below a
threshold are kept, which is halved whenever there are too many: keys are spread evenly, so their
number tells how many there are in all.
"""

import math
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np

from services.preflight.profiling._keys import Words

_KEPT_BEYOND = 1 << 17
_PENDING = 1 << 18
_TABLE_BITS_LEAST, _TABLE_BITS_MOST = 10, 18
_WORTH = 0.2
"""Share of repeated keys from which on looking them up costs less than sorting them."""
_LAST = np.uint64(2**64 - 1)
_PROBE_LEVEL, _PROBE_LEAST, _PROBE_SURE, _SURELY_MORE = 4, 1 << 12, 1 << 18, 1.02
"""One in sixteen keys tells how many differ; of enough, whether that is more than the cap."""
_NO_SHIFT = np.uint64(0)
_HALF, _WORTH_HALVING = np.uint64(32), 1 << 12


def unique(keys: Words) -> Words:
    """Sorted, each once."""
    if len(keys) < 2:
        return keys
    ordered = np.sort(keys)
    begins = np.empty(len(ordered), np.bool_)
    begins[0] = True
    np.not_equal(ordered[1:], ordered[:-1], out=begins[1:])
    return ordered if begins.all() else ordered[begins]


def different(keys: Words) -> int:
    """How many different ones there are. Half of each key's bits tell most of them apart."""
    if len(keys) < _WORTH_HALVING:
        return len(unique(keys))
    halves = (keys >> _HALF).astype(np.uint32)
    halves.sort()
    twice = halves[1:][halves[1:] == halves[:-1]]
    if len(twice) > len(keys) // 8:
        return len(unique(keys))
    bits = len(twice).bit_length() + 3
    doubtful = np.zeros(1 << bits, np.bool_)
    doubtful[twice >> np.uint32(32 - bits)] = True
    rest = keys[doubtful[keys >> np.uint64(64 - bits)]]
    return len(keys) - len(rest) + len(unique(rest))


def table_bits(held_keys: int, columns: int) -> int:
    """How large tables of known keys may be, so that those of all columns have room."""
    room = held_keys // (2 * max(1, columns))
    return min(_TABLE_BITS_MOST, max(_TABLE_BITS_LEAST, room.bit_length() - 1))


def held_in_bounds(counted: Sequence["Distinct"], held_keys: int, others: int) -> None:
    """Put keys on disk where too many are in memory, of the columns that hold most."""
    held = others + sum(one.held for one in counted)
    if held <= held_keys:
        return
    for one in sorted(counted, key=lambda one: one.held, reverse=True):
        before = one.held
        with one.lock:
            one.spill()
        held -= before - one.held
        if held <= held_keys // 2:
            return


@dataclass(slots=True)
class Distinct:
    """Counts different keys; exactly up to `cap`."""

    cap: int
    table_bits_most: int = _TABLE_BITS_MOST
    lock: threading.RLock = field(default_factory=threading.RLock)
    """Held by who changes it."""
    _keys: Words = field(default_factory=lambda: np.empty(0, np.uint64))
    """Sorted, each once."""
    _pending: list[Words] = field(default_factory=list)
    _pending_count: int = 0
    _due: int = 0
    """So many pending keys are merged into the set."""
    _seen: int = 0
    """Keys that were added since the set was last merged."""
    _level: int = 0
    _table: Words | None = None
    _shift: np.uint64 = _NO_SHIFT
    _file: BinaryIO | None = None
    _file_count: int = 0

    @property
    def held(self) -> int:
        """Keys in memory."""
        table = 0 if self._table is None else len(self._table)
        return len(self._keys) + self._pending_count + table

    def add(self, keys: Words) -> None:
        """Take in more keys; their order and repetition do not matter."""
        self._seen += len(keys)
        if self._level:
            keys = keys[keys < self._limit]
        elif self._table is not None:
            keys = keys[self._table[keys >> self._shift] != keys]
        if not len(keys):
            return
        self._pending.append(keys)
        self._pending_count += len(keys)
        if self._pending_count > self._due:
            self._merge()

    def spill(self) -> None:
        """Put the keys on disk; the table of known ones stays."""
        if len(self._keys) + self._pending_count + self._file_count > 2 * self.cap:
            self._merge()
        if self._level:
            return
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="profile-")  # noqa: SIM115 - ours till the end
        for keys in (self._keys, *self._pending):
            self._file.write(keys.tobytes())
            self._file_count += len(keys)
        self._keys = np.empty(0, np.uint64)
        self._pending.clear()
        self._pending_count = 0

    def count(self) -> tuple[int, float | None]:
        """Different keys, and the standard error as a ratio where it is an estimate."""
        if self._level or len(self._keys) + self._pending_count + self._file_count > self.cap:
            self._merge(is_last=True)
        if not self._level:
            keys = np.concatenate([self._keys, *self._pending, self._back()])
            found = different(keys) if self._pending or len(keys) > len(self._keys) else len(keys)
        else:
            found = len(self._keys)
        error = 1 / math.sqrt(max(1, found)) if self._level else None
        self._keys, self._table = np.empty(0, np.uint64), None
        self._pending.clear()
        return found << self._level, error

    @property
    def _limit(self) -> np.uint64:
        return np.uint64(2 ** (64 - self._level))

    def _merge(self, *, is_last: bool = False) -> None:
        """All keys into the set, which is thinned where it passes the cap."""
        known = len(self._keys)
        keys = np.concatenate([self._keys, *self._pending, self._back()])
        self._pending.clear()
        self._pending_count = 0
        if not self._level and len(keys) >= _PROBE_LEAST:
            probe = unique(keys[keys < np.uint64(2 ** (64 - _PROBE_LEVEL))])
            about = len(probe) << _PROBE_LEVEL
            if about > _SURELY_MORE * self.cap and len(keys) >= _PROBE_SURE:
                self._level, keys = _PROBE_LEVEL, probe
            elif about > (1 - _WORTH) * len(keys) and len(keys) < self.cap and not is_last:
                self._put_off(keys)
                return
        self._keys = unique(keys)
        kept = min(_KEPT_BEYOND, self.cap)
        while len(self._keys) > (kept if self._level else self.cap):
            self._level += 1
            self._keys = self._keys[: np.searchsorted(self._keys, self._limit)].copy()
        repeated = self._seen - (len(self._keys) - known)
        if self._level:
            self._table, self._due = None, _KEPT_BEYOND
        elif repeated > _WORTH * self._seen:
            self._tabulate()
            self._due = max(len(self._keys), _PENDING)
        else:
            # Nearly all differ: one more look when it must be settled which way it goes.
            self._table = None
            self._due = max(self.cap, _PENDING) if self._seen > _PENDING else _PENDING
        self._seen = 0

    def _put_off(self, keys: Words) -> None:
        """Nearly all differ: sort them when it must be settled which way it goes."""
        self._keys, self._table = np.empty(0, np.uint64), None
        self._pending, self._pending_count = [keys], len(keys)
        settled = self.cap + self.cap // 8
        self._due = min(_PENDING, self.cap) if len(keys) < min(_PENDING, self.cap) else settled
        self._seen = len(keys)

    def _back(self) -> Words:
        """The keys that were put on disk."""
        if self._file is None:
            return np.empty(0, np.uint64)
        self._file.seek(0)
        keys = np.frombuffer(self._file.read(), np.uint64)
        self._file.close()
        self._file, self._file_count = None, 0
        return keys[keys < self._limit] if self._level else keys

    def _tabulate(self) -> None:
        bits = max(_TABLE_BITS_LEAST, (4 * len(self._keys)).bit_length())
        bits = min(bits, self.table_bits_most)
        if self._table is None or len(self._table) < 1 << bits:
            self._shift = np.uint64(64 - bits)
            self._table = np.zeros(1 << bits, np.uint64)
            self._table[0] = _LAST  # or the key 0 would seem to be known
        self._table[self._keys >> self._shift] = self._keys
