"""What is known of a file before anything is sent: report, projections, verdict."""

from datetime import datetime
from typing import Literal, TypeAlias

import msgspec

from services.errors import Message
from services.ids import BlobKey, FileId, RunId
from services.limits.types import Approach
from services.money.types import EngineKind
from services.units import MicroUsd

FileKind: TypeAlias = Literal["csv", "xlsx", "json", "ndjson", "text", "png", "jpeg"]
ColumnKind: TypeAlias = Literal["integer", "number", "boolean", "date", "text", "empty", "mixed"]
Severity: TypeAlias = Literal["info", "warning"]
VerdictState: TypeAlias = Literal["fits", "fits_after_reduction", "refused"]


class Dialect(msgspec.Struct, frozen=True, kw_only=True):
    """How a CSV is written. `header_row` is 0-based after `skip_rows`, or None without a header."""

    delimiter: str
    quotechar: str = '"'
    decimal: Literal[".", ","] = "."
    header_row: int | None = 0
    skip_rows: int = 0
    is_quoted: bool = True
    """False where quotation marks enclose nothing: to be read with `quoting=3` and the names."""


class Corrections(msgspec.Struct, frozen=True, kw_only=True):
    """What a user knows better about a file than what was found; None: as it was found."""

    delimiter: str | None = None
    has_header: bool | None = None
    skip_rows: int | None = None
    """Lines on top of the header that belong to no table."""
    decimal: Literal[".", ","] | None = None
    day_first: bool | None = None
    """How dates like 03/04/2025 are read, in all columns where both are possible."""
    encoding: str | None = None
    sheet: str | None = None
    """The sheet of a workbook that questions are about."""


class NumberStyle(msgspec.Struct, frozen=True, kw_only=True):
    """How numbers are written that a column holds as text: `1.234,50 €`."""

    decimal: Literal[".", ","] | None
    """None where the marks could mean one thing or another: such values stay text."""
    thousands: str = ""
    """The mark between groups of three digits, or nothing."""
    sign: str = ""
    """The currency or percent sign that stands with all of them, or nothing."""
    in_brackets: bool = False
    """Whether some are negative in the way of accountants: `(30)`."""
    example: str = ""


class ColumnReport(msgspec.Struct, frozen=True, kw_only=True):
    """One column. `nulls` and `distinct` are estimates unless `counts_exact`; None: not known."""

    name: str
    dtype: str
    """As pandas would load it by default: int64, float64, bool, object, uint64, datetime64[ns]."""
    kind: ColumnKind
    nulls: int | None = None
    distinct: int | None = None
    minimum: str | None = None
    maximum: str | None = None
    examples: tuple[str, ...] = ()
    """Up to 50 frequent distinct values from the sample, most frequent first, cut at 80 chars."""
    date_format: str | None = None
    """strptime format of a date column, where all sampled values follow it."""
    memory_bytes: int | None = None
    counts_exact: bool = False
    """Whether every row was looked at for `nulls`, `distinct`, `minimum` and `maximum`."""
    distinct_error: float | None = None
    """Standard error of `distinct` as a ratio, where all rows were seen and it is an estimate."""
    number_style: NumberStyle | None = None
    """Of a column of text that holds numbers only, how they are written."""
    content_bytes: int | None = None
    """What the column's fields take in the file, delimiters included."""


class TableReport(msgspec.Struct, frozen=True, kw_only=True):
    """One table: a CSV, a sheet, a JSON list of records."""

    name: str
    rows: int
    rows_exact: bool
    columns: tuple[ColumnReport, ...]
    sample: tuple[tuple[str | None, ...], ...] = ()
    """First rows, at most 100 x 50 cells, each cut at 80 characters."""
    position: int = 0
    """Which sheet of its workbook it is, from 0 on."""
    is_hidden: bool = False
    """Whether it is a sheet that the workbook does not show."""
    duplicate_rows: int | None = None
    """Rows that repeat an earlier one in every field; None while nobody has looked."""


