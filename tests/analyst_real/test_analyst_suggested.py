"""What is suggested for a file is answered for it: made-up files of every kind, and our samples."""

import json
import random
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from services.analyst import examples, read_question
from services.analyst.types import Reading
from tests.analyst_real.conftest import ROOT, report_of

SAMPLES = sorted((ROOT / "pages" / "samples").glob("*.*"))
Maker = Callable[[random.Random, int], object]

MAKERS: dict[str, Maker] = {
    "id": lambda _, row: row + 1,
    "Order No": lambda chance, _: chance.randint(10_000, 99_999),
    "Postcode": lambda chance, _: f"0{chance.randint(1000, 1040)}",
    "Year": lambda chance, _: chance.randint(2019, 2024),
    "Region": lambda chance, _: chance.choice(["North", "South", "West", None]),
    "Product Group": lambda chance, _: f"group {chance.randint(1, 9)}",
    "Customer": lambda _, row: f"customer {row}",
    'odd "name", 50%': lambda chance, _: chance.choice("xyz"),
    "top 5": lambda chance, _: chance.choice("ab"),
    "Revenue": lambda chance, _: round(chance.uniform(-5, 900), 2),
    "Quantity": lambda chance, _: chance.randint(1, 12),
    "Rating": lambda chance, _: chance.choice([1, 2, 3, 4, 5, None]),
    "Umsatz": lambda chance, _: f"{chance.randint(1, 99)}.{chance.randint(100, 999)},50",
    "Share": lambda chance, _: f"{chance.randint(1, 99)}%",
    "Cost ($)": lambda chance, _: f"${chance.randint(1, 99)},{chance.randint(100, 999)}",
    "Mixed": lambda chance, _: chance.choice([1, 2, "n/a"]),
    "Day": lambda _, row: str(date(2024, 1, 1) + timedelta(days=row * 3)),
    "Due": lambda _, row: f"{row % 28 + 1:02}/{row % 12 + 1:02}/2024",
    "Active": lambda chance, _: chance.choice([True, False]),
    "Nothing": lambda _chance, _row: None,
    "tags": lambda chance, _: [chance.choice("ab")],
    "place": lambda chance, _: {"city": chance.choice(["Oslo", "Rome"])},
}
NESTED = ("tags", "place")
KINDS = ("csv", "semicolon", "xlsx", "json")


def made(folder: Path, seed: int) -> Path:
    """A file of 60 rows with some of these columns, in one of the formats."""
    chance = random.Random(seed)
    kind = KINDS[seed % len(KINDS)]
    names = [name for name in MAKERS if kind == "json" or name not in NESTED]
    chosen = chance.sample(names, chance.randint(3, 10)) + ([*NESTED] if kind == "json" else [])
    rows = [{name: MAKERS[name](chance, row) for name in chosen} for row in range(60)]
    path = folder / f"made_{seed}.{'csv' if kind == 'semicolon' else kind}"
    frame = pd.DataFrame(rows, columns=chosen)
    match kind:
        case "json":
            path.write_text(json.dumps(rows))
        case "xlsx":
            frame.to_excel(path, index=False)
        case _:
            frame.to_csv(path, index=False, sep=";" if kind == "semicolon" else ",")
    return path


@pytest.mark.parametrize("seed", range(12))
def test_suggestions_of_made_up_files_are_read_and_run(interpreter, tmp_path, seed):
    answered(interpreter, made(tmp_path, seed), tmp_path)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_suggestions_of_our_samples_are_read_and_run(interpreter, tmp_path, path):
    answered(interpreter, path, tmp_path)


def answered(interpreter, path: Path, tmp_path: Path) -> None:
    report = report_of(path)
    offered = examples(report.tables)
    assert offered
    for number, question in enumerate(offered):
        reading = read_question(report.tables, question)
        assert isinstance(reading, Reading), (question, reading)
        if reading.operation != "overview":
            assert not {"id", "Order No", "Postcode", *NESTED} & set(reading.columns), question
            assert "Customer" not in (reading.by, reading.measure), question
        output = interpreter.answer(reading, path, report, tmp_path / str(number), is_sharp=False)
        assert (output.exit_code, output.stderr) == (0, ""), question
        assert not output.said()[0].startswith("There is nothing"), question
        assert len(output.said()[0]) <= 90
        assert 0 < len(output.title) <= 70
