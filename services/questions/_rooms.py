"""The rooms that an answer needs, wired once by the Application."""

from dataclasses import dataclass
from pathlib import Path

from services.clock import Clock
from services.containers import Containers
from services.conversations import Conversations
from services.engine import Engine
from services.files import Files
from services.limits.types import LimitProfile
from services.money import Money
from services.money.types import EngineKind
from services.preflight import PreflightRoom
from services.questions._remote import RemoteFiles
from services.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweringRooms:
    """What carrying a question takes."""

    conversations: Conversations
    preflight: PreflightRoom
    files: Files
    containers: Containers
    money: Money
    engine: Engine
    remote: RemoteFiles
    store: Store
    profile: LimitProfile
    clock: Clock
    engine_kind: EngineKind
    environment: str
    """Which pandas will run the code: `pandas 1.5.3`."""
    work_folder: Path
    """Where files lie between being fetched and being kept."""