class ImageReport(msgspec.Struct, frozen=True, kw_only=True):
    """A picture's size in pixels, and in memory once decoded."""

    width: int
    height: int
    decoded_bytes: int


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing worth knowing about the file, and what will be done about it."""

    code: str
    severity: Severity
    message: str
    """Plain text; a column's name stands in `column`, never in the sentence's markup."""
    column: str | None = None


class FileReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a file is, from its content alone."""

    kind: FileKind | None
    mime: str
    size_bytes: int
    encoding: str | None = None
    encoding_confidence: float | None = None
    encoding_alternatives: tuple[str, ...] = ()
    """Other encodings in which the text is likely too, the likeliest first."""
    dialect: Dialect | None = None
    tables: tuple[TableReport, ...] = ()
    """The one that questions are about comes first: of a workbook, the sheet with most rows."""
    image: ImageReport | None = None
    text_characters: int | None = None
    findings: tuple[Finding, ...] = ()
    has_bad_bytes: bool = False
    """Some bytes are not valid in `encoding`: it has to be read with `errors="replace"`."""

    @property
    def day_first(self) -> bool | None:
        """Whether the first table's dates have the day before the month; None where none could."""
        for column in self.tables[0].columns if self.tables else ():
            style = column.date_format or "%Y"
            if not style.startswith("%Y") and "%d" in style and "%m" in style:
                return style.index("%d") < style.index("%m")
        return None


class MemoryProjection(msgspec.Struct, frozen=True, kw_only=True):
    """Peak resident bytes of the whole process, baseline included, with an interval."""

    peak_bytes: int
    low_bytes: int
    high_bytes: int
    load_bytes: int
    analysis_bytes: int
    baseline_bytes: int
    folk_low_bytes: int
    folk_high_bytes: int
    limit_bytes: int
    fits: bool
    rough: bool
    """True where the formula has not been measured well enough to be trusted to a few percent."""
    environment: str
    """For which pandas: `pandas 1.5.3`."""


class CostProjection(msgspec.Struct, frozen=True, kw_only=True):
    """What one question of the usual approach will cost."""

    low_microusd: MicroUsd
    high_microusd: MicroUsd
    token_low_microusd: MicroUsd
    token_high_microusd: MicroUsd
    container_low_microusd: MicroUsd
    container_high_microusd: MicroUsd
    formula: str


class TimeProjection(msgspec.Struct, frozen=True, kw_only=True):
    """How long one question of the usual approach takes."""

    low_seconds: float
    high_seconds: float
    typical_seconds: float
    formula: str


