"""The models that this engine stands in for: those with a price."""

from typing import Any

_NO = {"supported": False}
_YES = {"supported": True}
_LINES = ("haiku", "sonnet", "opus", "fable", "mythos")
_RELEASE_UNKNOWN = "1970-01-01T00:00:00Z"

_CAPABILITIES: dict[str, Any] = {
    "batch": _NO,
    "citations": _NO,
    "code_execution": _NO,
    "context_management": {
        "supported": False,
        "clear_thinking_20251015": _NO,
        "clear_tool_uses_20250919": _NO,
        "compact_20260112": _NO,
    },
    "effort": {
        "supported": False,
        "low": _NO,
        "medium": _NO,
        "high": _NO,
        "xhigh": _NO,
        "max": _NO,
    },
    "image_input": _NO,
    "pdf_input": _NO,
    "server_tools": {"supported": True, "code_execution": _YES, "web_search": _NO},
    "structured_outputs": _NO,
    "thinking": {
        "supported": False,
        "types": {"adaptive": _YES, "between_tools": _YES, "disabled": _YES, "enabled": _YES},
    },
}


def model_info(model: str) -> dict[str, Any]:
    """What `GET /v1/models/{id}` tells; the name says who really answers."""
    return {
        "type": "model",
        "id": model,
        "display_name": f"{_spoken(model)} (local engine: rule-based analyst, not Claude)",
        "created_at": _RELEASE_UNKNOWN,
        "lifecycle": "active",
        "line": next((line for line in _LINES if line in model), None),
        "deprecated_at": None,
        "retires_at": None,
        "max_input_tokens": None,
        "max_tokens": None,
        "capabilities": _CAPABILITIES,
    }


def _spoken(model: str) -> str:
    """`claude-haiku-4-5` is spoken as `Claude Haiku 4.5`."""
    words = [part for part in model.split("-") if not part.isdecimal()]
    version = ".".join(part for part in model.split("-") if part.isdecimal())
    return " ".join([*(word.capitalize() for word in words), version]).strip()
