"""Pictures: size in pixels and in memory, without decoding them."""

import warnings

from PIL import Image, UnidentifiedImageError

from services.preflight.inspection._content_type import JPEG_MIME, PNG_MIME
from services.preflight.inspection.types import (
    Bounds,
    ImageMeasures,
    Inspected,
    Refusal,
    SourceFile,
)
from services.preflight.types import FileReport, ImageReport

_CHANNELS = {"1": 1, "L": 1, "P": 1, "LA": 2, "I": 4, "F": 4, "I;16": 2, "RGB": 3, "CMYK": 4}
_MOST_CHANNELS = 4


def read(source: SourceFile, mime: str, bounds: Bounds) -> Inspected | Refusal:
    """What this picture measures. Its chunks are checked, its pixels are not unpacked."""
    what = "PNG image" if mime == PNG_MIME else "JPEG image"
    try:
        with warnings.catch_warnings():
            # Pillow warns where we refuse.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(source.path, formats=["PNG", "JPEG"]) as picture:
                width, height, mode = *picture.size, picture.mode
                if width * height > bounds.picture_pixels:
                    return _refusal(source, mime, what, too_large=True)
                picture.verify()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        return _refusal(source, mime, what, too_large=False)
    except Image.DecompressionBombError:
        return _refusal(source, mime, what, too_large=True)
    decoded = width * height * _CHANNELS.get(mode, _MOST_CHANNELS)
    report = FileReport(
        kind="jpeg" if mime == JPEG_MIME else "png",
        mime=mime,
        size_bytes=source.size_bytes,
        image=ImageReport(width=width, height=height, decoded_bytes=decoded),
    )
    return Inspected(report=report, measures=ImageMeasures(decoded_bytes=decoded))


def _refusal(source: SourceFile, mime: str, what: str, *, too_large: bool) -> Refusal:
    return Refusal(
        code="picture_too_large" if too_large else "damaged",
        mime=mime,
        size_bytes=source.size_bytes,
        what=what,
    )
