"""One attempt: a request, its stream, and the requests that continue it after a pause."""

from collections.abc import Callable, Generator, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from services.clock import Clock
from services.engine import _failures
from services.engine._line import Line, LineCutError, Watch
from services.engine._request import WireRequest
from services.engine._stream import StreamError, Transcript
from services.engine.types import AttemptOutcome
from services.errors import EngineError, InternalError, Message
from services.events import RunEvent
from services.ids import RequestId

if TYPE_CHECKING:
    from anthropic import Anthropic

_CONTINUATIONS = 5
"""How often a paused reply is continued; each may take ten more steps of the provider's."""


class Attempt:
    """Iterate it for the events; afterwards `outcome` says how it ended. Failures don't raise.

    To be used in a `with` block, whose end closes the connection. The request is sent when the
    iteration begins. `close` may be called from any thread, at any time.
    """

    def __init__(
        self,
        wire: WireRequest,
        clock: Clock,
        *,
        timeout_seconds: float,
        connect: Callable[[Line], "Anthropic"],
    ) -> None:
        self._wire = wire
        self._clock = clock
        self._connect = connect
        self._line = Line()
        self._watch = Watch(self._line, clock, timeout_seconds)
        self._transcript = Transcript(clock)
        self._names_container = False
        self._outcome: AttemptOutcome | None = None
        self._events = self._run()

    def __enter__(self) -> Self:
        self._watch.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._line.shut("cancelled")
        self._watch.stop()
        self._events.close()
        if self._outcome is None:
            self._outcome = _failures.of_cut(self._line.cut or "cancelled", self._facts())

    def __iter__(self) -> Iterator[RunEvent]:
        """The events, as they happen; there is one run of them, however often it is asked for."""
        return self._events

    @property
    def prompt_bytes(self) -> int:
        """Size of what the first reading reads: system prompt, tools, messages."""
        return self._wire.size_bytes

    @property
    def outcome(self) -> AttemptOutcome:
        """How the attempt ended. Raises InternalError while it has not."""
        if self._outcome is None:
            raise InternalError(Message(what_happened="The attempt has not ended yet."))
        return self._outcome

    def close(self) -> None:
        """End the request from outside; the iteration ends and the outcome is `Cancelled`."""
        self._line.shut("cancelled")

    def _run(self) -> Generator[RunEvent]:
        try:
            yield from self._replies()
        except LineCutError:
            pass
        except EngineError as error:
            self._outcome = _failures.of_no_endpoint(error, self._facts())
        except _failures.expected() as error:
            if isinstance(error, StreamError) or not (self._line.cut or self._is_complete()):
                self._outcome = self._failure(error)
        if self._outcome is None:
            self._outcome = self._ending()

    def _replies(self) -> Iterator[RunEvent]:
        wire = self._wire
        for _ in range(1 + _CONTINUATIONS):
            yield from self._one_reply(wire)
            if self._transcript.stop_reason != "pause_turn":
                return
            self._transcript.pause()
            container = self._transcript.container
            wire = self._wire.continued(
                self._transcript.said_before, container.id if container else None
            )

    def _one_reply(self, wire: WireRequest) -> Iterator[RunEvent]:
        from anthropic import Stream, omit

        self._line.check()
        self._names_container = wire.container_id is not None
        with self._connect(self._line) as client:
            # Of a reply that is continued, the reason is told anew, or the continuation broke off.
            self._transcript.stop_reason = None
            stream = client.messages.create(
                model=wire.model,
                max_tokens=wire.max_tokens,
                system=wire.system,
                messages=wire.typed_messages,
                tools=wire.typed_tools or omit,
                container=wire.container_id or omit,
                stream=True,
            )
            with stream:
                self._line.attach(stream.response.extensions["network_stream"])
                self._transcript.begin(stream.response.headers)
                # The bare events, not the SDK's objects: those parse a growing input again with
                # each piece, and what they don't know they turn into something that it is not.
                for sse in Stream.raw_events(stream.response):
                    piece = sse.json() if sse.data else {}
                    if isinstance(piece, dict):
                        yield from self._transcript.take(piece)

    def _is_complete(self) -> bool:
        return self._transcript.stop_reason not in {None, "pause_turn"}

    def _ending(self) -> AttemptOutcome:
        """A line that we cut may end like a clean one; only a reply that was complete stays one."""
        why = self._line.cut
        if why is None or self._is_complete():
            return _failures.of_ending(self._transcript, self._facts())
        return _failures.of_cut(why, self._facts())

    def _failure(self, error: Exception) -> AttemptOutcome:
        facts = self._facts()
        request_id = getattr(error, "request_id", None)
        if isinstance(request_id, str) and facts["request_id"] is None:
            facts["request_id"] = RequestId(request_id)
        return _failures.of_exception(
            error, facts, container_sent=self._names_container, now=self._clock.now()
        )

    def _facts(self) -> dict[str, Any]:
        heard = self._transcript
        container = heard.container
        return {
            "request_id": heard.request_ids[0] if heard.request_ids else None,
            "continued_ids": tuple(heard.request_ids[1:]),
            "usage": heard.usage_so_far,
            "usage_final": heard.stop_reason is not None,
            "container_id": container.id if container else None,
            "container_expires_at": container.expires_at if container else None,
            "container_ended_at": container.ended_at if container else None,
            "container_started_at": (container and container.started_at) or heard.started_at,
            "received_at": heard.received_at,
            "replied_at": container.replied_at if container else None,
            "sent": self._line.connected,
        }
