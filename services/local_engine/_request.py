"""The body of a Messages request, read and checked (docs/wire.md 2)."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from services.local_engine._errors import ApiError, invalid

_KNOWN = frozenset(
    {
        *("max_tokens", "messages", "model", "stream", "system", "tools", "tool_choice"),
        *("container", "cache_control", "diagnostics", "inference_geo", "metadata"),
        *("output_config", "service_tier", "speed", "stop_sequences", "thinking"),
        "user_profile_id",
    }
)
_REMOVED = ("temperature", "top_p", "top_k")
_CODE_TOOL_PREFIX = "code_execution_"
_FENCE = re.compile(r"^\s*```\s*(?:python|py)\b", re.IGNORECASE | re.MULTILINE)
_NEEDED_FIELD = {"text": "text", "container_upload": "file_id", "tool_result": "tool_use_id"}
_PREFILL = (
    "This model does not support assistant message prefill. "
    "The conversation must end with a user message."
)


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """One message; a plain string has become one text block."""

    role: str
    content: tuple[Mapping[str, Any], ...]

    def blocks(self, kind: str) -> list[Mapping[str, Any]]:
        """Its blocks of one type."""
        return [block for block in self.content if block["type"] == kind]


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """A request that can be answered."""

    model: str
    max_tokens: int
    stream: bool
    system: str
    turns: tuple[Turn, ...]
    tools: tuple[Mapping[str, Any], ...]
    container_id: str | None

    @property
    def has_code_tool(self) -> bool:
        """Whether code may be run."""
        return any(str(tool.get("type", "")).startswith(_CODE_TOOL_PREFIX) for tool in self.tools)

    @property
    def is_continuation(self) -> bool:
        """Whether a paused turn is to be carried on."""
        return self.turns[-1].role == "assistant"

    @property
    def open_turn(self) -> tuple[Turn, ...]:
        """What was said since the last finished reply; only its uploads are mounted."""
        turns = self.turns[:-1] if self.is_continuation else self.turns
        start = max((n + 1 for n, turn in enumerate(turns) if turn.role == "assistant"), default=0)
        return turns[start:]

    @property
    def upload_ids(self) -> tuple[str, ...]:
        """Files attached in the open turn, each once."""
        blocks = [block for turn in self.open_turn for block in turn.blocks("container_upload")]
        return tuple(dict.fromkeys(str(block["file_id"]) for block in blocks))

    @property
    def questions(self) -> tuple[str, ...]:
        """The last text of each user message, oldest first; the last one is what is asked now."""
        texts = [turn.blocks("text") for turn in self.turns if turn.role == "user"]
        return tuple(str(blocks[-1]["text"]) if blocks else "" for blocks in texts)

    @property
    def holds_code(self) -> bool:
        """Whether the question brings Python code of its own, in a fenced block."""
        return bool(_FENCE.search(self.questions[-1]))

    @property
    def last_output(self) -> str:
        """What the last command of a paused turn printed."""
        results = self.turns[-1].blocks("bash_code_execution_tool_result")
        content = results[-1].get("content") if results else None
        return str(content.get("stdout", "")) if isinstance(content, Mapping) else ""


def parse(raw: bytes, models: frozenset[str], *, counting: bool = False) -> Ask:
    """Read a body; `counting` is for count_tokens, which takes no `max_tokens`.

    Raises ApiError: 400 with the field's path first, 404 for an unknown model.
    """
    body = _object(raw)
    for name in _REMOVED:
        if name in body:
            raise invalid(f"{name}: is not supported by this API version.")
    for name in body:
        if name not in _KNOWN or (counting and name in {"max_tokens", "container"}):
            raise invalid(f"{name}: Extra inputs are not permitted")
    model = _text(body, "model")
    max_tokens = 1 if counting else _positive(body, "max_tokens")
    turns = _turns(body)
    if model not in models:
        raise ApiError(404, f"model: {model}")
    ask = Ask(
        model=model,
        max_tokens=max_tokens,
        stream=_flag(body, "stream"),
        system=_system(body.get("system")),
        turns=turns,
        tools=_tools(body.get("tools")),
        container_id=_container(body.get("container")),
    )
    _check_ending(ask)
    if ask.upload_ids and not (ask.has_code_tool or counting):
        raise invalid("container_upload blocks require the code execution tool.")
    return ask


def _object(raw: bytes) -> dict[str, Any]:
    try:
        body = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise invalid("The request body is not valid JSON.") from exc
    if not isinstance(body, dict):
        raise invalid("The request body must be a JSON object.")
    return body


def _text(body: Mapping[str, Any], name: str, path: str = "") -> str:
    value = body.get(name)
    if value is None:
        raise invalid(f"{path}{name}: Field required")
    if not isinstance(value, str):
        raise invalid(f"{path}{name}: Input should be a valid string")
    return value


def _positive(body: Mapping[str, Any], name: str) -> int:
    value = body.get(name)
    if value is None:
        raise invalid(f"{name}: Field required")
    if not isinstance(value, int) or isinstance(value, bool):
        raise invalid(f"{name}: Input should be a valid integer")
    if value < 1:
        raise invalid(f"{name}: Input should be greater than or equal to 1")
    return value


def _flag(body: Mapping[str, Any], name: str) -> bool:
    value = body.get(name)
    if not (value is None or isinstance(value, bool)):
        raise invalid(f"{name}: Input should be a valid boolean")
    return bool(value)


def _system(value: object) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return "\n\n".join(str(block["text"]) for block in _blocks(value, "system"))


def _turns(body: Mapping[str, Any]) -> tuple[Turn, ...]:
    messages = body.get("messages")
    if messages is None:
        raise invalid("messages: Field required")
    if not isinstance(messages, list) or not messages:
        raise invalid("messages: at least one message is required")
    return tuple(_turn(message, f"messages.{n}") for n, message in enumerate(messages))


def _turn(message: object, path: str) -> Turn:
    if not isinstance(message, dict):
        raise invalid(f"{path}: Input should be an object")
    role = _text(message, "role", f"{path}.")
    if role not in {"user", "assistant", "system"}:
        raise invalid(f"{path}.role: Input should be 'user', 'assistant' or 'system'")
    content = message.get("content")
    if isinstance(content, str):
        content = [{"type": "text", "text": content}]
    blocks = _blocks(content, f"{path}.content")
    if role == "assistant" and any(block["type"] == "document" for block in blocks):
        raise invalid(f"{path}.content: document blocks are not allowed in an assistant message")
    if role == "user" and any(
        block["type"] == "text" and block.get("citations") for block in blocks
    ):
        raise invalid(f"{path}.content: citations are not allowed in a user message")
    return Turn(role=role, content=blocks)


def _blocks(value: object, path: str) -> tuple[Mapping[str, Any], ...]:
    if not isinstance(value, list):
        raise invalid(f"{path}: Input should be a string or a list of content blocks")
    if not value:
        raise invalid(f"{path}: at least one block is required")
    for n, block in enumerate(value):
        if not isinstance(block, dict):
            raise invalid(f"{path}.{n}: Input should be an object")
        kind = _text(block, "type", f"{path}.{n}.")
        if kind in _NEEDED_FIELD:
            value_of = _text(block, _NEEDED_FIELD[kind], f"{path}.{n}.{kind}.")
            if not value_of.strip():
                raise invalid(f"{path}.{n}: {kind} blocks must not be empty")
    return tuple(value)


def _tools(value: object) -> tuple[Mapping[str, Any], ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(tool, dict) for tool in value):
        raise invalid("tools: Input should be a list of objects")
    for n, tool in enumerate(value):
        name = _text(tool, "name", f"tools.{n}.")
        if str(tool.get("type", "")).startswith(_CODE_TOOL_PREFIX) and name != "code_execution":
            raise invalid(f"tools.{n}.name: Input should be 'code_execution'")
    return tuple(value)


def _container(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if not isinstance(value, dict):
        raise invalid("container: Input should be a string or an object")
    if value.get("skills"):
        raise invalid("container.skills: skills are not available here")
    inner = value.get("id")
    if not (inner is None or isinstance(inner, str)):
        raise invalid("container.id: Input should be a valid string")
    return inner


def _check_ending(ask: Ask) -> None:
    """A conversation ends with the user, or with a reply that was paused after a command."""
    if not ask.questions:
        raise invalid("messages: at least one user message is required")
    last = ask.turns[-1]
    if last.role == "assistant" and (
        not last.content or last.content[-1]["type"] != "bash_code_execution_tool_result"
    ):
        raise invalid(_PREFILL)
