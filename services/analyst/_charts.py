"""Pieces that every program shares: how figures are written, and how a chart is framed.

All text that comes from a file passes through `label`, so that a value can neither break a line
of the output nor be taken for a formula by matplotlib (`text.parse_math` is off for the same
reason).
"""

import textwrap
from typing import Final

from services.palette import FIGURE_STYLE, REST, SERIES

BLUE: Final = SERIES["light"][0]
RUST: Final = SERIES["light"][1]
GREY: Final = REST["light"]

DECIMALS: Final = '''
def decimals(values):
    """How many decimals they all get: none if they are whole, else two, or more below 1."""
    sizes = pd.Series(values).abs().dropna()
    if (sizes % 1 == 0).all():
        return 0
    largest = sizes.max()
    return 2 if largest >= 1 else min(8, 2 - int(f"{largest:e}".split("e")[1]))
'''

NUMBER: Final = '''
def number(value, digits=None):
    """A figure for people: 1,234,568 or 12.35; `digits` where others stand beside it."""
    if pd.isna(value):
        return "no value"
    if digits is None:
        digits = decimals([value])
    return f"{round(value, digits) + 0:,.{digits}f}"
'''

TIED: Final = '''
def tied(figures, place):
    """The names of all whose figure is the same as the one in this place."""
    figure = figures.iloc[place]
    return list(figures.index[(figures - figure).abs() <= 1e-9 * abs(figure)])
'''

LISTED: Final = '''
def listed(names, most=6):
    """`A`, `A and B`, `A, B and 5 more`."""
    shown = list(names[:most]) if len(names) <= most else list(names[: most - 1])
    if len(names) > len(shown):
        shown.append(f"{len(names) - len(shown):,} more")
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
'''

ROWS: Final = '''
def rows(count):
    """`1 row`, `11 rows`."""
    return "1 row" if count == 1 else f"{count:,} rows"
'''

LABEL: Final = '''
def label(value, width=26):
    """One line of text, cut where it is long."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # whole numbers beside blanks are loaded as 3.0
    text = " ".join(str(value).split())
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"
'''

SHORT: Final = '''
def short(value, _position=None):
    """A figure on an axis: 12k, 3M."""
    for size, letter in ((1e9, "bn"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= max(size, 10_000):
            return f"{value / size:,g}{letter}"
    return f"{value:,g}"
'''

SAVE: Final = '''
def save(fig, title, subtitle):
    """Title and subtitle above the axes, flush left; then the figure as a file."""
    height = fig.get_figheight()
    lines = textwrap.wrap(title, 64)
    top = 0.18 + 0.25 * len(lines)
    fig.text(0.02, 1 - 0.1 / height, "\\n".join(lines), va="top", size=13.5, weight="bold")
    fig.text(0.02, 1 - top / height, subtitle, va="top", size=10.5, color="#4A5562")
    fig.tight_layout(rect=(0.01, 0, 1, 1 - (top + 0.25) / height))
    fig.savefig(OUTPUT / f"{NAME}.png")
    plt.close(fig)
'''

ALIKE: Final = '''
def alike(values):
    """Figures at the bars, all with the same precision."""
    digits = 0 if max(abs(value) for value in values) >= 1000 else decimals(values)
    return [number(value, digits) for value in values]
'''

BARS: Final = (
    ALIKE
    + '''

def draw_bars(names, values, colors):
    """Horizontal bars from zero, the figure at the end of each."""
    fig, ax = plt.subplots(figsize=(7.6, 1.2 + 0.36 * len(names)))
    places = range(len(names))
    bars = ax.barh(places, values, color=colors, height=0.72)
    ax.bar_label(bars, labels=alike(values), padding=4, size=11)
    ax.set_yticks(places, [label(name) for name in names])
    ax.invert_yaxis()
    ax.margins(x=0.16, y=0.02)
    ax.axvline(0, color="#7A8594", linewidth=0.8)
    ax.xaxis.set_visible(False)
    ax.spines["bottom"].set_visible(False)
    ax.grid(False)
    return fig
'''
)

COLUMNS: Final = (
    ALIKE
    + '''

def draw_columns(names, values, color):
    """Upright bars from zero, in the order of their names."""
    fig, ax = plt.subplots()
    places = range(len(names))
    bars = ax.bar(places, values, color=color, width=0.8)
    step = -(-len(names) // 16)
    ax.set_xticks(places[::step], [label(name, 10) for name in names[::step]])
    ax.yaxis.set_major_formatter(short)
    if len(names) <= 12:
        ax.bar_label(bars, labels=alike(values), padding=3, size=10.5)
        ax.yaxis.set_visible(False)
        ax.grid(False)
    ax.margins(y=0.12)
    return fig, ax
'''
)

FAREWELL: Final = """
print(f"ALT: {NAME}.png: {alt}")
status = Path("/proc/self/status")
if status.exists():
    peak_kilobytes = next(
        line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM")
    )
    print(f"PEAK_MEMORY_BYTES: {int(peak_kilobytes) * 1024}")
for sentence in answer:
    print("ANSWER:", sentence)
"""


def style() -> list[str]:
    """The shared look, as a call of `rcParams.update` that fits on a few lines."""
    entries = {**FIGURE_STYLE, "text.parse_math": False}
    packed = textwrap.wrap(
        ", ".join(
            f'"{name}":\N{NO-BREAK SPACE}{_literal(value)}' for name, value in entries.items()
        ),
        92,
        break_long_words=False,
        break_on_hyphens=False,
    )
    body = "\n".join(f"    {line}" for line in packed).replace("\N{NO-BREAK SPACE}", " ")
    return ["plt.rcParams.update({", *body.split("\n"), "})"]


def _literal(value: object) -> str:
    text = f'"{value}"' if isinstance(value, str) else repr(value)
    return text.replace(" ", "\N{NO-BREAK SPACE}")
