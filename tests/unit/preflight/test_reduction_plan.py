"""Which plan is suggested, and that what it promises is what comes out."""

import random

import pytest

from services.preflight.reduction import suggest
from services.preflight.types import (
    KeepColumns,
    NarrowTypes,
    NewestRows,
    OneRowPerGroup,
    ReductionPlan,
    SampleRows,
)
from tests.unit.preflight.reduction_made import estimator_of, reduced, source_of, written

ROWS = 6_000
NBSP = "\N{NO-BREAK SPACE}"


def column(name, make, seed=1):
    chance = random.Random(f"{name}{seed}")
    return name, [make(n, chance) for n in range(ROWS)]


REGION = column("region", lambda n, c: c.choice(["North", "South", "East"]))
AMOUNT = column("amount", lambda n, c: f"{c.random() * 500:.2f}")
QTY = column("qty", lambda n, c: str(c.randrange(40)))
DAY = column("ordered_on", lambda n, c: f"2025-{c.randrange(1, 13):02}-{c.randrange(1, 29):02}")
HASH = column("session", lambda n, c: f"{c.getrandbits(128):032x}")
NOTE = column("note", lambda n, c: " ".join(f"w{c.randrange(4_000)}" for _ in range(12)))
EMPTY = column("empty", lambda n, c: "")
SAME = column("currency", lambda n, c: "EUR")
ZEROS = column("rate", lambda n, c: f"{c.random():.2f}0000000000")
FLOAT = column("reading", lambda n, c: repr(c.random() * 100))


def file_of(folder, *columns):
    lines = [",".join(name for name, _ in columns)]
    lines += [",".join(cells) for cells in zip(*(cells for _, cells in columns), strict=True)]
    return written(folder / "a.csv", "\n".join(lines) + "\n")


def plan_of(path, limit) -> ReductionPlan:
    found = suggest(estimator_of(source_of(path), file_limit_bytes=limit))
    assert found is not None
    return found


def came_out(path, plan):
    frame = reduced(path, *plan.steps)
    return frame, (path.parent / "work" / "reduced.csv").stat().st_size


def test_zeros_that_mean_nothing_are_trimmed_before_anything_is_left_out(tmp_path):
    path = file_of(tmp_path, REGION, ZEROS)
    plan = plan_of(path, 90_000)
    assert (plan.steps, plan.is_exact, plan.fits, plan.rows) == ((), True, True, ROWS)
    assert plan.truth == "All 6,000 rows are kept, so totals and averages are exact."
    assert path.stat().st_size > 90_000 > came_out(path, plan)[1]


def test_columns_that_carry_nothing_go_first(tmp_path):
    path = file_of(tmp_path, REGION, EMPTY, AMOUNT, SAME, HASH)
    plan = plan_of(path, path.stat().st_size - 10_000)
    assert plan.steps == (KeepColumns(names=("region", "amount", "session")),)
    assert plan.is_exact


def test_columns_that_repeat_another_go_too(tmp_path):
    again = ("amount again", AMOUNT[1])
    path = file_of(tmp_path, REGION, AMOUNT, again)
    plan = plan_of(path, path.stat().st_size - 10_000)
    assert plan.steps == (KeepColumns(names=("region", "amount")),)


def test_texts_and_hashes_go_before_figures_and_no_row_does(tmp_path):
    path = file_of(tmp_path, HASH, REGION, NOTE, AMOUNT, QTY, DAY)
    plan = plan_of(path, 200_000)
    assert plan.steps == (KeepColumns(names=("region", "amount", "qty", "ordered_on")),)
    assert plan.is_exact
    frame, size = came_out(path, plan)
    assert len(frame) == ROWS
    assert size == pytest.approx(plan.size_bytes, rel=0.02)
    assert size < 200_000


def test_dispensable_columns_stay_where_there_is_room_for_them(tmp_path):
    path = file_of(tmp_path, HASH, REGION, NOTE, AMOUNT)
    plan = plan_of(path, 400_000)
    assert plan.steps == (KeepColumns(names=("session", "region", "amount")),)


def test_long_decimals_are_rounded_before_columns_of_figures_go(tmp_path):
    others = [column(f"reading {n}", lambda _, c: repr(c.random() * 100), n) for n in range(4)]
    path = file_of(tmp_path, REGION, *others)
    plan = plan_of(path, 260_000)
    (step,) = plan.steps
    assert isinstance(step, NarrowTypes)
    assert (step.digits, len(step.columns), plan.is_exact) == (4, 4, False)
    assert plan.truth == (
        "All rows are kept, with 4 decimals at most: totals and averages may differ in their last"
        " digits."
    )
    assert came_out(path, plan)[1] < 260_000


def test_figures_groups_and_dates_are_kept_longest(tmp_path):
    more = [column(f"code {n}", lambda _, c: f"K{c.randrange(800)}", n) for n in range(3)]
    path = file_of(tmp_path, *more, QTY, DAY, REGION, AMOUNT)
    plan = plan_of(path, 190_000)
    (step,) = plan.steps
    assert isinstance(step, KeepColumns)
    assert {"amount", "region", "ordered_on"} <= set(step.names)
    assert plan.is_exact


