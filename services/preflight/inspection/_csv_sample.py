"""The sample of a CSV as tokens, and how many rows the file has."""

from dataclasses import dataclass

import numpy as np

from services.preflight.inspection import _measures, _slices
from services.preflight.inspection._columns import Sample, count_kinds
from services.preflight.inspection._dialect import Sniffed
from services.preflight.inspection._encoding import Encoding
from services.preflight.inspection._tokens import Tokens, tokenise
from services.preflight.inspection.types import Bounds, SourceFile

_TAIL_BYTES = 4_096
_IRREGULAR_RATIO = 0.1
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


def take(
    source: SourceFile, head: bytes, encoding: Encoding, sniffed: Sniffed, bounds: Bounds
) -> CsvFacts:
    """Go over all bytes once, and tokenise the sample."""
    header_lines, start = data_start(head, encoding, sniffed)
    chunk_rows = _measures.chunk_rows(sniffed.width)
    slices = _slices.cut(
        source.path,
        encoding,
        sniffed.dialect,
        data_start_bytes=start,
        size_bytes=source.size_bytes,
        width=sniffed.width,
        chunk_bytes=chunk_rows * _typical_row_bytes(head, start),
        bounds=bounds,
    )
    scanned = _slices.scan(source.path, encoding)
    is_whole = source.size_bytes <= bounds.whole_file_bytes
    quote = _working_quote(slices, sniffed)
    long = [_tokens(s.raw, sniffed, quote) for s in slices if s.is_long]
    short = [s for s in slices if not s.is_long]
    spread = _tokens(b"".join(s.raw for s in short), sniffed, quote) if short else None
    parts = [*long, *([spread] if spread is not None else [])]
    records = sum(part.records for part in parts)
    left_out = sum(part.blank_lines + part.long_records for part in parts)
    encloses_lines = sum(part.newlines for part in parts) > records + left_out
    if encloses_lines and not is_whole:
        scanned = _slices.scan(source.path, encoding, quote)
    rows, exact = records, True
    if not is_whole:
        lines = scanned.lines - header_lines - _blank_tail_lines(source, encoding)
        rows, exact = round(lines * records / max(1, records + left_out)), left_out == 0
    long_records = sum(part.long_records for part in parts)
    raw_bytes = sum(len(s.raw) for s in slices)
    return CsvFacts(
        sample=Sample(
            long=long,
            spread=spread,
            spread_positions=_positions(short, spread, rows),
            is_whole=is_whole,
            counts=count_kinds(parts, sniffed.width),
            records=records,
        ),
        scanned=scanned,
        rows=rows,
        rows_are_exact=exact,
        row_bytes=raw_bytes / max(1, records),
        chunk_rows=chunk_rows,
        quote=quote,
        short_ratio=sum(part.short_records for part in parts) / max(1, records),
        long_ratio=long_records / max(1, records + long_records),
    )


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


def _positions(
    short: list[_slices.Slice], spread: Tokens | None, rows: int
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """About which row of the file each record of the spread part is."""
    if spread is None or not spread.records:
        return np.empty(0, np.int64)
    ends = np.cumsum([len(s.raw) for s in short])
    slice_of = np.searchsorted(ends, spread.starts[:, 0], side="right")
    begins = np.array([s.position * rows for s in short], np.int64)
    return begins[np.minimum(slice_of, len(begins) - 1)]


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
