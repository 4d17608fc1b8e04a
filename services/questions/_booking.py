"""From a request and its outcome to the rows of the ledger."""

from services.clock import Clock
from services.conversations.types import Turn
from services.engine.types import (
    AttemptOutcome,
    AttemptRequest,
    Completed,
    ContainerLost,
    RateLimited,
    Rejected,
)
from services.ids import WorkspaceId
from services.money import Money
from services.money.types import LedgerRow, Outcome, RequestIntent
from services.questions import _recovery
from services.questions._rooms import AnsweringRooms
from services.runs.types import Run
from services.units import MicroUsd

_BYTES_PER_TOKEN = 3
"""Low on purpose: a reservation should not be smaller than the bill."""
_READINGS = 4
"""Of the prompt in one request: each command's result has it read once more, and three commands are
more than most answers take. A request may overrun what was held for it; it is booked in full."""
_MOUNTED_TOKENS = 1_000
"""What the provider adds of its own to a request with tools."""


def intent(
    rooms: AnsweringRooms,
    run: Run,
    turn: Turn,
    request: AttemptRequest,
    workspace_id: WorkspaceId | None,
    ordinal: int,
    *,
    prompt_bytes: int,
) -> RequestIntent:
    """What is written down before a request is sent, with what it may well cost."""
    prompt_tokens = -(-prompt_bytes // _BYTES_PER_TOKEN) + _MOUNTED_TOKENS
    readings = 1 if request.approach == "text" else _READINGS
    return RequestIntent(
        key=f"{run.id}/1/{ordinal}",
        engine=rooms.engine_kind,
        user=run.owner,
        conversation_id=turn.conversation_id,
        run_id=run.id,
        workspace_id=workspace_id,
        attempt=1,
        ordinal=ordinal,
        model=request.model,
        reserved_microusd=rooms.money.max_request_cost(
            request.model, readings * prompt_tokens, request.max_tokens
        ),
        profile=rooms.profile.name,
        price_version=rooms.money.price_version,
        correlation_id=run.correlation_id,
    )


def settle(money: Money, clock: Clock, intent: RequestIntent, outcome: AttemptOutcome) -> None:
    """Book the request by its outcome, and let go of what was held.

    Final usage is booked exactly. A reply that broke off is booked by what was seen of it or, where
    nothing was, by the amount reserved, flagged as an estimate. One turned away costs nothing.
    """
    amount, estimated = _amount(money, intent, outcome)
    row = LedgerRow(
        kind="request",
        key=intent.key,
        engine=intent.engine,
        booked_at=clock.now(),
        user=intent.user,
        conversation_id=intent.conversation_id,
        run_id=intent.run_id,
        workspace_id=intent.workspace_id,
        container_id=outcome.container_id,
        request_id=outcome.request_id,
        attempt=intent.attempt,
        ordinal=intent.ordinal,
        model=intent.model,
        usage=outcome.usage,
        outcome=_outcome(outcome),
        amount_microusd=amount,
        profile=intent.profile,
        price_version=intent.price_version,
        estimated=estimated,
        correlation_id=intent.correlation_id,
    )
    money.settle(intent.key, row)


def is_turned_away(outcome: AttemptOutcome) -> bool:
    """Whether the provider did nothing for it: not reached, or refused before a word was said."""
    if not outcome.sent:
        return True
    return outcome.usage is None and isinstance(outcome, RateLimited | Rejected | ContainerLost)


def _amount(money: Money, intent: RequestIntent, outcome: AttemptOutcome) -> tuple[MicroUsd, bool]:
    if is_turned_away(outcome):
        return MicroUsd(0), False
    if outcome.usage is None:
        return intent.reserved_microusd, True
    return money.token_cost(outcome.usage, intent.model), not outcome.usage_final


def _outcome(outcome: AttemptOutcome) -> Outcome:
    return "completed" if isinstance(outcome, Completed) else _recovery.category(outcome)
