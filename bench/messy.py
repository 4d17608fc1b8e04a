"""Whether messy CSV files and old encodings are read right, said to be doubtful, or silently wrong.

    python -m bench.messy [--wrong]

Prints one line for shapes and one for encodings, the latter beside charset-normalizer alone.
"""

import argparse
import random
import sys
import tempfile
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, get_args

import charset_normalizer

from bench._messy_shapes import Messy, shapes
from bench._messy_texts import ENCODINGS, LANGUAGES
from services import limits
from services.preflight import inspect
from services.preflight.inspection import _encoding, _layout
from services.preflight.types import FileReport

DOUBTS = frozenset(get_args(_layout.Code)) | {
    *("preamble", "no_header", "header_doubtful", "row_labels", "trailing_delimiter"),
    *("stray_quotes", "long_rows", "short_rows"),
    *("decimal_ambiguous", "ambiguous_dates", "thousands"),
}
"""Findings that say that a table may have another shape than it seems."""
_MARKS_OF_VOWELS = "\u0302\u0306\u031b"
_ROWS = 1_000
Outcome = Literal["right", "doubtful", "wrong"]


def outcome(shape: Messy, report: FileReport | None) -> Outcome:
    """What was made of a file, against what it is."""
    if report is None or not report.tables:
        return "doubtful"  # It is refused, or called a text: nobody counts with it.
    table = report.tables[0]
    names = tuple(column.name for column in table.columns)
    has_header = report.dialect is not None and report.dialect.header_row is not None
    is_right = table.rows == shape.rows and (
        names == shape.names if shape.names is not None else not has_header
    )
    warned = {f.code for f in report.findings if f.severity == "warning"} & DOUBTS
    if is_right and shape.what.startswith(("points", "dates of either")) and not warned:
        return "wrong"
    return "right" if is_right else "doubtful" if warned else "wrong"


def look(text: str) -> FileReport | None:
    """The report of such a file, None where it is refused."""
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        file.write(text.encode())
        file.flush()
        found = inspect(Path(file.name), "messy.csv", limits.load())
    return found if isinstance(found, FileReport) else None


def samples(language: str) -> Iterator[str]:
    """Short and long texts in a language, tables and prose."""
    joined, sentences = LANGUAGES[language]
    cells = joined.split(";")
    yield "id,name,n\n" + "".join(f"{i},{cell},{i * 7}\n" for i, cell in enumerate(cells[:5]))
    yield "id;name;n\n" + "".join(f"{i};{cell};{i * 7}\n" for i, cell in enumerate(cells[3:]))
    yield f"{cells[5]};{cells[6]}\n" + "x;1\n" * 20 + f"{cells[7]};4\n"
    yield sentences[: len(sentences) // 2]
    yield sentences
    rng = random.Random(language)
    prose = [sentence for sentence in sentences.split(".") if sentence.strip()]
    yield "id,city,note\n" + "".join(
        f"{i},{rng.choice(cells)},{rng.choice(prose)}\n" for i in range(_ROWS)
    )


def stored(text: str, encoding: str) -> bytes:
    """The text as a program of the time would have stored it."""
    if encoding == "cp1258":
        text = "".join(_in_parts(char, encoding) for char in text)
    return text.encode(encoding, "ignore")


def _in_parts(char: str, encoding: str) -> str:
    """A letter with two marks as one with the first of them and the other."""
    if _is_in(char, encoding):
        return char
    parts = unicodedata.normalize("NFD", char)
    base, tones = parts[0], parts[1:]
    for mark in tones:
        joined = unicodedata.normalize("NFC", base + mark)
        if mark in _MARKS_OF_VOWELS and len(joined) == 1:
            base, tones = joined, tones.replace(mark, "")
    return base + tones


def _is_in(char: str, encoding: str) -> bool:
    try:
        char.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def decoded(raw: bytes) -> tuple[str | None, float]:
    """What is made of the bytes, and how sure that is said to be."""
    found = _encoding.detect(raw)
    if found is None:
        return None, 1.0
    return raw[found.bom_bytes :].decode(found.plain_name, "replace"), found.confidence


def main(arguments: list[str] | None = None) -> int:
    """Print both lines; 1 where a file is silently wrong."""
    parser = argparse.ArgumentParser(prog="python -m bench.messy", description=__doc__)
    parser.add_argument("--wrong", action="store_true", help="name what is wrong or doubtful")
    given = parser.parse_args(arguments)
    outcomes: dict[Outcome, list[str]] = {"right": [], "doubtful": [], "wrong": []}
    for shape in shapes():
        outcomes[outcome(shape, look(shape.text))].append(shape.what)
    counts = " ".join(f"{name}={len(found)}" for name, found in outcomes.items())
    sys.stdout.write(f"messy files={sum(map(len, outcomes.values()))} {counts}\n")
    total = right = library = sure = surely_wrong = 0
    for encoding, languages in ENCODINGS.items():
        for language in languages:
            for text in samples(language):
                raw = stored(text, encoding)
                truth = raw.decode(encoding).removeprefix("\ufeff")
                ours, confidence = decoded(raw)
                theirs = charset_normalizer.from_bytes(raw).best()
                total += 1
                right += ours == truth
                library += theirs is not None and str(theirs).removeprefix("\ufeff") == truth
                sure += confidence >= 0.85
                surely_wrong += confidence >= 0.85 and ours != truth
    sys.stdout.write(
        f"encodings kinds={len(ENCODINGS)} samples={total} right={right / total:.1%}"
        f" sure={sure / total:.1%} surely_wrong={surely_wrong}"
        f" | charset-normalizer right={library / total:.1%}\n"
    )
    if given.wrong:
        for name in ("wrong", "doubtful"):
            sys.stdout.writelines(f"{name}: {what}\n" for what in outcomes[name])
    return 1 if outcomes["wrong"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
