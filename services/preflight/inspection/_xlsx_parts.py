"""The parts of a workbook: which there are, whether they may be inflated, and a bounded way in."""

import re
import xml.parsers.expat
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from services.preflight.inspection.types import Bounds

PIECE_BYTES = 1 << 18
_SMALL_PART_BYTES = 8_000_000
"""Parts that are read at once (workbook, relations, styles) are far smaller than this."""
_STREAMED = ("xl/worksheets/sheet", "xl/sharedStrings", "customXml/", "xl/drawings/")
_DATE_FORMAT_IDS = frozenset((*range(14, 23), *range(45, 48)))
_DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_QUOTED = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.')


class BombError(Exception):
    """A part inflates to more than is sane, or its XML declares entities."""


class DamagedError(Exception):
    """The workbook is not what its structure promises."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A worksheet's name and the part that holds it."""

    name: str
    part: str
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Workbook:
    """What the small parts say."""

    sheets: tuple[Sheet, ...]
    date_styles: frozenset[int]
    """Cell styles that show a number as a date or a time."""
    shared_strings: str | None


def check_sizes(archive: zipfile.ZipFile, bounds: Bounds) -> None:
    """Raise BombError if the parts would inflate past the bounds, by what the archive declares."""
    parts = archive.infolist()
    if sum(part.file_size for part in parts) > bounds.inflated_bytes:
        raise BombError
    for part in parts:
        ratio = part.file_size / max(1, part.compress_size)
        if part.file_size > bounds.inflation_ratio_from_bytes and ratio > bounds.inflation_ratio:
            raise BombError


def pieces(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """A part, inflated piece by piece; BombError when it holds more than it declares."""
    declared = archive.getinfo(part).file_size
    read = 0
    with archive.open(part) as stream:
        while piece := stream.read(PIECE_BYTES):
            if not read and _DECLARATION.search(piece):
                raise BombError  # No part of a workbook declares anything but to explode.
            read += len(piece)
            if read > declared:
                raise BombError
            yield piece


def check_small_parts(archive: zipfile.ZipFile) -> None:
    """Raise what is wrong with the parts that every reader opens beside the sheets.

    A sheet is gone through from end to end anyhow; a theme or a list of properties that is
    damaged keeps a reader from opening the workbook at all.
    """
    for part in archive.infolist():
        if not part.filename.endswith((".xml", ".rels")) or part.filename.startswith(_STREAMED):
            continue
        if part.file_size <= _SMALL_PART_BYTES:
            parser = xml.parsers.expat.ParserCreate()
            reject_declarations(parser)
            parser.Parse(archive.read(part), True)


def describe(archive: zipfile.ZipFile) -> Workbook:
    """Sheets in their order, date styles and where the shared strings are."""
    names = set(archive.namelist())
    relations = _relations(archive, names)
    sheets: list[Sheet] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) != "sheet":
            return
        key = next((v for k, v in attributes.items() if k.endswith(":id") or k == "id"), "")
        target = relations.get(key, "")
        if target in names:
            is_hidden = attributes.get("state", "visible") in ("hidden", "veryHidden")
            sheets.append(Sheet(attributes.get("name", target), target, is_hidden))

    _parse(archive, "xl/workbook.xml", start)
    worksheets = tuple(s for s in sheets if "chartsheet" not in s.part)
    if not worksheets:
        raise DamagedError
    shared = "xl/sharedStrings.xml"
    return Workbook(worksheets, _date_styles(archive, names), shared if shared in names else None)


def reject_declarations(parser: xml.parsers.expat.XMLParserType) -> None:
    """No part of a workbook has a document type, and entities are only there to explode."""

    def refuse(*_: object) -> None:
        raise BombError

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse


def _parse(
    archive: zipfile.ZipFile, part: str, start: Callable[[str, dict[str, str]], None]
) -> None:
    if archive.getinfo(part).file_size > _SMALL_PART_BYTES:
        raise BombError
    parser = xml.parsers.expat.ParserCreate()
    reject_declarations(parser)
    parser.StartElementHandler = start
    parser.Parse(archive.read(part), True)


def _relations(archive: zipfile.ZipFile, names: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "")
            path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            found[attributes.get("Id", "")] = str(PurePosixPath(path))

    part = "xl/_rels/workbook.xml.rels"
    if part in names:
        _parse(archive, part, start)
    return found


def _date_styles(archive: zipfile.ZipFile, names: set[str]) -> frozenset[int]:
    custom: dict[int, str] = {}
    styles: list[int] = []
    inside_cell_formats = False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal inside_cell_formats
        local = _local(tag)
        if local == "numFmt":
            custom[int(attributes.get("numFmtId", "0"))] = attributes.get("formatCode", "")
        elif local in ("cellXfs", "cellStyleXfs"):
            inside_cell_formats = local == "cellXfs"
        elif local == "xf" and inside_cell_formats:
            styles.append(int(attributes.get("numFmtId", "0")))
        elif local in ("cellStyles", "dxfs"):
            inside_cell_formats = False

    if "xl/styles.xml" in names:
        _parse(archive, "xl/styles.xml", start)
    return frozenset(
        index
        for index, number in enumerate(styles)
        if number in _DATE_FORMAT_IDS or _is_date_code(custom.get(number, ""))
    )


def _is_date_code(code: str) -> bool:
    return bool(set(_QUOTED.sub("", code.lower())) & set("ymdhs"))


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]
