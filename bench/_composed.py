"""Columns put together of digits, words and marks: prices, telephones, tokens, addresses, talk.

Numbers: `price:mean` amounts with two digits, cheap ones often; `step:a:s` rises from a by about s;
`expo:digits` as 1.25e-03; `half:lo:hi` integers from the middle of the file on, blank before.
Text: `phone`, `addr[:alphabet]` with commas, `gps` a pair in one cell, `b64:n` tokens,
`sess:n:r` a token for about r rows, `zipf:exponent:prefix` the ids of visitors, `mixn:share` codes
of which a share has letters, `deci:mean:digits` with a decimal comma, `obj` JSON in a cell,
`talk:n[:alphabet]` about n words (at times many), `lines:n` up to n lines in a cell,
`block:n:r` a word of n letters that comes back only within r rows.
"""

import json

import numpy as np

from bench import _words
from bench._words import Maker, Rng

NUMBERS = ("price", "step", "expo", "half")
_TOKENS = np.array(list("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"))


def maker(kind: str, given: list[str], rng: Rng) -> Maker | None:
    """Cells of that kind, None where it is none of these."""
    for family in (_counted, _worded):
        found = family(kind, given, rng)
        if found is not None:
            return found
    return None


def _counted(kind: str, given: list[str], rng: Rng) -> Maker | None:
    match kind:
        case "price":
            return lambda _, n, __: [f"{v:.2f}" for v in rng.exponential(float(given[0]), n)]
        case "step":
            first, step = int(given[0]), int(given[1])
            return lambda start, n, _: [
                str(first + step * (start + i) + off)
                for i, off in enumerate(rng.integers(0, step, n).tolist())
            ]
        case "expo":
            return lambda _, n, __: [f"{v:.{given[0]}e}" for v in rng.lognormal(0, 6, n)]
        case "half":
            return lambda start, n, rows: [
                str(value) if 2 * (start + i) >= rows else ""
                for i, value in enumerate(rng.integers(int(given[0]), int(given[1]), n).tolist())
            ]
        case "deci":
            return lambda _, n, __: [
                f"{v:.{given[1]}f}".replace(".", ",")
                for v in rng.normal(float(given[0]), float(given[0]) / 3, n)
            ]
        case "mixn":
            return lambda _, n, __: [
                f"K{value}" if odd < float(given[0]) else str(value)
                for value, odd in zip(
                    rng.integers(0, 90_000, n).tolist(), rng.random(n), strict=True
                )
            ]
        case "phone":
            return lambda _, n, __: [
                f"+{a} {b} {c}"
                for a, b, c in zip(
                    rng.integers(30, 60, n).tolist(),
                    rng.integers(100, 999, n).tolist(),
                    rng.integers(100_000, 99_999_999, n).tolist(),
                    strict=True,
                )
            ]
        case "gps":
            return lambda _, n, __: [
                f"{a:.5f}, {b:.5f}"
                for a, b in zip(rng.uniform(40, 60, n), rng.uniform(-5, 20, n), strict=True)
            ]
        case "zipf":
            return lambda _, n, __: [
                f"{given[1]}{v % 10**9:06d}" for v in rng.zipf(float(given[0]), n).tolist()
            ]
    return None


def _worded(kind: str, given: list[str], rng: Rng) -> Maker | None:
    letters = next((one for one in given if one in _words.ALPHABETS), "a")
    match kind:
        case "b64":
            return lambda _, n, __: _tokens(rng, n, int(given[0]))
        case "sess":
            return _sessions(rng, int(given[0]), int(given[1]))
        case "block":
            length, rows = int(given[0]), int(given[1])
            return _blocks(rng, length, rows)
        case "addr":
            streets = _words.vocabulary(rng, 9_000, 4, 13, letters)
            towns = _words.vocabulary(rng, 700, 4, 11, letters)
            return lambda _, n, __: [
                f"{number} {street}, {town}"
                for number, street, town in zip(
                    rng.integers(1, 200, n).tolist(),
                    _words.picked(rng, streets, n),
                    _words.picked(rng, towns, n),
                    strict=True,
                )
            ]
        case "obj":
            words = _words.vocabulary(rng, 50, 3, 9, letters)
            return lambda _, n, __: [
                json.dumps({"id": number, "tag": word, "on": number % 3 == 0})
                for number, word in zip(
                    rng.integers(0, 10**6, n).tolist(), _words.picked(rng, words, n), strict=True
                )
            ]
        case "talk":
            return _talk(rng, float(given[0]), letters)
        case "lines":
            words = _words.vocabulary(rng, 2_500, 2, 10, letters)
            return lambda _, n, __: [
                "\n".join(_words.sentences(rng, words, count, (2, 9), " "))
                for count in rng.integers(1, int(given[0]) + 1, n).tolist()
            ]
    return None


def _tokens(rng: Rng, count: int, length: int) -> list[str]:
    drawn = "".join(_TOKENS[rng.integers(0, len(_TOKENS), count * length)].tolist())
    return [drawn[i : i + length] for i in range(0, len(drawn), length)]


def _sessions(rng: Rng, length: int, mean: int) -> Maker:
    pending: list[str] = []

    def make(_: int, count: int, __: int) -> list[str]:
        while len(pending) < count:
            times = rng.geometric(1 / mean, 500).tolist()
            for token, repeats in zip(_tokens(rng, 500, length), times, strict=True):
                pending.extend([token] * repeats)
        made = pending[:count]
        del pending[:count]
        return made

    return make


def _blocks(rng: Rng, length: int, rows: int) -> Maker:
    """Each so many rows draw from twenty words of their own."""
    words: list[str] = []
    current = [-1]

    def make(first: int, count: int, _: int) -> list[str]:
        made = []
        drawn = rng.integers(0, 20, count).tolist()
        for i, number in enumerate(drawn):
            if (first + i) // rows != current[0]:
                current[0] = (first + i) // rows
                words[:] = _words.vocabulary(rng, 20, length, length, "a").tolist()
            made.append(words[number])
        return made

    return make


def _talk(rng: Rng, mean: float, letters: str) -> Maker:
    words = _words.vocabulary(rng, 12_000, 1, 12, letters)
    weights = np.arange(1, len(words) + 1) ** -0.9
    weights /= weights.sum()

    def make(_: int, count: int, __: int) -> list[str]:
        lengths = np.maximum(1, rng.lognormal(np.log(mean) - 0.32, 0.8, count)).astype(int)
        drawn = words[rng.choice(len(words), int(lengths.sum()), p=weights)].tolist()
        ends = np.cumsum(lengths).tolist()
        return [
            " ".join(drawn[end - n : end]) for n, end in zip(lengths.tolist(), ends, strict=True)
        ]

    return make
