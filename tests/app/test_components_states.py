"""Every component in every state: what is said, what can be pressed, what a press means."""

import functools
import re
from pathlib import Path

import matplotlib as mpl
import pytest
from streamlit.testing.v1 import AppTest

from components.intents import (
    ConversationOpened,
    ConversationStarted,
    CorrectionWanted,
    FailureDismissed,
    FileAddCancelled,
    FileAddWanted,
    FileRemoved,
    FileReplaced,
    FirstQuestionWanted,
    HealthChecked,
    OriginalWanted,
    QuestionAsked,
    ReduceRequested,
    ReductionEdited,
    RunRepeated,
    SampleChosen,
)
from services.ids import ConversationId, FileId, QuestionId
from services.preflight.types import KeepColumns, SampleRows
from tests.app.component_values import STATES

FILE, QUESTION = FileId("f1"), QuestionId("q1")
PICTURE = Path(mpl.get_data_path(), "images", "home.png")
PATIENCE = 20


def script(state, *arguments):
    from tests.app import component_values

    component_values.draw(state, *arguments)


def drawn(state, *arguments):
    page = AppTest.from_function(script, args=(state, *arguments), default_timeout=PATIENCE).run()
    assert not page.exception
    return page


@functools.cache
def seen(state):
    """A page that is only looked at, so that one drawing serves several tests."""
    return drawn(state)


def wanted(page):
    """What the component returned in the last run."""
    (said,) = [text.value for text in page.text if text.value.startswith("wanted ")]
    return said.removeprefix("wanted ")


def press(page, key):
    page.get_by_key(key).click().run()
    assert not page.exception
    return wanted(page)


def words(elements):
    return [element.value for element in elements]


def labels(page):
    return [button.label for button in page.button]


def primaries(page):
    return [button.label for button in page.button if button.proto.type == "primary"]


@pytest.mark.parametrize("state", [*STATES, "composer:empty"])
def test_components_name_their_widgets_by_component_and_thing(state):
    """A key that is not unique to its thing mixes up two files or two questions."""
    keys = {
        element.key
        for kind in ("button", "download_button", "menu_button", "selectbox", "text_input")
        for element in getattr(seen(state), kind)
    }
    assert [key for key in keys if not re.fullmatch(r"[a-z_]+:[\w-]+:\w+", key)] == []


@pytest.mark.parametrize("state", STATES)
def test_components_have_at_most_one_primary_button(state):
    assert len(primaries(seen(state))) <= 1


@pytest.mark.parametrize("state", STATES)
def test_components_show_nothing_that_loads_or_links(state):
    """The hostile name stands in labels, cells and sentences of these states."""
    page = seen(state)
    shown = [
        *words(page.markdown),
        *words(page.caption),
        *words(page.title),
        *words(page.subheader),
        *words(page.metric),
        *labels(page),
        *(tab.label for tab in page.tabs),
        *(expander.label for expander in page.expander),
    ]
    live = [re.sub(r"(`+).+?\1|\\.", "", str(text)) for text in shown]
    for dangerous in ("![", "](", ":red[y", "$z", "www.h"):
        assert [text for text in live if dangerous in text] == []


def test_file_drop_offers_samples_and_one_uploader():
    page = drawn("empty")
    assert words(page.title) == ["Ask questions of your data"]
    assert [one.label for one in page.file_uploader] == [
        "Drop a file here or choose one: CSV, Excel, JSON, text, PNG or JPG"
    ]
    assert labels(page) == [
        r"**Shop orders** :gray[CSV\, 9\,412 rows]",
        r"**Budget** :gray[Excel\, 2 sheets]",
    ]
    assert press(page, "file_drop:budget:choose") == repr(SampleChosen(sample_id="budget"))


