"""Logs with correlation ids. Events have names, facts are fields; never prompts, data or keys.

`configure` once per process; `log(name)` gives a logger; `bind` puts ids into every line of a
thread until the block ends.
"""

from services.telemetry._logging import bind, configure, log

__all__ = ["bind", "configure", "log"]
