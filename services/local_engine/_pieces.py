"""The parts of a reply in the order in which they come about; `_sse` and `_messages` send them."""

from typing import Any, Literal, TypeAlias

import msgspec

from services.events import Usage


class Started(msgspec.Struct, frozen=True, kw_only=True):
    """The reply began; usage is that of the first sampling, as far as it is known."""

    usage: Usage


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A whole text block."""

    text: str


class Called(msgspec.Struct, frozen=True, kw_only=True):
    """A command that is about to run."""

    id: str
    command: str


class Returned(msgspec.Struct, frozen=True, kw_only=True):
    """A command's result, as its content stands on the wire."""

    id: str
    content: dict[str, Any]


class Unheard(msgspec.Struct, frozen=True, kw_only=True):
    """A block and an event of kinds that no client knows."""


class Broke(msgspec.Struct, frozen=True, kw_only=True):
    """An error in mid-reply."""

    error_type: str
    message: str


class Cut(msgspec.Struct, frozen=True, kw_only=True):
    """The connection ends here, without the rest."""

    how: Literal["eof", "broken"]


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """The reply is complete and booked."""

    stop_reason: str
    stop_details: dict[str, Any] | None
    container: dict[str, Any] | None
    usage: Usage
    replied_at: str


Piece: TypeAlias = Started | Said | Called | Returned | Unheard | Broke | Cut | Done
Ending: TypeAlias = Broke | Cut | Done


def block(piece: Piece) -> dict[str, Any] | None:
    """The content block that a piece is, if it is one."""
    match piece:
        case Said():
            return {"type": "text", "text": piece.text, "citations": None}
        case Called():
            return {
                "type": "server_tool_use",
                "id": piece.id,
                "name": "bash_code_execution",
                "input": {"command": piece.command},
            }
        case Returned():
            return {
                "type": "bash_code_execution_tool_result",
                "tool_use_id": piece.id,
                "content": piece.content,
            }
        case Unheard():
            return {"type": "future_block", "note": "A block of a kind that is not known yet."}
        case _:
            return None


def usage_json(usage: Usage) -> dict[str, Any]:
    """Usage as it stands in a message. No cache is kept here, so those counts are zero."""
    return {
        "input_tokens": usage.input_tokens,
        "cache_creation_input_tokens": usage.cache_write_5m_tokens + usage.cache_write_1h_tokens,
        "cache_read_input_tokens": usage.cache_read_tokens,
        "cache_creation": {
            "ephemeral_5m_input_tokens": usage.cache_write_5m_tokens,
            "ephemeral_1h_input_tokens": usage.cache_write_1h_tokens,
        },
        "output_tokens": usage.output_tokens,
        "service_tier": "standard",
        "inference_geo": "local",
        "server_tool_use": {"web_search_requests": 0, "web_fetch_requests": 0},
    }


def delta_usage_json(usage: Usage) -> dict[str, Any]:
    """The cumulative usage of a `message_delta`."""
    whole = usage_json(usage)
    kept = (
        "input_tokens",
        "cache_creation_input_tokens",
        "cache_read_input_tokens",
        "output_tokens",
        "server_tool_use",
    )
    return {name: whole[name] for name in kept}