def test_file_drop_hands_over_what_was_dropped_and_is_empty_again():
    page = drawn("empty")
    page.file_uploader[0].set_value([("a.csv", b"x", "text/csv"), ("b.csv", b"y", "text/csv")])
    page.run()
    assert "adopted ['a.csv', 'b.csv']" in words(page.text)
    assert page.file_uploader[0].value == []
    page.run()
    assert not [text for text in words(page.text) if text.startswith("adopted")]


def test_add_file_can_be_cancelled():
    assert press(drawn("add"), "file_drop:add:cancel") == repr(FileAddCancelled())


def test_recent_conversations_are_one_line_each():
    page = drawn("recent")
    assert words(page.caption)[:2] == [
        r"orders\.csv + 1 · 2 answers · would have cost \$0\.062 · 14\:01",
        r"1 answer · would have cost \$0\.00 · yesterday 13\:02"
        " · :material/power_off: interrupted",
    ]
    opened = ConversationOpened(conversation_id=ConversationId("c2"))
    assert press(page, "recent_conversations:c2:open") == repr(opened)


def test_recent_conversations_draw_nothing_for_a_first_visitor():
    page = seen("recent_none")
    assert (words(page.subheader), words(page.caption)) == ([], [])


def test_preflight_card_says_verdict_figures_and_findings():
    page = seen("fits")
    assert words(page.title) == [":material/table: orders\\.csv"]
    assert words(page.markdown)[1] == "**Ready\\.** It needs about 312\u00a0MB\\."
    assert [(one.label, one.value) for one in page.metric] == [
        ("Rows × columns", r"182\,400 × 2"),
        ("Type", "CSV"),
        ("Size", "14\\.2\u00a0MB"),
        ("Per question", r"\$0\.02–0\.06"),
        ("Time", "20–60\u00a0s"),
    ]
    assert [tab.label for tab in page.tabs] == [
        "Findings (5)",
        "First rows",
        "Columns",
        "How this was worked out",
    ]
    warning, *others = words(page.markdown)[2].split("  \n")
    assert warning.startswith(":orange[:material/warning:] `![x](http://h/a.png)")
    assert len(others) == 3
    assert [one.label for one in page.expander] == ["1 more"]
    assert words(page.caption) == []
    assert page.metric[1].proto.help == r"By content\: text\/csv\, in UTF\-8"
    assert page.image[0].proto.imgs[0].alt.startswith("Projected peak memory 312 MB,")
    assert primaries(page) == []


def test_preflight_card_sends_no_rows_before_they_are_looked_at():
    assert list(seen("fits").dataframe) == []


@pytest.mark.parametrize(
    ("choice", "intent"),
    [("Replace", FileReplaced(file_id=FILE)), ("Remove", FileRemoved(file_id=FILE))],
)
def test_preflight_card_menu(choice, intent):
    page = drawn("fits")
    page.menu_button[0].click(choice).run()
    assert wanted(page) == repr(intent)


def test_preflight_card_says_that_the_local_engine_charges_nothing():
    helps = {
        state: seen(state).metric[3].proto.help.endswith("nothing is charged\\.")
        for state in ("fits", "fits_claude")
    }
    assert helps == {"fits": True, "fits_claude": False}


def test_preflight_card_over_the_limit_offers_another_file_and_no_reduction():
    page = drawn("over")
    assert labels(page) == ["Choose another file", "Remove"]
    assert primaries(page) == ["Choose another file"]
    assert words(page.caption)[0].startswith("The memory is projected roughly")
    assert [one.label for one in page.metric] == ["Rows × columns", "Type", "Size"]
    assert press(page, "preflight_card:f1:replace") == repr(FileReplaced(file_id=FILE))


def test_reduction_card_offers_the_plan_and_the_way_to_another():
    page = drawn("reducible")
    assert primaries(page) == ["Reduce and continue"]
    steps = (KeepColumns(names=("region",)), SampleRows(every=4))
    assert press(page, "reduction_card:f1:reduce") == repr(
        ReduceRequested(file_id=FILE, steps=steps)
    )
    assert press(page, "reduction_card:f1:change") == repr(ReductionEdited(file_id=FILE))


