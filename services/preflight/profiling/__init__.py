"""Every row of a file that was checked: exact blanks, different values, extremes, duplicates.

`Profilers` holds a child process that goes over all rows of a table, read as the file's report
says; `ask` hands it a request of `types.py` and returns its answer: figures, or why there are none.
`fill_in` puts figures into a report, with the findings that need every row, and `correct` into what
the projection takes in. Inside: `_csv` (Arrow splits, numpy counts), `_json` and `_xlsx` (records
and cells, streamed) lead to `_distinct` and `_rows`, which count keys in bounded memory. Nothing
here judges whether a file fits.
"""

from services.preflight.profiling._child import Profilers
from services.preflight.profiling._correct import correct
from services.preflight.profiling._fill_in import contradicts, fill_in

__all__ = ["Profilers", "contradicts", "correct", "fill_in"]
