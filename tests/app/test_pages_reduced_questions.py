"""Questions about a reduced file: what it can't tell is declined, and says so."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from services import app as app_room
from services import identity
from services.analyst.types import Abstained, UnknownColumn
from services.app import Application
from services.files.types import Upload
from services.identity import RequestFacts
from services.preflight.types import KeepColumns, OneRowPerGroup
from services.questions.types import Ask
from services.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30.0
VISITOR = "anon-visitor-who-asks-less"
ROWS = 2_000
CONTENT = "Region,Amount,Session\n" + "".join(
    f"{['North', 'South'][n % 2]},{n % 100 / 2:.2f},{n * 7919 * 104729:032x}\n" for n in range(ROWS)
)


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


def kept(application, user, content=CONTENT, name="orders.csv"):
    """A conversation with one checked file."""
    spooled = application.spool_folder / name
    spooled.write_text(content)
    upload = Upload(path=spooled, name=name, size_bytes=spooled.stat().st_size)
    started = application.preflight.check(user, upload)
    if started.run_id is not None:
        assert application.runs.wait(user, started.run_id, PATIENCE)
    conversation_id = application.conversations.open(user)
    application.conversations.attach(user, conversation_id, started.file_id)
    return conversation_id, started.file_id


def drawn(conversation_id):
    test = AppTest.from_file(str(ROOT / "pages" / "analyse.py"), default_timeout=PATIENCE)
    test.session_state["view:anonymous"] = VISITOR
    test.query_params["c"] = conversation_id
    test.run()
    assert not test.exception
    return test


def words(test):
    kinds = (test.title, test.subheader, test.markdown, test.caption, test.info, test.warning)
    return re.sub(r"\\(.)", r"\1", " ".join(str(e.value) for kind in kinds for e in kind))


def reduced(application, user, conversation_id, file_id, *steps):
    run_id = application.preflight.reduce(user, file_id, steps)
    assert application.runs.wait(user, run_id, PATIENCE)
    return application.preflight.reductions.reduced(user, file_id)


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