def test_reduction_card_shows_what_was_found_out_of_the_file():
    page = seen("reducible")
    assert [tab.label for tab in page.tabs] == [
        "Findings (5)",
        "First rows",
        "Columns",
        "How this was worked out",
    ]


def test_reduction_card_of_a_plan_that_is_not_enough_can_only_be_changed():
    page = drawn("reducible_not_enough")
    assert page.get_by_key("reduction_card:f1:reduce").disabled
    assert "Still too large" in " ".join(words(page.caption))


def test_reducing_card_tells_how_far_it_is_and_stops():
    page = drawn("reducing")
    page.get_by_key("reduction_card:f1:stop").click().run()
    assert "stopped run-1" in words(page.text)


def test_preflight_card_refused_says_what_works_instead():
    page = drawn("refused")
    assert words(page.title) == [":material/draft: orders\\.csv"]
    assert ":red-badge[:material/block: Can't be used]" in words(page.markdown)
    assert words(page.markdown)[-1] == (
        "**What works instead**  \n:material/arrow_right_alt: Export the table as CSV"
        "  \n:material/arrow_right_alt: Save it as \\.xlsx"
    )
    assert words(page.caption) == [
        r"Nothing was sent. Cost so far: \$0.00 · Reference for support\: p\-83c1"
    ]
    assert (list(page.metric), list(page.image), list(page.tabs)) == ([], [], [])
    assert press(page, "preflight_card:f1:remove") == repr(FileRemoved(file_id=FILE))


@pytest.mark.parametrize(
    ("state", "label", "value"),
    [("picture", "Pixels", r"1\,200 × 800"), ("workbook", "Rows × columns", r"182\,400 × 2")],
)
def test_preflight_card_measures_each_kind_its_own_way(state, label, value):
    first = seen(state).metric[0]
    assert (first.label, first.value) == (label, value)


def test_preflight_card_of_a_workbook_says_which_sheet_is_used():
    page = seen("workbook")
    assert words(page.caption)[0] == "Sheet “orders” of 2 is used\\."


def test_preflight_card_says_that_the_local_engine_answers_about_tables_only():
    """It fits, which is about memory; but nobody here could be asked about it."""
    page = seen("picture")
    assert words(page.markdown)[1] == (
        "**It fits\\, but can\\'t be asked about here\\.** The local engine answers about tables"
        " only\\; for texts and pictures Claude is needed\\."
    )
    assert [one.label for one in page.metric] == ["Pixels", "Type", "Size"]
    assert labels(page) == ["Choose another file", "Remove"]
    page = seen("picture_claude")
    assert words(page.markdown)[1].startswith("**Ready\\.**")
    assert [one.label for one in page.metric][3:] == ["Per question", "Time"]


@pytest.mark.parametrize(
    ("state", "seen_of_it"),
    [
        ("workbook", "blanks, types, headers, sheets"),
        ("csv_profiled", "blanks, types, headers, row lengths, encoding, every row, repeated rows"),
        ("picture", "type and size in pixels"),
        ("text", "type and encoding"),
    ],
)
def test_preflight_card_without_findings_says_what_was_looked_at(state, seen_of_it):
    assert f"Looked at: {seen_of_it}. Nothing to remark." in words(seen(state).caption)


def test_preflight_card_says_what_was_corrected():
    page = drawn("corrected")
    page.session_state["preflight_card:f1:tabs"] = "How this was worked out"
    page.run()
    told = r"**Corrected by you** · day before month\, 3 lines left out above"
    assert told in " ".join(words(page.markdown)).split("  \n")


