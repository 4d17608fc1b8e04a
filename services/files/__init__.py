"""Bytes kept by content hash: uploads, samples and what runs produced.

`Files` keeps a file under its owner, and hands out its path to child processes. Equal
content is stored once; a name is cleaned before it is ever used as one, and the original is kept
for showing (escaped). Nobody can tell a missing file from somebody else's.
"""

from services.files._formulas import defused_csv
from services.files._keep import Files
from services.files._names import clean_name

__all__ = ["Files", "clean_name", "defused_csv"]
