"""What finished questions really took, kept beside what was projected (R22, R26).

Times of this installation replace the profile's typical ones once there are enough of them; memory
is only shown beside its projection, which comes from what a file holds and not from habit.
"""

import threading
from collections import deque
from statistics import quantiles
from typing import get_args

import msgspec

from services.limits.types import Approach
from services.preflight.types import Observation, Preflight, TimeProjection
from services.store import Store
from services.units import format_count, format_seconds_range

_LAST = 50
"""So many questions of one approach are looked back at."""
_ENOUGH = 10
_TENTH, _MIDDLE, _LAST_TENTH = 0, 4, 8
"""Which of the nine deciles."""


class Learning:
    """Observations of one installation and engine."""

    def __init__(self, store: Store, engine: str) -> None:
        self._engine = engine
        self._space = store.space("preflight.observed", Observation)
        self._lock = threading.Lock()
        self._seconds: dict[Approach, deque[float]] = {
            approach: deque(maxlen=_LAST) for approach in get_args(Approach)
        }
        for observation in reversed(self.observations(limit=_LAST * len(self._seconds))):
            self._take(observation)

    def learn(self, observation: Observation) -> None:
        """Keep what a finished question took. Raises StoreError."""
        key = f"{observation.at:%Y%m%dT%H%M%S}:{observation.run_id}"
        if self._space.create(key, observation):
            self._take(observation)

    def observations(self, limit: int = 1_000) -> tuple[Observation, ...]:
        """What was kept, newest first."""
        return tuple(kept for _, kept in self._space.scan(limit=limit, reverse=True))

    def corrected(self, result: Preflight) -> Preflight:
        """A verdict whose times are this installation's own, where there are enough of them."""
        if result.time is None:
            return result
        approaches = tuple(
            msgspec.structs.replace(one, time=self._time(one.approach, one.time))
            for one in result.approaches
        )
        usual = self._time("files_code", result.time)
        return msgspec.structs.replace(result, time=usual, approaches=approaches)

    def _take(self, observation: Observation) -> None:
        if observation.engine == self._engine:
            with self._lock:
                self._seconds[observation.approach].append(observation.seconds)

    def _time(self, approach: Approach, typical: TimeProjection) -> TimeProjection:
        with self._lock:
            seconds = tuple(self._seconds[approach])
        if len(seconds) < _ENOUGH:
            return typical
        deciles = quantiles(seconds, n=10, method="inclusive")
        low, high = deciles[_TENTH], deciles[_LAST_TENTH]
        return TimeProjection(
            low_seconds=low,
            high_seconds=high,
            typical_seconds=deciles[_MIDDLE],
            formula=(
                f"{format_seconds_range(low, high)} in 8 of 10 of the last"
                f" {format_count(len(seconds))} questions here. {typical.formula}"
            ),
        )
