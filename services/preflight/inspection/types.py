"""What the inspecting child hands back: a report, what the projection needs, or why it refuses."""

from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from services.preflight.types import Corrections, FileReport, Identified, TablePreview

RefusalCode: TypeAlias = Literal[
    "empty_file",
    "no_rows",
    "too_large_to_check",
    "encrypted_workbook",
    "macro_workbook",
    "legacy_workbook",
    "wrong_type",
    "truncated",
    "damaged",
    "invalid_json",
    "not_utf8",
    "too_deep",
    "too_many_columns",
    "record_too_long",
    "bomb",
    "picture_too_large",
    "not_a_file",
    "unreadable",
    "too_long",
    "too_much_memory",
    "crashed",
]


Dtype: TypeAlias = Literal["bool", "float64", "int64", "uint64", "object", "datetime64[ns]"]


class Bounds(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much an inspection may take before the file is refused; see bounds.toml."""

    memory_bytes: int
    cpu_seconds: int
    wall_seconds: float
    children: int
    counted_file_bytes: int
    whole_file_bytes: int
    sample_blank_difference: float
    sample_length_ratio: float
    sample_distinct_ratio: float
    columns: int
    record_bytes: int
    json_depth: int
    json_whole_bytes: int
    inflated_bytes: int
    inflation_ratio: int
    inflation_ratio_from_bytes: int
    picture_pixels: int


class Refusal(msgspec.Struct, frozen=True, kw_only=True, tag="refusal"):
    """Why a file can't be used; the sentence is made from these facts by the verdict."""

    code: RefusalCode
    mime: str = "application/octet-stream"
    size_bytes: int = 0
    what: str = ""
    """The real type, as a noun: `PDF`, `PNG image`."""
    extension: str = ""
    """Of the name, with its dot, where it promises something else."""
    rows: int | None = None
    """Rows before the place where the file ends or breaks."""
    position: int | None = None
    """Byte offset of what is wrong."""
    line: int | None = None
    """The line of that byte, from 1 on."""
    limit: int | None = None


class ColumnMeasure(msgspec.Struct, frozen=True, kw_only=True):
    """What one column of a table will occupy once loaded; bytes of all its rows."""

    dtype: Dtype
    strings_bytes: float = 0.0
    """Allocated string objects, each counted once per chunk of the parser."""
    strings_low_bytes: float = 0.0
    strings_high_bytes: float = 0.0
    text_bytes: float = 0.0
    """Bytes of the cells' text, counted once per cell."""
    chunk_distinct: float = 0.0
    """Different strings in one chunk of the parser."""
    file_distinct: float = 0.0
    """About how many different strings the whole column holds."""


class CsvMeasures(msgspec.Struct, frozen=True, kw_only=True, tag="csv"):
    """What the memory formulas for CSV take in."""

    rows: int
    width: int
    """Parsed fields per record."""
    chunk_rows: int
    row_bytes: float
    columns: tuple[ColumnMeasure, ...]
    group_columns: int
    """Columns fit for grouping among the first rows: 0, 1 or 2."""
    pivots: bool
    """Whether the last numeric column is not itself one of the two to group by."""
    first_column_distinct: float
    joins_booleans: bool = False
    """Whether the first column to group by holds booleans and blanks, which are objects."""
    is_sampled: bool = False
    """Whether the columns' figures come from a sample, and not from every row."""


class XlsxMeasures(msgspec.Struct, frozen=True, kw_only=True, tag="xlsx"):
    """What the memory formulas for one sheet of a workbook take in."""

    rows: int
    width: int
    cells: int
    shared_strings: int
    """Of all sheets, since they are read at once."""
    shared_strings_bytes: float
    inline_strings_bytes: float
    values_bytes: float
    row_list_bytes: float
    """The list that holds one row's values."""
    columns: tuple[ColumnMeasure, ...]
    group_columns: int
    """Columns fit for grouping among the first rows: 0, 1 or 2."""
    unasked: "XlsxMeasures | None" = None
    """Of the workbook's first sheet, which a program reads that names none, if it is another."""


class JsonMeasures(msgspec.Struct, frozen=True, kw_only=True, tag="json"):
    """What the memory formulas for JSON take in. Means are per record."""

    shape: Literal["records", "lines", "columns", "lists", "other"]
    rows: int
    characters: int
    bytes_per_character: int
    line_bytes: float
    """A line of the text as a string of its own; 0 where a record is none."""
    object_bytes: float
    """A record's share of all objects that the parser makes: dicts or lists, keys and values."""
    kept_bytes: float
    """Of these, what text that stays keeps in memory."""
    columns: tuple[ColumnMeasure, ...]


class TextMeasures(msgspec.Struct, frozen=True, kw_only=True, tag="text"):
    """What the memory formula for plain text takes in."""

    characters: int
    bytes_per_character: int


class ImageMeasures(msgspec.Struct, frozen=True, kw_only=True, tag="image"):
    """What the memory formula for a picture takes in."""

    held_bytes: int
    """As Pillow holds it: four bytes a pixel unless it has a single band of eight bits."""
    decoded_bytes: int
    """As an array of numbers."""


Measures: TypeAlias = CsvMeasures | XlsxMeasures | JsonMeasures | TextMeasures | ImageMeasures


class Inspected(msgspec.Struct, frozen=True, kw_only=True, tag="inspected"):
    """A usable file."""

    report: FileReport
    measures: Measures


class InspectFile(msgspec.Struct, frozen=True, kw_only=True, tag="inspect"):
    """Ask the child what a file is."""

    path: str
    name: str
    check_limit_bytes: int
    practical_limit_bytes: int
    thorough: bool = False
    """Tell the memory of a CSV from all rows, where a sample leaves open whether it fits."""
    corrections: Corrections | None = None


class IdentifyFile(msgspec.Struct, frozen=True, kw_only=True, tag="identify"):
    """Ask the child for the type only."""

    path: str


class PreviewTable(msgspec.Struct, frozen=True, kw_only=True, tag="table"):
    """Ask the child for the head of a table that a run produced."""

    path: str
    kind: Literal["csv", "json", "ndjson"]
    rows: int


class Identity(msgspec.Struct, frozen=True, kw_only=True, tag="identity"):
    """The answer to `IdentifyFile`."""

    identified: Identified


class Preview(msgspec.Struct, frozen=True, kw_only=True, tag="preview"):
    """The answer to `PreviewTable`; None where the file is not such a table."""

    table: TablePreview | None


Request: TypeAlias = InspectFile | IdentifyFile | PreviewTable
Reply: TypeAlias = Inspected | Refusal | Identity | Preview


class SourceFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file under inspection: where it lies, how large it is, what its name promises."""

    path: Path
    name: str
    size_bytes: int

    @property
    def extension(self) -> str:
        """The last suffix of the name in lower case, with its dot; empty without one."""
        return Path(self.name).suffix.lower()
