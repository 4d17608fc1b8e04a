"""The memory gauge: where a file's peak lies between nothing and the limit.

An SVG with a width in percent, a height in pixels and no view box: it stretches from 290 to 1200
pixels without shrinking its text, needs no JavaScript and draws with the page. Position, label and
hatch carry the meaning; colour repeats it.
"""

from typing import Final

import msgspec
import streamlit as st

from services.limits.types import LimitProfile
from services.palette import BLUE, GREEN, INK, MUTED, ORANGE, RED, ZONES, Theme
from services.preflight.types import MemoryProjection
from services.units import EN_DASH, MB, format_megabytes, format_megabytes_range

NARROWEST: Final = 290
"""Pixels; no two labels meet down to here."""

_SCALE_BYTES: Final = 1_250 * MB
_WIDE_SCALE_BYTES: Final = 2_000 * MB
_BAR_ROW, _LABEL_ROW, _FOLK_ROW = 40, 18, 13
_TRACK_TOP, _TRACK = 16, 18
_GAP = 4
_FONT = "Segoe UI, Helvetica Neue, Helvetica, Arial, sans-serif"


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """A peak, and its interval where it is a projection and not a measurement."""

    peak_bytes: int
    low_bytes: int | None = None
    high_bytes: int | None = None

    @property
    def upper_bytes(self) -> int:
        """The end that decides whether it fits."""
        return self.peak_bytes if self.high_bytes is None else self.high_bytes


class Marks(msgspec.Struct, frozen=True, kw_only=True):
    """The three lines that every bar is read against."""

    alert_bytes: int
    warn_bytes: int
    limit_bytes: int


def marks_of(profile: LimitProfile) -> Marks:
    """The lines of a limit profile; the limit as people speak of it."""
    return Marks(
        alert_bytes=profile.ram_alert_bytes,
        warn_bytes=profile.ram_warn_bytes,
        limit_bytes=profile.ram_spoken_bytes,
    )


def bar_of(memory: MemoryProjection) -> Bar:
    """A projection as a bar."""
    return Bar(
        peak_bytes=memory.peak_bytes, low_bytes=memory.low_bytes, high_bytes=memory.high_bytes
    )


def memory_gauge(
    bar: Bar,
    marks: Marks,
    theme: Theme,
    *,
    after: Bar | None = None,
    folk: tuple[int, int] | None = None,
) -> None:
    """Draw the gauge; `after` is what a reduction leaves, `folk` the rule of thumb's range."""
    st.image(
        svg(bar, marks, theme, after=after, folk=folk),
        width="stretch",
        alt=alt(bar, marks, after=after, folk=folk),
    )


def alt(
    bar: Bar, marks: Marks, *, after: Bar | None = None, folk: tuple[int, int] | None = None
) -> str:
    """What the picture says, in words."""
    if bar.low_bytes is None or bar.high_bytes is None:
        parts = [f"Peak memory seen {_mb(bar.peak_bytes)} MB."]
    else:
        parts = [
            f"Projected peak memory {_mb(bar.peak_bytes)} MB,"
            f" likely {_mb(bar.low_bytes)} to {_mb(bar.high_bytes)}."
        ]
    if after is not None:
        parts.append(f"Reduced: {_mb(after.peak_bytes)} MB.")
    parts.append(
        f"Alert {_mb(marks.alert_bytes)}, warn {_mb(marks.warn_bytes)},"
        f" limit {_mb(marks.limit_bytes)} MB."
    )
    if folk is not None:
        parts.append(
            f"Four to five times the file size would say {_mb(folk[0])} to {_mb(folk[1])} MB."
        )
    return " ".join(parts)


def svg(
    bar: Bar,
    marks: Marks,
    theme: Theme,
    *,
    after: Bar | None = None,
    folk: tuple[int, int] | None = None,
) -> str:
    """The picture itself: 71 pixels high, 40 more with two bars, 13 less without `folk`."""
    scale = _Scale(_scale_bytes(bar, after))
    labels_top = _BAR_ROW * (1 if after is None else 2) - 2
    height = labels_top + _LABEL_ROW + 2 + (_FOLK_ROW if folk is not None else 0)
    prefix = "as it is: " if after is not None else ""
    colour = _colour(bar, marks, theme)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="100%" height="{height}"'
        f' font-family="{_FONT}" font-size="12">',
        _hatch(theme),
        *_bar(0, bar, prefix, colour, marks, scale, theme),
    ]
    if after is not None:
        parts += _bar(_BAR_ROW, after, "reduced: ", GREEN[theme], marks, scale, theme)
    parts += _limit_labels(labels_top, bar, prefix, marks, scale, theme)
    if folk is not None:
        parts += _folk(labels_top + _LABEL_ROW, folk, scale, theme)
    return "".join([*parts, "</svg>"])


