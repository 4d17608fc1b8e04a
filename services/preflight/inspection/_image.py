"""Pictures: their size, and whether they can be decoded."""

import struct
import warnings
import zlib
from typing import Literal

from PIL import Image, UnidentifiedImageError

from services.preflight.inspection._content_type import JPEG_MIME, PNG_MIME
from services.preflight.inspection.types import (
    Bounds,
    ImageMeasures,
    Inspected,
    Refusal,
    RefusalCode,
    SourceFile,
)
from services.preflight.types import FileReport, ImageReport

_ENDS = {"png": b"IEND\xaeB`\x82", "jpeg": b"\xff\xd9"}
_SINGLE_BYTE = ("1", "L", "P")
_TAIL_BYTES = 4_096
_DECODED_PIXELS = 20_000_000
"""Up to here a picture is unpacked as it is."""
_WIDEST_PIXEL_BYTES, _SLACK_BYTES, _PIECE_BYTES = 8, 4_096, 1 << 18


def read(source: SourceFile, kind: Literal["png", "jpeg"], bounds: Bounds) -> Inspected | Refusal:
    """Width, height and decoded size. Chunks and pixels are checked."""
    mime = PNG_MIME if kind == "png" else JPEG_MIME
    try:
        with warnings.catch_warnings():
            # The bound on pixels is ours; Pillow only warns where we refuse.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(source.path, formats=("PNG", "JPEG")) as picture:
                width, height = picture.size
                held, decoded = _pixel_bytes(picture)
                if width * height > bounds.picture_pixels:
                    return _refusal(source, "picture_too_large", mime)
                if not _is_whole(source, kind):
                    return _refusal(source, "truncated", mime)
                picture.verify()
            _decode(source, kind, width, height)
    except Image.DecompressionBombError:
        return _refusal(source, "picture_too_large", mime)
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
        EOFError,
        struct.error,
        zlib.error,
    ):
        code: RefusalCode = "damaged" if _is_whole(source, kind) else "truncated"
        return _refusal(source, code, mime)
    held, decoded = width * height * held, width * height * decoded
    report = FileReport(
        kind=kind,
        mime=mime,
        size_bytes=source.size_bytes,
        image=ImageReport(width=width, height=height, decoded_bytes=decoded),
    )
    return Inspected(report=report, measures=ImageMeasures(held_bytes=held, decoded_bytes=decoded))


def _pixel_bytes(picture: Image.Image) -> tuple[int, int]:
    """What a pixel takes as Pillow holds it, and as an array."""
    if picture.mode in _SINGLE_BYTE:
        return 1, 1
    is_wide = picture.mode.startswith(("I", "F"))  # 16 and 32 bits, both opened as 32
    return 4, 4 if is_wide else len(picture.getbands())


def _decode(source: SourceFile, kind: Literal["png", "jpeg"], width: int, height: int) -> None:
    """Unpack a picture, as whoever looks at it will; raises what Pillow raises.

    A large one is unpacked in parts (PNG) or smaller (JPEG), so that it takes little memory.
    """
    with Image.open(source.path, formats=("PNG", "JPEG")) as picture:
        if kind == "png":
            _check_inflated(source, width, height)
        elif width * height > _DECODED_PIXELS:
            picture.draft("RGB", (width // 8, height // 8))
        if kind == "jpeg" or width * height <= _DECODED_PIXELS:
            picture.load()


def _check_inflated(source: SourceFile, width: int, height: int) -> None:
    """Raise OSError where the pixels inflate to more than a picture of that size can hold."""
    most = (width * _WIDEST_PIXEL_BYTES + 1) * height + _SLACK_BYTES
    inflater, found = zlib.decompressobj(), 0
    with source.path.open("rb") as file:
        file.seek(8)
        while len(head := file.read(8)) == 8 and head[4:] != b"IEND":
            length = int.from_bytes(head[:4], "big")
            if head[4:] != b"IDAT":
                file.seek(length + 4, 1)
                continue
            while length:
                piece = file.read(min(length, _PIECE_BYTES))
                if not piece:
                    raise OSError("truncated")
                length -= len(piece)
                while piece:
                    found += len(inflater.decompress(piece, _PIECE_BYTES))
                    if found > most:
                        raise OSError("more pixels than promised")
                    piece = inflater.unconsumed_tail
            file.seek(4, 1)


def _is_whole(source: SourceFile, kind: Literal["png", "jpeg"]) -> bool:
    with source.path.open("rb") as file:
        file.seek(max(0, source.size_bytes - _TAIL_BYTES))
        return _ENDS[kind] in file.read()


def _refusal(source: SourceFile, code: RefusalCode, mime: str) -> Refusal:
    what = "PNG image" if mime == PNG_MIME else "JPEG image"
    return Refusal(code=code, mime=mime, size_bytes=source.size_bytes, what=what)
