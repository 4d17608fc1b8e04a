"""What an answer's remark says of a reduced file: above the answer where it isn't exact."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from services import wording

SAMPLED = wording.reductions.remark(3, 3, every=10)
EXACT = wording.reductions.remark(2, 3)


def page(remarks):
    from components.answer_card import answer_card
    from tests.app.component_values import ANSWER, QUESTION

    answer_card(question_id=QUESTION, answer=ANSWER, cost="$0.02", remarks=remarks)


def drawn(*remarks):
    test = AppTest.from_function(page, args=(remarks,)).run()
    assert not test.exception
    return test


def plain(elements):
    return [re.sub(r"\\(.)", r"\1", str(element.value)) for element in elements]


def test_inexact_answer_says_so_right_below_its_headline():
    test = drawn(SAMPLED)
    assert plain(test.warning) == ["Reduced data: one row in 10; totals are of the kept rows."]
    assert not [text for text in plain(test.caption) if "Reduced data" in text]

    card = [element.type for element in test.main.children[0].children.values()]
    assert card[card.index("subheader") + 1] == "warning"


def test_exact_answer_keeps_its_remark_small_and_below():
    test = drawn(EXACT)
    assert plain(test.warning) == []
    assert plain(test.caption)[-1] == ":orange[:material/info:] Reduced data: 2 of 3 columns."


@pytest.mark.parametrize(
    "remark",
    [
        wording.reductions.remark(3, 3, is_part=True),
        wording.reductions.remark(3, 3, is_grouped=True),
        wording.reductions.remark(2, 3, is_rounded=True),
    ],
)
def test_every_inexact_reduction_warns(remark):
    assert plain(drawn(remark).warning) == [remark]


def test_file_s_own_name_warns_of_nothing():
    assert plain(drawn("one row in 10.txt was left out.").warning) == []
