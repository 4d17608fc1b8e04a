"""Facts about the world: what a container takes, what it costs, what a token costs.

`load` reads one of the profiles beside this file, fills what it does not state from `guide`, and
puts the installation's own values over it. Nothing else in the code holds such a number.
"""

from services.limits._load import load, load_prices, overridden_names

__all__ = ["load", "load_prices", "overridden_names"]
