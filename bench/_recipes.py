"""CSV files from seeds and from installed data packages, so that anyone can build them again.

A generated file is `specs @ MB : seed`. Every column draws from a generator of its own, so that a
column stays the same when its neighbours change. Specs: `seq:a` a rising integer; `int:a:b`;
`flt:mean:sd:digits`; `u64`; `big` 26 digits; `bool`; `cat:K:lo:hi[:alphabet[:zipf]]` K words of
lo to hi letters; `hex:n`; `dig:n`; `txt:lo:hi[:alphabet]` words out of 4,000; `dt:format` random
times; `late` numbers, then a word in the last tenth; `mix` integers with 1% of a word in the
second half; `name`. `k*spec` repeats a column; `spec?p` blanks a share p. `_` stands for `:`.
"""

import gzip
import importlib.util
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

ALPHABETS = {
    "a": "abcdefghijklmnopqrstuvwxyz",
    "l": "aeiounrstlàéîõüñçß",
    "c": "абвгдежзиклмнопрстуфхцчшщыэюя",
    "j": "的一是在不了有和人这中大为上个国我以要他时来用们生到作地",
}
Texts = npt.NDArray[np.str_]
_BLOCK_ROWS = 50_000


def build(recipe: str, path: Path) -> None:
    """Write the file of that recipe."""
    if recipe.startswith("package "):
        path.write_bytes(_packaged(recipe.removeprefix("package ")))
        return
    specs, _, rest = recipe.partition(" @ ")
    megabytes, _, seed = rest.partition(" : ")
    _generate(_columns(specs), float(megabytes) * 1e6, int(seed), path)


def _packaged(name: str) -> bytes:
    package, _, inner = name.partition("/")
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(package)
    path = Path(spec.origin).parent / inner
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes())
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            return archive.read(archive.namelist()[0])
    return path.read_bytes()


def _columns(specs: str) -> list[str]:
    columns: list[str] = []
    for spec in specs.split():
        times, _, one = spec.rpartition("*")
        columns += [one] * int(times or 1)
    return columns


def _generate(columns: list[str], size_bytes: float, seed: int, path: Path) -> None:
    """Blocks of rows until the size is reached; rows are fixed by a first block of 300."""
    probe = io.BytesIO()
    for block in _blocks(columns, seed, 300):
        probe.write(block)
    rows = int(300 * size_bytes / probe.tell())
    with path.open("wb") as out:
        out.write((",".join(f"c{i}" for i in range(len(columns))) + "\n").encode())
        for block in _blocks(columns, seed, rows):
            out.write(block)


def _blocks(columns: list[str], seed: int, rows: int) -> Iterator[bytes]:
    sources = [_Source(spec, np.random.default_rng([seed, i])) for i, spec in enumerate(columns)]
    for first in range(0, rows, _BLOCK_ROWS):
        count = min(_BLOCK_ROWS, rows - first)
        cells = [source.cells(first, count, rows) for source in sources]
        lines = map(",".join, zip(*cells, strict=True))
        yield ("\n".join(lines) + "\n").encode()


class _Source:
    """One column: its generator and whatever must stay the same from block to block."""

    def __init__(self, spec: str, rng: np.random.Generator) -> None:
        self._spec, _, blank = spec.partition("?")
        self._blank = float(blank or 0)
        self._rng = rng
        kind, *arguments = self._spec.split(":")
        self._make = _maker(kind, [a.replace("_", ":") for a in arguments], rng)

    def cells(self, first: int, count: int, rows: int) -> list[str]:
        made = self._make(first, count, rows)
        if self._blank:
            empty = self._rng.random(count) < self._blank
            return ["" if blank else cell for blank, cell in zip(empty, made, strict=True)]
        return made


Maker = Callable[[int, int, int], list[str]]


