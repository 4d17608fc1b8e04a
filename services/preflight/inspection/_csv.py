"""CSV: from the first records and a sample to a report and what the projection needs."""

import dataclasses

import msgspec

from services.preflight.inspection import (
    _columns,
    _csv_findings,
    _csv_memory,
    _csv_sample,
    _csv_whole,
    _dialect,
)
from services.preflight.inspection._columns import SHOWN_CHARACTERS, Column
from services.preflight.inspection._csv_sample import CsvFacts
from services.preflight.inspection._csv_whole import Whole
from services.preflight.inspection._dialect import Sniffed
from services.preflight.inspection._encoding import Encoding
from services.preflight.inspection._names import pandas_names
from services.preflight.inspection._tokens import MISSING
from services.preflight.inspection.types import (
    Bounds,
    ColumnMeasure,
    Dtype,
    Inspected,
    Refusal,
    SourceFile,
)
from services.preflight.types import Corrections, FileReport, TableReport

MIME = "text/csv"
SAMPLE_ROWS, SAMPLE_COLUMNS = 100, 50
_POINTER_BYTES, _TAIL_BYTES = 8, 8_192


def read(
    source: SourceFile,
    head: bytes,
    encoding: Encoding,
    bounds: Bounds,
    *,
    thorough: bool = False,
    corrections: Corrections | None = None,
) -> Inspected | Refusal:
    """What this CSV holds. `head` is its beginning, cut at a line end unless it is all of it.

    With `thorough` every row is looked at, for what the columns will occupy.
    """
    sniffed = _dialect.sniff(encoding.decode(head[encoding.bom_bytes :]), corrections)
    if sniffed.width > bounds.columns:
        return Refusal(
            code="too_many_columns",
            mime=MIME,
            size_bytes=source.size_bytes,
            rows=sniffed.width,
            limit=bounds.columns,
        )
    facts = _csv_sample.take(source, head, encoding, sniffed, bounds)
    if not facts.sample.long and source.size_bytes > bounds.record_bytes:
        return Refusal(
            code="record_too_long",
            mime=MIME,
            size_bytes=source.size_bytes,
            limit=bounds.record_bytes,
        )
    if not facts.sample.records:
        return Refusal(code="no_rows", mime=MIME, size_bytes=source.size_bytes)
    whole: Whole | None = None
    if thorough and not facts.sample.is_whole:
        _, start = _csv_sample.data_start(head, encoding, sniffed)
        whole, facts = _csv_whole.read(source, encoding, sniffed, start, facts)
    names = pandas_names(sniffed.names)
    # Fields in front that the header does not name: pandas makes them the index, unless it is told
    # that it is the last one which is too many.
    labels = 0 if sniffed.ends_in_delimiter else sniffed.width - len(names)
    dtypes = [_columns.dtype_of(facts.sample, i) for i in range(sniffed.width)]
    measures = _csv_memory.measure(facts, sniffed.width, dtypes)
    if whole is not None:
        measured = tuple(whole.measured(i, column) for i, column in enumerate(measures.columns))
        measures = msgspec.structs.replace(measures, columns=measured, is_sampled=False)
    columns = [
        _column(
            facts,
            sniffed,
            i + labels,
            name,
            dtypes[i + labels],
            measures.columns[i + labels],
            None if corrections is None else corrections.day_first,
        )
        for i, name in enumerate(names)
    ]
    table = TableReport(
        name=source.name,
        rows=facts.rows,
        rows_exact=facts.rows_are_exact,
        columns=tuple(column.report for column in columns),
        sample=_first_rows(facts, labels, labels + len(names)),
    )
    report = FileReport(
        kind="csv",
        mime=MIME,
        size_bytes=source.size_bytes,
        encoding=encoding.name,
        encoding_confidence=encoding.confidence,
        encoding_alternatives=encoding.alternatives,
        dialect=msgspec.structs.replace(sniffed.dialect, is_quoted=facts.quote is not None),
        tables=(table,),
        findings=_csv_findings.findings(
            sniffed, encoding, facts, columns, _tail(source, encoding), corrections
        ),
        has_bad_bytes=facts.scanned.bad_byte_at is not None,
    )
    return Inspected(report=report, measures=measures)


def _column(
    facts: CsvFacts,
    sniffed: Sniffed,
    index: int,
    name: str,
    dtype: Dtype,
    measure: ColumnMeasure,
    day_first: bool | None,
) -> Column:
    """The column's report, with counts for the whole file and what it takes in memory."""
    dialect = sniffed.dialect
    described = _columns.describe(
        facts.sample,
        index,
        name,
        dtype,
        rows=facts.rows,
        decimal=dialect.decimal,
        day_first=dialect.decimal == "," or dialect.delimiter == ";",
        is_told=day_first,
    )
    nulls = round(described.null_ratio * facts.rows)
    distinct: int | None
    if facts.sample.is_counted:
        distinct = _columns.exact_distinct(facts.sample, index, dtype, dialect.decimal)
    else:
        known = measure.file_distinct or described.distinct
        distinct = round(min(known, facts.rows)) if known or not facts.rows else None
    width = 1 if dtype == "bool" else _POINTER_BYTES
    report = msgspec.structs.replace(
        described.report,
        nulls=nulls,
        distinct=distinct,
        counts_exact=facts.sample.is_counted,
        memory_bytes=round(facts.rows * width + measure.strings_bytes),
        content_bytes=round(facts.rows + measure.text_bytes),
    )
    return dataclasses.replace(described, report=report)


def _tail(source: SourceFile, encoding: Encoding) -> list[str]:
    """The last whole lines of a file."""
    start = max(encoding.bom_bytes, source.size_bytes - _TAIL_BYTES)
    start -= (start - encoding.bom_bytes) % encoding.unit_bytes
    with source.path.open("rb") as file:
        file.seek(start)
        lines = encoding.decode(file.read()).splitlines(keepends=True)
    return lines[1:] if start > encoding.bom_bytes else lines


def _first_rows(facts: CsvFacts, labels: int, width: int) -> tuple[tuple[str | None, ...], ...]:
    tokens = facts.sample.long[0]
    part = slice(0, SAMPLE_ROWS), slice(labels, min(width, labels + SAMPLE_COLUMNS))
    rows = zip(
        (tokens.kinds[part] > MISSING).tolist(),
        tokens.starts[part].tolist(),
        tokens.lengths[part].tolist(),
        strict=True,
    )
    return tuple(
        tuple(
            tokens.text(start, length)[:SHOWN_CHARACTERS] if is_there else None
            for is_there, start, length in zip(*row, strict=True)
        )
        for row in rows
    )
