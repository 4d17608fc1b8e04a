"""What is decided when a question is asked, and who may ask."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from services.analyst.types import Abstained, UnknownColumn
from services.errors import InputError, LimitError, NotYoursError
from services.events import CodeWritten, Finished, UploadFinished
from services.local_engine.types import Delay
from services.questions.types import Ask
from tests.integration.integration_server import (
    ANN,
    BEN,
    TOTALS,
    add_file,
    ask,
    begin,
    ended,
    of_kind,
    orders,
    rows_of,
    talk_about,
    until_event,
)


@pytest.mark.parametrize(
    ("question", "why"),
    [("total profit margin by region", UnknownColumn), ("what is the meaning of life", Abstained)],
)
def test_question_that_can_not_be_answered_costs_nothing(application, conversation, question, why):
    asked = begin(application, conversation, question)
    assert asked.run_id is None
    (turn,) = application.conversations.turns(ANN, conversation)
    assert (turn.id, turn.state) == (asked.question_id, "declined")
    assert isinstance(turn.declined, why)
    assert rows_of(application, conversation) == []
    assert application.runs.live(ANN, conversation) is None
    # Asked again it is declined again, as a turn of its own.
    again = application.questions.retry(ANN, asked.question_id)
    assert (again.run_id, again.question_id != asked.question_id) == (None, True)


def test_retry_answers_in_the_same_conversation(application, conversation):
    ask(application, conversation)
    (turn,) = application.conversations.turns(ANN, conversation)
    again = application.questions.retry(ANN, turn.id)
    assert isinstance(ended(application, again.run_id)[-1], Finished)
    first, second = application.conversations.turns(ANN, conversation)
    assert (first.question, first.state) == (second.question, second.state)
    assert first.id != second.id


def test_without_a_file_there_is_nothing_to_ask(application):
    with pytest.raises(InputError) as refusal:
        begin(application, application.conversations.open(ANN))
    assert refusal.value.code == "no_file"
    assert refusal.value.message.what_happened == "There is no file to ask about."


def test_file_that_is_no_data_can_not_be_asked_about(application):
    conversation = talk_about(application, add_file(application, b"", "empty.csv"))
    with pytest.raises(InputError) as refusal:
        begin(application, conversation)
    assert refusal.value.code == "no_usable_file"
    assert application.conversations.turns(ANN, conversation) == ()


def test_file_over_the_limit_can_not_be_asked_about(application):
    limit = application.profile.file_limit_bytes
    line = b"North,12.50,2026-01-01\n"
    content = b"region,amount,date\n" + line * (limit // len(line) + 1)
    conversation = talk_about(application, add_file(application, content, "large.csv"))
    with pytest.raises(InputError) as refusal:
        begin(application, conversation)
    assert refusal.value.code == "no_usable_file"


def test_text_can_not_be_asked_about_by_rules(application):
    words = b"Dear Ann,\nall is well here, the sun is out, and we are glad.\n\nYours\nBen\n"
    letter = add_file(application, words, "letter.txt")
    conversation = talk_about(application, letter)
    with pytest.raises(InputError) as refusal:
        begin(application, conversation)
    assert refusal.value.code == "no_table"
    # A table beside it can be asked about.
    application.conversations.attach(ANN, conversation, add_file(application, orders()))
    assert isinstance(ask(application, conversation)[-1], Finished)


@pytest.mark.parametrize(
    ("text", "code"), [(" \n ", "question_empty"), ("x" * 4_001, "question_too_long")]
)
def test_question_has_a_length(application, conversation, text, code):
    with pytest.raises(InputError) as refusal:
        begin(application, conversation, text)
    assert refusal.value.code == code


def test_one_question_at_a_time(application, conversation):
    application.local_engine.inject(Delay(seconds=60, at="tool"))
    asked = begin(application, conversation)
    until_event(application, asked.run_id, CodeWritten)
    assert begin(application, conversation, f"  {TOTALS} ") == asked
    with pytest.raises(LimitError) as refusal:
        begin(application, conversation, "number of rows by region")
    assert refusal.value.code == "run_under_way"
    assert len(application.conversations.turns(ANN, conversation)) == 1
    application.runs.stop(ANN, asked.run_id)
    ended(application, asked.run_id)


def test_two_tabs_that_ask_at_once_start_one_run(application, conversation):
    application.local_engine.inject(Delay(seconds=60, at="tool", times=8))
    with ThreadPoolExecutor(8) as tabs:
        asked = set(tabs.map(lambda _: begin(application, conversation).run_id, range(8)))
    for run_id in asked:
        application.runs.stop(ANN, run_id)
        ended(application, run_id)
    assert len(asked) == 1
    assert len(application.conversations.turns(ANN, conversation)) == 1


def test_two_files_of_one_name_both_reach_the_container(application):
    older = add_file(application, orders(seed=1))
    newer = add_file(application, b"city,price\nRome,3\nOslo,4\nRome,5\n")
    conversation = talk_about(application, older)
    ask(application, conversation)
    application.conversations.attach(ANN, conversation, newer)
    events = ask(application, conversation, "total price by city")
    assert len(of_kind(events, UploadFinished)) == 1
    assert isinstance(events[-1], Finished)
    workspace = application.conversations.turns(ANN, conversation)[-1].answer.container_id
    (container,) = (c for c in application.local_engine.containers() if c.id == workspace)
    assert container.files == ("orders.csv", "orders_2.csv")
    # Both keep their names, whichever of them is taken out.
    application.conversations.detach(ANN, conversation, older)
    assert isinstance(ask(application, conversation, "average price by city")[-1], Finished)
    (container,) = (c for c in application.local_engine.containers() if c.id == workspace)
    assert container.files == ("orders.csv", "orders_2.csv")


def test_each_question_is_about_the_newest_file_that_has_its_columns(application):
    """Both files lie in the container from the start."""
    older = add_file(application, b"city,visits\nRome,3\nOslo,4\nRome,5\n", "visits.csv")
    newer = add_file(application, orders(seed=5), "newer.csv")
    conversation = talk_about(application, older, newer)
    for question, name in ((TOTALS, "newer.csv"), ("total visits by city", "visits.csv")):
        (code,) = of_kind(ask(application, conversation, question), CodeWritten)
        assert name in code.code
    (*_, turn) = application.conversations.turns(ANN, conversation)
    assert turn.answer.bundle.reading.measure == "visits"
    (*_, events_end) = ask(application, conversation, "and the average?")
    assert isinstance(events_end, Finished)
    (*_, turn) = application.conversations.turns(ANN, conversation)
    assert (turn.answer.bundle.reading.measure, turn.answer.bundle.reading.aggregate) == (
        "visits",
        "mean",
    )


def test_two_files_of_one_name_in_one_upload(application):
    conversation = talk_about(
        application,
        add_file(application, orders(seed=2), "data.csv"),
        add_file(application, orders(seed=3), "data.csv"),
        add_file(application, orders(seed=4), "data_2.csv"),
    )
    assert isinstance(ask(application, conversation)[-1], Finished)
    container_id = application.conversations.turns(ANN, conversation)[-1].answer.container_id
    (container,) = (c for c in application.local_engine.containers() if c.id == container_id)
    assert len(container.files) == 3


@pytest.fixture(scope="module")
def anns(application):
    """An answered question of Ann's, with all that belongs to it."""
    file_id = add_file(application, orders())
    conversation = talk_about(application, file_id)
    ask(application, conversation)
    (turn,) = application.conversations.turns(ANN, conversation)
    return file_id, conversation, turn


