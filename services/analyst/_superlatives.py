"""Superlatives that say by themselves what is measured: 'heaviest', 'rainiest'."""

from typing import Final

from services.analyst._words import vocabulary

ADJECTIVES: Final[dict[str, tuple[str, frozenset[str]]]] = {
    "heaviest": ("most", vocabulary("mass weight")),
    "lightest": ("least", vocabulary("mass weight")),
    "longest": ("most", vocabulary("length duration hours days minutes seconds")),
    "shortest": ("least", vocabulary("length duration hours days minutes seconds height")),
    "tallest": ("most", vocabulary("height")),
    "oldest": ("most", vocabulary("age")),
    "youngest": ("least", vocabulary("age")),
    "hottest": ("most", vocabulary("temperature")),
    "warmest": ("most", vocabulary("temperature")),
    "coldest": ("least", vocabulary("temperature")),
    "wettest": ("most", vocabulary("precipitation rain rainfall")),
    "rainiest": ("most", vocabulary("precipitation rain rainfall")),
    "driest": ("least", vocabulary("precipitation rain rainfall")),
    "windiest": ("most", vocabulary("wind")),
    "dearest": ("most", vocabulary("price")),
    "cheapest": ("least", vocabulary("price")),
}
"""Which end they ask for, and what the measure's header has to speak of."""
