"""The outcome in one sentence, with its number (R23)."""

import math
from collections.abc import Callable
from typing import assert_never

from services import wording
from services.errors import Message
from services.limits.types import LimitProfile
from services.preflight.inspection.types import Refusal
from services.preflight.types import FileReport, MemoryProjection, ReductionPlan, Verdict

_ACCEPTED = (
    *(".csv", ".tsv", ".xlsx", ".json", ".ndjson", ".jsonl", ".txt", ".png", ".jpg", ".jpeg"),
)
_WRONG_KINDS: dict[wording.refusals.WrongKind, tuple[str, ...]] = {
    "picture": (" image",),
    "markup": ("HTML", "XML"),
    "document": ("PDF", " document", "presentation", "OpenDocument text"),
    "archive": (" archive",),
    "program": (" program",),
    "table": ("Parquet", "Arrow", "SQLite", "HDF5", "spreadsheet"),
}
"""Words in the names of wrong types that tell why they can't be used."""
_ROUND_PIXELS = 100
_NOUNS = {"png": "a PNG image", "jpeg": "a JPEG image", "text": "a text", "json": "a JSON document"}


def judge(
    report: FileReport,
    memory: MemoryProjection | None,
    profile: LimitProfile,
    plan: Callable[[], ReductionPlan | None],
) -> tuple[Verdict, ReductionPlan | None]:
    """Whether a usable file can be asked about as it is, and if not, the plan that makes it fit.

    Memory counts by the upper end of its interval; the size by what can be sent, whatever the
    memory is. A table that is over either can be made smaller, unless no `plan` is found; of a
    picture or a text nothing here can leave anything out, so these are refused.
    """
    is_over_size = report.size_bytes > profile.file_limit_bytes
    is_over_memory = memory is not None and not memory.fits
    if not is_over_size and not is_over_memory:
        return _fits(report, memory, profile), None
    if is_over_memory:
        code = "over_memory_and_size" if is_over_size else "over_memory"
    else:
        code = "over_file_limit"
    if not report.tables:
        message = _too_large(report, memory, profile)
        return Verdict(state="refused", code=code, message=message), None
    found = plan()
    if found is None:
        message = wording.verdicts.too_large_even_reduced(
            report.size_bytes, profile.file_limit_bytes
        )
        return Verdict(state="refused", code="too_large_even_reduced", message=message), None
    message = _reducible(report, memory, profile)
    return Verdict(state="fits_after_reduction", code=code, message=message), found


def refuse(refusal: Refusal, name: str) -> Verdict:
    """A file that can't be used at all: why, and what works instead."""
    return Verdict(
        state="refused",
        code=refusal.code,
        message=_reason(refusal, name),
        ways_out=_ways_out(refusal),
    )


def _fits(report: FileReport, memory: MemoryProjection | None, profile: LimitProfile) -> Verdict:
    if memory is None or not report.tables:
        noun = _NOUNS.get(report.kind or "text", "a text")
        return Verdict(state="fits", code="fits", message=wording.verdicts.fits_without_table(noun))
    peak, low, high = memory.peak_bytes, memory.low_bytes, memory.high_bytes
    if peak > profile.ram_alert_bytes:
        message = wording.verdicts.fits_barely(peak, low, high, profile.ram_alert_bytes)
        return Verdict(state="fits", code="fits_barely", message=message)
    message = wording.verdicts.fits(peak, low, high, profile.ram_spoken_bytes)
    return Verdict(state="fits", code="fits", message=message)


def _reducible(
    report: FileReport, memory: MemoryProjection | None, profile: LimitProfile
) -> Message:
    """Which limits a table passes that fits once it is reduced."""
    size = report.size_bytes if report.size_bytes > profile.file_limit_bytes else None
    if memory is None or memory.fits:
        peak = memory.peak_bytes if memory is not None else None
        return wording.verdicts.reducible_size(
            report.size_bytes, profile.file_limit_bytes, peak, profile.ram_spoken_bytes
        )
    return wording.verdicts.reducible_memory(
        memory.peak_bytes,
        memory.low_bytes,
        memory.high_bytes,
        profile.ram_spoken_bytes,
        size=size,
        limit=profile.file_limit_bytes,
    )


