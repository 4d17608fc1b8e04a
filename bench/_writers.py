"""Formats that a recipe's table is written in: CSV, workbooks, JSON and its lines."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import numpy as np
import xlsxwriter
import xlsxwriter.format
import xlsxwriter.worksheet

from bench._columns import Kind
from bench._tables import Columns, Table

_CREATED = datetime(2024, 1, 1)  # noqa: DTZ001 - workbooks have no zones; the same bytes each time
_MISSING = ("", "NA", "NaN")
_TRUE = ("True", "true", "1")


def write_csv(table: Table, rows: int, out: BinaryIO, options: tuple[str, ...]) -> None:
    """As most programs write it; `crlf` line ends, `quoted` in every field, or `semi`colons."""
    end = "\r\n" if "crlf" in options else "\n"
    is_quoted = "quoted" in options
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    mark = ";" if "semi" in options else ","
    writer = csv.writer(
        text,
        delimiter=mark,
        lineterminator=end,
        quoting=csv.QUOTE_ALL if is_quoted else csv.QUOTE_MINIMAL,
    )
    writer.writerow(table.names)
    for block in table.blocks(rows):
        if not is_quoted and not any(_needs_quotes(column, mark) for column in block):
            text.write(end.join(map(mark.join, zip(*block, strict=True))) + end)
        else:
            writer.writerows(zip(*block, strict=True))
    text.detach()


def _needs_quotes(column: list[str], delimiter: str) -> bool:
    joined = "".join(column)
    return any(mark in joined for mark in (delimiter, '"', "\n", "\r"))


def write_json(table: Table, rows: int, out: BinaryIO, options: tuple[str, ...]) -> None:
    """Records by default, else what the first option says.

    `lines` a record a line; `columns` by index, `lists` without; `values` without names; `wrapped`
    in an object, `features` as GeoJSON. Besides: `sparse` leaves blank cells out, `indent`,
    `escaped` writes other letters than ASCII by number, `nested` puts the second half of a record
    in an object and a list.
    """
    encoded = (_encoded(table.kinds, block, options) for block in table.blocks(rows))
    if "columns" in options or "lists" in options:
        _write_columns(table, encoded, out, is_list="lists" in options)
        return
    records = _records(table, encoded, options)
    if "lines" in options:
        for record in records:
            out.write(record.encode() + b"\n")
        return
    before, after = "[", "]"
    if "wrapped" in options:
        before, after = '{"data":[', "]}"
    elif "features" in options:
        before, after = '{"type":"FeatureCollection","features":[', "]}"
    out.write(before.encode())
    for number, record in enumerate(records):
        out.write((b",\n" if number else b"") + record.encode())
    out.write(after.encode())


def _encoded(kinds: list[Kind], block: Columns, options: tuple[str, ...]) -> Columns:
    is_ascii = "escaped" in options
    encoded: Columns = []
    for kind, column in zip(kinds, block, strict=True):
        if kind == "number":
            encoded.append([_number(cell) for cell in column])
        elif kind == "bool":
            encoded.append(
                [("true" if cell in _TRUE else "false") if cell else "null" for cell in column]
            )
        else:
            encoded.append(
                [json.dumps(cell, ensure_ascii=is_ascii) if cell else "null" for cell in column]
            )
    return encoded


def _number(cell: str) -> str:
    if cell in _MISSING:
        return "null"
    try:
        json.loads(cell)
    except ValueError:
        return repr(float(cell))
    return cell


def _records(table: Table, blocks: Iterator[Columns], options: tuple[str, ...]) -> Iterator[str]:
    keys = [json.dumps(name, ensure_ascii=False) for name in table.names]
    half = (len(keys) + 1) // 2 if "nested" in options or "features" in options else len(keys)
    start, mark, end = ("\n    ", ",\n    ", "\n  ") if "indent" in options else ("", ",", "")
    is_sparse = "sparse" in options
    for block in blocks:
        for cells in zip(*block, strict=True):
            if "values" in options:
                yield f"[{mark.join(cells)}]"
                continue
            pairs = [
                f"{key}:{cell}"
                for key, cell in zip(keys[:half], cells[:half], strict=True)
                if not (is_sparse and cell == "null")
            ]
            if half < len(keys):
                inner = ",".join(
                    f"{key}:{cell}" for key, cell in zip(keys[half:], cells[half:], strict=True)
                )
                pairs += [f'"detail":{{{inner}}}', f'"values":[{",".join(cells[half:])}]']
            yield "{" + start + mark.join(pairs) + end + "}"


def _write_columns(
    table: Table, blocks: Iterator[Columns], out: BinaryIO, *, is_list: bool
) -> None:
    columns: Columns = [[] for _ in table.names]
    for block in blocks:
        for column, cells in zip(columns, block, strict=True):
            column.extend(cells)
    parts = []
    for name, cells in zip(table.names, columns, strict=True):
        body = ",".join(cells if is_list else [f'"{i}":{c}' for i, c in enumerate(cells)])
        parts.append(f"{json.dumps(name)}:" + (f"[{body}]" if is_list else f"{{{body}}}"))
    out.write(("{" + ",".join(parts) + "}").encode())


def write_xlsx(table: Table, rows: int, path: Path, options: tuple[str, ...]) -> None:
    """Shared strings unless `inline`; a number among the options is how many sheets there are."""
    sheets = next((int(option) for option in options if option.isdigit()), 1)
    given = {"constant_memory": "inline" in options, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, given) as book:
        book.set_properties({"created": _CREATED})
        date = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        for _ in range(sheets):
            _write_sheet(book.add_worksheet(), table, rows, date)


def _write_sheet(
    sheet: xlsxwriter.worksheet.Worksheet, table: Table, rows: int, date: xlsxwriter.format.Format
) -> None:
    sheet.write_row(0, 0, table.names)
    row = 0
    for block in table.blocks(rows):
        for cells in zip(*block, strict=True):
            row += 1
            for column, (kind, cell) in enumerate(zip(table.kinds, cells, strict=True)):
                if not cell or (kind == "number" and cell in _MISSING):
                    continue
                if kind == "number":
                    sheet.write_number(row, column, float(cell))
                elif kind == "bool":
                    sheet.write_boolean(row, column, cell in _TRUE)
                elif kind == "date":
                    sheet.write_datetime(row, column, datetime.fromisoformat(cell), date)
                else:
                    sheet.write_string(row, column, cell)


def write_scattered(path: Path, cells: int, rows: int, width: int, seed: int) -> None:
    """A sheet with a header and numbers in a few places of a wide field."""
    rng = np.random.default_rng(seed)
    with xlsxwriter.Workbook(path) as book:
        book.set_properties({"created": _CREATED})
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [f"c{i}" for i in range(width)])
        places = zip(
            rng.integers(1, rows + 1, cells).tolist(),
            rng.integers(0, width, cells).tolist(),
            strict=True,
        )
        for row, column in places:
            sheet.write_number(row, column, round(float(rng.normal(100, 30)), 3))
