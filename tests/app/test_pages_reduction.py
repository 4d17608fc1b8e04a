"""Analyse with a file that is too large: its plan, the dialog, the smaller file in its place."""

import re

import pytest

from services import app as app_room
from services import identity
from services.app import Application
from services.identity import RequestFacts
from services.preflight.types import Corrections, KeepColumns, NewestRows, SampleRows
from services.questions.types import Ask
from services.settings import Settings
from tests.app.reduction_steps import PATIENCE, VISITOR, drawn, kept, reduced, words

LIMIT = 60_000


@pytest.fixture(scope="module")
def application(tmp_path_factory):
    home = tmp_path_factory.mktemp("reduction") / "home"
    settings = Settings(home=home, limit_overrides={"file_limit_bytes": LIMIT})
    running = Application.build(settings)
    running.start()
    app_room.current = running
    yield running
    app_room.current = None
    running.stop()


@pytest.fixture
def user():
    return identity.current_user(RequestFacts(cookies={}, anonymous_id=VISITOR))


def press(test, key):
    test.get_by_key(key).click().run()
    assert not test.exception


def primaries(test):
    return [button.label for button in test.button if button.proto.type == "primary"]


def metrics(test):
    return {
        metric.label: re.sub(r"\\(.)", r"\1", f"{metric.value} {metric.delta}").replace("\xa0", " ")
        for metric in test.metric
    }


def test_card_shows_what_the_reduction_leaves(application, user):
    conversation_id, _ = kept(application, user)
    test = drawn(conversation_id)
    said = words(test).replace("\xa0", " ")
    assert "Fits after reduction" in said
    assert "90 kB is over the 60 kB that can be sent.** Reduced, it fits." in said
    assert "Keeps 2 of 3 columns, without Session" in said
    assert "All 2,000 rows are kept, so totals and averages of the columns kept are exact." in said
    assert "free, on this server. Your original stays as it is." in said
    assert primaries(test) == ["Reduce and continue"]
    shown = metrics(test)
    assert shown["Rows"] == "2,000 all kept"
    assert shown["Columns"] == "2 was 3"
    assert shown["Size to send"].endswith("was 90 kB")


def test_reduce_and_continue_puts_the_smaller_file_in_its_place(application, user):
    conversation_id, file_id = kept(application, user)
    test = drawn(conversation_id)
    press(test, f"reduction_card:{file_id}:reduce")
    run = application.preflight.reductions.run(user, file_id)
    assert run is not None
    assert application.runs.wait(user, run.id, PATIENCE)
    test.run()
    assert not test.exception
    said = words(test)
    assert "orders (reduced).csv" in said
    assert "Fits (reduced)" in said
    assert "Reduced to 2 of 3 columns." in said
    files = application.conversations.get(user, conversation_id).files
    assert len(files) == 1
    assert application.files.get(user, files[0]).origin == "reduced"
    assert application.preflight.result(user, file_id) is not None


def test_every_answer_about_it_says_what_it_lacks(application, user):
    conversation_id, file_id = kept(application, user)
    reduced(application, user, conversation_id, file_id, SampleRows(every=4))
    drawn(conversation_id)
    asked = application.questions.ask(user, conversation_id, Ask(text="total Amount by Region"))
    assert asked.run_id is not None
    assert application.runs.wait(user, asked.run_id, PATIENCE)
    (turn,) = application.conversations.turns(user, conversation_id)
    remark = "Reduced data: one row in 4; totals are of the kept rows."
    assert turn.answer is not None
    assert turn.answer.remarks == (remark,)
    assert remark in words(drawn(conversation_id))


def test_original_comes_back(application, user):
    conversation_id, file_id = kept(application, user)
    reduced_id = reduced(
        application, user, conversation_id, file_id, KeepColumns(names=("Amount",))
    )
    test = drawn(conversation_id)
    assert application.conversations.get(user, conversation_id).files == (reduced_id,)
    test.menu_button[0].click("Use the original again").run()
    assert not test.exception
    assert application.conversations.get(user, conversation_id).files == (file_id,)
    test.run()
    assert application.conversations.get(user, conversation_id).files == (file_id,)


