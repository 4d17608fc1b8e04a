"""From the events of a run to the answer that is stored and shown."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from services.conversations.types import Answer, CodeStep, Produced
from services.events import (
    CodeWritten,
    Event,
    FileFetched,
    MemorySeen,
    OutputPrinted,
    Retrying,
    TextAdded,
)
from services.ids import RunId
from services.preflight.types import Observation, Preflight

_HEADLINE_CHARACTERS = 90
_ALT = re.compile(r"^ALT:\s*(?P<name>[^:\n]{1,200}):\s*(?P<text>.{1,500})$", re.MULTILINE)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


def last_attempt(events: Sequence[Event]) -> Sequence[Event]:
    """What was said and left since the last attempt began: nothing is said twice."""
    again = max((n for n, event in enumerate(events) if isinstance(event, Retrying)), default=-1)
    return events[again + 1 :]


def headline_and_text(events: Sequence[Event]) -> tuple[str, str]:
    """The answer's first sentence, and the rest of its prose.

    The answer is what was written after the last command; what was written before is a plan. The
    headline is plain text of at most 90 characters: a longer first sentence stays in the text too.
    """
    last_command = max(
        (n for n, event in enumerate(events) if isinstance(event, CodeWritten | OutputPrinted)),
        default=-1,
    )
    prose = "".join(e.text for e in events[last_command + 1 :] if isinstance(e, TextAdded)).strip()
    if not prose:
        prose = "".join(e.text for e in events if isinstance(e, TextAdded)).strip()
    first_line, _, rest = prose.partition("\n")
    sentence, *more = _SENTENCE_END.split(first_line.strip().lstrip("#").strip(), maxsplit=1)
    headline = sentence.replace("**", "").strip()
    if len(headline) > _HEADLINE_CHARACTERS:
        return headline[: _HEADLINE_CHARACTERS - 1].rstrip() + "…", prose
    return headline, "\n".join((*more, rest)).strip()


def code_steps(events: Sequence[Event]) -> tuple[CodeStep, ...]:
    """Each command with what it printed, paired by the id of its tool use."""
    outputs = {e.tool_use_id: e for e in events if isinstance(e, OutputPrinted)}
    steps = []
    for event in events:
        if isinstance(event, CodeWritten):
            output = outputs.get(event.tool_use_id)
            steps.append(
                CodeStep(
                    code=event.code,
                    stdout=output.stdout if output else "",
                    stderr=output.stderr if output else "",
                    return_code=output.return_code if output else -1,
                )
            )
    return tuple(steps)


def produced(events: Sequence[Event], headline: str) -> tuple[Produced, ...]:
    """The files that were kept, pictures first, each picture with a text alternative."""
    alternatives: dict[str, str] = {}
    for event in events:
        if isinstance(event, OutputPrinted):
            alternatives |= {
                m["name"].strip(): m["text"].strip() for m in _ALT.finditer(event.stdout)
            }
    order = {"image": 0, "table": 1, "other": 2}
    kept = [
        Produced(
            file_id=event.file_id,
            name=event.name,
            kind=event.kind,
            mime=event.mime,
            size_bytes=event.size_bytes,
            alt=alternatives.get(event.name, headline),
        )
        for event in events
        if isinstance(event, FileFetched)
    ]
    return tuple(sorted(kept, key=lambda one: order[one.kind]))


def peak_bytes(events: Sequence[Event]) -> int | None:
    """The highest peak that the running code reported."""
    return max((e.peak_bytes for e in events if isinstance(e, MemorySeen)), default=None)


def observation(
    run_id: RunId, answer: Answer, reports: Iterable[Preflight], at: datetime
) -> Observation:
    """What an answer took, beside what was projected for the file that needs most."""
    projected = [(r.memory, r.report) for r in reports if r.memory is not None]
    memory, report = max(projected, key=lambda one: one[0].peak_bytes, default=(None, None))
    return Observation(
        run_id=run_id,
        at=at,
        approach=answer.approach,
        engine=answer.engine,
        seconds=answer.seconds,
        kind=report.kind if report is not None else None,
        size_bytes=report.size_bytes if report is not None else 0,
        projected_bytes=memory.peak_bytes if memory is not None else None,
        low_bytes=memory.low_bytes if memory is not None else None,
        high_bytes=memory.high_bytes if memory is not None else None,
        peak_bytes=answer.peak_bytes,
    )
