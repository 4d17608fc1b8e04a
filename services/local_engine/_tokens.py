"""A deterministic estimate of tokens: there is no tokenizer here, and none is pretended.

3.6 bytes a token is near what English and code take. What matters is that the same request always
costs the same, that `count_tokens` agrees with the first sampling of the reply, and that the input
of a turn with a command is the sum over its samplings, as the real service bills it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from services.events import Usage
from services.local_engine._request import Ask

_BYTES_TIMES_TEN_PER_TOKEN = 36


def text_tokens(text: str) -> int:
    """Tokens of a text, rounded up."""
    return _tokens(len(text.encode()))


def longest_prefix(text: str, tokens: int) -> str:
    """As much of a text as fits into that many tokens."""
    size_bytes = max(0, tokens) * _BYTES_TIMES_TEN_PER_TOKEN // 10
    return text.encode()[:size_bytes].decode(errors="ignore")


def prompt_tokens(ask: Ask) -> int:
    """Tokens of everything that the first sampling reads: system, tools, messages."""
    size = len(ask.system.encode()) + sum(len(_json(tool)) for tool in ask.tools)
    return _tokens(size + sum(_block_bytes(turn.content) for turn in ask.turns))


class Meter:
    """Adds up one reply's tokens, sampling by sampling."""

    def __init__(self, ask: Ask) -> None:
        self._context_tokens = prompt_tokens(ask)
        self._input_tokens = self._context_tokens
        self._output_tokens = 0
        self._unread_tokens = 0

    @property
    def output_tokens(self) -> int:
        """Tokens written so far."""
        return self._output_tokens

    def wrote(self, text: str) -> None:
        """The model wrote this."""
        tokens = text_tokens(text)
        self._output_tokens += tokens
        self._unread_tokens += tokens

    def sampled_again(self, result: str) -> None:
        """A command's result came, so all that came before is read once more, with it."""
        self._context_tokens += self._unread_tokens + text_tokens(result)
        self._unread_tokens = 0
        self._input_tokens += self._context_tokens

    def usage(self) -> Usage:
        """The tokens until now."""
        return Usage(input_tokens=self._input_tokens, output_tokens=self._output_tokens)


def _block_bytes(content: Sequence[Mapping[str, Any]]) -> int:
    return sum(
        len(str(block["text"]).encode()) if block["type"] == "text" else len(_json(block))
        for block in content
    )


def _json(value: object) -> bytes:
    return msgspec.json.encode(value)


def _tokens(size_bytes: int) -> int:
    return -(-size_bytes * 10 // _BYTES_TIMES_TEN_PER_TOKEN)
