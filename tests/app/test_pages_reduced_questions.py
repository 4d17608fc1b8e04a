"""Questions about a reduced file: what it can't tell is declined, and says so."""

import pytest

from services import app as app_room
from services import identity
from services.analyst.types import Abstained, UnknownColumn
from services.app import Application
from services.identity import RequestFacts
from services.preflight.types import KeepColumns, OneRowPerGroup
from services.questions.types import Ask
from services.settings import Settings
from tests.app.reduction_steps import PATIENCE, VISITOR, drawn, kept, reduced, words


@pytest.fixture(scope="module")
def application(tmp_path_factory):
    running = Application.build(Settings(home=tmp_path_factory.mktemp("less") / "home"))
    running.start()
    app_room.current = running
    yield running
    app_room.current = None
    running.stop()


@pytest.fixture(scope="module")
def user():
    return identity.current_user(RequestFacts(cookies={}, anonymous_id=VISITOR))


def asked_of(application, user, conversation_id, question):
    asked = application.questions.ask(user, conversation_id, Ask(text=question))
    turn = application.conversations.turn(user, asked.question_id)
    if asked.run_id is not None:
        assert application.runs.wait(user, asked.run_id, PATIENCE)
    return asked, turn


@pytest.fixture(scope="module")
def grouped(application, user):
    conversation_id, file_id = kept(application, user)
    reduced(application, user, conversation_id, file_id, OneRowPerGroup(by=("Region",)))
    drawn(conversation_id)
    return conversation_id


TOTALS_ONLY = (
    "This file holds totals per group, so averages, extremes and distributions can't be told from"
    " it. Use the original, or ask for totals."
)


@pytest.mark.parametrize(
    "question",
    [
        "Average Amount by Region",
        "Median Amount",
        "Highest Amount",
        "Distribution of Amount",
        "Describe the data",
    ],
)
def test_groups_are_not_asked_for_what_only_rows_know(application, user, grouped, question):
    asked, turn = asked_of(application, user, grouped, question)
    examples = ("Total Amount by Region", "Total rows by Region", "Total Amount", "Total rows")
    assert (asked.run_id, turn.state) == (None, "declined")
    assert turn.declined == Abstained(reason=TOTALS_ONLY, examples=examples)


@pytest.mark.parametrize("question", ["Number of rows by Region", "Count by Region"])
def test_groups_say_where_their_counts_are(application, user, grouped, question):
    _, turn = asked_of(application, user, grouped, question)
    assert turn.declined is not None
    assert turn.declined.reason == (
        "This file holds totals per group, so its rows are groups. How many rows each had is in"
        " “rows”: ask for the total of it."
    )
    assert turn.declined.examples[:2] == ("Total rows by Region", "Total Amount by Region")


@pytest.mark.parametrize(
    "question",
    ["Total Amount by Region", "Top 2 Region by Amount", "Which Region has the highest Amount?"],
)
def test_sums_of_groups_are_told(application, user, grouped, question):
    asked, turn = asked_of(application, user, grouped, question)
    assert asked.run_id is not None
    assert turn.declined is None


def test_groups_are_suggested_only_what_they_can_tell(application, user, grouped):
    (file_id,) = application.conversations.get(user, grouped).files
    suggested = [one.text for one in application.questions.suggested(user, file_id)]
    assert suggested == [
        "Total Amount by Region",
        "Total rows by Region",
        "Total Amount",
        "Total rows",
    ]
    assert list(application.questions.suggestions(user, file_id)) == suggested


@pytest.mark.parametrize("question", ["total Amount by Region", "How many rows per Region"])
def test_column_that_was_left_out_is_told_from_one_that_never_was(application, user, question):
    conversation_id, file_id = kept(application, user)
    reduced(application, user, conversation_id, file_id, KeepColumns(names=("Amount", "Session")))
    test = drawn(conversation_id)
    asked, turn = asked_of(application, user, conversation_id, question)
    assert asked.run_id is None
    assert turn.declined == UnknownColumn(name="Region", closest=(), is_left_out=True)
    test = drawn(conversation_id)
    assert (
        "The reduction left out “Region”.** Nothing was run and nothing was paid. Use the original"
        " again, or keep this column when reducing."
    ) in words(test)
