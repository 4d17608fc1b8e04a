"""What is worth knowing about a CSV, with what is done about it."""

import re
from collections.abc import Iterator, Sequence

from services import wording
from services.preflight.inspection import _layout
from services.preflight.inspection._columns import Column
from services.preflight.inspection._csv_sample import CsvFacts
from services.preflight.inspection._dialect import Sniffed
from services.preflight.inspection._encoding import Encoding
from services.preflight.inspection._table_findings import NAMED_AT_MOST, of_columns
from services.preflight.types import Corrections, Finding, Severity

_SURE = 0.85
_GROUPED = re.compile(r"-?[1-9]\d{0,2}\.\d{3}")


def findings(
    sniffed: Sniffed,
    encoding: Encoding,
    facts: CsvFacts,
    columns: list[Column],
    tail: Sequence[str] = (),
    corrections: Corrections | None = None,
) -> tuple[Finding, ...]:
    """All findings, warnings first."""
    found = [
        *of_encoding(encoding, facts.scanned.bad_byte_at),
        *_of_layout(sniffed, facts, columns),
        *_of_doubts(sniffed, tail),
        *_of_names(sniffed),
        *_of_commas(sniffed, columns, corrections or Corrections()),
        *of_columns(columns, facts.rows),
    ]
    return tuple(sorted(found, key=lambda finding: finding.severity != "warning"))


def of_encoding(encoding: Encoding, bad_byte_at: int | None) -> Iterator[Finding]:
    """An encoding that is not UTF-8, or bytes that are in none."""
    if bad_byte_at is not None:
        yield _finding("bad_bytes", "warning", wording.files.bad_bytes(bad_byte_at))
    elif not encoding.is_utf8:
        is_sure = encoding.confidence >= _SURE
        others = encoding.alternatives
        text = wording.files.other_encoding(encoding.name, others, is_sure=is_sure)
        yield _finding("encoding", "info" if is_sure else "warning", text)


def _finding(code: str, severity: Severity, message: str, column: str | None = None) -> Finding:
    return Finding(code=code, severity=severity, message=message, column=column)


def _of_layout(sniffed: Sniffed, facts: CsvFacts, columns: list[Column]) -> Iterator[Finding]:
    if sniffed.preamble:
        text = wording.files.preamble(sniffed.dialect.skip_rows, sniffed.preamble[0])
        yield _finding("preamble", "warning", text)
    if sniffed.dialect.header_row is None:
        yield _finding("no_header", "warning", wording.files.no_header(columns[0].report.name))
    elif sniffed.header_is_doubtful:
        yield _finding("header_doubtful", "warning", wording.files.header_doubtful())
    labels = sniffed.width - len(sniffed.names)
    if labels > 0:
        is_trailing = sniffed.ends_in_delimiter
        text = wording.files.row_labels(labels, trailing=is_trailing)
        code = "trailing_delimiter" if is_trailing else "row_labels"
        yield _finding(code, "warning", text)
    if facts.quote is None:
        yield _finding("stray_quotes", "warning", wording.files.stray_quotes())
    if facts.long_ratio:
        yield _finding("long_rows", "warning", wording.files.long_rows(facts.long_ratio))
    if facts.short_ratio:
        yield _finding("short_rows", "warning", wording.files.short_rows(facts.short_ratio))


def _of_doubts(sniffed: Sniffed, tail: Sequence[str]) -> Iterator[Finding]:
    """Each doubt once, the last lines told by the file's end."""
    seen: set[str] = set()
    for doubt in _layout.doubts(sniffed, tail):
        if doubt.code not in seen:
            seen.add(doubt.code)
            text = wording.files.layout_doubt(doubt.code, doubt.example)
            yield _finding(doubt.code, "warning", text)


def _of_names(sniffed: Sniffed) -> Iterator[Finding]:
    given = [name for name in sniffed.names if name]
    repeated = sorted({name for name in given if given.count(name) > 1}, key=given.index)
    for name in repeated[:NAMED_AT_MOST]:
        text = wording.files.duplicate_name(given.count(name))
        yield _finding("duplicate_name", "warning", text, name)
    if blank := len(sniffed.names) - len(given):
        yield _finding("blank_names", "info", wording.files.blank_names(blank))


def _of_commas(sniffed: Sniffed, columns: list[Column], told: Corrections) -> Iterator[Finding]:
    if told.decimal is None:
        yield from _of_points(sniffed, columns)
    commas = [(c, e) for c in columns if (e := _decimal_comma(c, sniffed)) is not None]
    if sniffed.comma_is_ambiguous and commas:
        column, example = commas[0]
        text = wording.files.decimal_ambiguous(example)
        yield _finding("decimal_ambiguous", "warning", text, column.report.name)
    elif len(commas) > NAMED_AT_MOST:
        text = wording.files.decimal_commas(commas[0][1], columns=len(commas))
        yield _finding("decimal_comma", "info", text)
    else:
        for column, example in commas:
            text = wording.files.decimal_commas(example)
            yield _finding("decimal_comma", "info", text, column.report.name)


def _of_points(sniffed: Sniffed, columns: list[Column]) -> Iterator[Finding]:
    """`1.234` in a file with semicolons: where the comma is the decimal mark, it is a thousand."""
    if sniffed.dialect.delimiter in (",", " ") or sniffed.dialect.decimal != ".":
        return
    for column in columns:
        examples = [one.strip() for one in column.report.examples if "." in one]
        is_grouped = bool(examples) and all(map(_GROUPED.fullmatch, examples))
        if is_grouped and column.report.kind == "number":
            text = wording.files.decimal_ambiguous(examples[0], mark="point")
            yield _finding("decimal_ambiguous", "warning", text, column.report.name)
            return


def _decimal_comma(column: Column, sniffed: Sniffed) -> str | None:
    """A value with a decimal comma, where the column's numbers are written with one."""
    if sniffed.dialect.decimal != "," or column.report.kind != "number":
        return None
    return next((e for e in column.report.examples if "," in e), None)
