"""Columns from seeds: what a recipe's specs stand for.

Every column draws from a generator of its own, so that a column stays the same when its neighbours
change. `k*spec` repeats a column, `spec?p` blanks a share p, `_` in an argument stands for `:`.

Numbers: `seq:a` rises by one; `int:a:b`; `flt:mean:sd:digits`; `raw` floats with all digits;
`logn` log-normal integers; `walk:digits` a random walk; `u64`; `big` 26 digits; `late:share`
integers, then a word in the last share; `mix` integers with 1% of a word in the second half.
Booleans: `bool`, `tf`.
Text: `cat:K:lo:hi[:alphabet[:zipf]]` K words of lo to hi letters; `run:K:lo:hi` the same in sorted
runs; `drift:K:lo:hi` K words that wander through a vocabulary; `hex:n`; `dig:n`; `clus:n:r` a hex
id, r rows each; `tile:n:r` hex ids, the same r again and again; `txt:lo:hi[:alphabet]` words of
4,000;
`para:lo:hi` with commas and quotes; `qnl` with quoted newlines; `long:n` n characters; `dt:format`
random times, `dtseq:step:format` regular ones, `iso` rising irregular ones; `name`, `mail`, `usd`,
`uuid`, `ip`, `url`, `code:prefix`, `pct`, `yn`. Real dates in a workbook: `day`, `moment`.
More of them are in `_composed.py`.
"""

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import numpy as np

from bench import _composed, _words
from bench._words import Maker, Rng

Kind = Literal["number", "text", "bool", "date"]
_NUMBERS = ("seq", "int", "flt", "raw", "logn", "walk", "u64")
_EPOCH = datetime(2014, 1, 1, tzinfo=UTC)


def kind_of(spec: str) -> Kind:
    """What a column of this spec is where values have types."""
    name = spec.partition("?")[0].partition(":")[0]
    if name in _NUMBERS or name in _composed.NUMBERS:
        return "number"
    if name in ("bool", "tf"):
        return "bool"
    return "date" if name in ("day", "moment") else "text"


class Source:
    """One column: its generator and whatever must stay the same from block to block."""

    def __init__(self, spec: str, rng: Rng) -> None:
        plain, _, blank = spec.partition("?")
        self._blank = float(blank or 0)
        self._rng = rng
        kind, *arguments = plain.split(":")
        self._make = _maker(kind, [a.replace("_", ":") for a in arguments], rng)

    def cells(self, first: int, count: int, rows: int) -> list[str]:
        """The next rows of the column as text, blank where there is nothing."""
        made = self._make(first, count, rows)
        if self._blank:
            empty = self._rng.random(count) < self._blank
            return ["" if blank else cell for blank, cell in zip(empty, made, strict=True)]
        return made


@dataclass(frozen=True, slots=True)
class _Call:
    """A spec taken apart: its name, its arguments, and those of them that are numbers."""

    kind: str
    given: list[str]
    numbers: list[float]
    whole: list[int]


def _maker(kind: str, given: list[str], rng: Rng) -> Maker:
    numbers = [float(a) for a in given if re.fullmatch(r"-?\d+(\.\d+)?(e\d+)?", a)]
    call = _Call(kind, given, numbers, [int(number) for number in numbers])
    for family in (_numeric, _worded, _coded, _timed):
        found = family(call, rng)
        if found is not None:
            return found
    composed = _composed.maker(kind, given, rng)
    if composed is None:
        raise ValueError(kind)
    return composed


def _numeric(call: _Call, rng: Rng) -> Maker | None:
    whole = call.whole
    match call.kind:
        case "seq":
            return lambda first, n, _: [str(whole[0] + first + i) for i in range(n)]
        case "int":
            return lambda _, n, __: _words.strings(rng.integers(whole[0], whole[1], n))
        case "flt":
            mean, deviation, _ = call.numbers
            return lambda _, n, __: _words.strings(
                np.round(rng.normal(mean, deviation, n), whole[2])
            )
        case "raw":
            return lambda _, n, __: _words.strings(rng.normal(0, 1, n))
        case "logn":
            return lambda _, n, __: _words.strings(rng.lognormal(6, 2, n).astype(np.int64))
        case "walk":
            return _words.walk(rng, whole[0])
        case "u64":
            return lambda _, n, __: _words.strings(rng.integers(2**63, 2**64, n, dtype=np.uint64))
        case "late":
            share = call.numbers[0] if call.numbers else 0.1
            return lambda first, n, rows: [
                "unknown" if first + i >= (1 - share) * rows else value
                for i, value in enumerate(_words.strings(rng.integers(0, 100_000, n)))
            ]
        case "mix":
            return lambda first, n, rows: [
                "N/K" if first + i >= 0.5 * rows and odd < 0.01 else value
                for i, (value, odd) in enumerate(
                    zip(_words.strings(rng.integers(0, 100_000, n)), rng.random(n), strict=True)
                )
            ]
        case "bool":
            return lambda _, n, __: _words.picked(rng, np.array(["True", "False"]), n)
        case "tf":
            return lambda _, n, __: _words.picked(rng, np.array(["true", "false", "false"]), n)
    return None


