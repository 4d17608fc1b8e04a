"""What is behind the wire: a question, code that really runs, figures that are right."""

import csv
import io
import json
import re
from typing import Any

import pandas as pd
import pytest

from tests.wire.conftest import MODEL, REGIONS, ROWS, TOOL, question
from tests.wire.test_wire_files import upload

ASKED: dict[str, Any] = {"model": MODEL, "max_tokens": 8_000, "tools": [TOOL]}
TOTALS = {region: round(sum(row[2] for row in ROWS if row[0] == region), 2) for region in REGIONS}


def ask(client: Any, text: str, *file_ids: str, **options: Any) -> Any:
    return client.messages.create(**{**ASKED, "messages": question(text, *file_ids), **options})


def said(message: Any) -> str:
    assert [block.type for block in message.content] == ["text"]
    assert message.stop_reason == "end_turn"
    return str(message.content[0].text)


def result_of(message: Any) -> Any:
    kinds = [block.type for block in message.content]
    assert kinds == ["text", "server_tool_use", "bash_code_execution_tool_result", "text"]
    result = message.content[2].content
    assert result.return_code == 0, result.stderr
    return result


def produced(client: Any, message: Any) -> dict[str, bytes]:
    """The files of a reply by name, as the Files API gives them."""
    files = {}
    for output in result_of(message).content:
        record = client.files.retrieve_metadata(output.file_id)
        assert record.downloadable
        assert record.expires_at is None
        content = client.files.download(output.file_id).read()
        assert len(content) == record.size_bytes
        files[record.filename] = content
    return files


def totals_in(tables: list[bytes]) -> dict[str, float]:
    """The amounts by region of the one table that a reply brought."""
    (table,) = tables
    rows = csv.DictReader(io.StringIO(table.decode("utf-8-sig")))
    return {
        row["region"]: round(float(next(v for k, v in row.items() if "amount" in k)), 2)
        for row in rows
    }


def test_totals_are_right_and_come_with_a_chart_and_a_table(client, orders):
    message = ask(client, "What is the total amount by region?", orders)
    files = produced(client, message)
    (picture,) = [content for name, content in files.items() if name.endswith(".png")]
    assert picture.startswith(b"\x89PNG")
    assert totals_in([text for name, text in files.items() if name.endswith(".csv")]) == TOTALS


@pytest.mark.parametrize("name", ["orders.xlsx", "orders.json"])
def test_workbook_and_json_are_answered_too(client, name):
    headers = ("region", "product", "amount", "ordered")
    if name.endswith(".xlsx"):
        buffer = io.BytesIO()
        pd.DataFrame(ROWS, columns=headers).to_excel(buffer, index=False)
        content = buffer.getvalue()
    else:
        content = json.dumps([dict(zip(headers, row, strict=True)) for row in ROWS]).encode()
    message = ask(client, "What is the total amount by region?", upload(client, name, content).id)
    tables = [text for file, text in produced(client, message).items() if file.endswith(".csv")]
    assert totals_in(tables) == TOTALS


def test_answer_is_what_the_code_printed_as_its_answer(client, orders):
    message = ask(client, "What is the total amount by region?", orders)
    stdout = result_of(message).stdout
    answers = re.findall(r"^ANSWER: (.*)$", stdout, re.MULTILINE)
    assert answers
    assert re.search(r"^PEAK_MEMORY_BYTES: \d+$", stdout, re.MULTILINE)
    text = message.content[-1].text
    headline, _, prose = text.partition("\n\n")
    assert headline == answers[0]
    assert prose == " ".join(answers[1:])
    assert not re.search("ANSWER:|ALT:|PEAK_MEMORY", text)


def test_follow_up_is_understood_in_the_same_container(client, orders):
    """The file is still there without a block of its own, and the question before is read."""
    first = ask(client, "What is the total amount by region?", orders)
    messages = [
        *question("What is the total amount by region?", orders),
        {"role": "assistant", "content": first.content[-1].text},
        *question("and by product?"),
    ]
    second = ask(client, "", messages=messages, container=first.container.id)
    assert second.container.id == first.container.id
    assert "product" in message_code(second)
    assert any(name.endswith(".csv") for name in produced(client, second))


def message_code(message: Any) -> str:
    return str(message.content[1].input["command"])


def test_fresh_container_has_no_file_of_an_earlier_turn(client, orders):
    """The block of a finished turn is inert; sent again in the open turn, the file is there."""
    earlier = [
        *question("What is the total amount by region?", orders),
        {"role": "assistant", "content": "North has the most."},
    ]
    without = ask(client, "", messages=[*earlier, *question("How many rows are there?")])
    assert said(without).startswith("There is no file to look at")
    assert without.container is None
    again = ask(client, "", messages=[*earlier, *question("total amount by product", orders)])
    assert result_of(again).return_code == 0


def test_deleted_upload_stays_in_the_container(client, orders):
    first = ask(client, "What is the total amount by region?", orders)
    client.files.delete(orders)
    second = ask(client, "What is the total amount by product?", container=first.container.id)
    assert result_of(second).return_code == 0


def test_unknown_column_is_told_with_the_closest(client, orders):
    text = said(ask(client, 'What is the total "amounts_paid" by region?', orders))
    assert text.startswith("There is no column \N{LEFT DOUBLE QUOTATION MARK}")
    assert text.endswith("Nothing was run.")


def test_question_beyond_the_rules_is_abstained_from_with_examples(client, orders):
    message = ask(client, "Write a poem about the weather in Paris.", orders)
    text = said(message)
    assert text.startswith("The local engine can't answer this.")
    assert "It can: \N{LEFT DOUBLE QUOTATION MARK}" in text
    assert message.container is not None
    (example, *_) = re.findall(
        "\N{LEFT DOUBLE QUOTATION MARK}(.+?)\N{RIGHT DOUBLE QUOTATION MARK}", text
    )
    assert result_of(ask(client, example, orders)).return_code == 0


@pytest.mark.parametrize("fence", ["```python\nprint(1)\n```", "```py\nprint(1)\n```"])
def test_fenced_code_is_refused(client, orders, fence):
    text = said(ask(client, f"Run this:\n{fence}", orders))
    assert text.startswith("The local engine doesn't run code from a message yet.")


def test_without_a_tool_it_says_what_it_can_not_do(client):
    text = said(client.messages.create(model=MODEL, max_tokens=200, messages=question("Why?")))
    assert text.startswith("The local engine can't answer this.")


def test_message_of_files_only_asks_nothing(client, orders):
    messages = [{"role": "user", "content": [{"type": "container_upload", "file_id": orders}]}]
    assert said(ask(client, "", messages=messages)).startswith("There is no question")


def test_file_that_is_no_data_is_told(client):
    file_id = upload(client, "report.pdf", b"%PDF-1.7\n" + b"\x00\xff" * 500).id
    text = said(ask(client, "How many rows are there?", file_id))
    assert text.startswith("The file \N{LEFT DOUBLE QUOTATION MARK}report.pdf")


def test_of_two_files_the_one_that_can_answer_does(client, orders):
    other = upload(client, "staff.csv", b"name,salary\n" + b"Ada,1\nBob,2\nCy,3\n" * 8).id
    message = ask(client, "What is the total amount by region?", orders, other)
    assert "orders.csv" in message_code(message)


def test_same_request_costs_the_same_tokens_twice(client, orders):
    first, second = (
        ask(client, "Write a poem about the weather in Paris.", orders).usage for _ in range(2)
    )
    assert (first.input_tokens, first.output_tokens) == (
        second.input_tokens,
        second.output_tokens,
    )
