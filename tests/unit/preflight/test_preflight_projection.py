"""The projection against peaks that were measured, and the formulas on their own (R20)."""

import hashlib
import itertools
import json
import statistics

import msgspec
import pytest

from bench import _recipes, _truths
from services import limits
from services.preflight import assess
from services.preflight.inspection._measures import chunk_rows
from services.preflight.inspection._strings import dict_bytes, list_bytes
from services.preflight.inspection.types import ColumnMeasure, CsvMeasures, Dtype, ImageMeasures
from services.preflight.projection import project_memory
from services.preflight.projection._csv import assembly_bytes, frame_bytes

LARGEST_BYTES = 1_000_000
"""Building larger ones takes too long here; bench/projection.py judges all."""
TRUTHS = [
    truth for truth in _truths.stored("pandas 1.5.3").values() if truth.size_bytes <= LARGEST_BYTES
]
WORST = 0.08
MEDIAN = 0.02
TEN_INTEGERS: list[Dtype] = ["int64"] * 10


@pytest.fixture(scope="module")
def projected(tmp_path_factory):
    """Every recorded file of that size, built again and checked."""
    folder = tmp_path_factory.mktemp("recipes")
    found = {}
    for truth in TRUTHS:
        path = folder / f"file{_recipes.Recipe.of(truth.recipe).suffix}"
        _recipes.build(truth.recipe, path)
        assert hashlib.sha256(path.read_bytes()).hexdigest() == truth.sha256, truth.recipe
        found[truth.recipe] = assess(path, path.name, limits.load()).memory
    return found


@pytest.mark.parametrize("truth", TRUTHS, ids=[truth.recipe[:60] for truth in TRUTHS])
def test_projection_is_near_what_was_measured(projected, truth):
    memory = projected[truth.recipe]
    assert not memory.rough
    assert abs(memory.peak_bytes / truth.peak_bytes - 1) < WORST


def test_interval_holds_what_was_measured(projected):
    inside = [
        projected[t.recipe].low_bytes <= t.peak_bytes <= projected[t.recipe].high_bytes
        for t in TRUTHS
    ]
    assert sum(inside) >= 0.92 * len(inside)


def test_half_of_the_projections_are_much_closer(projected):
    errors = [abs(projected[t.recipe].peak_bytes / t.peak_bytes - 1) for t in TRUTHS]
    loads = [abs(projected[t.recipe].load_bytes / t.load_bytes - 1) for t in TRUTHS]
    assert len(errors) >= 25
    assert statistics.median(errors) < MEDIAN
    assert statistics.median(loads) < MEDIAN


def measures(rows: int, *dtypes: Dtype) -> CsvMeasures:
    columns = tuple(ColumnMeasure(dtype=dtype) for dtype in dtypes)
    return CsvMeasures(
        rows=rows,
        width=len(columns),
        chunk_rows=chunk_rows(len(columns)),
        row_bytes=8.0 * len(columns),
        columns=columns,
        group_columns=0,
        pivots=False,
        first_column_distinct=0.0,
    )


@pytest.mark.parametrize(
    ("width", "rows"), [(1, 524_288), (10, 65_536), (19, 32_768), (100, 8_192), (2_000, 512)]
)
def test_parser_takes_a_power_of_two_of_rows_at_once(width, rows):
    assert chunk_rows(width) == rows


def test_interleaved_types_cost_more_to_put_together_than_sorted_ones():
    """Merging the runs of a type, and ordering them again, each takes that type once more."""
    rows = 1_000
    sorted_ = measures(rows, "float64", "float64", "int64", "int64").columns
    mixed = measures(rows, "float64", "int64", "float64", "int64").columns
    frame = frame_bytes(rows, mixed)
    assert frame == 4 * 8 * rows
    assert assembly_bytes(rows, sorted_) == 2 * frame
    assert assembly_bytes(rows, mixed) == 2 * frame + 2 * 8 * rows + 2 * 2 * 8 * rows


def test_booleans_take_a_byte_a_cell():
    assert frame_bytes(1_000, measures(1_000, "bool", "int64").columns) == 9_000


