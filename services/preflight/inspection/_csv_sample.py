"""The sample of a CSV as tokens, and how many rows the file has."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from services.preflight.inspection import _agreement, _measures, _slices
from services.preflight.inspection._columns import Sample, count_kinds
from services.preflight.inspection._dialect import Sniffed
from services.preflight.inspection._encoding import Encoding
from services.preflight.inspection._tokens import Ints, Tokens, tokenise
from services.preflight.inspection.types import Bounds, SourceFile

_TAIL_BYTES = 4_096
_IRREGULAR_RATIO = 0.1
_LETTERED_MOST = 8
"""Blocks of the file with letters in them that are all looked at; more of them are no exception."""
_SHORT_RUN_RATIO, _SHORT_RUN_LEAST_BYTES = 0.25, 200_000
_QUOTED_BYTES, _ENCLOSING_RATIO = 200_000, 0.5


@dataclass(slots=True)
class CsvFacts:
    """All that was read of a CSV."""

    sample: Sample
    scanned: _slices.Scanned
    rows: int
    rows_are_exact: bool
    row_bytes: float
    chunk_rows: int
    quote: str | None
    """None where quotation marks turned out to enclose nothing."""
    short_ratio: float
    long_ratio: float
    uneven: tuple[int, ...] = ()
    """Columns of which two parts of the sample say different things."""


def take(
    source: SourceFile, head: bytes, encoding: Encoding, sniffed: Sniffed, bounds: Bounds
) -> CsvFacts:
    """Go over all bytes once, and tokenise the sample.

    The pass over all bytes goes on beside the rest. Where two parts of the sample differ more than
    bounds.toml allows, or a table of numbers has letters somewhere, more is read.
    """
    with ThreadPoolExecutor(1, "scan") as beside:
        scanning = beside.submit(_slices.scan, source.path, encoding)
        header_lines, start = data_start(head, encoding, sniffed)
        chunk_rows = _measures.chunk_rows(sniffed.width)
        row_bytes = _typical_row_bytes(head, start)
        cutter = _slices.Cutter(
            source.path,
            encoding,
            sniffed.dialect,
            data_start_bytes=start,
            size_bytes=source.size_bytes,
            width=sniffed.width,
            row_bytes=row_bytes,
            bounds=bounds,
        )
        slices = cutter.cut(chunk_rows * row_bytes)
        is_whole = source.size_bytes <= bounds.whole_file_bytes
        quote = _working_quote(slices, sniffed)
        brief = slices if is_whole else [_shortened(s, sniffed) for s in slices]
        parts = _Parts.of(brief, sniffed, quote)
        if not is_whole and any(_measures.needs_longer_run(tokens) for tokens in parts.long):
            brief = slices
            parts = _Parts.of(slices, sniffed, quote)
        uneven: tuple[int, ...] = ()
        if not is_whole:
            uneven = _agreement.uneven(parts.long, parts.spread, parts.slice_of, bounds)
            further = cutter.more() if uneven else []
            if not further and _agreement.holds_numbers_only(parts.all):
                further = cutter.around(_lettered(scanning.result(), sniffed))
            if further:
                slices = [*brief, *further]
                parts = _Parts.of(slices, sniffed, quote)
        scanned = scanning.result()
    records = parts.records
    left_out = sum(part.blank_lines + part.long_records for part in parts.all)
    encloses_lines = sum(part.newlines for part in parts.all) > records + left_out
    if encloses_lines and not is_whole:
        scanned = _slices.scan(source.path, encoding, quote)
    rows, exact = records, True
    if not is_whole:
        lines = scanned.lines - header_lines - _blank_tail_lines(source, encoding)
        rows, exact = round(lines * records / max(1, records + left_out)), left_out == 0
    long_records = sum(part.long_records for part in parts.all)
    raw_bytes = sum(len(part.raw) for part in parts.all)
    return CsvFacts(
        sample=Sample(
            long=parts.long,
            spread=parts.spread,
            spread_slices=parts.slice_of,
            spread_positions=_positions(parts, rows),
            is_whole=is_whole,
            is_counted=source.size_bytes <= bounds.counted_file_bytes,
            counts=count_kinds(parts.all, sniffed.width),
            records=records,
        ),
        scanned=scanned,
        rows=rows,
        rows_are_exact=exact,
        row_bytes=raw_bytes / max(1, records),
        chunk_rows=chunk_rows,
        quote=quote,
        short_ratio=sum(part.short_records for part in parts.all) / max(1, records),
        long_ratio=long_records / max(1, records + long_records),
        uneven=uneven,
    )


def _shortened(whole: _slices.Slice, sniffed: Sniffed) -> _slices.Slice:
    """The beginning of a long run, which often tells as much."""
    length = round(len(whole.raw) * _SHORT_RUN_RATIO)
    if not whole.is_long or length < _SHORT_RUN_LEAST_BYTES:
        return whole
    quote = sniffed.dialect.quotechar.encode()
    raw = whole.raw[:length]
    raw = raw[: _slices.last_record_end(raw, quote)]
    is_cut_within_quotes = raw.count(quote) % 2 == 1
    return whole if not raw or is_cut_within_quotes else dataclasses.replace(whole, raw=raw)


@dataclass(slots=True)
class _Parts:
    """The slices as tokens: long runs, and all short slices in one."""

    long: list[Tokens]
    spread: Tokens | None
    slice_of: Ints
    """Of each record of `spread`: from which short slice it is."""
    positions: list[float]
    """Of each short slice: how far into the data it begins."""

    @classmethod
    def of(cls, slices: list[_slices.Slice], sniffed: Sniffed, quote: str | None) -> "_Parts":
        short = sorted((s for s in slices if not s.is_long), key=lambda s: s.position)
        long = [_tokens(s.raw, sniffed, quote) for s in slices if s.is_long]
        if not short:
            return cls(long, None, np.empty(0, np.int64), [])
        spread = _tokens(b"".join(s.raw for s in short), sniffed, quote)
        ends = np.cumsum([len(s.raw) for s in short])
        slice_of = np.searchsorted(ends, spread.starts[:, 0], side="right")
        return cls(long, spread, slice_of, [s.position for s in short])

    @property
    def all(self) -> list[Tokens]:
        return [*self.long, *([self.spread] if self.spread is not None else [])]

    @property
    def records(self) -> int:
        return sum(part.records for part in self.all)


def _lettered(scanned: _slices.Scanned, sniffed: Sniffed) -> list[int]:
    """Where in the file letters stand, if that tells anything: offsets of a few blocks.

    The first block has the header in it, and is looked at anyway.
    """
    is_telling = sniffed.dialect.delimiter <= "9"
    few = [offset for offset in scanned.lettered if offset] if is_telling else []
    return few if len(few) <= _LETTERED_MOST else []


def data_start(head: bytes, encoding: Encoding, sniffed: Sniffed) -> tuple[int, int]:
    """Lines before the first data record, and its byte offset."""
    text = encoding.decode(head[encoding.bom_bytes :])[: sniffed.data_offset]
    lines = text.count("\r" if encoding.ends_lines_with_return else "\n")
    at = encoding.bom_bytes
    for _ in range(lines):
        following = encoding.after_line_end(head, at)
        at = len(head) if following is None else following
    if not lines and sniffed.data_offset:
        at = len(head)  # A header without an end: there are no records.
    return lines, at


def _typical_row_bytes(head: bytes, start: int) -> float:
    body = head[start:]
    return len(body) / max(1, body.count(b"\n"))


def _tokens(raw: bytes, sniffed: Sniffed, quote: str | None) -> Tokens:
    return tokenise(raw, sniffed.width, sniffed.dialect.delimiter, quote, sniffed.dialect.decimal)


def _working_quote(slices: list[_slices.Slice], sniffed: Sniffed) -> str | None:
    """The quote, unless the records come out straighter without: marks of inches, for one."""
    if not sniffed.dialect.is_quoted:
        return None
    quote = sniffed.dialect.quotechar
    first = slices[0].raw if slices else b""
    if quote.encode() not in first:
        return quote
    if not _encloses(first, sniffed.dialect.delimiter.encode(), quote.encode()):
        return None
    with_quote = _tokens(first, sniffed, quote)
    if not with_quote.records:
        return None  # One that is never closed would take the whole file into a field.
    odd = with_quote.short_records + with_quote.long_records
    if with_quote.records and odd <= _IRREGULAR_RATIO * with_quote.records:
        return quote
    without = _tokens(first, sniffed, None)
    straighter = without.short_records + without.long_records
    return None if straighter * with_quote.records < odd * without.records else quote


def _encloses(raw: bytes, delimiter: bytes, quote: bytes) -> bool:
    """Whether most quotes stand at the edge of a field, or next to another one."""
    data = np.frombuffer(b"\n" + raw[:_QUOTED_BYTES] + b"\n", np.uint8)
    at = np.flatnonzero(data == quote[0])
    edges = np.frombuffer(delimiter + quote + b"\r\n", np.uint8)
    is_edge = np.isin(data[at - 1], edges) | np.isin(data[at + 1], edges)
    return bool(np.count_nonzero(is_edge) >= _ENCLOSING_RATIO * len(at))


def _positions(parts: _Parts, rows: int) -> Ints:
    """About which row of the file each record of the spread part is."""
    if not len(parts.slice_of):
        return np.empty(0, np.int64)
    begins = np.array([position * rows for position in parts.positions], np.int64)
    return begins[np.minimum(parts.slice_of, len(begins) - 1)]


def _blank_tail_lines(source: SourceFile, encoding: Encoding) -> int:
    """Empty lines at the very end, as some exports leave them."""
    with source.path.open("rb") as file:
        file.seek(max(0, source.size_bytes - _TAIL_BYTES))
        tail = file.read(_TAIL_BYTES)
    if encoding.unit_bytes > 1:
        tail = tail.replace(b"\0", b"")
    stripped = tail.rstrip(b"\r\n")
    ends = tail[len(stripped) :].replace(b"\r\n", b"\n")
    return max(0, len(ends) - 1)
