"""What a question takes, said truly for either engine; dates and counts as they are spoken."""

import pytest

from services.units import MicroUsd
from services.wording import costs


def estimate(engine, measured=()):
    return costs.question_estimate(
        engine,
        typical_seconds=35,
        low_microusd=MicroUsd(21_000),
        high_microusd=MicroUsd(61_000),
        measured_seconds=measured,
    )


@pytest.mark.parametrize(
    ("engine", "measured", "said"),
    [
        ("claude", (), "≈ 35\u00a0s · $0.02–0.06"),
        ("claude", (9.0,), "≈ 35\u00a0s · $0.02–0.06"),
        ("local", (), "a few seconds · would cost $0.02–0.06, nothing is charged"),
        ("local", (0.3, 0.2), "≈ 1\u00a0s · would cost $0.02–0.06, nothing is charged"),
        ("local", (0.3, 90, 2.4), "≈ 3\u00a0s · would cost $0.02–0.06, nothing is charged"),
    ],
)
def test_question_estimate_is_that_of_the_engine_that_answers(engine, measured, said):
    assert estimate(engine, measured) == said


def test_spend_caption_speaks_its_days():
    assert costs.spend_caption("local", "2026-11-01", "2026-11-24") == (
        "US dollars per day (UTC), rehearsal, nothing is charged;"
        " 1 November 2026 – 24 November 2026"
    )
    assert costs.spend_caption("claude", "2026-11-24", "2026-11-24") == (
        "US dollars per day (UTC), as booked; 24 November 2026"
    )


@pytest.mark.parametrize(
    ("idle", "saves", "said"),
    [
        (0, True, ""),
        (1, True, "1 idle container costs $0.05 an hour."),
        (3, True, "3 idle containers cost $0.15 an hour."),
        (1, False, "1 idle container, billed to its end, used or not."),
        (3, False, "3 idle containers, billed to their end, used or not."),
    ],
)
def test_idle_sentence_promises_no_saving_where_there_is_none(idle, saves, said):
    assert costs.idle_sentence(idle, 50_000, saves=saves) == said


def test_what_is_not_booked_yet_stands_beside_what_is():
    assert costs.container_time_note(MicroUsd(7_000), MicroUsd(0)) == "$0.007"
    pending = costs.container_time_note(MicroUsd(7_000), MicroUsd(77_000))
    assert pending == "+ $0.077 unbooked"


def test_a_rehearsal_only_would_cost():
    said = costs.idle_sentence(3, 50_000, saves=True, is_rehearsal=True)
    assert said == "3 idle containers would cost $0.15 an hour."


def test_more_containers_than_are_allowed_are_no_quiet_matter():
    assert costs.live_note(0, 15, 10) == "more than Claude allows"
    assert costs.live_note(2, 10, 10) == "2 at risk"