class _Scale:
    """Bytes to a share of the width."""

    def __init__(self, full_bytes: float) -> None:
        self.full_bytes = full_bytes

    def share(self, size_bytes: float) -> float:
        return min(1.0, max(0.0, size_bytes / self.full_bytes))

    def x(self, size_bytes: float) -> str:
        return _percent(self.share(size_bytes))


def _scale_bytes(bar: Bar, after: Bar | None) -> float:
    upper = max(bar.upper_bytes, 0 if after is None else after.upper_bytes)
    if upper <= _SCALE_BYTES:
        return _SCALE_BYTES
    return max(_WIDE_SCALE_BYTES, 1.08 * upper) if upper > _WIDE_SCALE_BYTES else _WIDE_SCALE_BYTES


def _colour(bar: Bar, marks: Marks, theme: Theme) -> str:
    if bar.upper_bytes < marks.alert_bytes:
        return BLUE[theme]
    return ORANGE[theme] if bar.upper_bytes < marks.limit_bytes else RED[theme]


def _bar(
    top: int, bar: Bar, prefix: str, colour: str, marks: Marks, scale: _Scale, theme: Theme
) -> list[str]:
    """One track with its zones, lines, interval, estimate and value label."""
    ink, track = INK[theme], top + _TRACK_TOP
    stops = (0, marks.alert_bytes, marks.warn_bytes, marks.limit_bytes, scale.full_bytes)
    zones = [
        _rect(scale, start, end, track, _TRACK, fill)
        for start, end, fill in zip(stops[:-1], stops[1:], ZONES[theme], strict=True)
    ]
    zones.append(_rect(scale, marks.limit_bytes, scale.full_bytes, track, _TRACK, "url(#hatch)"))
    lines = [
        _line(scale, marks.alert_bytes, track, track + _TRACK, MUTED[theme], 1),
        _line(scale, marks.warn_bytes, track, track + _TRACK, MUTED[theme], 1),
        _line(scale, marks.limit_bytes, track - 2, track + _TRACK + 2, ink, 2),
    ]
    estimate = [_rect(scale, 0, bar.peak_bytes, track + 6, 6, colour)]
    if bar.low_bytes is not None and bar.high_bytes is not None:
        box = _rect(scale, bar.low_bytes, bar.high_bytes, track + 3.5, 11, colour)
        outline = f' fill-opacity=".4" stroke="{colour}" rx="2"/>'
        estimate.append(box.replace("/>", outline))
    estimate.append(_line(scale, bar.peak_bytes, track - 2, track + _TRACK + 2, ink, 3))
    value = prefix + format_megabytes(bar.peak_bytes)
    x, anchor = _value_place(bar, value, scale)
    label = _text(x, top + 11, value, ink, anchor=anchor, bold=True)
    return [*zones, *lines, *estimate, label]


def _value_place(bar: Bar, value: str, scale: _Scale) -> tuple[str, str]:
    """Over its mark; at the ends beside it, so that nothing is cut on the narrowest screen."""
    share, half = scale.share(bar.peak_bytes), _width(value, bold=True) / 2 / NARROWEST
    if share < max(0.16, half):
        return "0", "start"
    return scale.x(bar.peak_bytes), "end" if share > min(0.82, 1 - half) else "middle"


def _limit_labels(
    top: int, bar: Bar, prefix: str, marks: Marks, scale: _Scale, theme: Theme
) -> list[str]:
    """`800 alert` and `950 limit` below the last bar, `900 warn` above the first one."""
    alert, warn = f"{_mb(marks.alert_bytes)} alert", f"{_mb(marks.warn_bytes)} warn"
    limit = f"{_mb(marks.limit_bytes)} limit"
    labels = [_text(scale.x(marks.limit_bytes), top + 12, limit, INK[theme], dx=_GAP, bold=True)]
    if scale.share(marks.alert_bytes) * NARROWEST >= _width(alert) + _GAP:
        at = scale.x(marks.alert_bytes)
        labels.append(_text(at, top + 12, alert, MUTED[theme], anchor="end", dx=-_GAP))
    if _has_room_for_warn(bar, prefix, warn, marks, scale):
        at = scale.x(marks.warn_bytes)
        labels.append(_text(at, 11, warn, MUTED[theme], anchor="middle"))
    return labels


