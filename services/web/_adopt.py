"""From what Streamlit hands over to an upload that lies in the spool."""

import hashlib
import os
from pathlib import Path

from services.files.types import Upload
from services.ids import new_id
from services.web._stub import open_stub


def adopt(data: bytes, name: str, folder: Path) -> Upload:
    """The spooled upload that `data` stands for.

    Where the spooling layer was not passed (no server in front, as in a test of a page), `data` is
    the file itself, and is written to `folder` first.
    """
    spooled = open_stub(data)
    if spooled is not None:
        return spooled
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / new_id("upload")
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        target.write(data)
    return Upload(
        path=path, name=name, size_bytes=len(data), sha256=hashlib.sha256(data).hexdigest()
    )
