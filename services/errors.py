"""The error tree. What is expected (a refused file, an abstention) is a value, not an error."""

import msgspec


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What a person is told: one sentence that says what happened, one that says what to do."""

    what_happened: str
    what_to_do: str = ""


class DatadockError(Exception):
    """Root of all our errors; carries a stable code and the sentences shown to the user."""

    code = "internal"

    def __init__(self, message: Message, *, code: str | None = None) -> None:
        super().__init__(message.what_happened)
        self.message = message
        if code is not None:
            self.code = code


class InputError(DatadockError):
    """The file or the question can't be used as it is."""

    code = "input"


class LimitError(DatadockError):
    """A size, a budget or a queue is full."""

    code = "limit"


class EngineError(DatadockError):
    """Claude or the local engine failed."""

    code = "engine"


class StoreError(DatadockError):
    """The durable state can't be read or written."""

    code = "store"


class InternalError(DatadockError):
    """A defect of ours."""

    code = "internal"


class NotYoursError(InputError):
    """The thing asked for does not exist or belongs to another; the two are not told apart."""

    code = "not_yours"
