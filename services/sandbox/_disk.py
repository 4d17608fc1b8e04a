"""How much of the disk a container holds: a soft limit, looked at twice a second."""

import os
import threading

_INTERVAL_SECONDS = 0.5
_MOST_ENTRIES = 20_000
_BLOCK_BYTES = 512


class DiskWatch:
    """A thread that walks a container's folders while its code runs.

    One file alone is held by RLIMIT_FSIZE; this is for many. Short executions never start a walk.
    """

    def __init__(self, folder_fd: int, limit_bytes: int) -> None:
        self._folder_fd = folder_fd
        self._limit_bytes = limit_bytes
        self._ended = threading.Event()
        self.over = threading.Event()
        """Set when the container holds more than it may."""
        self._thread = threading.Thread(target=self._watch, name="sandbox-disk", daemon=True)
        self._thread.start()

    def finish(self) -> None:
        """Look no longer."""
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(_INTERVAL_SECONDS):
            if self._is_over():
                self.over.set()
                return

    def _is_over(self) -> bool:
        used_bytes = entries = 0
        # By descriptors and without following links: the code may move its folders as we look.
        for _, folders, names, fd in os.fwalk(".", dir_fd=self._folder_fd, onerror=None):
            for name in names:
                try:
                    status = os.stat(name, dir_fd=fd, follow_symlinks=False)
                except OSError:
                    continue
                used_bytes += status.st_blocks * _BLOCK_BYTES
            entries += len(names) + len(folders)
            if used_bytes > self._limit_bytes or entries > _MOST_ENTRIES or self._ended.is_set():
                return not self._ended.is_set()
        return False
