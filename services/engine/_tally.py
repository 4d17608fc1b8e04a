"""What a reply that broke off has probably come to, by what was seen of it.

The account at the start of a reply names the first reading of the prompt only. Each command's
result has everything before it read once more, and that is told with the end, which never came.
"""

from collections.abc import Sequence

import msgspec

from services.events import (
    CodeWritten,
    Event,
    OutputPrinted,
    Retrying,
    TextAdded,
    Usage,
    UsageReported,
)

_BYTES_PER_TOKEN = 3
"""Low on purpose: an estimate should not be smaller than the bill."""


class Tally:
    """Counts one reply as it goes by."""

    def __init__(self) -> None:
        self._written_bytes = 0
        self._result_bytes = 0
        self._readings = 0
        self._reread_bytes = 0

    def wrote(self, text: str) -> None:
        """The model wrote this: prose, thinking or a command."""
        self._written_bytes += len(text.encode())

    def returned(self, text: str) -> None:
        """A command's result came, and with it another reading of all that came before."""
        self._result_bytes += len(text.encode())
        self._readings += 1
        self._reread_bytes += self._written_bytes + self._result_bytes

    def usage(self, told: Usage) -> Usage:
        """An estimate in tokens, given the account at the reply's start; never below it."""
        prompt_tokens = (
            told.input_tokens
            + told.cache_read_tokens
            + told.cache_write_5m_tokens
            + told.cache_write_1h_tokens
        )
        reread_tokens = self._readings * prompt_tokens + _tokens(self._reread_bytes)
        return msgspec.structs.replace(
            told,
            input_tokens=told.input_tokens + reread_tokens,
            output_tokens=max(told.output_tokens, _tokens(self._written_bytes)),
        )


def usage_seen(events: Sequence[Event]) -> Usage | None:
    """The same from a run's journal: what the last of its requests came to; None if unknown."""
    told, tally = None, Tally()
    for event in events:
        match event:
            case Retrying():
                told, tally = None, Tally()
            case UsageReported():
                told, tally = event.usage, Tally()
            case TextAdded():
                tally.wrote(event.text)
            case CodeWritten():
                tally.wrote(event.code)
            case OutputPrinted():
                tally.returned(event.stdout + event.stderr)
            case _:
                pass
    return None if told is None else tally.usage(told)


def _tokens(size_bytes: int) -> int:
    return -(-size_bytes // _BYTES_PER_TOKEN)
