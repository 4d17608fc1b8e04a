"""How a file that does not fit is made to fit: which steps, what they bring, and the doing.

`Estimator(source, profile, environment).plan(steps)` says what steps would bring, in figures and
words, and only computes. `suggest(estimator)` finds the plan that keeps most of the truth.
`Reducers.reduce` has a child process stream the file through the steps into a compact CSV, in
bounded memory; it can be stopped at any time and then leaves nothing. `gather` takes steps
together.

Inside: `_facts` (what each column would be), `_rows` (how many are left), `_worth` (what a column
answers), `_says`; in the child: `_write` reads from top to bottom, with a source for each kind of
file (`_csv_source`, `_xlsx_source`, `_json_source`), `_choice` (rows) and `_groups`.
"""

from services.preflight.reduction._child import Reducers
from services.preflight.reduction._estimate import Estimator
from services.preflight.reduction._suggest import suggest
from services.preflight.reduction._wanted import gather

__all__ = ["Estimator", "Reducers", "gather", "suggest"]
