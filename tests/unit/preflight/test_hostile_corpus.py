"""A tenth of the hostile files of the bench, from the same seeds: a verdict for each (R13)."""

import itertools
import time

import pytest

from bench.hostile import FULL, hostile_files, is_wrongly_accepted
from services.preflight import assess

PARTS = 8
BROKEN = ("crashed", "unreadable", "too_long")
SLOWEST_SECONDS = 5.0


@pytest.mark.parametrize("part", range(PARTS))
def test_each_hostile_file_has_a_true_verdict_in_time(tmp_path, profile, part):
    files = itertools.islice(hostile_files(1, FULL // 9), part, None, PARTS)
    for number, file in enumerate(files):
        path = tmp_path / f"f{number}"
        file.write(path)
        started = time.monotonic()
        found = assess(path, file.name, profile)
        seconds = time.monotonic() - started
        assert found.verdict.message.what_happened
        assert (file.what, found.verdict.code in BROKEN) == (file.what, False)
        assert (file.what, is_wrongly_accepted(file, path, found)) == (file.what, False)
        assert (file.what, seconds < SLOWEST_SECONDS) == (file.what, True)
        if not path.is_dir():
            path.unlink()
