"""structlog over the standard library: readable while developing, one JSON object a line else."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import structlog


def configure(log_format: Literal["text", "json"] = "text", level: int = logging.INFO) -> None:
    """Send log lines to standard error in that format. Call once, at the start of a process."""
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )


def log(room: str) -> Any:
    """A logger whose lines carry the room's name."""
    return structlog.get_logger(room=room)


@contextmanager
def bind(**ids: str | None) -> Iterator[None]:
    """Put these ids into every log line of this thread until the block ends."""
    with structlog.contextvars.bound_contextvars(**{k: v for k, v in ids.items() if v}):
        yield
