"""Where container records stand: by their id, by conversation, and which of them live."""

import msgspec

from services.containers import _life
from services.containers.types import Workspace
from services.errors import StoreError
from services.ids import ConversationId, WorkspaceId
from services.store import Store
from services.wording import store as wording


class _Pointer(msgspec.Struct, frozen=True, kw_only=True):
    workspace_id: WorkspaceId


class Records:
    """The spaces of this room. Several writes belong in one unit of the store."""

    def __init__(self, store: Store) -> None:
        self._workspaces = store.space("containers.workspaces", Workspace)
        self._current = store.space("containers.current", _Pointer)
        # Few live and thousands have ended: a page that asks each second must not read them all.
        self._alive = store.space("containers.alive", _Pointer)

    def find(self, workspace_id: WorkspaceId) -> Workspace | None:
        """The record, or None if there is none."""
        return self._workspaces.get(workspace_id)

    def get(self, workspace_id: WorkspaceId) -> Workspace:
        """The record. Raises StoreError if there is none."""
        found = self._workspaces.get(workspace_id)
        if found is None:
            raise StoreError(wording.absent())
        return found

    def current(self, conversation_id: ConversationId) -> Workspace | None:
        """The conversation's latest container, alive or not."""
        pointer = self._current.get(conversation_id)
        return None if pointer is None else self.get(pointer.workspace_id)

    def alive(self) -> tuple[Workspace, ...]:
        """Records that say that they live."""
        return tuple(self.get(pointer.workspace_id) for _, pointer in self._alive.scan())

    def put(self, workspace: Workspace) -> None:
        """Write a record down, and whether it lives."""
        self._workspaces.put(workspace.id, workspace)
        if _life.is_alive(workspace):
            self._alive.put(workspace.id, _Pointer(workspace_id=workspace.id))
        else:
            self._alive.delete(workspace.id)

    def make_current(self, workspace: Workspace) -> None:
        """Write a new record down as its conversation's container."""
        self.put(workspace)
        self._current.put(workspace.conversation_id, _Pointer(workspace_id=workspace.id))
