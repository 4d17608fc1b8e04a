"""Containers and the engine's own bill.

A message with a fenced block mounts its files and runs nothing, so these tests need no sandbox.
"""

import os
import signal
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import anthropic
import pytest

from services.clock import SystemClock
from services.limits import load, load_prices
from services.local_engine.types import Bill, BillRow, ContainerFault
from tests.wire.conftest import MODEL, ORDERS, TOOL, client_of, question
from tests.wire.test_wire_files import eventually, upload

FENCED = "Run this:\n```python\nprint(1)\n```"
RATE = Decimal(load("guide").billing.rate_microusd_per_hour)
PRICE = next(price for price in load_prices().models if price.model == MODEL)


def ask(client: Any, *file_ids: str, text: str = FENCED, **options: Any) -> Any:
    return client.messages.create(
        **{
            "model": MODEL,
            "max_tokens": 2_000,
            "tools": [TOOL],
            "messages": question(text, *file_ids),
            **options,
        }
    )


def gone_at(error: anthropic.APIStatusError) -> datetime | None:
    told = error.response.headers.get("dd-container-ended-at")
    return None if told is None else datetime.fromisoformat(told)


def instant(container: Any, name: str) -> datetime:
    return datetime.fromisoformat(getattr(container, name))


def container_rows(bill: Bill, container_id: str) -> list[BillRow]:
    return [
        row for row in bill.rows if row.kind == "container" and row.container_id == container_id
    ]


def test_container_comes_with_an_upload_and_not_without(client, orders):
    assert ask(client).container is None
    container = ask(client, orders).container
    assert container is not None
    assert container.id.startswith("container_")


def test_each_request_without_an_id_gets_a_new_container(client, orders):
    assert ask(client, orders).container.id != ask(client, orders).container.id


@pytest.mark.parametrize("as_object", [False, True])
def test_container_is_reused_by_its_id_in_both_forms(client, orders, as_object):
    """The rolling expiry is an hour after each reply; its start stays."""
    first = ask(client, orders).container
    form = {"id": first.id} if as_object else first.id
    second = ask(client, container=form).container
    assert second.id == first.id
    assert second.dd_container_started_at == first.dd_container_started_at
    for container in (first, second):
        replied_at = instant(container, "dd_replied_at")
        assert (
            timedelta(0)
            <= container.expires_at - replied_at - timedelta(hours=1)
            < (timedelta(seconds=1))
        )
    assert instant(second, "dd_replied_at") > instant(first, "dd_replied_at")


def test_object_form_without_an_id_means_a_new_container(client, orders):
    assert ask(client, orders, container={"id": None}).container is not None


def test_unknown_container_is_not_found(client):
    with pytest.raises(anthropic.NotFoundError) as caught:
        ask(client, container="container_never")
    assert caught.value.api_message == "Container not found: container_never"
    assert gone_at(caught.value) is None


def test_file_that_was_never_uploaded_is_not_found(client):
    with pytest.raises(anthropic.NotFoundError, match="file_never"):
        ask(client, "file_never")


def test_control_route_tells_what_lives(local_engine, client, orders):
    container = ask(client, orders).container
    (live,) = [one for one in local_engine.containers() if one.id == container.id]
    assert live.files == ("orders.csv",)
    assert not live.is_busy
    assert live.started_at == instant(container, "dd_container_started_at")
    assert live.last_used_at == instant(container, "dd_replied_at")
    assert live.ends_at - live.started_at == timedelta(hours=1)


def test_released_container_is_gone_and_billed_no_more(local_engine, client, orders):
    container = ask(client, orders).container
    ended_at = local_engine.release(container.id)
    assert local_engine.release(container.id) == ended_at
    with pytest.raises(anthropic.NotFoundError) as caught:
        ask(client, container=container.id)
    assert gone_at(caught.value) == ended_at
    assert container.id not in [one.id for one in local_engine.containers()]
    rows = container_rows(local_engine.bill(), container.id)
    assert [row.outcome for row in rows] == ["in_use"] + ["released"] * (len(rows) - 1)
    assert local_engine.release("container_never") is None


@pytest.mark.parametrize("status", [400, 404, 500])
def test_lost_container_can_not_be_told_from_a_500_but_by_its_header(
    local_engine, client, orders, status
):
    container = ask(client, orders).container
    local_engine.inject(ContainerFault(status=status))
    with pytest.raises(anthropic.APIStatusError) as caught:
        ask(client, container=container.id)
    expected = "Internal server error" if status == 500 else f"Container not found: {container.id}"
    assert (caught.value.status_code, caught.value.api_message) == (status, expected)
    with pytest.raises(anthropic.NotFoundError) as again:
        ask(client, container=container.id)
    assert gone_at(again.value) == gone_at(caught.value) is not None