@pytest.mark.parametrize(
    ("state", "badge"),
    [
        ("fits", ":green-badge[:material/check_circle: Fits]"),
        ("picture", ":gray-badge[:material/info: Not for the local engine]"),
        ("picture_claude", ":green-badge[:material/check_circle: Fits]"),
        ("strip_picture", ":gray-badge[:material/info: Not for the local engine]"),
    ],
)
def test_badge_is_green_only_where_the_file_can_be_asked_about(state, badge):
    assert [text for text in words(seen(state).markdown) if "-badge[" in text] == [badge]


def test_preflight_card_of_several_sheets_lets_another_one_be_chosen():
    assert seen("workbook_of_several").get_by_key("preflight_card:f1:correct").label == "Correct …"
    assert "Correct …" not in labels(seen("workbook"))


def test_checking_card_shows_facts_seconds_and_stop():
    page = drawn("checking")
    assert r"CSV\, UTF\-8" in words(page.markdown)
    assert words(page.caption) == ["Counting rows and columns … 3\u00a0s"]
    press(page, "preflight_card:f1:stop")
    assert "stopped run-1" in words(page.text)
    assert (labels(page), page.button[0].disabled) == (["Stopping …"], True)


def test_check_failed_card_offers_another_file():
    page = seen("check_failed")
    assert words(page.caption) == [r"Nothing was sent. Cost so far: \$0.00"]
    assert primaries(page) == ["Choose another file"]


def test_suggestions_ask_exactly_what_they_say():
    page = drawn("suggestions")
    assert primaries(page) == [r"Revenue by month\?"]
    assert labels(page) == [r"Revenue by month\?", r"Why\? :gray[\$0\.03]", "Add another file"]
    asked = QuestionAsked(text="Why?", source="suggestion", file_id=FILE)
    assert press(page, "suggestions:f1:ask1") == repr(asked)
    assert press(page, "suggestions:f1:add") == repr(FileAddWanted())


@pytest.mark.parametrize(
    ("state", "placeholder", "disabled"),
    [
        ("empty", "Ask anything, or add a file first", False),
        ("no_file", "Add a file to ask about", True),
        ("checking", "Ask as soon as it is checked", True),
        ("file", "Ask about ![x](http://h/a.png)…example", False),
        ("over_limit", "Too large to ask about as it is", True),
        ("reducing", "Ask once it is reduced", True),
        ("refused", "Choose another file to ask about", True),
        ("running", "Ask again when this is finished", True),
        ("answered", "Ask a follow-up", False),
    ],
)
def test_composer_says_what_can_be_asked(state, placeholder, disabled):
    """The placeholder is plain text, not Markdown."""
    (box,) = drawn(f"composer:{state}").chat_input
    assert (box.key, box.placeholder, box.disabled) == ("q", placeholder, disabled)


def test_composer_hands_over_the_question():
    page = drawn("composer:file")
    page.chat_input[0].set_value("Revenue by month?").run()
    assert wanted(page) == repr(QuestionAsked(text="Revenue by month?", source="composer"))
    page.chat_input[0].set_value("   ").run()
    assert wanted(page) == "None"


def test_composer_names_the_engine():
    local, claude = drawn("composer:file:local"), drawn("composer:file:claude")
    assert words(local.get("caption")) == ["≈ 35\u00a0s · \\$0\\.02–0\\.06"]
    assert any(text.startswith("It answers counts, sums") for text in words(local.markdown))
    assert words(claude.caption) == ["≈ 35\u00a0s · \\$0\\.02–0\\.06", "Claude Sonnet 5"]


def test_file_strip_is_the_page_s_heading():
    page = drawn("strip")
    assert words(page.title) == [":material/table: orders\\.csv"]
    assert words(page.caption) == ["182\\,400 rows × 2 columns · peak ≈ 312 of 950\u00a0MB"]
    assert press(page, "file_strip:conversation:add") == repr(FileAddWanted())
    assert press(page, "file_strip:conversation:new") == repr(ConversationStarted())


