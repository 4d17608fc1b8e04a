"""What a user says of a file holds for the answer, and not only for the card."""

import io

import openpyxl
import pytest

from services.app import Application
from services.preflight.types import Corrections
from tests.integration.integration_server import ANN, add_file, ask, ended, talk_about

REGIONS = ("East", "West", "North")
LINES = [f"{n},{REGIONS[n % 3]},{n % 7}" for n in range(200)]
DATES = [f"{1 + n % 12:02}/{1 + n * 5 % 12:02}/2025,{n}" for n in range(144)]
POINTS = ["1.234;x", "2.500;y", "3.125;x"]


def book() -> bytes:
    workbook = openpyxl.Workbook()
    for name, rows, products in (("Sales", 90, 12), ("Stock", 20, 5)):
        sheet = workbook.create_sheet(name)
        sheet.append(["product", "units"])
        for n in range(rows):
            sheet.append([f"P{n % products}", n])
    del workbook["Sheet"]
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def text(*lines: str) -> bytes:
    return ("\n".join(lines) + "\n").encode()


CASES = {
    "lines above": (
        ("plain.csv", text(*LINES), Corrections(skip_rows=100, has_header=False)),
        ("number of rows by column_2", "West has the most rows: 34"),
    ),
    "a header": (
        ("names.csv", text(*LINES), Corrections(has_header=True)),
        ("total 0 by East", "West has the highest total 0: 6,700"),
    ),
    "day first": (
        ("days.csv", text("day,revenue", *DATES), Corrections(day_first=True)),
        ("Total revenue by month", "from 792 (Jan 2025) to 876 (Dec 2025)"),
    ),
    "month first": (
        ("months.csv", text("day,revenue", *DATES), Corrections(day_first=False)),
        ("Total revenue by month", "from 792 (Jan 2025) to 924 (Dec 2025)"),
    ),
    "a sheet": (
        ("book.xlsx", book(), Corrections(sheet="Stock")),
        ("Total units by product", "P4 has the highest total units: 46"),
    ),
    "the decimal mark": (
        ("points.csv", text("a;b", *POINTS), Corrections(decimal=",")),
        ("total a by b", "x has the highest total a: 4,359"),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_answer_follows_what_was_corrected(application: Application, case):
    (name, content, told), (question, expected) = CASES[case]
    file_id = add_file(application, content, name)
    started = application.preflight.correct(ANN, file_id, told)
    if started.run_id is not None:
        ended(application, started.run_id)
    conversation = talk_about(application, file_id)
    ask(application, conversation, question)
    answer = application.conversations.turns(ANN, conversation)[-1].answer
    assert answer is not None
    assert expected in answer.headline
