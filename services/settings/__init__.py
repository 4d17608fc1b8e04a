"""What this installation chose: read once, at start. `load` is the only way in."""

from services.settings._load import load
from services.settings.types import Settings

__all__ = ["Settings", "load"]