def test_fits_is_judged_by_the_upper_end_of_the_interval():
    profile = limits.load()
    rows = range(2_000_000, 3_500_000, 50_000)
    found = [project_memory(measures(n, *TEN_INTEGERS), 0, "pandas 1.5.3", profile) for n in rows]
    assert [m.fits for m in found] == [m.high_bytes < 947_000_000 for m in found]
    assert {m.fits for m in found} == {True, False}
    assert all(a.peak_bytes < b.peak_bytes for a, b in itertools.pairwise(found))


def test_constants_belong_to_an_environment():
    profile = limits.load()
    given = measures(1_000_000, *TEN_INTEGERS)
    old = project_memory(given, 0, "pandas 1.5.3", profile)
    new = project_memory(given, 0, "3.1.1", profile)
    other = project_memory(given, 0, "pandas 2.2.3", profile)
    assert (old.environment, old.rough) == ("pandas 1.5.3", False)
    assert (new.environment, new.rough) == ("pandas 3.1.1", True)
    assert (other.environment, other.rough) == ("pandas 2.2.3", True)
    assert old.baseline_bytes < new.baseline_bytes
    assert old.load_bytes < new.load_bytes


def test_rule_of_thumb_is_shown_for_comparison():
    picture = ImageMeasures(held_bytes=4_000, decoded_bytes=3_000)
    found = project_memory(picture, 1_000, "1.5.3", limits.load())
    assert (found.folk_low_bytes, found.folk_high_bytes) == (4_000, 5_000)
    assert found.load_bytes == found.baseline_bytes + 4_000
    assert found.analysis_bytes == found.baseline_bytes + 10_000


def test_containers_of_python_grow_in_steps():
    assert [list_bytes(n) for n in (0, 1, 4, 5, 9, 17)] == [80, 112, 112, 144, 208, 272]
    assert [dict_bytes(n) for n in (1, 5, 6, 22)] == [208, 208, 288, 848]
    assert dict_bytes(171) == 6_592


@pytest.mark.parametrize("option", ["", "/lines", "/columns", "/lists", "/nested", "/indent"])
def test_recipe_makes_the_same_file_each_time(tmp_path, option):
    recipe = f"json{option} seq:0 cat:5:3:9:e flt:1:1:3?0.2 bool @ 0.05 : 3"
    first, second = tmp_path / "a.json", tmp_path / "b.json"
    _recipes.build(recipe, first)
    _recipes.build(recipe, second)
    assert first.read_bytes() == second.read_bytes()
    assert 45_000 < first.stat().st_size < 55_000
    lines = first.read_text(encoding="utf-8").splitlines() if option == "/lines" else []
    documents = lines or [first.read_text(encoding="utf-8")]
    assert all(json.loads(document) for document in documents)


def spread(memory) -> float:
    """How far the upper end lies above the projection."""
    return float(memory.high_bytes / memory.peak_bytes)


@pytest.mark.parametrize(
    ("width", "dtypes", "may_stay"),
    [
        (12, ("float64",), False),
        (18, ("float64",), True),
        (18, ("float64", "int64"), False),
        (40, ("float64",), False),
        (128, ("float64",), True),
    ],
)
def test_freed_chunks_may_stay_in_the_heap(width, dtypes, may_stay):
    """Of 16 to 31 columns they lie there, of hundreds as well; nothing tells whether they stay."""
    columns: list[Dtype] = [dtypes[i % len(dtypes)] for i in range(width)]
    found = project_memory(
        measures(30_000_000 // width, *columns), 0, "pandas 1.5.3", limits.load()
    )
    assert (spread(found) > 1.15) == may_stay


def test_joining_on_booleans_with_blanks_takes_objects_more():
    profile, rows = limits.load(), 2_000_000
    plain = msgspec.structs.replace(measures(rows, "object", "int64"), group_columns=1)
    boxed = msgspec.structs.replace(plain, joins_booleans=True)
    found = [project_memory(given, 0, "pandas 1.5.3", profile) for given in (plain, boxed)]
    assert found[1].analysis_bytes - found[0].analysis_bytes >= 30 * rows
