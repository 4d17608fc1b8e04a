"""The second story: a question is asked, carried by a run, and becomes an answer.

`Questions.ask` decides at once what can be decided without spending (a missing column, a question
that fixed rules can't handle, a file that is too large); all else becomes a run whose performer,
`answer`, holds the one loop that talks to an engine. What follows a failure is a table in
`_recovery.py`; what a reduced file can't tell stands in `_smaller.py`. Every request is reserved,
marked as sent and settled around its sending.
"""

from services.questions._answer import Answering
from services.questions._ask import Questions
from services.questions._remote import RemoteFiles
from services.questions._rooms import AnsweringRooms

__all__ = ["Answering", "AnsweringRooms", "Questions", "RemoteFiles"]
