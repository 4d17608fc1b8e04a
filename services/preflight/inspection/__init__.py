"""What a file is, from its content alone.

`Inspectors` holds a few child processes that look into files; `ask` hands one a request of
`types.py` and returns its answer. `_inspect` reads from top to bottom: content type, encoding,
reader. Readers: `_csv`, `_xlsx`, `_json`, `_text`, `_image`. Nothing here knows of limits on what
may be sent, of money or of users.

Who reads a file once more asks here too: `workbooks` for the parts of an .xlsx and a bounded way
into them, `number_style` for how a column's numbers are written; `cells`, `dates`, `json_text` and
`json_values` for what values are, and how they are told; `Worker` for a child process, `pipes`
and `own_limits` within it; `dict_bytes` for what Python takes.
"""

from services.preflight.inspection import _cells as cells
from services.preflight.inspection import _dates as dates
from services.preflight.inspection import _json_text as json_text
from services.preflight.inspection import _json_values as json_values
from services.preflight.inspection import _own_limits as own_limits
from services.preflight.inspection import _pipe as pipes
from services.preflight.inspection import _xlsx_parts as workbooks
from services.preflight.inspection._bounds import load as load_bounds
from services.preflight.inspection._child import Inspectors
from services.preflight.inspection._columns import shown_number
from services.preflight.inspection._process import Worker
from services.preflight.inspection._strings import dict_bytes
from services.preflight.inspection._tokens import MISSING_WORDS
from services.preflight.inspection._written import number_style
from services.preflight.inspection._xlsx_rows import date_text
from services.preflight.inspection._xlsx_sheet import column_number

__all__ = [
    "MISSING_WORDS",
    "Inspectors",
    "Worker",
    "cells",
    "column_number",
    "date_text",
    "dates",
    "dict_bytes",
    "json_text",
    "json_values",
    "load_bounds",
    "number_style",
    "own_limits",
    "pipes",
    "shown_number",
    "workbooks",
]