def _maker(kind: str, given: list[str], rng: np.random.Generator) -> Maker:
    numbers = [float(a) for a in given if re.fullmatch(r"[-+.\de]+", a)]
    match kind:
        case "seq":
            return lambda first, n, _: [str(int(numbers[0]) + first + i) for i in range(n)]
        case "int":
            return lambda _, n, __: _strings(rng.integers(int(numbers[0]), int(numbers[1]), n))
        case "flt":
            mean, deviation, digits = numbers
            return lambda _, n, __: _strings(np.round(rng.normal(mean, deviation, n), int(digits)))
        case "u64":
            return lambda _, n, __: _strings(rng.integers(2**63, 2**64, n, dtype=np.uint64))
        case "big":
            return lambda _, n, __: _digits(rng, n, 26)
        case "bool":
            return lambda _, n, __: _picked(rng, np.array(["True", "False"]), n)
        case "hex":
            return lambda _, n, __: _hex(rng, n, int(numbers[0]))
        case "dig":
            return lambda _, n, __: _digits(rng, n, int(numbers[0]))
        case "dt":
            return lambda _, n, __: _times(rng, n, given[0])
        case "cat":
            return _category(given, rng)
        case "txt":
            words = _words(rng, 4_000, 2, 11, given[2] if len(given) > 2 else "a")
            return lambda _, n, __: _sentences(rng, words, n, int(numbers[0]), int(numbers[1]))
        case "name":
            return _names(given, rng)
        case "late":
            return lambda first, n, rows: [
                "unknown" if first + i >= 0.9 * rows else value
                for i, value in enumerate(_strings(rng.integers(0, 100_000, n)))
            ]
        case "mix":
            return lambda first, n, rows: [
                "N/K" if first + i >= 0.5 * rows and odd < 0.01 else value
                for i, (value, odd) in enumerate(
                    zip(_strings(rng.integers(0, 100_000, n)), rng.random(n), strict=True)
                )
            ]
    raise ValueError(kind)


def _strings(values: npt.NDArray[np.generic]) -> list[str]:
    return list(map(str, values.tolist()))


def _picked(rng: np.random.Generator, words: Texts, count: int) -> list[str]:
    chosen: list[str] = words[rng.integers(0, len(words), count)].tolist()
    return chosen


def _digits(rng: np.random.Generator, count: int, length: int) -> list[str]:
    text = (rng.integers(0, 10, count * length, dtype=np.uint8) + 48).tobytes().decode()
    return [text[i : i + length] for i in range(0, len(text), length)]


def _hex(rng: np.random.Generator, count: int, length: int) -> list[str]:
    text = rng.bytes(count * (length + 1) // 2 + 1).hex()
    return [text[i : i + length] for i in range(0, count * length, length)]


def _times(rng: np.random.Generator, count: int, style: str) -> list[str]:
    seconds = rng.integers(1_400_000_000, 1_700_000_000, count).astype("datetime64[s]")
    return [moment.strftime(style) for moment in seconds.tolist()]


def _words(rng: np.random.Generator, count: int, low: int, high: int, alphabet: str) -> Texts:
    letters = np.array(list(ALPHABETS[alphabet]))
    lengths = rng.integers(low, high + 1, count)
    drawn = letters[rng.integers(0, len(letters), int(lengths.sum()))]
    ends = np.cumsum(lengths)
    return np.array(
        ["".join(drawn[e - n : e]) for n, e in zip(lengths.tolist(), ends.tolist(), strict=True)]
    )


def _category(given: list[str], rng: np.random.Generator) -> Maker:
    count, low, high = (int(a) for a in given[:3])
    words = _words(rng, count, low, high, given[3] if len(given) > 3 and given[3] else "a")
    if len(given) < 5:
        return lambda _, n, __: _picked(rng, words, n)
    weights = np.arange(1, count + 1) ** -float(given[4])
    weights /= weights.sum()
    return lambda _, n, __: words[rng.choice(count, n, p=weights)].tolist()


def _sentences(
    rng: np.random.Generator, words: Texts, count: int, low: int, high: int
) -> list[str]:
    lengths = rng.integers(low, high + 1, count)
    drawn = words[rng.integers(0, len(words), int(lengths.sum()))].tolist()
    ends = np.cumsum(lengths).tolist()
    return [" ".join(drawn[end - n : end]) for n, end in zip(lengths.tolist(), ends, strict=True)]


def _names(given: list[str], rng: np.random.Generator) -> Maker:
    alphabet = given[0] if given else "a"
    first, last = _words(rng, 3_000, 3, 9, alphabet), _words(rng, 6_000, 4, 11, alphabet)

    def make(_: int, count: int, __: int) -> list[str]:
        pairs = zip(_picked(rng, first, count), _picked(rng, last, count), strict=True)
        return [f"{one} {other}" for one, other in pairs]

    return make
