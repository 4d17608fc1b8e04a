"""What is worth knowing about a CSV, with what is done about it."""

from collections.abc import Iterator

from services import wording
from services.preflight.inspection._columns import Column
from services.preflight.inspection._csv_sample import CsvFacts
from services.preflight.inspection._dialect import Sniffed
from services.preflight.inspection._encoding import Encoding
from services.preflight.inspection._tokens import INTEGER, NUMBER
from services.preflight.types import Finding, Severity

_NAMED_AT_MOST = 3
"""Columns that get a line of their own for the same finding; more are said in one line."""
_MOSTLY_EMPTY_RATIO = 0.5
_SURE = 0.85


def findings(
    sniffed: Sniffed, encoding: Encoding, facts: CsvFacts, columns: list[Column]
) -> tuple[Finding, ...]:
    """All findings, warnings first."""
    found = [
        *_of_encoding(encoding, facts),
        *_of_layout(sniffed, facts, columns),
        *_of_names(sniffed),
        *_of_values(sniffed, facts, columns),
        *_of_blanks(columns, facts),
    ]
    return tuple(sorted(found, key=lambda finding: finding.severity != "warning"))


def _finding(
    code: str, severity: Severity, message: str, column: str | None = None
) -> Finding:
    return Finding(code=code, severity=severity, message=message, column=column)


def _of_encoding(encoding: Encoding, facts: CsvFacts) -> Iterator[Finding]:
    if facts.scanned.bad_byte_at is not None:
        text = wording.files.bad_bytes(facts.scanned.bad_byte_at)
        yield _finding("bad_bytes", "warning", text)
    elif not encoding.is_utf8:
        is_sure = encoding.confidence >= _SURE
        text = wording.files.other_encoding(encoding.name, is_sure=is_sure)
        yield _finding("encoding", "info" if is_sure else "warning", text)


def _of_layout(sniffed: Sniffed, facts: CsvFacts, columns: list[Column]) -> Iterator[Finding]:
    if sniffed.preamble:
        text = wording.files.preamble(sniffed.dialect.skip_rows, sniffed.preamble[0])
        yield _finding("preamble", "warning", text)
    if sniffed.dialect.header_row is None:
        yield _finding("no_header", "warning", wording.files.no_header(columns[0].report.name))
    elif sniffed.header_is_doubtful:
        yield _finding("header_doubtful", "warning", wording.files.header_doubtful())
    labels = sniffed.width - len(columns)
    if labels > 0:
        text = wording.files.row_labels(labels, trailing=_ends_empty(sniffed))
        code = "trailing_delimiter" if _ends_empty(sniffed) else "row_labels"
        yield _finding(code, "warning", text)
    if facts.long_ratio:
        yield _finding("long_rows", "warning", wording.files.long_rows(facts.long_ratio))
    if facts.short_ratio:
        yield _finding("short_rows", "warning", wording.files.short_rows(facts.short_ratio))


def _ends_empty(sniffed: Sniffed) -> bool:
    rows = [r for r in sniffed.records if len(r) == sniffed.width]
    return bool(rows) and all(not r[-1].strip() for r in rows)


def _of_names(sniffed: Sniffed) -> Iterator[Finding]:
    given = [name for name in sniffed.names if name]
    repeated = sorted({name for name in given if given.count(name) > 1}, key=given.index)
    for name in repeated[:_NAMED_AT_MOST]:
        text = wording.files.duplicate_name(given.count(name))
        yield _finding("duplicate_name", "warning", text, name)
    if blank := len(sniffed.names) - len(given):
        yield _finding("blank_names", "info", wording.files.blank_names(blank))


def _of_values(sniffed: Sniffed, facts: CsvFacts, columns: list[Column]) -> Iterator[Finding]:
    commas = [(c, e) for c in columns if (e := _decimal_comma(c, sniffed)) is not None]
    if sniffed.comma_is_ambiguous and commas:
        column, example = commas[0]
        text = wording.files.decimal_ambiguous(example)
        yield _finding("decimal_ambiguous", "warning", text, column.report.name)
    elif len(commas) > _NAMED_AT_MOST:
        text = wording.files.decimal_commas(commas[0][1], columns=len(commas))
        yield _finding("decimal_comma", "warning", text)
    else:
        for column, example in commas:
            text = wording.files.decimal_commas(example)
            yield _finding("decimal_comma", "warning", text, column.report.name)
    for column in columns:
        yield from _of_column(column)
    del facts


def _of_column(column: Column) -> Iterator[Finding]:
    report = column.report
    if report.kind == "mixed":
        odd = next((e for e in report.examples if not _looks_numeric(e)), "")
        text = wording.files.mixed_types(column.numeric_ratio, odd)
        yield _finding("mixed_types", "warning", text, report.name)
    elif report.kind == "text" and _has_thousands(report.examples):
        text = wording.files.thousands_separators(report.examples[0])
        yield _finding("thousands", "warning", text, report.name)
    if column.dates is not None and column.dates.other is not None:
        is_day_first = column.dates.format.index("%d") < column.dates.format.index("%m")
        text = wording.files.ambiguous_dates(report.examples[0], is_day_first=is_day_first)
        yield _finding("ambiguous_dates", "warning", text, report.name)


def _of_blanks(columns: list[Column], facts: CsvFacts) -> Iterator[Finding]:
    blank = sorted(
        (c for c in columns if c.null_ratio > 0), key=lambda c: c.null_ratio, reverse=True
    )
    empty = [c for c in blank if c.report.kind == "empty"]
    if len(empty) > _NAMED_AT_MOST:
        yield _finding("empty_column", "warning", wording.files.empty_columns(len(empty)))
        blank = [c for c in blank if c.report.kind != "empty"]
    for column in blank[:_NAMED_AT_MOST]:
        name, ratio = column.report.name, column.null_ratio
        if column.report.kind == "empty":
            yield _finding("empty_column", "warning", wording.files.empty_column(), name)
            continue
        count = round(ratio * facts.rows)
        text = wording.files.blanks(ratio, count, is_exact=facts.sample.is_whole)
        severity: Severity = "warning" if ratio >= _MOSTLY_EMPTY_RATIO else "info"
        yield _finding("blanks", severity, text, name)
    if rest := len(blank) - _NAMED_AT_MOST:
        if rest > 0:
            yield _finding("blanks", "info", wording.files.further_blanks(rest))


def _decimal_comma(column: Column, sniffed: Sniffed) -> str | None:
    """A value with a decimal comma, where the column's numbers are written with one."""
    if sniffed.dialect.decimal != "," or column.report.kind != "number":
        return None
    return next((e for e in column.report.examples if "," in e), None)


def _looks_numeric(text: str) -> bool:
    return text.strip().lstrip("+-").replace(".", "", 1).replace(",", "", 1).isdigit()


def _has_thousands(examples: tuple[str, ...]) -> bool:
    """Whether all values are numbers once separators, currency and percent signs are gone."""
    if not examples or not any("," in e or "." in e for e in examples):
        return False
    stripped = [e.strip(" $€£%").replace(",", "").replace(".", "").lstrip("-") for e in examples]
    return all(s.isdigit() for s in stripped)
