"""The gauge's geometry, read back from the picture, down to the narrowest phone."""

import itertools
import xml.etree.ElementTree as ET
from pathlib import Path

import matplotlib as mpl
import pytest

from components.memory_gauge import NARROWEST, Bar, Marks, alt, svg
from services.palette import BLUE, GREEN, ORANGE, RED
from services.units import MB

MARKS = Marks(alert_bytes=800 * MB, warn_bytes=900 * MB, limit_bytes=950 * MB)
SVG = "{http://www.w3.org/2000/svg}"


def bar(peak, low=None, high=None):
    return Bar(
        peak_bytes=peak * MB,
        low_bytes=None if low is None else low * MB,
        high_bytes=None if high is None else high * MB,
    )


def spread(peak):
    return bar(peak, round(peak * 0.86), round(peak * 1.15))


def texts(picture):
    return {text.text: text for text in ET.fromstring(picture).iter(f"{SVG}text")}


def percent(value):
    assert value == "0" or value.endswith("%")
    return float(value.rstrip("%"))


@pytest.mark.parametrize(
    ("after", "folk", "height"),
    [
        (None, (57 * MB, 71 * MB), "71"),
        (None, None, "58"),
        (bar(388, 340, 450), (720 * MB, 900 * MB), "111"),
        (bar(388, 340, 450), None, "98"),
    ],
)
def test_gauge_stretches_and_keeps_its_height(after, folk, height):
    root = ET.fromstring(svg(bar(312, 270, 360), MARKS, "light", after=after, folk=folk))
    assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("100%", height, None)
    assert "style=" not in ET.tostring(root, encoding="unicode")


def test_gauge_draws_the_estimate_where_it_is():
    picture = svg(bar(312, 270, 360), MARKS, "light", folk=(57 * MB, 71 * MB))
    shown = texts(picture)
    assert list(shown) == [
        "312\u00a0MB",
        "950 limit",
        "800 alert",
        "900 warn",
        "4–5 × file size: 57–71\u00a0MB",
    ]
    assert percent(shown["312\u00a0MB"].get("x")) == 24.96
    assert percent(shown["800 alert"].get("x")) == 64
    assert percent(shown["950 limit"].get("x")) == 76


@pytest.mark.parametrize(
    ("estimate", "colour"),
    [
        (bar(312, 270, 360), BLUE),
        (bar(700, 600, 799), BLUE),
        (bar(700, 600, 800), ORANGE),
        (bar(850, 800, 949), ORANGE),
        (bar(850, 800, 950), RED),
        (bar(947), ORANGE),
    ],
)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_gauge_colours_by_the_upper_end(estimate, colour, theme):
    rectangles = ET.fromstring(svg(estimate, MARKS, theme)).findall(f"{SVG}rect")
    (drawn,) = [one for one in rectangles if one.get("height") == "6"]
    assert drawn.get("fill") == colour[theme]


def test_gauge_second_bar_is_green_and_named():
    picture = svg(bar(1640, 1480, 1850), MARKS, "light", after=bar(388, 340, 450))
    lines = [
        one for one in ET.fromstring(picture).findall(f"{SVG}rect") if one.get("height") == "6"
    ]
    assert [one.get("fill") for one in lines] == [RED["light"], GREEN["light"]]
    assert {"as it is: 1,640\u00a0MB", "reduced: 388\u00a0MB"} <= set(texts(picture))


@pytest.mark.parametrize(
    ("estimate", "full_mb"),
    [
        (bar(312, 270, 360), 1250),
        (bar(1100, 1000, 1250), 1250),
        (bar(1100, 1000, 1251), 2000),
        (bar(1640, 1480, 1850), 2000),
        (bar(2500, 2400, 3000), 3240),
    ],
)
def test_gauge_scale_grows_with_the_upper_end(estimate, full_mb):
    limit = texts(svg(estimate, MARKS, "light"))["950 limit"]
    assert percent(limit.get("x")) == pytest.approx(950 / full_mb * 100, abs=0.01)