def _too_large(
    report: FileReport, memory: MemoryProjection | None, profile: LimitProfile
) -> Message:
    """The limit that is passed by more, since what meets it meets the other as well."""
    size, limit = report.size_bytes, profile.file_limit_bytes
    beyond = memory.high_bytes / profile.ram_limit_bytes if memory is not None else 0.0
    if memory is None or beyond <= size / limit:
        return wording.verdicts.over_file_limit(report.kind, size, limit)
    facts = (memory.peak_bytes, memory.low_bytes, memory.high_bytes, profile.ram_spoken_bytes)
    if report.image is None:
        return wording.verdicts.over_memory(report.kind, *facts)
    width, height = report.image.width, report.image.height
    widest = _widest(width, memory)
    return wording.verdicts.picture_over_memory(width, height, *facts, widest=widest)


def _widest(width: int, memory: MemoryProjection) -> int:
    """How wide a picture of the same form may be to fit, in whole hundreds of pixels."""
    allowed = memory.limit_bytes * memory.peak_bytes / memory.high_bytes - memory.baseline_bytes
    ratio = math.sqrt(max(0.0, allowed) / (memory.peak_bytes - memory.baseline_bytes))
    return int(width * ratio) // _ROUND_PIXELS * _ROUND_PIXELS


def _reason(refusal: Refusal, name: str) -> Message:
    say = wording.refusals
    match refusal.code:
        case "empty_file":
            return say.empty_file(refusal.size_bytes)
        case "no_rows":
            return say.no_rows(is_single=refusal.what == "value")
        case "too_large_to_check":
            return say.too_large_to_check(name, refusal.size_bytes, refusal.limit or 0)
        case "encrypted_workbook":
            return say.encrypted_workbook()
        case "macro_workbook":
            return say.macro_workbook()
        case "legacy_workbook":
            return say.legacy_workbook(refusal.what)
        case "wrong_type":
            what = refusal.what or "binary file"
            return say.wrong_type(what, _promised(refusal), _wrong_kind(what))
        case "truncated":
            return say.truncated(refusal.what, refusal.rows)
        case "damaged":
            return say.damaged(refusal.what)
        case "invalid_json":
            return say.invalid_json(refusal.position)
        case "not_utf8":
            return say.not_utf8(refusal.what, refusal.position, refusal.line, refusal.limit or 0)
        case "too_deep":
            return say.too_deep(refusal.limit)
        case "too_many_columns":
            return say.too_many_columns(refusal.rows or 0, refusal.limit or 0)
        case "record_too_long":
            return say.record_too_long(refusal.limit or 0)
        case "bomb":
            return say.bomb()
        case "picture_too_large":
            return say.picture_too_large()
        case "too_long" | "too_much_memory":
            return say.not_checked(too_long=refusal.code == "too_long")
        case "crashed" | "unreadable":
            return wording.verdicts.check_crashed()
        case "not_a_file":
            return say.not_a_file()
        case _:
            assert_never(refusal.code)


def _promised(refusal: Refusal) -> str:
    """The name's extension where it is one of a file that could be used."""
    return refusal.extension if refusal.extension in _ACCEPTED else ""


def _wrong_kind(what: str) -> wording.refusals.WrongKind:
    for kind, words in _WRONG_KINDS.items():
        if any(word in what for word in words):
            return kind
    return "other"


def _ways_out(refusal: Refusal) -> tuple[str, ...]:
    if refusal.code != "wrong_type":
        return ()
    ways = wording.refusals.ways_around(_wrong_kind(refusal.what))
    own = {"PNG image": ".png", "JPEG image": ".jpg"}.get(refusal.what)
    return (*ways, wording.refusals.way_picture(own)) if own else ways
