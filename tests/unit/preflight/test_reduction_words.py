"""`NaN` and `Infinity` in JSON, wherever a piece of the text ends."""

import json
import math

import hypothesis.strategies as st
import pytest
from hypothesis import given

from services.preflight.reduction._json_words import Words
from tests.unit.preflight.reduction_made import reduced, written

values = st.recursive(
    st.one_of(
        st.sampled_from([math.nan, math.inf, -math.inf, None, 1, 2.5, True]),
        st.text(max_size=8),
        st.sampled_from(["NaN", "a NaN, b", '"NaN"', "\\", '\\"', "-Infinity", "x: NaN]"]),
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=12,
)


def without(value):
    """As a parser that knows the standard reads it."""
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    if isinstance(value, list):
        return [without(one) for one in value]
    if isinstance(value, dict):
        return {key: without(one) for key, one in value.items()}
    return value


def refuse(word):
    raise AssertionError(word)


@given(value=values, size=st.integers(1, 40), is_plain=st.booleans())
def test_words_are_replaced_outside_strings_only(value, size, is_plain):
    raw = json.dumps(value, ensure_ascii=is_plain).encode("utf-8", "surrogatepass")
    words = Words()
    pieces = [raw[at : at + size] for at in range(0, len(raw), size)]
    text = b"".join(words.plain(piece, final=False) for piece in pieces) + words.plain(
        b"", final=True
    )
    decoded = text.decode("utf-8", "surrogatepass")
    assert json.loads(decoded, parse_constant=refuse) == without(value)


@pytest.mark.parametrize("name", ["a.json", "a.ndjson"])
def test_rows_of_json_with_such_words(tmp_path, name):
    records = [{"x": math.nan, "s": "NaN or so"}, {"x": 1.5, "s": "b"}, {"x": math.inf, "s": "c"}]
    lines = [json.dumps(record) for record in records * 20]
    text = "\n".join(lines) if name.endswith("ndjson") else f"[{', '.join(lines)}]"
    found = reduced(written(tmp_path / name, text))
    assert found["x"].dropna().tolist() == [1.5, math.inf] * 20
    assert found["s"].tolist() == ["NaN or so", "b", "c"] * 20
