"""What a file is, from its content alone.

`Inspectors` holds a few child processes that look into files; `ask` hands one a request of
`types.py` and returns its answer. `_inspect` reads from top to bottom: content type, encoding,
reader. Readers: `_csv`, `_xlsx`, `_json`, `_text`, `_image`. Nothing here knows of limits on what
may be sent, of money or of users.

Who reads a file once more asks here too: `workbooks` for the parts of an .xlsx and a bounded way
into them, `written` for how a column's numbers are written.
"""

from services.preflight.inspection import _xlsx_parts as workbooks
from services.preflight.inspection._bounds import load as load_bounds
from services.preflight.inspection._child import Inspectors
from services.preflight.inspection._written import written

__all__ = ["Inspectors", "load_bounds", "workbooks", "written"]