def test_dialog_tells_at_every_click_what_would_come_out(application, user):
    conversation_id, file_id = kept(application, user)
    test = drawn(conversation_id)
    press(test, f"reduction_card:{file_id}:change")
    assert "2 of 3 columns and all rows:" in words(test)
    test.get_by_key(f"reduction_dialog:{file_id}:rows").select("Sample").run()
    assert not test.exception
    assert "2 of 3 columns and one row in 10:" in words(test)
    test.get_by_key(f"reduction_dialog:{file_id}:every").set_value(5).run()
    assert "one row in 5:" in words(test)
    press(test, f"reduction_dialog:{file_id}:use")
    said = words(test)
    assert "One row in 5 is kept. Totals have to be scaled up" in said
    assert metrics(test)["Rows"] == "400 was 2,000"


@pytest.mark.parametrize(
    ("rows", "said"),
    [("Newest", "the newest 1,000 rows"), ("One row per group", "one row per group")],
)
def test_dialog_offers_other_ways_to_choose_rows(application, user, rows, said):
    conversation_id, file_id = kept(application, user)
    test = drawn(conversation_id)
    press(test, f"reduction_card:{file_id}:change")
    test.get_by_key(f"reduction_dialog:{file_id}:rows").select(rows).run()
    assert not test.exception
    assert said in words(test)


def test_cancel_leaves_the_suggestion(application, user):
    conversation_id, file_id = kept(application, user)
    test = drawn(conversation_id)
    press(test, f"reduction_card:{file_id}:change")
    test.get_by_key(f"reduction_dialog:{file_id}:rows").select("Sample").run()
    press(test, f"reduction_dialog:{file_id}:cancel")
    assert "All 2,000 rows are kept" in words(test)
    assert "Change what is kept" not in [h.value for h in test.subheader]


def test_file_that_fits_is_reduced_from_its_menu(application, user):
    conversation_id, file_id = kept(application, user, "a,b\n1,2\n3,4\n", "small.csv")
    test = drawn(conversation_id)
    test.menu_button[0].click("Reduce …").run()
    assert not test.exception
    assert "2 of 2 columns and all rows:" in words(test)
    press(test, f"reduction_dialog:{file_id}:use")
    assert "What the reduction does" in words(test)
    assert "Reduce and continue" in primaries(test)


def test_failed_reduction_says_why_and_stays_offered(application, user):
    conversation_id, file_id = kept(application, user)
    run_id = application.preflight.reduce(user, file_id, (NewestRows(rows=1, column="no such"),))
    assert application.runs.wait(user, run_id, PATIENCE)
    test = drawn(conversation_id)
    assert "has not all of the columns that were chosen." in words(test)
    assert primaries(test) == ["Reduce and continue"]


def with_an_answer(application, user, content="a,b\n1,2\n3,4\n"):
    """A conversation whose file stands in the strip."""
    conversation_id, file_id = kept(application, user, content, "small.csv")
    asked = application.questions.ask(user, conversation_id, Ask(text="total a"))
    assert application.runs.wait(user, asked.run_id, PATIENCE)
    return conversation_id, file_id


def test_after_an_answer_the_file_is_read_differently_from_the_strip(application, user):
    conversation_id, file_id = with_an_answer(application, user)
    test = drawn(conversation_id)
    test.get_by_key(f"file_strip:{file_id}:menu").click("Read it differently …").run()
    assert not test.exception
    test.get_by_key(f"corrections_dialog:{file_id}:header").select_index(2)
    press(test, f"corrections_dialog:{file_id}:apply")
    assert application.preflight.corrections(user, file_id) == Corrections(has_header=False)
    assert application.preflight.result(user, file_id).report.tables[0].rows == 3
    test.run()
    test.get_by_key(f"file_strip:{file_id}:menu").click("Read it differently …").run()
    assert "Read as you said: the first row holds data." in words(test)


def test_after_an_answer_the_file_is_reduced_from_the_strip(application, user):
    conversation_id, file_id = with_an_answer(application, user)
    test = drawn(conversation_id)
    assert "Reduce and continue" not in primaries(test)
    test.get_by_key(f"file_strip:{file_id}:menu").click("Reduce …").run()
    assert not test.exception
    press(test, f"reduction_dialog:{file_id}:use")
    assert "What the reduction does" in words(test)
    press(test, f"reduction_card:{file_id}:reduce")
    run = application.preflight.reductions.run(user, file_id)
    assert run is not None
    assert application.runs.wait(user, run.id, PATIENCE)
    assert "small (reduced).csv" in words(drawn(conversation_id))
