"""Errors as they stand on the wire."""

from collections.abc import Mapping
from typing import Any

_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    408: "timeout_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    503: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}


class ApiError(Exception):
    """A refusal with a status; `body` is what a client receives (docs/wire.md 5)."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        error_type: str | None = None,
        error_code: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.error_type = error_type or _TYPES.get(status, "api_error")
        self.error_code = error_code
        self.headers = dict(headers or {})

    def body(self, request_id: str) -> dict[str, Any]:
        """The JSON body."""
        error: dict[str, Any] = {"type": self.error_type, "message": self.message}
        if self.error_code is not None:
            error["details"] = {"error_code": self.error_code}
        return {"type": "error", "error": error, "request_id": request_id}


def invalid(message: str, *, error_code: str | None = None) -> ApiError:
    """400: the request can't be understood or is not allowed."""
    return ApiError(400, message, error_code=error_code)


def not_found(message: str, *, error_code: str | None = None) -> ApiError:
    """404: there is no such thing."""
    return ApiError(404, message, error_code=error_code)


def too_large(message: str) -> ApiError:
    """413: the body or the file is over its cap."""
    return ApiError(413, message)


def internal() -> ApiError:
    """500: a defect here; the log has the traceback under the request id."""
    return ApiError(500, "Internal server error")
