"""The embedded engine: a loopback server that speaks the Messages and Files API by fixed rules.

It runs as a process of its own (`python -m services.local_engine --port 0`), so that hostile data
and a slow calculation can't touch the app, and so that any client of the API can be pointed at it.
`LocalEngineProcess` is the app's side: it starts the child, knows its address and token, starts it
again when it has died, and asks its control routes. What is spoken is in docs/wire.md.

The child owns the sandbox, its files and its own bill. It never sees the app's environment, and so
no key. Inside, `_server` takes requests, `_messages` and `_files` serve them, `_reply` makes one
reply, `_sse` streams it, `_bill` books it.
"""

from services.local_engine._process import LocalEngineProcess

__all__ = ["LocalEngineProcess"]
