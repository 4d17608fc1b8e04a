"""What columns of seeds are drawn from: words, names, digits, walks."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

ALPHABETS = {
    "a": "abcdefghijklmnopqrstuvwxyz",
    "l": "aeiounrstlàéîõüñçß",
    "c": "абвгдежзиклмнопрстуфхцчшщыэюя",
    "j": "的一是在不了有和人这中大为上个国我以要他时来用们生到作地",
    "g": "αβγδεζηθικλμνξοπρστυφχψωάέή",
    "h": "가나다라마바사아자차카타파하고노도로모보소오조초코토포호",
    "e": "abcdefghijklmnopqrstuvw😀🎉🚀",
}
Maker = Callable[[int, int, int], list[str]]
"""Cells of rows from `first` on, so many, of a table that has so many rows in all."""
Texts = npt.NDArray[np.str_]
Rng = np.random.Generator


def strings(values: npt.NDArray[np.generic]) -> list[str]:
    """As text."""
    return list(map(str, values.tolist()))


def picked(rng: Rng, words: Texts, count: int) -> list[str]:
    """So many of the words, each as likely."""
    chosen: list[str] = words[rng.integers(0, len(words), count)].tolist()
    return chosen


def digits(rng: Rng, count: int, length: int) -> list[str]:
    """Texts of so many digits."""
    text = (rng.integers(0, 10, count * length, dtype=np.uint8) + 48).tobytes().decode()
    return [text[i : i + length] for i in range(0, len(text), length)]


def hex_texts(rng: Rng, count: int, length: int) -> list[str]:
    """Texts of so many hex digits."""
    text = rng.bytes(count * (length + 1) // 2 + 1).hex()
    return [text[i : i + length] for i in range(0, count * length, length)]


def walk(rng: Rng, digits: int) -> Maker:
    """A random walk, rounded."""
    level = [100.0]

    def make(_: int, count: int, __: int) -> list[str]:
        path = level[0] + np.cumsum(rng.normal(0, 0.5, count))
        level[0] = float(path[-1])
        return strings(np.round(path, digits))

    return make


def clustered(rng: Rng, length: int, times: int) -> Maker:
    """A hex id, so many times, before the next one."""
    pending: list[str] = []

    def make(_: int, count: int, __: int) -> list[str]:
        while len(pending) < count:
            pending.extend(one for one in hex_texts(rng, 1_000, length) for _ in range(times))
        made = pending[:count]
        del pending[:count]
        return made

    return make


def vocabulary(rng: Rng, count: int, low: int, high: int, alphabet: str) -> Texts:
    """Words of low to high letters."""
    letters = np.array(list(ALPHABETS[alphabet]))
    lengths = rng.integers(low, high + 1, count)
    drawn = letters[rng.integers(0, len(letters), int(lengths.sum()))]
    ends = np.cumsum(lengths)
    return np.array(
        ["".join(drawn[e - n : e]) for n, e in zip(lengths.tolist(), ends.tolist(), strict=True)]
    )


def category(given: list[str], rng: Rng) -> Maker:
    """A few words, as likely as an exponent makes them."""
    count, low, high = (int(float(a)) for a in given[:3])
    words = vocabulary(rng, count, low, high, given[3] if len(given) > 3 and given[3] else "a")
    if len(given) < 5:
        return lambda _, n, __: picked(rng, words, n)
    weights = np.arange(1, count + 1) ** -float(given[4])
    weights /= weights.sum()
    return lambda _, n, __: words[rng.choice(count, n, p=weights)].tolist()


def sentences(rng: Rng, words: Texts, count: int, bounds: tuple[int, int], mark: str) -> list[str]:
    """Some of the words each, with a mark before the last."""
    lengths = rng.integers(bounds[0], bounds[1] + 1, count)
    drawn = words[rng.integers(0, len(words), int(lengths.sum()))].tolist()
    ends = np.cumsum(lengths).tolist()
    return [
        " ".join(drawn[end - n : end - 1]) + mark + drawn[end - 1] if n > 1 else drawn[end - 1]
        for n, end in zip(lengths.tolist(), ends, strict=True)
    ]


def names(alphabet: str, rng: Rng, form: str) -> Maker:
    """First and last names in that form."""
    first, last = vocabulary(rng, 3_000, 3, 9, alphabet), vocabulary(rng, 6_000, 4, 11, alphabet)

    def make(_: int, count: int, __: int) -> list[str]:
        pairs = zip(picked(rng, first, count), picked(rng, last, count), strict=True)
        return [form.format(one, other) for one, other in pairs]

    return make
