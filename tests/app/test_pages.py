"""The pages over real rooms: each state is drawn, and nothing raises."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from services import app as app_room
from services import identity
from services.app import Application
from services.files.types import Upload
from services.identity import RequestFacts
from services.ids import ContainerId, ConversationId
from services.questions.types import Ask
from services.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30.0
ROWS = (
    b"Region,Amount,Day\n" + b"North,5,2026-01-01\nSouth,7.5,2026-01-02\nNorth,2,2026-02-03\n" * 9
)


@pytest.fixture(scope="module")
def application(tmp_path_factory):
    home = tmp_path_factory.mktemp("pages") / "home"
    running = Application.build(Settings(home=home))
    running.start()
    app_room.current = running
    yield running
    app_room.current = None
    running.stop()


VISITOR = "anon-visitor-of-the-test"


@pytest.fixture
def user():
    """Who the page takes its visitor for: AppTest has no cookies, so an id of the page counts."""
    return identity.current_user(RequestFacts(cookies={}, anonymous_id=VISITOR))


def page(name, conversation_id=None, visitor=VISITOR):
    test = AppTest.from_file(str(ROOT / "pages" / name), default_timeout=PATIENCE)
    test.session_state["view:anonymous"] = visitor
    if conversation_id is not None:
        test.query_params["c"] = conversation_id
    return test


def kept(application, user, content, name):
    """A conversation with one checked file."""
    spooled = application.spool_folder / name
    spooled.write_bytes(content)
    upload = Upload(path=spooled, name=name, size_bytes=len(content))
    started = application.preflight.check(user, upload)
    if started.run_id is not None:
        assert application.runs.wait(user, started.run_id, PATIENCE)
    conversation_id = application.conversations.open(user)
    application.conversations.attach(user, conversation_id, started.file_id)
    return conversation_id


def answered(application, user, question="total Amount by Region"):
    conversation_id = kept(application, user, ROWS, "orders.csv")
    asked = application.questions.ask(user, conversation_id, Ask(text=question))
    if asked.run_id is not None:
        assert application.runs.wait(user, asked.run_id, PATIENCE)
    return conversation_id


def primaries(test):
    return [button for button in test.button if button.proto.type == "primary"]


def plain(test):
    """All that the page says, without the marks that keep it from being read as Markdown."""
    return words(test).replace("\\", "")


def words(test):
    """All that the page says."""
    return "\n".join(
        element.value for kind in (test.title, test.markdown, test.caption) for element in kind
    )


def test_empty_page_has_samples_and_promises(application):
    test = page("analyse.py", visitor="anon-nobody-yet").run()
    assert not test.exception
    assert [title.value for title in test.title] == ["Ask questions of your data"]
    assert [button.label.split("**")[1] for button in test.button[:3]] == [
        "Shop orders",
        "Support tickets",
        "Department budget",
    ]
    assert "Checked first" in words(test)


def test_a_sample_becomes_a_card_with_questions(application, user):
    test = page("analyse.py").run()
    test.button(key="file_drop:orders:choose").click().run()
    conversation_id = ConversationId(str(test.query_params["c"]))
    (file_id,) = application.conversations.get(user, conversation_id).files
    check = application.preflight.check_run(user, file_id)
    assert check is None or application.runs.wait(user, check.id, PATIENCE)
    test.run()
    assert not test.exception
    assert "Ready" in words(test)
    assert any("Revenue" in button.label for button in test.button)


def test_a_file_that_fits_shows_verdict_and_figures(application, user):
    test = page("analyse.py", kept(application, user, ROWS, "orders.csv")).run()
    assert not test.exception
    assert "Ready" in words(test)
    assert [metric.label for metric in test.metric] == [
        "Rows × columns",
        "Type",
        "Size",
        "Per question",
        "Time",
    ]


def test_an_empty_file_is_refused_with_its_sentence(application, user):
    test = page("analyse.py", kept(application, user, b"", "empty.csv")).run()
    assert not test.exception
    assert "There is nothing in this file" in words(test)
    assert test.chat_input[0].disabled


def test_an_answer_has_headline_and_table(application, user):
    test = page("analyse.py", answered(application, user)).run()
    assert not test.exception
    assert "South has the highest" in test.subheader[0].value
    assert list(test.dataframe[0].value.columns)[:1] == ["Region"]


def test_a_question_beyond_the_rules_offers_what_it_can(application, user):
    conversation_id = answered(application, user, "why did the north fall?")
    test = page("analyse.py", conversation_id).run()
    assert not test.exception
    assert "local engine can" in words(test)
    primary = [button for button in test.button if button.key.startswith("failure_card:")]
    assert primary


def test_an_unknown_column_offers_the_closest(application, user):
    conversation_id = answered(application, user, "total amonut by region")
    test = page("analyse.py", conversation_id).run()
    assert not test.exception
    assert "There is no column" in words(test)


def test_somebody_elses_conversation_is_not_shown(application, user):
    conversation_id = answered(application, user)
    test = page("analyse.py", conversation_id, visitor="anon-stranger").run()
    assert not test.exception
    assert "North" not in words(test)
    assert any("yours" in notice.value for notice in test.info)


def test_cost_page_shows_the_figures_of_the_ledger(application, user):
    answered(application, user)
    test = page("container_costs.py").run()
    assert not test.exception
    labels = [metric.label for metric in test.metric]
    assert labels == [
        "Spent this month",
        "Live containers",
        "Container time",
        "Requests",
        "Per request",
    ]
    report = application.money.spend_in("local", "month")
    assert test.metric[3].value == str(report.requests)


def made_operators(application, monkeypatch, *users):
    settings = application.settings.model_copy(update={"operators": frozenset(users)})
    monkeypatch.setattr(application, "settings", settings)


def test_cost_page_shows_visitors_sums_only_where_operators_are_named(
    application, user, monkeypatch
):
    """Neither containers nor rows of anybody, no user, no button."""
    answered(application, user)
    made_operators(application, monkeypatch, "u-" + "0" * 32)
    test = page("container_costs.py").run()
    assert not test.exception
    assert len(test.metric) == 5
    assert (list(test.tabs), list(test.dataframe), list(test.button)) == ([], [], [])
    assert list(test.download_button) == []
    assert "Operators see single containers and the ledger" in words(test)


def test_cost_page_shows_a_named_operator_everything(application, user, monkeypatch):
    answered(application, user)
    made_operators(application, monkeypatch, user)
    test = page("container_costs.py").run()
    assert not test.exception
    assert [tab.label for tab in test.tabs] == ["Now", "Spend", "Ledger"]
    assert "you" in test.dataframe[0].value["User"].tolist()


@pytest.mark.parametrize("is_named", [False, True])
def test_cost_page_offers_only_named_operators_what_a_stranger_s_run_is_using(
    application, user, monkeypatch, is_named
):
    stranger = identity.current_user(RequestFacts(cookies={}, anonymous_id="anon-else"))
    lease = application.containers.acquire(stranger, ConversationId("c-else"), ())
    now = application.clock.now()
    application.containers.replied(
        lease.workspace.id,
        container_id=ContainerId("container_else"),
        expires_at=None,
        replied_at=now,
        started_at=now,
        run_id=None,
    )
    try:
        if is_named:
            made_operators(application, monkeypatch, user)
        test = page("container_costs.py").run()
        table = test.dataframe[0].value
        (action,) = table[table["User"] == f"u-{stranger[2:8]}"]["Action"].tolist()
        assert action == ("Release" if is_named else "")
    finally:
        application.containers.release(stranger, lease.workspace.id)


def test_composer_says_what_the_local_engine_takes(application, user):
    fresh = page("analyse.py", kept(application, user, ROWS, "orders.csv")).run()
    answer = page("analyse.py", answered(application, user)).run()
    assert "a few seconds · would cost" in plain(fresh)
    assert re.search(r"≈ \d+\u00a0s · would cost .*, nothing is charged", plain(answer))


def test_composer_asks_about_the_file_that_can_be_asked_about(application, user):
    """A newer one that can't be used is not what a question is about."""
    pdf = b"%PDF-1.7\n%\xe2\xe3\n1 0 obj\n"
    conversation_id = joined(application, user, ("orders.csv", ROWS), ("notes.pdf", pdf))
    test = page("analyse.py", conversation_id).run()
    assert test.chat_input[0].placeholder == "Ask about orders.csv"
    assert "would cost" in plain(test)


