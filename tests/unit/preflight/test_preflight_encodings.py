"""Text in the encodings that people keep it in comes out as it was written (R11)."""

import pytest

from bench import _messy_texts
from services.preflight.inspection import _encoding

CELLS = [
    (encoding, language)
    for encoding, languages in _messy_texts.ENCODINGS.items()
    for language in languages
    if encoding != "cp1258"  # its letters are written in two parts
]


def decoded(raw: bytes) -> str | None:
    found = _encoding.detect(raw)
    return None if found is None else found.decode(raw[found.bom_bytes :])


@pytest.mark.parametrize(("encoding", "language"), CELLS)
def test_small_table_is_read_in_its_own_letters(encoding, language):
    cells, _ = _messy_texts.LANGUAGES[language]
    text = "id,name\n" + "".join(f"{n},{cell}\n" for n, cell in enumerate(cells.split(";")))
    raw = text.encode(encoding, "ignore")
    lost = raw.decode("utf-16" if encoding == "utf-16" else encoding)
    assert decoded(raw) == lost.removeprefix("\ufeff")


def test_few_letters_leave_doubt_and_name_what_else_it_could_be():
    found = _encoding.detect("name,n\nSkład;Łęk\n".encode("iso8859-2"))
    assert found is not None
    assert found.confidence < 0.85
    assert found.alternatives


@pytest.mark.parametrize("order", ["le", "be"])
@pytest.mark.parametrize("unit", [16, 32])
@pytest.mark.parametrize("text", ["город,n\nМосква,1\n", '[{"a": 1}]', "城市,n\n北京,1\n"])
def test_wide_text_without_a_mark_is_told(text, unit, order):
    raw = text.encode(f"utf-{unit}-{order}")
    found = _encoding.detect(raw)
    assert found is not None
    assert (found.name, found.decode(raw)) == (f"utf-{unit}-{order}", text)


def test_control_bytes_are_no_text():
    assert _encoding.detect(bytes(range(1, 256)) * 8) is None
