"""What the columns of a CSV will occupy, told from every row of it instead of a sample.

Takes as long as the file is large, so it is only done where the sample's interval leaves open
whether a file fits. Rows go by in the parser's own chunks, and the different strings of a chunk and
column are counted as they are.
"""

import dataclasses

import numpy as np

from services.preflight.inspection import _csv_memory, _measures
from services.preflight.inspection._csv_blocks import blocks
from services.preflight.inspection._csv_sample import CsvFacts
from services.preflight.inspection._dialect import Sniffed
from services.preflight.inspection._encoding import Encoding
from services.preflight.inspection._strings import ALLOCATION_UNIT
from services.preflight.inspection._tokens import (
    INTEGER,
    MISSING,
    NUMBER,
    TEXT,
    Tokens,
    Words,
    tokenise,
)
from services.preflight.inspection.types import ColumnMeasure, SourceFile


class Whole:
    """Sums over all chunks of a file."""

    def __init__(self, width: int, textual: list[bool]) -> None:
        self.rows = 0
        self.counts = np.zeros((6, width), np.int64)
        """How many fields of each column hold what."""
        self.bytes_ = 0
        self._textual = textual
        self._strings_bytes = np.zeros(width)
        self._boxed_bytes = np.zeros(width)
        self._text_bytes = np.zeros(width)
        self._most_distinct = np.zeros(width)
        self._begin()

    def add(self, tokens: Tokens, chunk_rows: int) -> None:
        """Take in a block, chunk by chunk."""
        first = 0
        while first < tokens.records:
            last = min(tokens.records, first + chunk_rows - self._rows)
            self._take(tokens, first, last)
            first = last
            if self._rows == chunk_rows:
                self.close()

    def close(self) -> None:
        """Account for the chunk at hand, full or the last one."""
        for column, keys in enumerate(self._keys):
            filled = int(self._counts[INTEGER:, column].sum())
            if not self._counts[TEXT, column]:
                self._boxed_bytes[column] += _csv_memory.BOXED_BYTES * self._large[column]
                continue
            different = np.unique(np.concatenate(keys)) if keys else np.empty(0, np.uint64)
            size = float((different & _measures.SIZE_MASK).sum()) * ALLOCATION_UNIT
            # Rows that went by before any text turned up in a column of numbers: each its own.
            unkeyed = filled - sum(map(len, keys))
            mean = size / len(different) if len(different) else 0.0
            self._strings_bytes[column] += size + unkeyed * mean
            self._most_distinct[column] = max(self._most_distinct[column], len(different) + unkeyed)
        self.rows += self._rows
        self.counts += self._counts
        self._begin()

    def measured(self, column: int, sampled: ColumnMeasure) -> ColumnMeasure:
        """The column's measure, with what is there in place of the sample's guesses."""
        text = float(self._text_bytes[column])
        if sampled.dtype != "object":
            return ColumnMeasure(dtype=sampled.dtype, text_bytes=text)
        strings = float(self._strings_bytes[column] + self._boxed_bytes[column])
        return ColumnMeasure(
            dtype="object",
            strings_bytes=strings,
            strings_low_bytes=strings,
            strings_high_bytes=strings,
            text_bytes=text,
            chunk_distinct=float(self._most_distinct[column]),
            file_distinct=sampled.file_distinct or float(self._most_distinct[column]),
        )

    def _begin(self) -> None:
        width = self.counts.shape[1]
        self._rows = 0
        self._counts = np.zeros((6, width), np.int64)
        self._large = np.zeros(width, np.int64)
        self._keys: list[list[Words]] = [[] for _ in range(width)]

    def _take(self, tokens: Tokens, first: int, last: int) -> None:
        """Rows of a block that all belong to the chunk at hand."""
        self._rows += last - first
        for column in range(len(self._keys)):
            kinds = tokens.kinds[first:last, column]
            lengths = tokens.lengths[first:last, column]
            counts = np.bincount(kinds, minlength=6)
            self._counts[:, column] += counts
            self._text_bytes[column] += int(lengths.sum())
            small = np.count_nonzero((kinds == INTEGER) & (lengths <= _measures.SHARED_DIGITS))
            self._large[column] += counts[INTEGER] + counts[NUMBER] - small
            if self._textual[column] or counts[TEXT]:
                rows = np.flatnonzero(kinds > MISSING) + first
                self._keys[column].append(_measures.field_keys(tokens, column, rows))


def read(
    source: SourceFile, encoding: Encoding, sniffed: Sniffed, start: int, facts: CsvFacts
) -> tuple[Whole, CsvFacts]:
    """All rows from that byte on, and the facts with what these say."""
    dialect = sniffed.dialect
    whole = Whole(sniffed.width, (facts.sample.counts[TEXT] > 0).tolist())
    size = 0
    for raw in blocks(source, encoding, start, facts.quote):
        tokens = tokenise(raw, sniffed.width, dialect.delimiter, facts.quote, dialect.decimal)
        size += len(raw)
        whole.add(tokens, facts.chunk_rows)
    whole.close()
    return whole, dataclasses.replace(
        facts,
        rows=whole.rows,
        rows_are_exact=True,
        row_bytes=size / max(1, whole.rows),
        sample=dataclasses.replace(facts.sample, counts=whole.counts),
    )