VERBS = {
    "ask": lambda a, f, c, t: a.questions.ask(BEN, c, Ask(text=TOTALS)),
    "retry": lambda a, f, c, t: a.questions.retry(BEN, t.id),
    "suggestions": lambda a, f, c, t: a.questions.suggestions(BEN, f),
    "remains": lambda a, f, c, t: a.questions.remains(BEN, t),
    "conversation": lambda a, f, c, t: a.conversations.get(BEN, c),
    "attach": lambda a, f, c, t: a.conversations.attach(BEN, c, f),
    "attach a file of another": lambda a, f, c, t: a.conversations.attach(
        BEN, a.conversations.open(BEN), f
    ),
    "detach": lambda a, f, c, t: a.conversations.detach(BEN, c, f),
    "add question": lambda a, f, c, t: a.conversations.add_question(BEN, c, TOTALS),
    "turn": lambda a, f, c, t: a.conversations.turn(BEN, t.id),
    "turns": lambda a, f, c, t: a.conversations.turns(BEN, c),
    "dismiss": lambda a, f, c, t: a.conversations.dismiss(BEN, t.id),
    "run": lambda a, f, c, t: a.runs.get(BEN, t.run_id),
    "events": lambda a, f, c, t: a.runs.events(BEN, t.run_id),
    "stop": lambda a, f, c, t: a.runs.stop(BEN, t.run_id),
    "wait": lambda a, f, c, t: a.runs.wait(BEN, t.run_id, 0),
    "file": lambda a, f, c, t: a.files.get(BEN, f),
    "path": lambda a, f, c, t: a.files.path(BEN, f),
    "read": lambda a, f, c, t: a.files.read(BEN, f),
    "produced": lambda a, f, c, t: a.files.read(BEN, t.answer.produced[0].file_id),
    "download": lambda a, f, c, t: a.files.download(BEN, f),
    "result": lambda a, f, c, t: a.preflight.result(BEN, f),
    "check run": lambda a, f, c, t: a.preflight.check_run(BEN, f),
    "check failure": lambda a, f, c, t: a.preflight.check_failure(BEN, f),
    "release": lambda a, f, c, t: a.containers.release(BEN, a.containers.live()[0].workspace.id),
}


@pytest.mark.parametrize("verb", VERBS)
def test_what_is_anns_is_not_for_ben(application, anns, verb):
    with pytest.raises(NotYoursError):
        VERBS[verb](application, *anns)
    file_id, conversation, turn = anns
    assert application.conversations.turns(ANN, conversation) == (turn,)
    assert application.conversations.get(ANN, conversation).files == (file_id,)


def test_others_see_no_run_and_no_conversation(application, anns):
    _, conversation, _ = anns
    assert application.runs.live(BEN, conversation) is None
    assert application.conversations.recent(BEN) == ()
