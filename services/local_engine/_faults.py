"""What is to go wrong, in the order in which it was injected (docs/wire.md 8)."""

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from services.local_engine._errors import ApiError
from services.local_engine.types import AnyFault, Fault, StatusFault

_FaultT = TypeVar("_FaultT", bound=Fault)
_HTML = "<html><head><title>{status}</title></head><body>{message}</body></html>"
_MESSAGES = {
    413: "Request exceeds the maximum size",
    429: "Number of requests has exceeded your rate limit.",
    500: "Internal server error",
    529: "Overloaded",
}


class HtmlError(Exception):
    """An error page of something in front of the service, which is not JSON."""

    def __init__(self, status: int, body: str) -> None:
        super().__init__(body)
        self.status = status
        self.body = body


class Faults:
    """The faults still to happen. Each is used up after its `times`."""

    def __init__(self) -> None:
        self._pending: list[AnyFault] = []
        self._lock = threading.Lock()

    def inject(self, faults: Sequence[AnyFault]) -> None:
        """Let these happen, after those that are pending already."""
        with self._lock:
            self._pending.extend(fault for fault in faults if fault.times > 0)

    def pending(self) -> tuple[AnyFault, ...]:
        """What has not happened yet."""
        with self._lock:
            return tuple(self._pending)

    def clear(self) -> None:
        """Let nothing more go wrong."""
        with self._lock:
            self._pending.clear()

    def take(
        self, kind: type[_FaultT], applies: Callable[[_FaultT], bool] | None = None
    ) -> _FaultT | None:
        """The first pending fault of that kind that applies here, counted as used once."""
        with self._lock:
            for place, fault in enumerate(self._pending):
                if isinstance(fault, kind) and (applies is None or applies(fault)):
                    if fault.times > 1:
                        self._pending[place] = msgspec.structs.replace(fault, times=fault.times - 1)
                    else:
                        del self._pending[place]
                    return fault
        return None


def as_error(fault: StatusFault) -> ApiError | HtmlError:
    """What is raised for it."""
    message = fault.message or _MESSAGES.get(fault.status, "Injected fault")
    if fault.html:
        return HtmlError(fault.status, _HTML.format(status=fault.status, message=message))
    headers = {}
    if fault.retry_after_seconds is not None:
        headers["retry-after"] = f"{fault.retry_after_seconds:g}"
    return ApiError(
        fault.status,
        message,
        error_type=fault.error_type,
        error_code=fault.error_code,
        headers=headers,
    )
