"""Conversations: which files, which questions, what was answered.

Every verb takes the user first and knows only that user's conversations. A question is written down
before its run starts, and its turn ends exactly once.
"""

from services.conversations._turns import Conversations

__all__ = ["Conversations"]
