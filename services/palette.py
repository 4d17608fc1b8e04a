"""Colours shared by the page's charts, the figures in answers and the memory gauge.

Light and dark series were tested at full severity for the three kinds of colour blindness; the
first colour is the subject, the second the exception, grey everything else.
"""

from typing import Final, Literal, TypeAlias

Theme: TypeAlias = Literal["light", "dark"]

SERIES: Final[dict[Theme, tuple[str, ...]]] = {
    "light": ("#1368C6", "#A13306", "#0C5A4D", "#6C306D", "#1A93CF", "#A07C33", "#6B7480"),
    "dark": ("#5F98E2", "#E78323", "#32855B", "#B8568F", "#61CEFE", "#DCCE6E", "#A7B0BC"),
}
REST: Final[dict[Theme, str]] = {"light": "#8A95A3", "dark": "#8793A1"}
INK: Final[dict[Theme, str]] = {"light": "#10161E", "dark": "#E9EDF2"}
GROUND: Final[dict[Theme, str]] = {"light": "#FFFFFF", "dark": "#11151B"}
MUTED: Final[dict[Theme, str]] = {"light": "#4A5562", "dark": "#B4BDC8"}
GRID: Final[dict[Theme, str]] = {"light": "#E3E7ED", "dark": "#2B343F"}

BLUE: Final[dict[Theme, str]] = {"light": "#1B5FAA", "dark": "#7DB3F5"}
ORANGE: Final[dict[Theme, str]] = {"light": "#B45309", "dark": "#F0A35E"}
RED: Final[dict[Theme, str]] = {"light": "#B3261E", "dark": "#F28B82"}
GREEN: Final[dict[Theme, str]] = {"light": "#0B7A5E", "dark": "#4CC9A2"}
ZONES: Final[dict[Theme, tuple[str, str, str, str]]] = {
    "light": ("#E6EAEF", "#F7D9B0", "#EFB27A", "#E9A8A2"),
    "dark": ("#2A323D", "#5A4322", "#74481E", "#6E2F2B"),
}
"""Track of the memory gauge: below alert, alert to warn, warn to limit, beyond the limit."""

FIGURE_STYLE: Final[dict[str, object]] = {
    "figure.figsize": (7.6, 3.4),
    "savefig.dpi": 160,
    "font.size": 12,
    "axes.titlesize": 13.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "ytick.left": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "grid.color": "#E3E7ED",
    "axes.axisbelow": True,
    "axes.edgecolor": "#7A8594",
    "text.color": "#10161E",
    "xtick.color": "#4A5562",
    "ytick.color": "#4A5562",
    "figure.facecolor": "white",
    "legend.frameon": False,
}
"""matplotlib settings of every figure in an answer; the colour cycle is SERIES['light'][:6]."""
