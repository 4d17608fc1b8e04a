"""Column names as pandas makes them of a header."""

from collections import defaultdict
from collections.abc import Sequence


def pandas_names(header: Sequence[str]) -> tuple[str, ...]:
    """Empty names become `Unnamed: 3`; repeated ones get `.1`, `.2` …, as `read_csv` does it."""
    names = [name if name != "" else f"Unnamed: {i}" for i, name in enumerate(header)]
    unnamed = [i for i, name in enumerate(header) if name == ""]
    named = [i for i, name in enumerate(header) if name != ""]
    counts: defaultdict[str, int] = defaultdict(int)
    # Given names first, so that they keep theirs and made-up ones give way.
    for i in named + unnamed:
        original = name = names[i]
        count = counts[name]
        while count > 0:
            counts[original] = count + 1
            name = f"{original}.{count}"
            count = count + 1 if name in names else counts[name]
        names[i] = name
        counts[name] = count + 1
    return tuple(names)