def test_only_one_button_is_primary_when_a_file_joins_a_question_that_was_not_run(
    application, user
):
    conversation_id = answered(application, user, "why did the north fall?")
    alone = page("analyse.py", conversation_id).run()
    assert [button.key.split(":")[0] for button in primaries(alone)] == ["failure_card"]
    (file_id,) = application.conversations.get(
        user, kept(application, user, ROWS + b"East,1,2026-03-01\n", "more.csv")
    ).files
    application.conversations.attach(user, conversation_id, file_id)
    joined = page("analyse.py", conversation_id).run()
    assert [button.key.split(":")[0] for button in primaries(joined)] == ["suggestions"]


def joined(application, user, *named):
    """A conversation with these files, the last one newest."""
    first, *others = [kept(application, user, content, name) for name, content in named]
    for other in others:
        (file_id,) = application.conversations.get(user, other).files
        application.conversations.attach(user, first, file_id)
    return first


OTHER = b"Shop,Visits\n" + b"Harbour,5\nStation,7\n" * 20


def test_suggestion_is_asked_of_the_file_that_it_stands_below(application, user):
    """Also when that is not the newest of several."""
    conversation_id = joined(application, user, ("shops.csv", OTHER), ("orders.csv", ROWS))
    test = page("analyse.py", conversation_id).run()
    (below,) = [button for button in test.button if button.label == "Total Visits by Shop"]
    below.click().run()
    assert not test.exception
    (turn,) = application.conversations.turns(user, conversation_id)
    assert turn.declined is None
    assert application.runs.wait(user, turn.run_id, PATIENCE)
    (turn,) = application.conversations.turns(user, conversation_id)
    assert turn.answer.bundle.reading.by == "Shop"


