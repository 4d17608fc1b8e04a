"""One container for each conversation: recorded before its first use, reused while it is safe.

`acquire` gives a run the conversation's container or the record of a new one; `replied` notes what
a reply told of it and books its time until then; `give_back` leaves it for the next question;
`broke_off` notes a request whose reply never told; `lost` and `release` end it; `sweep` ends those
whose life is over, `forget_missing` those that the engine does not have any more. `live` is what
the cost page shows of those that live.

How time is billed is a rule of the profile. By lifetime: spans that touch, in whole started
seconds, from first use until the end; what the rest of its life may cost is held. By execution:
each request by itself. Every row and the record that it belongs to are written in one piece.
"""

from services.containers._containers import Containers, EndRemotely
from services.containers._live import not_yet_booked

__all__ = ["Containers", "EndRemotely", "not_yet_booked"]