class ApproachProjection(msgspec.Struct, frozen=True, kw_only=True):
    """What one question takes, asked in one of the ways of answering."""

    approach: Approach
    cost: CostProjection
    time: TimeProjection


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome in one bold sentence, with reason and number, and what to do."""

    state: VerdictState
    code: str
    message: Message
    ways_out: tuple[str, ...] = ()
    """What works instead, a line each; only where the file is refused."""


class KeepColumns(msgspec.Struct, frozen=True, kw_only=True, tag="keep_columns"):
    """Leave all other columns out."""

    names: tuple[str, ...]


class KeepRows(msgspec.Struct, frozen=True, kw_only=True, tag="keep_rows"):
    """Only rows whose value compares so: numbers as numbers, dates by time, text by itself."""

    column: str
    comparison: Literal["=", "!=", "<", "<=", ">", ">=", "contains"]
    value: str


class NewestRows(msgspec.Struct, frozen=True, kw_only=True, tag="newest_rows"):
    """So many rows, from the end of a table ordered by that date; as they stand without one."""

    rows: int
    column: str | None = None


class SampleRows(msgspec.Struct, frozen=True, kw_only=True, tag="sample_rows"):
    """One row of every n that follow each other, drawn at random, the same ones each time.

    Not simply every n-th one: rows that alternate would lose whole groups.
    """

    every: int


class OneRowPerGroup(msgspec.Struct, frozen=True, kw_only=True, tag="one_row_per_group"):
    """Numbers summed per group of these columns, with a count of the rows behind each."""

    by: tuple[str, ...]


class NarrowTypes(msgspec.Struct, frozen=True, kw_only=True, tag="narrow_types"):
    """Numbers written as text become numbers; decimals keep `digits` places, None: all of them."""

    columns: tuple[str, ...]
    digits: int | None = None


class PickSheet(msgspec.Struct, frozen=True, kw_only=True, tag="pick_sheet"):
    """One sheet of a workbook, or one list of a JSON document."""

    name: str


ReductionStep: TypeAlias = (
    PickSheet | KeepColumns | KeepRows | NewestRows | SampleRows | OneRowPerGroup | NarrowTypes
)


class ReductionPlan(msgspec.Struct, frozen=True, kw_only=True):
    """Steps in the order in which they are taken, and what they are expected to bring.

    The result is always a compact CSV in UTF-8, its columns sorted by type.
    """

    steps: tuple[ReductionStep, ...]
    says: tuple[str, ...]
    """One sentence per step, with its saving, plain text."""
    truth: str
    """What it means for answers: whether totals and averages stay exact."""
    is_exact: bool
    """Whether every row is kept with every value of the columns kept."""
    rows: int
    columns: int = 0
    """Of the reduced file."""
    size_bytes: int
    """Of the reduced file, estimated."""
    memory: MemoryProjection
    fits: bool
    """In memory and in size, by the upper ends of the estimates."""
    seconds: float
    """About how long it will take here."""


class Reduction(msgspec.Struct, frozen=True, kw_only=True):
    """A kept file's reduction: from which file it came, by which steps, and what that means."""

    source: FileId
    steps: tuple[ReductionStep, ...]
    source_columns: int
    source_rows: int
    kept_columns: int
    kept_rows: int
    is_exact: bool
    truth: str


class Preflight(msgspec.Struct, frozen=True, kw_only=True):
    """All that the card shows. Stored under the content's hash; belongs to no user."""

    blob: BlobKey
    report: FileReport
    memory: MemoryProjection | None
    cost: CostProjection | None
    time: TimeProjection | None
    verdict: Verdict
    seconds: float
    checked_at: datetime
    profile: str
    is_profiled: bool = False
    """Whether every row was looked at: counts are exact, or say by how much they may be off."""
    approaches: tuple[ApproachProjection, ...] = ()
    """Cost and time of every way of answering; `cost` and `time` are those of the usual one."""
    plan: ReductionPlan | None = None
    """The suggested reduction, where the file does not fit as it is and one was found."""
    schema: int = 1

    def can_be_asked(self, engine: EngineKind) -> bool:
        """Whether such a file can be asked about now; the local engine needs a table."""
        is_readable = engine == "claude" or bool(self.report.tables)
        return self.verdict.state == "fits" and is_readable


class Observation(msgspec.Struct, frozen=True, kw_only=True):
    """What a finished question took, beside what was projected for its largest file."""

    run_id: RunId
    at: datetime
    approach: Approach
    engine: EngineKind
    seconds: float
    kind: FileKind | None = None
    size_bytes: int = 0
    projected_bytes: int | None = None
    low_bytes: int | None = None
    high_bytes: int | None = None
    peak_bytes: int | None = None
    """As the code that ran reported it; None where it reported none."""


class CheckStarted(msgspec.Struct, frozen=True, kw_only=True):
    """What `check` hands back: the kept file, and the run that looks at it unless it is known."""

    file_id: FileId
    run_id: RunId | None


class Identified(msgspec.Struct, frozen=True, kw_only=True):
    """Type by content, for files that a run produced."""

    kind: FileKind | None
    mime: str


class TablePreview(msgspec.Struct, frozen=True, kw_only=True):
    """The head of a table as it is drawn: numbers as numbers, dates and text as text."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str | int | float | bool | None, ...], ...]
    total_rows: int
