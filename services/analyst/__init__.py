"""The analyst: a question in plain English becomes a typed reading, and that becomes code.

`read_question(tables, question, previous)` gives a `Reading`, an `UnknownColumn` or `Abstained`.
Six kinds are read: overview, totals by group, trend, distribution, top N, correlation. Every word
of the question has to be accounted for; what isn't leads to an abstention, since a wrong answer is
a defect and an abstention is not. `write_code(reading, file_name, report)` gives a program for
pandas 1.5 and newer, which leaves a figure and a table and prints the answer's sentences behind
`ANSWER: `. `examples(tables)` are questions that can be answered for a file.

How it goes: `_words` cuts the question and `_spelling` puts slips right, `_tags` finds columns
(`_columns`) and known phrases (`_lexicon`, `_unhandled`) in it, `_compounds` leaves out what adds
nothing. `_patterns` fits the shapes of question (`_shapes`), `_plan` checks what is `_wanted`
against what the columns hold (`_roles`, `_checks`); `_follow` and `_change` go on from the reading
before. What isn't read gets its reason in `_reasons` or `_odd`, the columns that may be meant from
`_closest`, and questions close to it from `_nearest`. `_code` puts a program together out of
`_load`, `_written` (numbers that are text), `_charts` and the file of its kind (`_group_code`,
`_trend_code` …).
"""

from services.analyst._code import write_code
from services.analyst._read import examples, read_question

__all__ = ["examples", "read_question", "write_code"]
