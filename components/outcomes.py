"""How endings are called, on failure cards and in the ledger."""

from typing import Final

_NAMES: Final = {
    "completed": "Succeeded",
    "stopped": "Stopped",
    "refused": "Declined",
    "max_tokens": "Cut short",
    "container_lost": "Container ended",
    "rate_limited": "Engine busy",
    "connection_lost": "Connection lost",
    "timeout": "Timed out",
    "out_of_memory": "Out of memory",
    "tool_failed": "Code failed",
    "failed": "Failed",
    "unknown": "Failed",
    "input": "Can't be used",
    "limit": "Over a limit",
    "engine": "Engine failed",
    "store": "Not saved",
    "internal": "Our mistake",
    "interrupted": "Interrupted",
}


def outcome_name(category: str | None) -> str:
    """In two words at most; `Failed` for what has no name of its own."""
    return _NAMES.get(category or "failed", "Failed")