@pytest.mark.parametrize(
    ("choice", "intent"),
    [
        ("Replace", FileReplaced(file_id=FILE)),
        ("Reduce …", ReductionEdited(file_id=FILE)),
        ("Use the original again", OriginalWanted(file_id=FILE)),
        ("Read it differently …", CorrectionWanted(file_id=FILE)),
        ("Remove", FileRemoved(file_id=FILE)),
    ],
)
def test_file_strip_has_the_menu_of_the_card(choice, intent):
    page = drawn("strip_reduced")
    page.menu_button[0].click(choice).run()
    assert wanted(page) == repr(intent)


def test_file_strip_menu_rests_while_a_question_runs():
    assert [one.proto.disabled for one in seen("strip_running").menu_button] == [True]


def test_file_strip_counts_further_files():
    assert "and 1 more file" in words(seen("strip_two").caption)


def test_file_strip_without_a_file_has_the_question_as_heading():
    page = seen("strip_none")
    assert words(page.title) == ["A question"]
    assert [(button.label, button.disabled) for button in page.button] == [
        ("Add file", True),
        ("New conversation", False),
    ]


def test_run_card_names_the_stage_and_the_seconds():
    page = seen("running")
    assert "**Running the analysis** · 19\u00a0s of about 35\u00a0s" in words(page.markdown)
    assert [(status.label, status.state) for status in page.status] == [
        ("**Queued** · 1\u00a0s", "complete"),
        ("**Container reused** · 22\u00a0min old", "complete"),
        ("**Code written** · 9\u00a0s", "complete"),
        ("**Running** · 9\u00a0s · memory 287 of 950\u00a0MB", "running"),
    ]
    assert page.progress[0].value == 54


def test_run_card_of_the_local_engine_promises_no_time_of_the_hosted_container():
    page = seen("running_local")
    assert "**Running the analysis** · 19\u00a0s" in words(page.markdown)
    assert list(page.progress) == []


def test_run_card_does_not_count_while_it_waits():
    page = seen("queued")
    assert "**Waiting for its turn** · 2\u00a0s" in words(page.markdown)
    assert page.progress[0].value == 0


def test_run_card_stops_once():
    page = drawn("running")
    press(page, "run_card:run-1:stop")
    assert "stopped run-1" in words(page.text)
    assert (labels(page), page.button[0].disabled) == (["Stopping …"], True)


def test_answer_card_shows_everything_that_came_back():
    page = drawn("answer", str(PICTURE))
    assert words(page.subheader) == [r"North leads with \$4\.12 M"]
    assert words(page.caption)[0] == (
        "38\u00a0s · would have cost \\$0\\.031 · memory 298\u00a0MB · calculated from your file"
    )
    assert page.image[0].proto.imgs[0].alt == "Line chart"
    assert "First 2 of 9 rows." in words(page.caption)
    assert r":orange[:material/info:] notes\.txt was left out\." in words(page.caption)
    assert list(page.code) == []


def test_answer_card_calls_tables_and_files_as_a_person_would():
    """Except for the columns of the user's own file, which are called as they are there."""
    page = drawn("answer", str(PICTURE))
    titles = [text for text in words(page.caption) if text in ("Revenue by region", "Price")]
    assert titles == ["Revenue by region", "Price"]
    assert page.dataframe[0].value.to_dict("list") == {
        "region": ["North", "South"],
        "Total Revenue": [4.12, 3.05],
        "Row count": [3, 2],
    }
    assert [one.label for one in page.download_button] == ["Revenue by region :gray[CSV]"]
    alts = [table.proto.alt for table in page.dataframe]
    assert alts == [
        "Table Revenue by region: region, Total Revenue, Row count",
        "Table Price: Statistic, Price",
    ]


def test_answer_card_opens_steps_and_code():
    page = drawn("answer", str(PICTURE))
    press(page, "answer_card:q1:steps")
    assert words(page.code) == ["print(1)", "1"]
    assert r"Run with pandas 1\.5\.3." in words(page.caption)


