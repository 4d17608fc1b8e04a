"""Numbers that are counted by marks are all counted, and come back as they were."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.preflight.profiling._distinct import Distinct, unique
from services.preflight.profiling._keys import of_floats, of_integers
from services.preflight.profiling._marks import Marks

BLOCKS = st.lists(st.lists(st.integers(-3_000, 3_000), min_size=1, max_size=20), max_size=8)


@given(BLOCKS, st.booleans())
def test_marks_count_what_they_were_given(blocks, is_scaled):
    marks = Marks(1 << 13, is_scaled=is_scaled)
    seen = set()
    for block in blocks:
        values = np.array(block, np.int64)
        given_values = values / 1000 if is_scaled else values
        assert marks.add(given_values, given_values.min(), given_values.max())
        seen.update(given_values.tolist())
    assert marks.count() == len(seen)
    assert marks.values().tolist() == sorted(seen)


@pytest.mark.parametrize("values", [[0.0001], [1e300], [0.5, 9_000.0], [-1e15]])
def test_marks_refuse_what_they_have_no_place_for(values):
    marks = Marks(1 << 13, is_scaled=True)
    assert not marks.add(np.array(values), min(values), max(values))
    assert marks.count() == 0


@given(st.lists(st.lists(st.integers(0, 400), max_size=60), max_size=12), st.integers(0, 3))
def test_distinct_counts_exactly_up_to_its_cap_on_disk_as_well(blocks, spills):
    counted = Distinct(1_000)
    seen: set[int] = set()
    for number, block in enumerate(blocks):
        counted.add(of_integers(np.array(block, np.int64)))
        seen.update(block)
        if number < spills:
            counted.spill()
    assert counted.count() == (len(seen), None)


def test_whole_numbers_and_equal_floats_have_one_key_and_large_ones_their_own():
    whole = np.array([0, 1, -5, 2**53, 2**53 + 1, 2**62, 2**62 + 1], np.int64)
    keys = of_integers(whole)
    assert len(unique(keys)) == len(whole)
    assert keys[:3].tolist() == of_floats(np.array([-0.0, 1.0, -5.0])).tolist()
