"""What a Python string costs: size classes of 64-bit CPython 3.11, as measured."""

import numpy as np

from services.preflight.inspection._tokens import ASTRAL, HIGH, WIDE, Bytes, Ints

_SMALL = 512
"""Up to here CPython's own allocator rounds to 16 bytes; above, malloc adds a header of 8."""
ALLOCATION_UNIT = 16
_DICT_BYTES, _ENTRY_BYTES = 112, 16


def allocated(sizes: Ints) -> Ints:
    """Bytes really taken for objects of these sizes."""
    return np.where(sizes <= _SMALL, sizes + 15, sizes + 8 + 15) & ~np.int64(15)


def string_bytes(length_bytes: Ints, characters: Ints, classes: Ints) -> Ints:
    """Allocated bytes of the strings decoded from such UTF-8 fields.

    ASCII takes 49 bytes and one per character. Anything else is first allocated for as many
    characters as there are bytes, and is only shrunk where that saves more than a quarter.
    """
    ascii_size = allocated(length_bytes + 49)
    if not np.any(classes & HIGH):
        return ascii_size
    per_character = np.where(classes & ASTRAL, 4, np.where(classes & WIDE, 2, 1))
    before = 72 + per_character * (length_bytes + 1)
    after = 72 + per_character * (characters + 1)
    kept = (before <= _SMALL) & (4 * after > 3 * ((before + 15) & ~np.int64(15)))
    sizes = np.where(kept, allocated(before), allocated(after))
    return np.where(classes & HIGH, sizes, ascii_size)


def count_characters(data: Bytes, starts: Ints, lengths: Ints) -> Ints:
    """Characters of UTF-8 fields: bytes that do not continue another one."""
    if not len(starts):
        return lengths
    bounds = np.empty(2 * len(starts), np.int64)
    bounds[0::2], bounds[1::2] = starts, starts + lengths
    begins = ((data & 0xC0) != 0x80).astype(np.int64)
    counted = np.add.reduceat(begins, bounds)[0::2]
    return np.where(lengths > 0, counted, 0)


def list_bytes(width: int) -> int:
    """Allocated bytes of a list that was filled by `width` appends."""
    capacity = 0
    while capacity < width:
        size = capacity + 1
        capacity = (size + (size >> 3) + 6) & ~3
    return int(allocated(np.array([72 + 8 * capacity]))[0])


def dict_bytes(keys: int) -> int:
    """Allocated bytes of a dict with that many string keys, collector header included.

    A dict has a power of two of slots, at least eight, and entries for two thirds of them; where
    those are full it doubles. A slot is as wide as the number of an entry needs.
    """
    slots = 8
    while slots * 2 // 3 < keys:
        slots *= 2
    width = 1 if slots < 256 else 2 if slots < 65_536 else 4
    size = _DICT_BYTES + slots * width + slots * 2 // 3 * _ENTRY_BYTES
    return -(-size // ALLOCATION_UNIT) * ALLOCATION_UNIT
