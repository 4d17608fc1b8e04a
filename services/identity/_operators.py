"""Who may see and act on what belongs to all: containers, ledger, budgets, clean-up."""

from collections.abc import Collection
from typing import Literal, TypeAlias

from services.ids import UserId

Standing: TypeAlias = Literal["operator", "everybody", "visitor"]
"""An operator by name; everybody, where nobody is named; one who is not among the named."""


def standing(user: UserId, operators: Collection[UserId]) -> Standing:
    """What this user is here.

    A fresh installation listens on loopback only, so everybody is whoever sits at the machine.
    """
    if user in operators:
        return "operator"
    return "visitor" if operators else "everybody"


def is_operator(user: UserId, operators: Collection[UserId] = ()) -> bool:
    """Whether this user may see and act on what belongs to all. Where none are named, all may."""
    return standing(user, operators) != "visitor"


def may_interrupt(user: UserId, owner: UserId, operators: Collection[UserId] = ()) -> bool:
    """Whether this user may end a container while its owner's run is using it.

    Only by name: where nobody is named, nobody may break anybody else's run.
    """
    return user == owner or standing(user, operators) == "operator"
