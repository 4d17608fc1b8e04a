"""The name under which a file is uploaded, and so the one it has in the container."""

import hashlib
import re
import unicodedata

_UNSAFE = re.compile(r"[^A-Za-z0-9 ._()+,=@-]+")
_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,10}$")
_STEM_CHARACTERS = 120
_HASH_DIGITS = 6


def remote_name(name: str) -> str:
    r"""`name`, made safe for the provider and for a shell; its extension stays.

    The provider takes 1 to 255 characters without `< > : " | ? * \ /` and control characters, and
    keeps the last path component only. A name that has to be changed gets some digits of its hash,
    so that two different names don't become one. Applied twice it gives the same name.
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    found = _EXTENSION.search(last)
    extension = found.group() if found else ""
    stem = last.removesuffix(extension) if extension else last
    safe = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    safe = _UNSAFE.sub("_", safe).strip(" .-")
    if safe and safe == stem and len(safe) <= _STEM_CHARACTERS:
        return safe + extension
    digits = hashlib.sha256(stem.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_DIGITS]
    kept = safe[: _STEM_CHARACTERS - _HASH_DIGITS - 1].rstrip(" .-")
    return f"{kept or 'file'}-{digits}{extension}"
