"""Threads that look at columns."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_One = TypeVar("_One")
_Result = TypeVar("_Result")


class Team:
    """A few threads; Arrow and numpy let each other work."""

    def __init__(self, threads: int) -> None:
        self.size = threads
        self._pool = ThreadPoolExecutor(threads)

    def map(self, work: Callable[[_One], _Result], over: Iterable[_One]) -> Iterator[_Result]:
        """As `map`, by all of them."""
        return self._pool.map(work, over)

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown()