def test_answer_card_says_where_a_table_can_not_be_shown():
    shown = words(drawn("answer", str(PICTURE)).caption)
    assert shown[shown.index("Broken") + 1] == "It can't be shown here; the file below has it."


def test_earlier_turns_draw_nothing_while_they_are_closed():
    page = seen("earlier")
    (line,) = page.expander
    assert line.label.endswith(r" · \$0\.02 · 14\:02")
    assert "drawn q1" not in words(page.text)


def test_unknown_column_offers_the_closest_ones():
    page = drawn("unknown_column")
    assert labels(page) == ["Use “Revenue” instead", "Use “Quantity” instead"]
    assert primaries(page) == ["Use “Revenue” instead"]
    assert r"**There is no column \"turnover\"\.** Nothing was run\." in words(page.markdown)
    asked = QuestionAsked(text="Total Quantity by region", source="way_out")
    assert press(page, "failure_card:q1:column1") == repr(asked)


def test_unknown_columns_offer_one_in_the_place_of_one():
    assert labels(seen("unknown_columns")) == ["Use “Revenue” instead of “turnover”"]


def test_unknown_column_without_a_close_one_offers_what_can_be_asked():
    page = drawn("unknown_column_far")
    assert labels(page) == ["Revenue by month", "Rows by region"]
    assert primaries(page) == ["Revenue by month"]
    asked = QuestionAsked(text="Rows by region", source="way_out")
    assert press(page, "failure_card:q1:example1") == repr(asked)
    claude = seen("unknown_column_far_claude")
    assert labels(claude) == ["Ask anyway", "Revenue by month"]
    assert primaries(claude) == ["Ask anyway"]


def test_unknown_column_can_be_asked_anyway_of_claude_only():
    page = drawn("unknown_column_claude")
    assert labels(page) == ["Use “Revenue” instead", "Use “Quantity” instead", "Ask anyway"]
    asked = QuestionAsked(text="Total turnover by region", source="way_out", anyway=True)
    assert press(page, "failure_card:q1:anyway") == repr(asked)


@pytest.mark.parametrize(
    ("state", "buttons"),
    [
        ("earlier_declined", ["Use “Revenue” instead", "Use “Quantity” instead"]),
        ("earlier_failed", ["Run again"]),
        ("earlier_refused", ["Choose another file", "Remove"]),
        ("earlier_suggestions", [r"Revenue by month\?", "Add another file"]),
    ],
)
def test_what_is_not_newest_on_the_page_has_no_primary_button(state, buttons):
    assert (labels(seen(state)), primaries(seen(state))) == (buttons, [])


def test_abstention_offers_what_can_be_answered():
    page = drawn("abstained")
    assert labels(page) == ["Total revenue by region", "Revenue by month"]
    asked = QuestionAsked(text="Revenue by month", source="way_out")
    assert press(page, "failure_card:q1:example1") == repr(asked)


@pytest.mark.parametrize(
    ("state", "badge"),
    [
        ("failed", ":red-badge[:material/error: Timed out]"),
        ("out_of_memory", ":red-badge[:material/error: Out of memory]"),
        ("stopped", ":gray-badge[:material/stop_circle: Stopped]"),
        ("interrupted", ":orange-badge[:material/power_off: Interrupted]"),
    ],
)
def test_failure_card_says_cause_cost_and_way_out(state, badge):
    page = drawn(state)
    assert badge in words(page.markdown)
    assert r"**It ended\.** You paid \$0\.024\. Run it again\." in words(page.markdown)
    assert (labels(page), primaries(page)) == (["Run again", "Dismiss"], ["Run again"])
    assert words(page.caption) == [r"Reference for support\: p\-83c1"]
    assert len(page.image) == (state == "out_of_memory")
    assert press(page, "failure_card:q1:repeat") == repr(RunRepeated(question_id=QUESTION))
    assert press(page, "failure_card:q1:dismiss") == repr(FailureDismissed(question_id=QUESTION))


