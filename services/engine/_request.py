"""From an `AttemptRequest` to the arguments of one SDK call."""

from typing import TYPE_CHECKING, Any, cast

import msgspec

from services.engine._models import Catalogue
from services.engine._prompt import system_prompt
from services.engine.types import AttemptRequest, ModelInfo
from services.limits.types import LimitProfile

if TYPE_CHECKING:
    from anthropic.types import MessageCountTokensToolParam, MessageParam, ToolUnionParam

_UNANSWERED = "(This question was not answered.)"
"""The provider takes no empty text, and turns have to alternate."""


class WireRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The arguments of `messages.create`, except for streaming. Lists, as the SDK wants them."""

    model: str
    max_tokens: int
    system: str
    messages: list[Any]
    tools: list[Any]
    container_id: str | None = None

    @property
    def size_bytes(self) -> int:
        """Size of system prompt, tools and messages, as they are sent."""
        return len(msgspec.json.encode((self.system, self.tools, self.messages)))

    @property
    def typed_messages(self) -> "list[MessageParam]":
        """The messages, as the SDK calls their type."""
        return cast("list[MessageParam]", self.messages)

    @property
    def typed_tools(self) -> "list[ToolUnionParam]":
        """The tools, as the SDK calls their type."""
        return cast("list[ToolUnionParam]", self.tools)

    @property
    def typed_tools_to_count(self) -> "list[MessageCountTokensToolParam]":
        """The tools once more, under the name that counting has for them."""
        return cast("list[MessageCountTokensToolParam]", self.tools)

    def without_files(self) -> "WireRequest":
        """The same request without mounted files, which counting is not known to take."""
        *history, turn = self.messages
        text = [block for block in turn["content"] if block["type"] != "container_upload"]
        return msgspec.structs.replace(self, messages=[*history, {**turn, "content": text}])

    def continued(self, said: list[dict[str, Any]], container_id: str | None) -> "WireRequest":
        """The same request with what a paused reply has said so far, in the same container."""
        return msgspec.structs.replace(
            self,
            messages=[*self.messages, {"role": "assistant", "content": said}],
            container_id=container_id or self.container_id,
        )


def wire_request(
    request: AttemptRequest, profile: LimitProfile, catalogue: Catalogue
) -> WireRequest:
    """The whole request. Raises InputError for a model that models.toml does not state."""
    model = catalogue.require(request.model)
    return WireRequest(
        model=model.id,
        max_tokens=min(request.max_tokens, model.max_output_tokens),
        system=system_prompt(request, profile),
        messages=[*_history(request), {"role": "user", "content": _open_turn(request)}],
        tools=_tools(request, model, catalogue),
        container_id=None if request.approach == "text" else request.container_id,
    )


def _history(request: AttemptRequest) -> list[dict[str, str]]:
    messages = []
    for turn in request.history:
        messages.append({"role": "user", "content": turn.question})
        messages.append({"role": "assistant", "content": turn.answer.strip() or _UNANSWERED})
    return messages


def _open_turn(request: AttemptRequest) -> list[dict[str, str]]:
    """Files first, the question last.

    A fresh container mounts the open turn's blocks only, whatever earlier turns held, so all files
    are attached again (docs/decisions/0009); a reused one still has what it had.
    """
    blocks = []
    if request.approach in {"files_code", "tools"}:
        blocks = [
            {"type": "container_upload", "file_id": file.remote_file_id}
            for file in request.files
            if request.container_id is None or not file.mounted
        ]
    return [*blocks, {"type": "text", "text": request.question}]


def _tools(
    request: AttemptRequest, model: ModelInfo, catalogue: Catalogue
) -> list[dict[str, str | int]]:
    if request.approach == "text":
        return []
    tools: list[dict[str, str | int]] = [
        {"type": model.code_execution_tool, "name": "code_execution"}
    ]
    if request.approach == "tools":
        tools += [
            {"type": version, "name": name, "max_uses": catalogue.web.max_uses}
            for version, name in (
                (model.web_search_tool, "web_search"),
                (model.web_fetch_tool, "web_fetch"),
            )
            if version
        ]
    return tools
