"""One reply, from the opened container to the booked end: what is said, run and returned.

`open` does what may be refused with a status; `run` does the rest and hands out pieces. However it
ends (complete, broken, the client gone), it is booked exactly once.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

from services import telemetry, wording
from services.local_engine import _pieces
from services.local_engine._analysis import Plan, Readable
from services.local_engine._containers import ROLLING_EXPIRY, Container
from services.local_engine._engine import LocalEngine
from services.local_engine._execution import answer_text, execute
from services.local_engine._ids import wire_id
from services.local_engine._instants import rfc3339
from services.local_engine._pieces import Broke, Called, Cut, Done, Piece, Returned, Said, Started
from services.local_engine._request import Ask
from services.local_engine._tokens import Meter, longest_prefix, text_tokens
from services.local_engine.types import (
    ContainerFault,
    NoToolFault,
    Stage,
    StopFault,
    StreamCut,
    StreamError,
    UnknownPieces,
)

_log = telemetry.log("local_engine")


class Reply:
    """The reply to one request."""

    def __init__(self, engine: LocalEngine, ask: Ask, request_id: str) -> None:
        self.message_id = wire_id("msg")
        self.ask = ask
        self._engine = engine
        self._request_id = request_id
        self._received_at = engine.clock.now()
        self._meter = Meter(ask)
        self._container: Container | None = None
        self._is_new = False
        self._holds_lock = False
        self._emit: Callable[[Piece], None] = lambda _: None
        self._is_booked = False
        self._stop_fault: StopFault | None = None

    async def open(self) -> None:
        """Find or mint the container and mount the open turn's uploads.

        Raises ApiError if the container or a file is gone; then nothing is held and nothing booked.
        """
        containers = self._engine.containers
        uploads = [self._engine.files.get(file_id) for file_id in self.ask.upload_ids]
        paths = [self._engine.files.path(file) for file in uploads]
        if self.ask.container_id is not None:
            self._container = await self._reuse(self.ask.container_id)
        elif uploads:
            self._container = containers.mint()
            self._is_new = True
            await self._container.lock.acquire()
        if self._container is None:
            return
        self._holds_lock = True
        for file, path in zip(uploads, paths, strict=True):
            self._engine.workshop.mount(self._container.id, file, path)
            self._container.files[file.filename] = file

    @property
    def container_started_at(self) -> datetime | None:
        """Since when the container of this reply is billed."""
        return None if self._container is None else self._container.started_at

    async def run(self, emit: Callable[[Piece], None]) -> None:
        """Hand out the pieces, the last of which is an ending; never raises but CancelledError."""
        self._emit = emit
        try:
            self._stop_fault = self._engine.faults.take(StopFault)
            emit(Started(usage=self._meter.usage()))
            await self._answer()
            self._reach("end")
            self._finish("end_turn")
        except _Ended as end:
            self._finish(end.reason, end.details)
        except _Broken as broken:
            self._book("broken")
            emit(broken.piece)
        except asyncio.CancelledError:
            self._book("disconnected")
            raise
        except Exception:  # noqa: BLE001 - border: nothing may reach a client as a traceback
            _log.exception("reply_failed", request_id=self._request_id)
            self._book("failed")
            emit(Broke(error_type="api_error", message="Internal server error"))
        finally:
            self.close()

    def close(self) -> None:
        """Book what was not, and let the next request use the container; does so once.

        A container that has ended gives up its room now.
        """
        container = self._container
        if container is None or not self._holds_lock:
            return
        self._book("disconnected")
        self._holds_lock = False
        container.lock.release()
        if container.is_ended or self._engine.containers.expire(container.id) is not None:
            self._engine.close_room(container)

    async def _reuse(self, container_id: str) -> Container:
        containers = self._engine.containers
        container = containers.find(container_id)
        fault = self._engine.faults.take(ContainerFault)
        if fault is not None:
            containers.end(container, "lost")
            self._engine.close_room(container)
            raise containers.gone(container_id, fault.status)
        await container.lock.acquire()
        if container.is_ended:
            container.lock.release()
            raise containers.gone(container_id)
        return container

    async def _answer(self) -> None:
        self._reach("start")
        self._stop_if("refusal", "model_context_window_exceeded")
        if self.ask.is_continuation:
            self._say(answer_text(self.ask.last_output))
            return
        refusal = self._refusal()
        if refusal is not None:
            self._say(refusal)
            return
        plan = await self._engine.analysis.plan(
            self._readable(), self.ask.questions, self.ask.system
        )
        if isinstance(plan, str):
            self._say(plan)
            return
        await self._carry_out(plan)

    def _refusal(self) -> str | None:
        """Why nothing can be calculated, whatever the file holds."""
        if not self.ask.questions[-1].strip():
            return wording.replies.nothing_asked()
        if self.ask.holds_code:
            return wording.replies.foreign_code()
        if not self.ask.has_code_tool:
            return wording.replies.without_tool()
        if self._engine.faults.take(NoToolFault) is not None:
            return wording.replies.without_calculating()
        if self._container is None or not self._container.files:
            return wording.replies.without_file()
        return None

    def _readable(self) -> list[Readable]:
        container = self._held()
        return [
            Readable(file=file, path=self._engine.workshop.mounted(container.id, name))
            for name, file in container.files.items()
        ]

    async def _carry_out(self, plan: Plan) -> None:
        """Say the reading, run the code, say what it found."""
        self._say(plan.sentence)
        self._stop_if("max_tokens")
        command = f"python3 - <<'PY'\n{plan.code.rstrip()}\nPY"
        if text_tokens(command) > self._tokens_left():
            raise _Ended("max_tokens")
        self._meter.wrote(command)
        call = Called(id=wire_id("srvtoolu"), command=command)
        self._emit(call)
        if self._engine.faults.take(UnknownPieces) is not None:
            self._emit(_pieces.Unheard())
        self._reach("tool")
        execution = await execute(self._engine, self._held(), plan.code)
        self._meter.sampled_again(execution.stdout + execution.stderr)
        self._emit(Returned(id=call.id, content=execution.content))
        self._reach("result")
        self._stop_if("pause_turn")
        self._say(execution.failure or answer_text(execution.stdout))

    def _say(self, text: str) -> None:
        """A text block, cut where the request's tokens end."""
        kept = text
        if text_tokens(text) > self._tokens_left():
            kept = longest_prefix(text, self._tokens_left())
        if kept:
            self._meter.wrote(kept)
            self._emit(Said(text=kept))
        if kept != text:
            raise _Ended("max_tokens")

    def _tokens_left(self) -> int:
        return max(0, self.ask.max_tokens - self._meter.output_tokens)

    def _reach(self, stage: Stage) -> None:
        """Break off here if a fault says so."""
        cut = self._engine.faults.take(StreamCut, lambda fault: fault.at == stage)
        if cut is not None:
            raise _Broken(Cut(how=cut.how))
        error = self._engine.faults.take(StreamError, lambda fault: fault.at == stage)
        if error is not None:
            raise _Broken(Broke(error_type=error.error_type, message=error.message))

    def _stop_if(self, *reasons: str) -> None:
        """End here if a fault says so."""
        fault = self._stop_fault
        if fault is None or fault.reason not in reasons:
            return
        details = None
        if fault.reason == "refusal":
            details = {"type": "refusal", "category": None, "explanation": fault.explanation}
        raise _Ended(fault.reason, details)

    def _finish(self, reason: str, details: dict[str, Any] | None = None) -> None:
        """Book first, then tell the end, so that whoever has seen it finds it on the bill."""
        replied_at = self._book("completed")
        container = self._container
        told = None
        if container is not None:
            told = {
                "id": container.id,
                "expires_at": rfc3339(self._engine.clock.now() + ROLLING_EXPIRY),
                "dd_received_at": rfc3339(self._received_at),
                "dd_replied_at": replied_at,
                "dd_container_started_at": rfc3339(container.started_at),
            }
            if container.ended_at is not None:
                told["dd_container_ended_at"] = rfc3339(container.ended_at)
        self._emit(
            Done(
                stop_reason=reason,
                stop_details=details,
                container=told,
                usage=self._meter.usage(),
                replied_at=replied_at,
            )
        )

    def _book(self, outcome: str) -> str:
        """Put the request on the bill, once; returns the instant of the reply."""
        now = self._engine.clock.now()
        if self._is_booked:
            return rfc3339(now)
        self._is_booked = True
        container = self._container
        self._engine.books.book_reply(
            request_id=self._request_id,
            model=self.ask.model,
            usage=self._meter.usage(),
            outcome=outcome,
            received_at=self._received_at,
            replied_at=now,
            container_id=None if container is None else container.id,
        )
        if container is not None:
            container.last_used_at = now
            if container.is_doomed:
                self._engine.containers.end(container, "lost", now)
            elif self._is_new and outcome != "completed":
                # Its id is told with the last event only, so nobody could ever use or release it.
                self._engine.containers.end(container, "orphaned", now)
        return rfc3339(now)

    def _held(self) -> Container:
        if self._container is None:
            raise RuntimeError("the reply has no container")
        return self._container


class _Ended(Exception):
    """The reply ends here, for a reason that is not its own."""

    def __init__(self, reason: str, details: dict[str, Any] | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.details = details


class _Broken(Exception):
    """The reply breaks off here."""

    def __init__(self, piece: Broke | Cut) -> None:
        super().__init__(str(piece))
        self.piece = piece
