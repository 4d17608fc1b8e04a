"""Prices, the ledger, and all arithmetic of money; nobody else writes the ledger.

Around each request: `reserve` writes down what is about to be sent and holds the most that it may
cost, `mark_sent` says that it may be billed from now on, `settle` books what it really cost and
lets go of the hold, `release` lets go without booking. `settle_orphans` does the same after a
restart for requests that nobody follows any more. `record` books a span of container time, `hold`
holds the rest of a container's life. Each may be repeated.

Amounts are integer micro-dollars, rounded once, half to even, where a row is made. Sums are those
of rows and name their engine: a rehearsal of the local engine is never added to what was paid.
Free hours of a profile are not taken off single rows, which stand at the list price: they belong to
the organisation's month, so `spend` tells what they would cover, apart from all other figures.
"""

from services.money._export import ledger_csv
from services.money._money import Money

__all__ = ["Money", "ledger_csv"]
