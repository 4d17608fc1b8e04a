"""The names in an OLE compound file: enough to tell an encrypted workbook from an old one."""

import struct
from pathlib import Path
from typing import BinaryIO

_HEADER_BYTES = 512
_ENTRY_BYTES = 128
_LAST_SECTOR = 0xFFFFFFFA
"""Sector numbers from here on are marks, not places."""
_DIRECTORY_SECTORS = 256
"""As many as are followed: a chain of a damaged file may have no end."""


def stream_names(path: Path) -> frozenset[str]:
    """Names of the streams and storages; none where the directory can't be read."""
    try:
        with path.open("rb") as file:
            return frozenset(_names(file))
    except (struct.error, OSError):
        return frozenset()


def _names(file: BinaryIO) -> list[str]:
    header = file.read(_HEADER_BYTES)
    (shift,) = struct.unpack_from("<H", header, 30)
    (sector,) = struct.unpack_from("<I", header, 48)
    if not 7 <= shift <= 16:
        return []
    size = 1 << shift
    table = struct.unpack_from("<109I", header, 76)
    names: list[str] = []
    for _ in range(_DIRECTORY_SECTORS):
        if sector >= _LAST_SECTOR:
            break
        file.seek((sector + 1) * size)
        content = file.read(size)
        for at in range(0, len(content) - _ENTRY_BYTES + 1, _ENTRY_BYTES):
            (length,) = struct.unpack_from("<H", content, at + 64)
            if 2 <= length <= 64:
                raw = content[at : at + length - 2]
                names.append(raw.decode("utf-16-le", "replace").lstrip("\x06\x01\x05"))
        sector = _following(file, table, sector, size)
    return names


def _following(file: BinaryIO, table: tuple[int, ...], sector: int, size: int) -> int:
    """The next sector of a chain, by the allocation table."""
    per_sector = size // 4
    index = sector // per_sector
    if index >= len(table) or table[index] >= _LAST_SECTOR:
        return _LAST_SECTOR
    file.seek((table[index] + 1) * size + 4 * (sector % per_sector))
    (following,) = struct.unpack("<I", file.read(4))
    return int(following)
