"""Questions that ask for judgement, from what a table holds."""

import pytest

from services.preflight import for_judgement


def suggested(look, content, count=2):
    return for_judgement(look("file.csv", content).report.tables, count)


def test_questions_name_the_columns_that_they_are_about(look):
    rows = [f"2024-0{i % 9 + 1}-11,{['North', 'South'][i % 2]},{i * 3}.5" for i in range(40)]
    assert suggested(look, "day,region,revenue\n" + "\n".join(rows)) == (
        "What might explain the changes in revenue over time?",
        "Which region stands out by revenue, and what might be behind it?",
    )


def test_free_text_is_asked_for_its_themes(look):
    rows = [f"{i},The delivery number {i} came late and nobody could be reached" for i in range(30)]
    questions = suggested(look, "ticket_id,complaint\n" + "\n".join(rows))
    assert questions[0] == "What are the main themes in complaint?"


@pytest.mark.parametrize("name", ["order id", "zip", "Year"])
def test_numbers_that_only_name_something_are_no_amounts(look, name):
    rows = [f"{1000 + i},{['a', 'b', 'c'][i % 3]}" for i in range(30)]
    questions = suggested(look, f"{name},kind\n" + "\n".join(rows), count=5)
    assert not any(name in question for question in questions)
    assert len(questions) == 2


def test_without_a_table_there_is_nothing_to_ask():
    assert for_judgement(()) == ()