def _worded(call: _Call, rng: Rng) -> Maker | None:
    given, whole = call.given, call.whole
    match call.kind:
        case "cat":
            return _words.category(given, rng)
        case "run":
            words = np.sort(_words.vocabulary(rng, whole[0], whole[1], whole[2], "a"))
            return lambda first, n, rows: words[
                (np.arange(first, first + n) * len(words) // max(1, rows)).clip(0, len(words) - 1)
            ].tolist()
        case "drift":
            words = _words.vocabulary(rng, whole[0], whole[1], whole[2], "a")
            return lambda first, n, rows: words[
                (
                    np.arange(first, first + n) * (len(words) - 50) // max(1, rows)
                    + rng.integers(0, 50, n)
                ).clip(0, len(words) - 1)
            ].tolist()
        case "txt" | "para" | "qnl":
            words = _words.vocabulary(rng, 4_000, 2, 11, given[2] if len(given) > 2 else "a")
            low, high = whole[:2] if len(whole) > 1 else (4, 20)
            mark = {"txt": " ", "para": ', "so" ', "qnl": "\n"}[call.kind]
            return lambda _, n, __: _words.sentences(rng, words, n, (low, high), mark)
        case "long":
            text = "".join(rng.choice(list(_words.ALPHABETS["a"] + "     "), 100_000).tolist())
            return lambda _, n, __: [
                text[start : start + whole[0]]
                for start in rng.integers(0, 100_000 - whole[0], n).tolist()
            ]
        case "name":
            return _words.names(given[0] if given else "a", rng, "{} {}")
        case "mail":
            return _words.names("a", rng, "{}.{}@example.org")
        case "url":
            return _words.names("a", rng, "https://www.example.org/{}/{}?ref=mail")
        case "yn":
            return lambda _, n, __: _words.picked(rng, np.array(["yes", "no"]), n)
    return None


def _coded(call: _Call, rng: Rng) -> Maker | None:
    given, whole = call.given, call.whole
    match call.kind:
        case "big":
            return lambda _, n, __: _words.digits(rng, n, 26)
        case "hex":
            return lambda _, n, __: _words.hex_texts(rng, n, whole[0])
        case "dig":
            return lambda _, n, __: _words.digits(rng, n, whole[0])
        case "clus":
            return _words.clustered(rng, whole[0], whole[1])
        case "tile":
            tile = _words.hex_texts(rng, whole[1], whole[0])
            return lambda first, n, _: [tile[(first + i) % len(tile)] for i in range(n)]
        case "uuid":
            return lambda _, n, __: [str(uuid.UUID(bytes=rng.bytes(16))) for _ in range(n)]
        case "ip":
            return lambda _, n, __: [
                f"10.{a}.{b}.{c}" for a, b, c in rng.integers(0, 256, (n, 3)).tolist()
            ]
        case "code":
            return lambda first, n, _: [f"{given[0]}-{first + i:07d}" for i in range(n)]
        case "usd":
            return lambda _, n, __: [f"${v:,}" for v in rng.integers(1, 10_000, n).tolist()]
        case "pct":
            return lambda _, n, __: [f"{v / 10}%" for v in rng.integers(0, 1_000, n).tolist()]
    return None


def _timed(call: _Call, rng: Rng) -> Maker | None:
    given, whole = call.given, call.whole
    match call.kind:
        case "dt":
            return lambda _, n, __: [
                moment.strftime(given[0])
                for moment in rng.integers(1_400_000_000, 1_700_000_000, n)
                .astype("datetime64[s]")
                .tolist()
            ]
        case "dtseq":
            return lambda first, n, _: [
                (_EPOCH + timedelta(seconds=whole[0] * (first + i))).strftime(given[1])
                for i in range(n)
            ]
        case "iso":
            return lambda first, n, _: [
                f"{_EPOCH + timedelta(seconds=2 * (first + i) + off):%Y-%m-%dT%H:%M:%S.%f}"
                for i, off in enumerate(rng.random(n).tolist())
            ]
        case "day":
            return lambda _, n, __: [
                f"{_EPOCH + timedelta(days=day):%Y-%m-%d}"
                for day in rng.integers(0, 3_000, n).tolist()
            ]
        case "moment":
            return lambda _, n, __: [
                f"{_EPOCH + timedelta(seconds=second):%Y-%m-%d %H:%M:%S}"
                for second in rng.integers(0, 300_000_000, n).tolist()
            ]
    return None
