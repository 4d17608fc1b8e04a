"""The folders of one container, reached by descriptors that are kept from their creation."""

import os
import secrets
import shutil
from pathlib import Path

import msgspec

_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class OutputFolder(msgspec.Struct, frozen=True, kw_only=True):
    """A fresh folder for one execution's files; whoever made it closes `fd`."""

    path: Path
    fd: int
    kept: Path
    """Where what is collected from it is kept, outside of the container."""


class Container:
    """`files/` is where code starts, with `input/` and `output/` in it; `tmp/` stands beside it.

    The code may rename and replace what it can write, so that a path means what the code wants it
    to mean: from the first execution on, everything of ours goes by descriptor.
    """

    def __init__(self, home: Path, kept: Path) -> None:
        self._home = home
        self._kept = kept
        self.files = home / "files"
        self.input = self.files / "input"
        self.output = self.files / "output"
        self.temporary = home / "tmp"
        for folder in (self.input, self.output, self.temporary, kept):
            folder.mkdir(parents=True, mode=0o700)
        self.home_fd = os.open(home, _FOLDER_FLAGS)
        self._output_fd = os.open(self.output, _FOLDER_FLAGS)

    def new_output(self) -> OutputFolder:
        """Make the folder of one execution. Raises OSError if the code has removed its parent."""
        name = secrets.token_hex(8)
        os.mkdir(name, 0o700, dir_fd=self._output_fd)
        kept = self._kept / name
        kept.mkdir(mode=0o700)
        fd = os.open(name, _FOLDER_FLAGS, dir_fd=self._output_fd)
        return OutputFolder(path=self.output / name, fd=fd, kept=kept)

    def environment(self, output: OutputFolder, shared: dict[str, str]) -> dict[str, str]:
        """All variables that the code sees."""
        return shared | {
            "HOME": str(self.files),
            "INPUT_DIR": str(self.input),
            "MPLCONFIGDIR": str(self.temporary / "matplotlib"),
            "OUTPUT_DIR": str(output.path),
            "TMPDIR": str(self.temporary),
        }

    def remove(self) -> None:
        """Delete everything, once nothing runs in it any more."""
        os.close(self._output_fd)
        os.close(self.home_fd)
        # rmtree goes by descriptors too where the system can, and never through links.
        shutil.rmtree(self._home, ignore_errors=True)
        shutil.rmtree(self._kept, ignore_errors=True)