def test_container_expires_at_the_end_of_its_life_however_it_is_used(start_engine):
    """The hour counts from its start; the bill ends there, however late that is noticed."""
    engine = start_engine(clock=SystemClock(1_800))
    with client_of(engine) as client:
        container = ask(client, upload(client, "a.csv").id).container
        started_at = instant(container, "dd_container_started_at")
        errors: list[anthropic.NotFoundError] = []

        def is_gone() -> bool:
            try:
                ask(client, container=container.id)
            except anthropic.NotFoundError as error:
                errors.append(error)
            return bool(errors)

        eventually(is_gone)
        ended_at = gone_at(errors[0])
        assert ended_at is not None
        rows = container_rows(engine.bill(), container.id)
        assert sum(row.seconds for row in rows) >= 3_600
        # A reply that was under way at the end is finished, and with it the container.
        assert ended_at == max(started_at + timedelta(hours=1), rows[-1].at)
        assert container.id not in [one.id for one in engine.containers()]


def test_bill_is_what_the_replies_say_to_the_micro_dollar(start_engine):
    """Recomputed here with decimals from usage and instants, as a ledger would."""
    engine = start_engine(clock=SystemClock(40.5))
    with client_of(engine) as client:
        first = ask(client, upload(client, "a.csv", ORDERS).id)
        replies = [first, *(ask(client, container=first.container.id) for _ in range(3))]
        plain = ask(client)
        ended_at = engine.release(first.container.id)
    bill = engine.bill()

    def rounded(amount: Decimal) -> int:
        return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_EVEN))

    requests = [row for row in bill.rows if row.kind == "request"]
    assert [row.request_id for row in requests] == [r._request_id for r in (*replies, plain)]
    assert [row.amount_microusd for row in requests] == [
        rounded(
            (
                Decimal(r.usage.input_tokens) * PRICE.input_microusd
                + Decimal(r.usage.output_tokens) * PRICE.output_microusd
            )
            / 1_000_000
        )
        for r in (*replies, plain)
    ]
    assert ended_at is not None
    booked = instant(first.container, "dd_container_started_at")
    expected = []
    for until in [*(instant(r.container, "dd_replied_at") for r in replies), ended_at]:
        seconds = max(0, -((booked - until) // timedelta(seconds=1)))
        if seconds:
            following = booked + timedelta(seconds=seconds)
            expected.append((seconds, booked, following, rounded(seconds * RATE / 3600)))
            booked = following
    rows = container_rows(bill, first.container.id)
    assert [
        (row.seconds, row.span_from, row.span_to, row.amount_microusd) for row in rows
    ] == expected
    assert [row.key for row in rows] == [
        f"{first.container.id}:{n + 1}" for n in range(len(expected))
    ]
    assert bill.total_microusd == sum(row.amount_microusd for row in bill.rows)
    assert [row.number for row in bill.rows] == list(range(1, len(bill.rows) + 1))
    assert engine.bill(after=3).rows == bill.rows[3:]


def test_documented_rule_bills_each_execution_after_the_free_hours(start_engine):
    engine = start_engine("documented", overrides={"billing": {"free_hours_per_month": 0}})
    with client_of(engine) as client:
        first = ask(client, upload(client, "a.csv").id)
        ask(client, container=first.container.id)
        engine.release(first.container.id)
        rows = container_rows(engine.bill(), first.container.id)
    assert [(row.seconds, row.amount_microusd) for row in rows] == [(300, 4_167), (300, 4_167)]


def test_documented_rule_bills_nothing_within_the_free_hours(start_engine):
    engine = start_engine("documented")
    with client_of(engine) as client:
        first = ask(client, upload(client, "a.csv").id)
        rows = container_rows(engine.bill(), first.container.id)
    assert [(row.seconds, row.amount_microusd) for row in rows] == [(300, 0)]


def test_stopped_engine_has_ended_its_containers_on_the_bill(start_engine):
    engine = start_engine()
    with client_of(engine) as client:
        container = ask(client, upload(client, "a.csv").id).container
    engine.stop()
    engine.start()
    assert engine.containers() == ()
    with client_of(engine) as client, pytest.raises(anthropic.NotFoundError) as caught:
        ask(client, container=container.id)
    assert gone_at(caught.value) is not None


def test_killed_engine_settles_its_containers_when_it_starts_again(start_engine):
    engine = start_engine()
    with client_of(engine) as client:
        container = ask(client, upload(client, "a.csv").id).container
    before = engine.bill()
    os.kill(engine.pid, signal.SIGKILL)
    eventually(lambda: not engine.is_alive())
    engine.ensure()
    after = engine.bill()
    assert after.rows[: len(before.rows)] == before.rows
    with client_of(engine) as client, pytest.raises(anthropic.NotFoundError) as caught:
        ask(client, container=container.id)
    ended_at = gone_at(caught.value)
    assert ended_at is not None
    started_at = instant(container, "dd_container_started_at")
    seconds = sum(row.seconds for row in container_rows(after, container.id))
    assert seconds == -((started_at - ended_at) // timedelta(seconds=1))
