"""What a file is, from its content alone.

`Inspectors` holds a few child processes that look into files; `ask` hands one a request of
`types.py` and returns its answer. `_inspect` reads from top to bottom: content type, encoding,
reader. Readers: `_csv`, `_xlsx`, `_json`, `_text`, `_image`. Nothing here knows of limits on what
may be sent, of money or of users.
"""

from services.preflight.inspection._child import Inspectors

__all__ = ["Inspectors"]