def test_file_that_can_not_be_used_does_not_stay_above_the_answer(application, user):
    """It is news until the next question; then the strip has it."""
    conversation_id = joined(application, user, ("empty.csv", b""), ("orders.csv", ROWS))
    assert "There is nothing in this file" in words(page("analyse.py", conversation_id).run())
    asked = application.questions.ask(user, conversation_id, Ask(text="total Amount by Region"))
    assert application.runs.wait(user, asked.run_id, PATIENCE)
    test = page("analyse.py", conversation_id).run()
    assert "There is nothing in this file" not in words(test)
    assert "orders" in test.title[0].value
    assert "and 1 more file" in words(test)


def test_file_is_replaced_only_when_another_one_has_come(application, user):
    conversation_id = kept(application, user, ROWS, "orders.csv")
    test = page("analyse.py", conversation_id).run()
    test.menu_button[0].click("Replace").run()
    assert [one.label for one in test.file_uploader] != []
    assert [button.key for button in primaries(test)] == []
    test.button(key="file_drop:add:cancel").click().run()
    names = [
        application.files.get(user, file_id).name
        for file_id in application.conversations.get(user, conversation_id).files
    ]
    assert names == ["orders.csv"]

    test.menu_button[0].click("Replace").run()
    test.file_uploader[0].set_value([("shops.csv", OTHER, "text/csv")]).run()
    assert not test.exception
    names = [
        application.files.get(user, file_id).name
        for file_id in application.conversations.get(user, conversation_id).files
    ]
    assert names == ["shops.csv"]


def test_text_is_not_offered_to_the_local_engine(application, user):
    test = page("analyse.py", kept(application, user, b"hello world\n" * 50, "notes.txt")).run()
    assert test.chat_input[0].disabled
    assert [button.label for button in primaries(test)] == ["Choose another file"]


def test_table_of_an_answer_is_read_once(application, user, monkeypatch):
    """Another process reads it: a redraw must neither wait for it nor keep it busy."""
    conversation_id = answered(application, user, "number of rows by Region")
    reads = []
    table = application.preflight.table

    def counted(path, name):
        reads.append(name)
        return table(path, name)

    monkeypatch.setattr(application.preflight, "table", counted)
    for _ in range(3):
        test = page("analyse.py", conversation_id).run()
        assert list(test.dataframe[0].value["Region"]) == ["North", "South"]
    assert len(reads) <= 1


def test_settings_page_tells_who_is_asking(application, user):
    test = page("settings_health.py").run()
    assert user in [code.value for code in test.code]


def test_settings_page_shows_limits_and_no_secret(application, user):
    test = page("settings_health.py").run()
    assert not test.exception
    assert "947" in words(test)
    assert application.local_engine.token not in words(test)
