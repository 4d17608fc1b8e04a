"""Id types, so that a RunId can't pass for a ConversationId. Ids use [0-9A-Za-z_-] only."""

import secrets
from typing import NewType

UserId = NewType("UserId", str)
FileId = NewType("FileId", str)
ConversationId = NewType("ConversationId", str)
QuestionId = NewType("QuestionId", str)
RunId = NewType("RunId", str)
WorkspaceId = NewType("WorkspaceId", str)
"""Our own name of a container, given before the provider has made one."""
ContainerId = NewType("ContainerId", str)
"""The provider's name of a container."""
RemoteFileId = NewType("RemoteFileId", str)
"""The provider's name of an uploaded or produced file."""
RequestId = NewType("RequestId", str)
"""The provider's name of one request (header `request-id`)."""
BlobKey = NewType("BlobKey", str)
"""`sha256:` and 64 hexadecimal digits."""
CorrelationId = NewType("CorrelationId", str)
"""What a user quotes and an operator searches the logs for."""

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id(prefix: str, *, length: int = 16) -> str:
    """A random id such as `run-3f…`: 5 bits a character, no letters that read as digits."""
    return prefix + "-" + "".join(secrets.choice(_ALPHABET) for _ in range(length))
