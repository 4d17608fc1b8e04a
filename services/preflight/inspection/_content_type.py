"""What a file is by its bytes, whatever its name says.

Structure decides where there is one (a zip that holds a workbook, an OLE container that holds an
encrypted one); libmagic names the rest. Text is left to the readers of text.
"""

import ctypes.util
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from services.preflight.inspection import _ole
from services.preflight.inspection.types import Refusal, RefusalCode, SourceFile

if ctypes.util.find_library("magic") is None:
    # The wheel carries libmagic and its database; it must come before `magic` to be found.
    import pylibmagic  # noqa: F401 - imported for that effect
import magic

Container = Literal["workbook", "png", "jpeg", "text"]

PNG_MIME, JPEG_MIME = "image/png", "image/jpeg"
XLSX_MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAGIC_BYTES = 8_192

_BY_PREFIX: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF-", "application/pdf", "PDF"),
    (b"\x1f\x8b", "application/gzip", "gzip archive"),
    (b"BZh", "application/x-bzip2", "bzip2 archive"),
    (b"\xfd7zXZ\0", "application/x-xz", "xz archive"),
    (b"\x28\xb5\x2f\xfd", "application/zstd", "Zstandard archive"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed", "7-Zip archive"),
    (b"Rar!", "application/x-rar", "RAR archive"),
    (b"MZ", "application/x-dosexec", "Windows program"),
    (b"\x7fELF", "application/x-executable", "Linux program"),
    (b"\xcf\xfa\xed\xfe", "application/x-mach-binary", "macOS program"),
    (b"PAR1", "application/vnd.apache.parquet", "Parquet file"),
    (b"ARROW1", "application/vnd.apache.arrow.file", "Arrow file"),
    (b"SQLite format 3\0", "application/vnd.sqlite3", "SQLite database"),
    (b"GIF8", "image/gif", "GIF image"),
    (b"II*\0", "image/tiff", "TIFF image"),
    (b"MM\0*", "image/tiff", "TIFF image"),
    (b"{\\rtf", "text/rtf", "RTF document"),
)
_ZIP_PARTS = (
    ("xl/workbook.bin", "application/vnd.ms-excel.sheet.binary.macroEnabled.12", "xlsb"),
    (
        "word/document.xml",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "Word document",
    ),
    (
        "ppt/presentation.xml",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "PowerPoint presentation",
    ),
)
_OPEN_DOCUMENTS = {
    "application/vnd.oasis.opendocument.spreadsheet": "OpenDocument spreadsheet",
    "application/vnd.oasis.opendocument.text": "OpenDocument text",
}
_MIME_NOUNS = {
    "application/x-tar": "tar archive",
    "image/webp": "WebP image",
    "image/bmp": "BMP image",
    "application/x-hdf5": "HDF5 file",
    "application/octet-stream": "binary file",
}


@dataclass(frozen=True, slots=True)
class Typed:
    """A file of an accepted kind; of text, nothing more is known yet."""

    container: Container
    mime: str


def identify(source: SourceFile, head: bytes) -> Typed | Refusal:
    """The kind of a file that begins with `head`, or why it is of none that is accepted."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Typed("png", PNG_MIME)
    if head.startswith(b"\xff\xd8\xff"):
        return Typed("jpeg", JPEG_MIME)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _zip(source, head)
    if head.startswith(_OLE_MAGIC):
        return _compound(source)
    for prefix, mime, what in _BY_PREFIX:
        if head.startswith(prefix) and not (prefix in (b"MZ", b"BZh") and _is_plain(head)):
            return _refusal(source, "wrong_type", mime, what)
    if head[257:262] == b"ustar":
        return _refusal(source, "wrong_type", "application/x-tar", "tar archive")
    markup = _markup(head)
    if markup is not None:
        return _refusal(source, "wrong_type", *markup)
    return Typed("text", "text/plain")


def binary(source: SourceFile, head: bytes) -> Refusal:
    """The refusal of something that is no text either, named as libmagic names it."""
    mime = magic.from_buffer(head[:_MAGIC_BYTES], mime=True)
    what = _MIME_NOUNS.get(mime)
    if what is None:
        what = magic.from_buffer(head[:_MAGIC_BYTES]).split(",")[0][:40]
    return _refusal(source, "wrong_type", mime, what)


def _refusal(source: SourceFile, code: RefusalCode, mime: str, what: str = "") -> Refusal:
    return Refusal(
        code=code,
        mime=mime,
        size_bytes=source.size_bytes,
        what=what,
        extension=source.extension,
    )


def _is_plain(head: bytes) -> bool:
    """Letters that begin a binary format may also begin a text."""
    return b"\0" not in head and head[:64].isascii() and head[:64].decode("ascii").isprintable()


def _markup(head: bytes) -> tuple[str, str] | None:
    """HTML, SVG and other XML, which may look like text with columns."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:2_000].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<body")):
        return "text/html", "HTML page"
    if start.startswith((b"<?xml", b"<!doctype", b"<svg", b"<!--")):
        if b"<svg" in start:
            return "image/svg+xml", "SVG image"
        if b"<html" in start:
            return "text/html", "HTML page"
        return "text/xml", "XML document"
    return None


def _zip(source: SourceFile, head: bytes) -> Typed | Refusal:
    try:
        with zipfile.ZipFile(source.path) as archive:
            names = set(archive.namelist())
            kind = _document_type(archive, names)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        is_workbook = b"[Content_Types].xml" in head or b"xl/" in head
        if is_workbook or source.extension == ".xlsx":
            return _refusal(source, "truncated", XLSX_MIME, "Excel workbook")
        return _refusal(source, "wrong_type", "application/zip", "ZIP archive")
    if "xl/vbaProject.bin" in names:
        mime = "application/vnd.ms-excel.sheet.macroEnabled.12"
        return _refusal(source, "macro_workbook", mime, "Excel workbook with macros")
    if "xl/workbook.xml" in names:
        return Typed("workbook", XLSX_MIME)
    for part, mime, what in _ZIP_PARTS:
        if part in names:
            code: RefusalCode = "legacy_workbook" if what == "xlsb" else "wrong_type"
            return _refusal(source, code, mime, what)
    if kind in _OPEN_DOCUMENTS:
        return _refusal(source, "wrong_type", kind, _OPEN_DOCUMENTS[kind])
    return _refusal(source, "wrong_type", "application/zip", "ZIP archive")


def _document_type(archive: zipfile.ZipFile, names: set[str]) -> str:
    """What an OpenDocument file says of itself."""
    if "mimetype" not in names:
        return ""
    with archive.open("mimetype") as part:
        return part.read(200).decode("ascii", "replace").strip()


def _compound(source: SourceFile) -> Refusal:
    """An OLE container: an encrypted workbook, or a document in an old Office format."""
    streams = _ole.stream_names(Path(source.path))
    if not streams:
        return _refusal(source, "damaged", "application/x-ole-storage", "Office file")
    if streams & {"EncryptedPackage", "EncryptionInfo"}:
        return _refusal(source, "encrypted_workbook", "application/encrypted", "workbook")
    if streams & {"Workbook", "Book"}:
        return _refusal(source, "legacy_workbook", "application/vnd.ms-excel", "xls")
    if "WordDocument" in streams:
        return _refusal(source, "wrong_type", "application/msword", "Word document")
    if "PowerPoint Document" in streams:
        what = "PowerPoint presentation"
        return _refusal(source, "wrong_type", "application/vnd.ms-powerpoint", what)
    return _refusal(source, "wrong_type", "application/x-ole-storage", "old Office document")