def test_failure_card_keeps_what_was_said():
    assert any(text.startswith("**North** \\!") for text in words(seen("stopped").markdown))


def test_no_container_leads_to_a_first_question():
    page = drawn("no_container")
    assert any(r"\$0\.05 an hour" in text for text in words(page.markdown))
    assert press(page, "live_table:empty:ask") == repr(FirstQuestionWanted())


def test_live_table_puts_those_at_risk_first():
    table = seen("live").dataframe[0].value
    assert table["State"].tolist() == ["▲ At risk", "● Working", "○ Idle"]
    assert table["Age"].tolist() == [54, 37, 9]


def test_live_table_releases_what_is_idle():
    page = drawn("live")
    assert labels(page) == ["Release 1 idle"]
    press(page, "live_table:idle:release")
    assert "released ['ws-1xxxxx']" in words(page.text)


def test_live_table_names_users_and_offers_only_what_may_be_ended():
    """What somebody else's run is using is not offered, unless the viewer may break it."""
    mine, all_of_them = seen("live_mine_only").dataframe[0].value, seen("live").dataframe[0].value
    assert mine["Container"].tolist() == ["c-3xxxxx", "c-2xxxxx", "c-1xxxxx"]
    assert mine["User"].tolist() == ["you", "u-other9", "you"]
    assert mine["Action"].tolist() == ["Release", "", "Release"]
    assert all_of_them["Action"].tolist() == ["Release", "Release", "Release"]
    assert mine["Cost so far"].tolist() == ["$0.031"] * 3


def test_live_table_asks_before_it_ends_what_a_run_is_using():
    page = drawn("live_asked")
    assert any("A run is using it and will fail" in text for text in words(page.markdown))
    assert labels(page) == ["Release 1 idle", "Release anyway", "Keep"]
    press(page, "live_table:ws-3xxxxx:anyway")
    assert "released ['ws-3xxxxx']" in words(page.text)


def test_live_table_no_longer_asks_when_the_run_has_ended():
    assert labels(seen("live_asked_too_late")) == ["Release 1 idle"]


def test_live_table_claims_no_saving_where_nothing_is_released():
    page = seen("live_without_release")
    assert (labels(page), primaries(page)) == (["Stop using 1 idle"], [])


def test_live_table_says_when_there_is_none():
    assert words(seen("live_none").caption) == ["No container is alive now."]


def test_ledger_table_shows_rows_and_finds_them():
    page = drawn("ledger")
    shown = page.dataframe[0].value
    assert shown["Kind"].tolist() == ["Request", "Container time"]
    assert shown["Cost"].tolist() == [0.0042, 0.0042]
    assert shown["Seconds"].tolist() == ["", "61\u00a0s"]
    assert r"2 rows · \$0\.0084" in words(page.caption)
    page.text_input[0].set_value("R-2").run()
    assert "1 of 2 rows" in words(page.caption)
    assert page.dataframe[0].value["Reference"].tolist() == ["r-2"]
    page.text_input[0].set_value("c-1").run()
    assert page.dataframe[0].value["Container"].tolist() == ["c-1", "c-1"]
    page.text_input[0].set_value("nothing like it").run()
    assert "No row matches." in words(page.caption)


def test_ledger_table_says_when_nothing_was_booked():
    assert words(seen("ledger_none").caption) == ["Nothing was booked in this period."]


def test_settings_mark_what_was_changed_and_check_again():
    page = drawn("settings")
    (table,) = [text for text in words(page.markdown) if text.startswith("| Limit")]
    changed = [line for line in table.split("\n") if "changed" in line]
    assert changed == ["| Disk | 2\\,000\u00a0MB :orange-badge[changed] |"]
    assert press(page, "health_panel:all:check") == repr(HealthChecked())
