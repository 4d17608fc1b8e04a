"""Taking over what code left in its output folder. Everything found there is taken for a trap."""

import os
import shutil
import stat
import unicodedata
from pathlib import Path

from services.sandbox._container import OutputFolder
from services.sandbox.types import OutputFile, SandboxLimits

# Without O_NONBLOCK, opening a FIFO would wait for somebody to write into it.
_FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NAME_BYTES = 200
_SUFFIX_BYTES = 20
_BLOCK_BYTES = 512
# Control characters, surrogates of undecodable bytes, and marks that turn the reading direction.
_UNCLEAN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def collect(
    folder: OutputFolder, limits: SandboxLimits
) -> tuple[tuple[OutputFile, ...], tuple[str, ...]]:
    """Copies of the regular files at the top level, and what was not taken with the reason.

    Call when nothing runs in the container any more. Names are cleaned; in the order of names.
    """
    files: list[OutputFile] = []
    skipped: list[str] = []
    taken: set[str] = set()
    left_bytes = limits.disk_bytes
    names, more = _names(folder.fd, limits.output_files)
    for name in names:
        shown = _unique(_clean(name), taken)
        took = _take(name, folder, folder.kept / shown, left_bytes)
        if isinstance(took, str):
            skipped.append(f"{shown}: {took}")
            continue
        left_bytes -= took
        taken.add(shown)
        files.append(OutputFile(name=shown, path=folder.kept / shown, size_bytes=took))
    if more:
        skipped.append(f"everything else: more than {limits.output_files:,} files")
    return tuple(files), tuple(skipped)


def _take(name: str, folder: OutputFolder, path: Path, left_bytes: int) -> int | str:
    """Copy one file from the descriptor that was looked at: its size, or why it was not taken."""
    try:
        fd = os.open(name, _FILE_FLAGS, dir_fd=folder.fd)
    except OSError:
        return _unopened(name, folder.fd)
    try:
        reason = _reason_to_skip(os.fstat(fd), fd, left_bytes)
        if reason:
            return reason
        with os.fdopen(fd, "rb", closefd=False) as source, path.open("xb") as target:
            shutil.copyfileobj(source, target)
            return target.tell()
    except OSError:
        path.unlink(missing_ok=True)
        return "could not be copied"
    finally:
        os.close(fd)


def _names(folder_fd: int, most: int) -> tuple[list[str], bool]:
    names: list[str] = []
    with os.scandir(folder_fd) as entries:
        for entry in entries:
            if len(names) == most:
                return sorted(names), True
            names.append(entry.name)
    return sorted(names), False


def _unopened(name: str, folder_fd: int) -> str:
    try:
        mode = os.stat(name, dir_fd=folder_fd, follow_symlinks=False).st_mode
    except OSError:
        return "gone"
    if stat.S_ISLNK(mode):
        return "a symbolic link"
    return "a socket" if stat.S_ISSOCK(mode) else "cannot be opened"


def _reason_to_skip(status: os.stat_result, fd: int, left_bytes: int) -> str:
    if stat.S_ISDIR(status.st_mode):
        return "a folder"
    if stat.S_ISFIFO(status.st_mode):
        return "a pipe"
    if not stat.S_ISREG(status.st_mode):
        return "not a regular file"
    if status.st_nlink != 1:
        return "has other names"
    if _is_sparse(status, fd):
        return "mostly holes"
    return "too large" if status.st_size > left_bytes else ""


def _is_sparse(status: os.stat_result, fd: int) -> bool:
    """Blocks alone don't tell: compressed file systems count fewer of them for honest files."""
    if status.st_blocks * _BLOCK_BYTES * 2 >= status.st_size:
        return False
    first_hole = os.lseek(fd, 0, os.SEEK_HOLE)
    os.lseek(fd, 0, os.SEEK_SET)
    return first_hole < status.st_size


def _clean(name: str) -> str:
    """The name in composed letters, without what misleads a reader, at most 200 bytes long."""
    composed = unicodedata.normalize("NFC", name)
    clean = "".join(
        "_" if unicodedata.category(character) in _UNCLEAN_CATEGORIES else character
        for character in composed
    )
    encoded = clean.encode()
    if len(encoded) <= _NAME_BYTES:
        return clean
    stem, dot, suffix = clean.rpartition(".")
    if not dot or len(suffix.encode()) > _SUFFIX_BYTES:
        stem, suffix = clean, ""
    room = _NAME_BYTES - len((dot + suffix).encode())
    return stem.encode()[:room].decode(errors="ignore") + dot + suffix


def _unique(name: str, taken: set[str]) -> str:
    if name not in taken:
        return name
    stem, dot, suffix = name.rpartition(".")
    if not dot:
        stem, suffix = name, ""
    number = 2
    while (other := f"{stem}-{number}{dot}{suffix}") in taken:
        number += 1
    return other
