"""The program as text: readable, free of warnings to come, and nothing in it but constants."""

import ast
import io
import tokenize
from typing import TypeGuard

import msgspec
import pytest

from services.analyst import read_question, write_code
from services.analyst.types import Reading
from services.preflight.types import Dialect, FileReport
from tests.unit.analyst.analyst_tables import TABLES

QUESTIONS = [
    ("orders", "what is in this file"),
    ("orders", "total sales by region"),
    ("orders", "minimum profit by category"),
    ("orders", "sales by month"),
    ("orders", "number of rows per week"),
    ("emissions", "emissions over time"),
    ("orders", "histogram of profit"),
    ("orders", "what is the average discount"),
    ("orders", "distribution of region"),
    ("orders", "top 5 customers by sales"),
    ("orders", "which month had the most sales"),
    ("orders", "is discount related to profit"),
    ("orders", "are order date and sales related"),
    ("log", "average count by month"),
]


def report(name: str, **changes: object) -> FileReport:
    plain = FileReport(
        kind="csv",
        mime="text/csv",
        size_bytes=1,
        encoding="utf-8",
        dialect=Dialect(delimiter=","),
        tables=(TABLES[name],),
    )
    return msgspec.structs.replace(plain, **changes)


def code(name: str, question: str, **changes: object) -> str:
    reading = read_question((TABLES[name],), question)
    assert isinstance(reading, Reading)
    return write_code(reading, "data.csv", report(name, **changes))


@pytest.mark.parametrize(("name", "question"), QUESTIONS)
def test_program_uses_every_name_that_it_defines_or_imports(name, question):
    """A person leaves no unused constant, helper or import behind."""
    tree = ast.parse(code(name, question))
    bound = {
        alias.asname or alias.name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    bound |= {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    bound |= {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and target.id.isupper()
    }
    used = {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    assert bound - used == set()


@pytest.mark.parametrize(("name", "question"), QUESTIONS)
def test_program_is_laid_out_as_a_person_would(name, question):
    text = code(name, question)
    assert [line for line in text.splitlines() if len(line) > 100] == []
    assert text == "\n".join(line.rstrip() for line in text.splitlines()) + "\n"
    assert "\n\n\n\n" not in text
    assert len(text.splitlines()) <= 220
    assert any(
        token.type == tokenize.COMMENT
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
    )


def test_program_says_only_what_differs_from_the_defaults_of_pandas():
    assert "df = pd.read_csv(SOURCE, usecols=[GROUP, MEASURE])" in code(
        "orders", "total sales by region"
    )
    odd = code(
        "orders",
        "total sales by region",
        encoding="cp1252",
        dialect=Dialect(delimiter=";", quotechar="'", decimal=",", header_row=1, skip_rows=2),
        has_bad_bytes=True,
    )
    call = next(node for node in ast.walk(ast.parse(odd)) if is_call(node, "read_csv"))
    options = {
        keyword.arg: ast.literal_eval(keyword.value)
        for keyword in call.keywords
        if keyword.arg != "usecols"
    }
    assert options == {
        "sep": ";",
        "quotechar": "'",
        "decimal": ",",
        "encoding": "cp1252",
        "encoding_errors": "replace",
        "skiprows": 2,
        "header": 1,
    }


def is_call(node: ast.AST, name: str) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and getattr(node.func, "attr", None) == name


def test_only_the_date_that_is_used_is_parsed_in_the_format_of_the_report():
    text = code("orders", "sales by month")
    assert text.count("pd.to_datetime(") == 1
    assert 'dates = pd.to_datetime(df[DATE], format="%Y-%m-%d", errors="coerce")' in text
    assert "to_datetime" not in code("orders", "total sales by region")


def test_names_of_file_and_columns_are_constants_wherever_they_go():
    """No text from a file can end up as code: it stands in literals only."""
    evil = "x'); import os; os.system('rm -rf /') #\n\"\"\""
    column = msgspec.structs.replace(TABLES["orders"].columns[8], name=evil)
    table = msgspec.structs.replace(
        TABLES["orders"], columns=(*TABLES["orders"].columns[:8], column)
    )
    reading = Reading(
        operation="totals",
        sentence=f"Read as: sum of {evil}.",
        measure=evil,
        by="Region",
        columns=("Region", evil),
    )
    text = write_code(reading, evil, report("orders", tables=(table,)))
    plain = code("orders", "total sales by region")
    assert shape(text) == shape(plain)
    literals = [node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant)]
    assert evil in literals


def shape(text: str) -> str:
    """The program with every literal taken out."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            node.value = None
    return ast.dump(tree)


def test_same_reading_gives_the_same_program():
    assert code("orders", "sales by month") == code("orders", "sales by month")


def test_output_names_are_safe_and_tell_what_they_hold():
    assert 'NAME = "Sales_by_Region"' in code("orders", "total sales by region")
    assert 'NAME = "Discount_and_Profit"' in code("orders", "is discount related to profit")
    assert 'NAME = "rows_by_week"' in code("orders", "number of rows per week")
    assert 'NAME = "overview"' in code("orders", "what is in this file")
