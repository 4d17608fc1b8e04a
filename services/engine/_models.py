"""What `models.toml` states, typed: models, and the bounds of files and web tools."""

import tomllib
from functools import cache
from pathlib import Path

import msgspec

from services import wording
from services.engine.types import ModelInfo
from services.errors import InputError

_FILE = Path(__file__).with_name("models.toml")


class FileBounds(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long an upload lives, and how much may come back."""

    expires_in_seconds: int
    fetch_max_bytes: int
    fetch_max_files: int


class WebBounds(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often the web may be asked in one question."""

    max_uses: int


class Catalogue(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    default: str
    files: FileBounds
    web: WebBounds
    models: tuple[ModelInfo, ...]

    def find(self, model_id: str) -> ModelInfo | None:
        """The model of that id, if the file states it."""
        return next((model for model in self.models if model.id == model_id), None)

    def require(self, model_id: str) -> ModelInfo:
        """The model of that id. Raises InputError if the file does not state it."""
        model = self.find(model_id)
        if model is None:
            known = [model.id for model in self.models]
            raise InputError(wording.runs.model_unknown(model_id, known))
        return model


@cache
def catalogue() -> Catalogue:
    """The models that can be offered; read once."""
    return msgspec.convert(tomllib.loads(_FILE.read_text(encoding="utf-8")), Catalogue)
