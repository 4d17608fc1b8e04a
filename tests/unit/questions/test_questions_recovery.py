"""The recovery table: what follows each failure."""

import pytest

from services import limits
from services.engine.types import (
    Cancelled,
    ConnectionLost,
    ContainerLost,
    CutShort,
    Declined,
    OutOfMemory,
    RateLimited,
    Rejected,
    TimedOut,
)
from services.questions import _recovery
from services.questions._recovery import Again, GiveUp

PROFILE = limits.load()


def test_a_lost_container_is_replaced_twice_and_then_given_up():
    earlier: tuple[ContainerLost, ...] = ()
    for _ in range(2):
        decision = _recovery.decide(ContainerLost(), earlier, PROFILE)
        assert isinstance(decision, Again)
        assert (decision.fresh_container, decision.after_seconds) == (True, 0)
        earlier = (*earlier, ContainerLost())
    assert isinstance(_recovery.decide(ContainerLost(), earlier, PROFILE), GiveUp)


def test_rate_limits_wait_longer_each_time_and_at_most_five_minutes_in_all():
    earlier: tuple[RateLimited, ...] = ()
    pauses: list[float] = []
    while True:
        decision = _recovery.decide(RateLimited(), earlier, PROFILE)
        if isinstance(decision, GiveUp):
            break
        pauses.append(decision.after_seconds)
        earlier = (*earlier, RateLimited())
    assert pauses == [2, 4, 8, 16, 32, 64, 128]
    assert sum(pauses) <= PROFILE.backoff_max_seconds


def test_the_servers_own_word_is_heeded_unless_it_is_too_long():
    decision = _recovery.decide(RateLimited(retry_after_seconds=7), (), PROFILE)
    assert isinstance(decision, Again)
    assert decision.after_seconds == 7
    assert isinstance(_recovery.decide(RateLimited(retry_after_seconds=7200), (), PROFILE), GiveUp)


def test_a_broken_connection_is_tried_once_more_only():
    first = _recovery.decide(ConnectionLost(), (), PROFILE)
    assert isinstance(first, Again)
    assert isinstance(_recovery.decide(ConnectionLost(), (ConnectionLost(),), PROFILE), GiveUp)


@pytest.mark.parametrize(
    ("failure", "category"),
    [
        (TimedOut(), "timeout"),
        (OutOfMemory(), "out_of_memory"),
        (Declined(), "refused"),
        (CutShort(reason="max_tokens"), "max_tokens"),
        (CutShort(reason="context"), "max_tokens"),
        (Rejected(status=401, detail=""), "failed"),
        (Cancelled(), "stopped"),
    ],
)
def test_other_failures_end_the_run_with_a_sentence(failure, category):
    decision = _recovery.decide(failure, (), PROFILE)
    assert isinstance(decision, GiveUp)
    assert decision.message.what_happened.endswith(".")
    assert _recovery.category(failure) == category


def test_a_file_that_is_gone_is_sent_again_once():
    """The provider answers 404; other refusals of a request are final."""
    gone = Rejected(status=404, detail="File not found")
    decision = _recovery.decide(gone, (), PROFILE)
    assert isinstance(decision, Again)
    assert (decision.send_files, decision.fresh_container) == (True, False)
    assert isinstance(_recovery.decide(gone, (gone,), PROFILE), GiveUp)
    assert isinstance(_recovery.decide(Rejected(status=400, detail=""), (), PROFILE), GiveUp)
