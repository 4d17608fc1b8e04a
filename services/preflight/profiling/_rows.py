"""How many rows repeat an earlier one, by a key per row; beyond some millions on disk."""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np

from services.preflight.profiling._distinct import different, unique
from services.preflight.profiling._keys import Words

_PARTS_BITS = 6
_WORD_BYTES = 8
Map = Callable[[Callable[[Words], int], Iterable[Words]], Iterable[int]]


def weight(number: int) -> np.uint64:
    """An odd number of its own for each column, so that equal values elsewhere are different."""
    return np.uint64((0x9E3779B97F4A7C15 * (2 * number + 1)) % 2**64 | 1)


@dataclass(slots=True)
class RowKeys:
    """Gathers the keys of all rows; `held_most` of them stay in memory."""

    held_most: int
    rows: int = 0
    _held: list[Words] = field(default_factory=list)
    _held_count: int = 0
    _files: list[BinaryIO] = field(default_factory=list)

    @property
    def held(self) -> int:
        """Keys in memory."""
        return self._held_count

    def add(self, keys: Words) -> None:
        """Take in the keys of some more rows."""
        self.rows += len(keys)
        self._held.append(keys)
        self._held_count += len(keys)
        if self._held_count > self.held_most:
            self._spill()

    def duplicates(self, each: Map = map) -> int:
        """Rows that are not the first of their kind. `each` may look at parts at the same time."""
        return self.rows - sum(each(different, self._parts()))

    def _parts(self) -> Iterator[Words]:
        """All keys, equal ones in the same part."""
        if not self._files:
            keys = np.concatenate(self._held) if self._held else np.empty(0, np.uint64)
            self._held.clear()
            is_low = keys < np.uint64(2**63)
            yield keys[is_low]
            yield keys[~is_low]
            return
        self._spill()
        for file in self._files:
            file.seek(0)
            yield np.frombuffer(file.read(), np.uint64)
            file.close()

    def _spill(self) -> None:
        """Sorted and each once, cut into parts by the highest bits."""
        keys = unique(np.concatenate(self._held)) if self._held else np.empty(0, np.uint64)
        self._held.clear()
        self._held_count = 0
        if not self._files:
            self._files = [
                tempfile.TemporaryFile(prefix="profile-")  # noqa: SIM115 - ours till the end
                for _ in range(1 << _PARTS_BITS)
            ]
        edges = [i << (64 - _PARTS_BITS) for i in range(1, 1 << _PARTS_BITS)]
        cuts = np.searchsorted(keys, np.array(edges, np.uint64))
        for file, part in zip(self._files, np.split(keys, cuts), strict=True):
            file.write(part.tobytes())