def _has_room_for_warn(bar: Bar, prefix: str, warn: str, marks: Marks, scale: _Scale) -> bool:
    """Only beside an estimate in the left half, and only where the two labels stay apart."""
    share = scale.share(bar.peak_bytes)
    if share >= 0.5:
        return False
    value = _width(prefix + format_megabytes(bar.peak_bytes), bold=True)
    right = max(value, share * NARROWEST + value / 2)
    left = scale.share(marks.warn_bytes) * NARROWEST - _width(warn) / 2
    return right + _GAP <= left


def _folk(top: int, folk: tuple[int, int], scale: _Scale, theme: Theme) -> list[str]:
    """The rule of thumb: a small bracket, and its words on the side with more room."""
    low, high = folk
    grey, middle = MUTED[theme], top + 7
    figures = f"{format_megabytes_range(low, high)}\N{NO-BREAK SPACE}MB"
    left, right = scale.share(low), 1 - scale.share(high)
    room = max(left, right) * NARROWEST - 2 * _GAP
    times = f"4{EN_DASH}5"
    wordings = (f"{times} × file size: {figures}", f"{times} × size: {figures}")
    words = next((text for text in wordings if _width(text) <= room), f"{times}×: {figures}")
    place = (
        _text(scale.x(high), top + 11, words, grey, dx=6)
        if right >= left
        else _text(scale.x(low), top + 11, words, grey, anchor="end", dx=-6)
    )
    return [
        f'<line x1="{scale.x(low)}" x2="{scale.x(high)}" y1="{middle}" y2="{middle}"'
        f' stroke="{grey}" stroke-width="2"/>',
        _line(scale, low, middle - 4, middle + 4, grey, 2),
        _line(scale, high, middle - 4, middle + 4, grey, 2),
        place,
    ]


def _hatch(theme: Theme) -> str:
    return (
        '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse"'
        ' patternTransform="rotate(45)">'
        f'<line x1="0" x2="0" y1="0" y2="6" stroke="{RED[theme]}" stroke-opacity=".55"'
        ' stroke-width="1.5"/></pattern></defs>'
    )


def _rect(scale: _Scale, start: float, end: float, top: float, height: float, fill: str) -> str:
    width = scale.share(end) - scale.share(start)
    return (
        f'<rect x="{scale.x(start)}" width="{_percent(width)}" y="{top:g}"'
        f' height="{height:g}" fill="{fill}"/>'
    )


def _line(scale: _Scale, at: float, top: float, bottom: float, colour: str, width: float) -> str:
    x = scale.x(at)
    return (
        f'<line x1="{x}" x2="{x}" y1="{top:g}" y2="{bottom:g}" stroke="{colour}"'
        f' stroke-width="{width:g}"/>'
    )


def _text(
    x: str,
    y: float,
    words: str,
    colour: str,
    *,
    anchor: str = "start",
    dx: float = 0,
    bold: bool = False,
) -> str:
    weight = ' font-weight="700"' if bold else ""
    shift = f' dx="{dx:g}"' if dx else ""
    return (
        f'<text x="{x}" y="{y:g}"{shift} text-anchor="{anchor}" fill="{colour}"{weight}>'
        f"{words}</text>"
    )


def _percent(share: float) -> str:
    return f"{share * 100:.2f}%"


def _mb(size_bytes: float) -> str:
    return f"{size_bytes / MB:,.0f}"


_NARROW_LETTERS = frozenset(" ,.:ilt\N{NO-BREAK SPACE}")
_WIDE_LETTERS = frozenset("mwMB×")


def _width(text: str, *, bold: bool = False) -> float:
    """About how many pixels the text takes at 12 px; rather too many than too few."""
    pixels = sum(
        3.6 if mark in _NARROW_LETTERS else 9.6 if mark in _WIDE_LETTERS else 6.9 for mark in text
    )
    return pixels * (1.05 if bold else 1.0)
