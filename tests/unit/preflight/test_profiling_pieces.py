"""A CSV is cut where a row ends, whatever stands in quotes."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from services.clock import SystemClock
from services.preflight.profiling._csv_pieces import _last_row_end

FIELDS = st.text('ab\n,"', max_size=6)


@given(st.lists(st.lists(FIELDS, min_size=1, max_size=3), min_size=1, max_size=8), st.integers(0))
def test_cut_is_at_the_end_of_the_last_whole_row(rows, at):
    ends, text = [0], ""
    for row in rows:
        out = io.StringIO()
        csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow(row)
        text += out.getvalue()
        ends.append(len(text))
    cut = at % (len(text) + 1)
    assert _last_row_end(text[:cut].encode(), b'"') == max(e for e in ends if e <= cut)


def test_field_of_many_lines_costs_no_more_than_one_of_one_line():
    started = SystemClock().monotonic()
    assert _last_row_end(b'a,b\n1,"' + b"x\n" * 8_000_000, b'"') == 4
    assert SystemClock().monotonic() - started < 1