@pytest.mark.parametrize(
    ("peak", "x", "anchor"),
    [(100, "0", "start"), (312, "24.96%", "middle"), (1100, "88.00%", "end")],
)
def test_gauge_keeps_the_value_label_inside(peak, x, anchor):
    label = texts(svg(bar(peak), MARKS, "light"))[f"{peak:,}\u00a0MB"]
    assert (label.get("x"), label.get("text-anchor")) == (x, anchor)


ESTIMATES = [*range(20, 1240, 23), *range(1250, 3000, 61), 5_000, 12_000]
FOLK = (None, 0.05, 0.3, 1.0)


@pytest.mark.parametrize("width", [NARROWEST, 390, 683, 1200])
@pytest.mark.parametrize("reduced", [None, 40, 388, 870])
def test_gauge_labels_never_meet_nor_leave_the_picture(width, reduced):
    """Measured with the widths of Helvetica, which the picture asks for."""
    for peak, factor in itertools.product(ESTIMATES, FOLK):
        folk = (
            None
            if factor is None
            else (round(peak * factor) * MB, round(peak * factor * 1.25) * MB)
        )
        after = None if reduced is None else spread(reduced)
        picture = svg(spread(peak), MARKS, "light", after=after, folk=folk)
        boxes = [placed(text, width) for text in ET.fromstring(picture).iter(f"{SVG}text")]
        case = f"peak {peak}, reduced {reduced}, folk {folk}: {boxes}"
        for left, right, _, _ in boxes:
            assert left >= -0.5, case
            assert right <= width + 0.5, case
        for (left, right, y, _), (left2, right2, y2, _) in itertools.combinations(boxes, 2):
            assert y != y2 or right < left2 or right2 < left, case


def placed(text, width):
    """Left and right end and baseline of a label, in pixels."""
    at = percent(text.get("x")) / 100 * width + float(text.get("dx", 0))
    length = measured(text.text, bold=text.get("font-weight") == "700")
    shift = {"start": 0, "middle": length / 2, "end": length}[text.get("text-anchor")]
    return round(at - shift, 1), round(at - shift + length, 1), text.get("y"), text.text


def measured(words, *, bold):
    widths = HELVETICA[bold]
    return sum(widths[NAMES.get(mark, mark)] for mark in words) * 12 / 1000


def read_widths(name):
    path = Path(mpl.get_data_path(), "fonts", "pdfcorefonts", name)
    lines = [line for line in path.read_text("latin-1").splitlines() if line.startswith("C ")]
    fields = [dict(part.split(maxsplit=1) for part in line.split(" ; ")[:3]) for line in lines]
    return {field["N"]: float(field["WX"]) for field in fields}


HELVETICA = {False: read_widths("Helvetica.afm"), True: read_widths("Helvetica-Bold.afm")}
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
NAMES = {
    **{str(digit): name for digit, name in enumerate(DIGITS)},
    " ": "space",
    "\u00a0": "space",
    ",": "comma",
    ":": "colon",
    "–": "endash",
    "×": "multiply",
}


def test_alt_says_what_the_picture_shows():
    assert alt(bar(312, 270, 360), MARKS, folk=(57 * MB, 71 * MB)) == (
        "Projected peak memory 312 MB, likely 270 to 360. Alert 800, warn 900, limit 950 MB."
        " Four to five times the file size would say 57 to 71 MB."
    )
    assert alt(bar(1640, 1480, 1850), MARKS, after=bar(388, 340, 450)) == (
        "Projected peak memory 1,640 MB, likely 1,480 to 1,850. Reduced: 388 MB."
        " Alert 800, warn 900, limit 950 MB."
    )
    assert alt(bar(947), MARKS) == ("Peak memory seen 947 MB. Alert 800, warn 900, limit 950 MB.")
