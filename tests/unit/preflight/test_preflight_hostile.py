"""Mutations of real files: each has a verdict, and no reader breaks (R13)."""

import random
import time

import pytest

from bench.hostile import mutated
from tests.unit.preflight import preflight_made as made

SEEDS = (
    ("a.csv", b'region;amount\nNorth;1,5\n"a;b";2\n' * 30),
    ("a.xlsx", made.workbook(("S", [["a", "b"], [1, "x"], [2.5, "y"]]))),
    ("a.json", b'[{"a": 1, "b": "x\\n", "c": [1, {"d": null}]}, {"a": 2}]'),
    ("a.ndjson", b'{"a": 1}\n{"a": "\xc3\xa4"}\n' * 20),
    ("a.png", made.picture()),
    ("a.xls", made.compound_file("Workbook")),
    ("a.txt", "n\xe4chster Halt,\tK\xf6ln\r\n".encode("cp1252") * 20),
)
BROKEN = ("crashed", "unreadable", "too_long", "too_much_memory")


@pytest.mark.parametrize("seed", range(8))
def test_mutated_file_has_a_verdict_and_breaks_no_reader(look, seed):
    rng = random.Random(seed)
    for _ in range(30):
        name, content = rng.choice(SEEDS)
        _, other = rng.choice(SEEDS)
        odd = mutated(content, other, rng)
        started = time.monotonic()
        found = look(rng.choice((name, "x.csv", "x.json", "x.xlsx", "x")), odd)
        assert found.verdict.code not in BROKEN, odd
        assert found.verdict.message.what_happened
        assert time.monotonic() - started < 5
