"""Load a table and analyse it the usual way in a fresh interpreter; print its peak memory as JSON.

Run by an environment's own Python: `python -I bench/_typical_analysis.py FILE`. Peaks are `VmHWM`
of this very process, imports included (a child's `ru_maxrss` would inherit its parent's). Without
a file only the peak after the imports is printed.
"""

import json
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd


def peak_bytes() -> int:
    """The highest resident size that this process has had."""
    with open("/proc/self/status", encoding="ascii") as status:  # noqa: PTH123 - imports stay few
        line = next(line for line in status if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def load(path: str) -> pd.DataFrame:
    """Read a table by what its name ends in."""
    if path.endswith(".xlsx"):
        return pd.read_excel(path)
    if path.endswith((".json", ".ndjson")):
        return pd.read_json(path, lines=path.endswith(".ndjson"))
    return pd.read_csv(path)


def is_nested(column: pd.Series) -> bool:
    """Whether a column of JSON holds objects or lists, which nothing can count or sort."""
    return any(isinstance(value, dict | list) for value in column.dropna().iloc[:100])


def object_bytes(frame: pd.DataFrame) -> dict[str, int]:
    """What the different objects of each column of objects take, as Python allocates them."""
    found = {}
    for number, (name, dtype) in enumerate(zip(frame.columns, frame.dtypes, strict=True)):
        if str(dtype) == "object":
            own = {id(v): v for v in frame.iloc[:, number].array}.values()
            # A blank is not equal to itself, and is one object for all.
            sizes = [sys.getsizeof(v) for v in own if v is not None and v == v]
            found[str(name)] = sum(s + (-s % 16 if s <= 512 else 8 + -(s + 8) % 16) for s in sizes)
    return found


def analyse(frame: pd.DataFrame) -> list[object]:
    """What an analyst usually does with a table; everything stays alive, as in a notebook."""
    numeric = [
        name
        for name in frame.columns
        if pd.api.types.is_numeric_dtype(frame[name])
        and not pd.api.types.is_bool_dtype(frame[name])
    ]
    plain = [name for name in frame.columns if not is_nested(frame[name])]
    groups = [name for name in plain if 2 <= frame[name].iloc[:20_000].nunique() <= 50]
    kept: list[object] = (
        [(frame if len(plain) == len(frame.columns) else frame[plain]).describe(include="all")]
        if plain
        else []
    )
    values = [name for name in numeric if name not in groups[:1]][:20]
    if groups and values:
        kept.append(frame.groupby(groups[0])[values].mean())
        kept.append(frame.groupby(groups[0])[values].sum())
        kept.append(frame.groupby(groups[0])[values].count())
    kept.append(frame.sort_values(numeric[0] if numeric else plain[0]) if plain else frame.copy())
    if groups:
        sizes = frame.groupby(groups[0]).size().rename("rows_in_group")
        kept.append(frame.join(sizes, on=groups[0]))
    else:
        kept.append(frame.copy())
    if len(groups) > 1 and numeric and numeric[-1] not in groups[:2]:
        kept.append(frame.pivot_table(index=groups[0], columns=groups[1], values=numeric[-1]))
    figure, axes = plt.subplots(figsize=(8, 5))
    if numeric:
        axes.hist(frame[numeric[0]].dropna(), bins=50)
    figure.savefig("/dev/null", format="png", dpi=100)
    return kept


def main() -> None:
    """Print the peaks, and the versions they belong to."""
    base = peak_bytes()
    versions = {"pandas": pd.__version__, "numpy": np.__version__}
    figures: dict[str, object] = {"base_bytes": base, "versions": versions}
    if len(sys.argv) > 1:
        frame = load(sys.argv[1])
        figures["load_bytes"] = peak_bytes()
        figures["dtypes"] = [str(dtype) for dtype in frame.dtypes]
        figures["rows"] = len(frame)
        kept = analyse(frame)
        figures["peak_bytes"] = peak_bytes()
        del kept
        if "--objects" in sys.argv:
            figures["object_bytes"] = object_bytes(frame)
    print(json.dumps(figures))


main()