def test_rows_go_last_and_no_more_than_needed(tmp_path):
    path = file_of(tmp_path, REGION, AMOUNT, DAY)
    plan = plan_of(path, 50_000)
    (step,) = plan.steps
    assert step == SampleRows(every=3)
    assert (plan.is_exact, plan.rows) == (False, 2_000)
    assert plan.truth == (
        "One row in 3 is kept. Totals have to be scaled up, and small groups may be missing."
    )
    frame, size = came_out(path, plan)
    assert len(frame) == 2_000
    assert size < 50_000


def test_plan_brings_memory_below_the_limit_too(tmp_path):
    path = file_of(tmp_path, *(column(f"s{n}", HASH_CELL, n) for n in range(30)))
    source = source_of(path)
    limit = estimator_of(source).plan(()).memory.peak_bytes - 5_000_000
    plan = suggest(estimator_of(source, ram_limit_bytes=limit))
    assert plan is not None
    assert plan.memory.high_bytes < limit


def HASH_CELL(n, chance):  # noqa: N802 - a maker of cells, named as the columns are
    return f"{chance.getrandbits(128):032x}"


def test_nothing_is_promised_where_nothing_fits(tmp_path):
    path = file_of(tmp_path, REGION, AMOUNT)
    assert suggest(estimator_of(source_of(path), file_limit_bytes=8)) is None


def test_each_step_says_what_it_does(tmp_path):
    path = file_of(tmp_path, HASH, REGION, AMOUNT, DAY)
    estimator = estimator_of(source_of(path))
    steps = (SampleRows(every=4), KeepColumns(names=("region", "amount")))
    plan = estimator.plan(steps)
    assert plan.says == (
        f"Keeps one row in 4, drawn at random, about 1,500 rows: \N{MINUS SIGN}253{NBSP}kB.",
        f"Keeps 2 of 4 columns, without session and ordered_on: \N{MINUS SIGN}66{NBSP}kB.",
        f"Writes the rest as a compact CSV, columns of one type together: 339{NBSP}kB →"
        f" 18{NBSP}kB to send.",
    )
    assert (plan.rows, plan.columns) == (1_500, 2)


@pytest.mark.parametrize(
    ("step", "rows", "is_exact"),
    [
        (NewestRows(rows=100, column="ordered_on"), 100, False),
        (OneRowPerGroup(by=("region",)), 3, False),
        (KeepColumns(names=("qty", "region", "ordered_on")), ROWS, True),
    ],
)
def test_estimate_tells_rows_and_size_as_they_come_out(tmp_path, step, rows, is_exact):
    path = file_of(tmp_path, REGION, QTY, DAY)
    plan = estimator_of(source_of(path)).plan((step,))
    frame, size = came_out(path, plan)
    assert (plan.rows, plan.is_exact) == (rows, is_exact)
    assert frame.shape == (rows, plan.columns)
    assert size == pytest.approx(plan.size_bytes, rel=0.1, abs=80)


PRODUCT = column("product", lambda n, c: f"Product {c.randrange(60):02} of the range")
METRICS = [column(f"metric {n}", lambda _, c: f"{c.random() * 1000:.3f}", n) for n in range(20)]


def wide(folder):
    return file_of(folder, DAY, REGION, PRODUCT, *METRICS, NOTE)


def test_what_one_groups_by_is_kept_before_further_figures(tmp_path):
    (step,) = plan_of(wide(tmp_path), 600_000).steps
    assert isinstance(step, KeepColumns)
    assert step.names[:3] == ("ordered_on", "region", "product")
    assert len(step.names) > 6
    assert "note" not in step.names


def test_wide_category_gives_way_before_rows_do(tmp_path):
    (step,) = plan_of(wide(tmp_path), 400_000).steps
    assert isinstance(step, KeepColumns)
    assert "product" not in step.names


def within(path, limit, usual) -> ReductionPlan:
    limits = {"file_limit_bytes": limit, "practical_file_limit_bytes": usual}
    found = suggest(estimator_of(source_of(path), **limits))
    assert found is not None
    return found


def test_plan_stays_below_what_usually_goes_well(tmp_path):
    plan = within(wide(tmp_path), 900_000, 600_000)
    assert plan.is_exact
    assert plan.size_bytes < 600_000


def test_plan_takes_all_that_can_be_sent_before_rows_go(tmp_path):
    path = file_of(tmp_path, REGION, AMOUNT, DAY)
    plan = within(path, 130_000, 50_000)
    assert plan == plan_of(path, 130_000)
    assert plan.is_exact


@pytest.mark.parametrize(("scale", "is_rounded"), [(100.0, True), (3e-5, False)])
def test_decimals_are_cut_only_where_they_are_but_the_last_digits(tmp_path, scale, is_rounded):
    small = column("rate", lambda n, c: f"{c.random() * scale:.18f}")
    other = column("score", lambda n, c: f"{c.random() * scale:.18f}")
    path = file_of(tmp_path, REGION, small, other)
    plan = plan_of(path, 180_000)
    cut = [s for s in plan.steps if isinstance(s, NarrowTypes) and s.digits is not None]
    assert bool(cut) is is_rounded


def test_upper_bound_of_sampled_text_is_that_of_the_rows_that_are_left(tmp_path):
    """6,000 texts of 3 kB take 18 MB, and one in 100 of them a hundredth of it."""
    texts = column("text", lambda n, c: f"{c.getrandbits(12_000):x}")
    path = file_of(tmp_path, REGION, texts)
    memory = (
        estimator_of(source_of(path), file_limit_bytes=10**8).plan((SampleRows(every=100),)).memory
    )
    assert memory.high_bytes - memory.baseline_bytes < 18_000_000
