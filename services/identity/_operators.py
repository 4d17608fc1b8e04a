"""Who may act on what belongs to all: containers, budgets, clean-up."""

from collections.abc import Collection

from services.ids import UserId


def is_operator(user: UserId, operators: Collection[UserId] = ()) -> bool:
    """Whether this user is an operator. Where none are named, everybody is.

    A fresh installation listens on loopback only, so everybody is whoever sits at the machine.
    """
    return not operators or user in operators
