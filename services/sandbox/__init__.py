"""Code goes in, a result comes out: printed text, files, peak memory, and how it ended.

    sandbox = Sandbox(find_environment(repo_root, profile.environment), limits, root)
    sandbox.start()                            # loads the libraries in the background
    sandbox.create("c1")
    copy(path, sandbox.input_dir("c1") / "sales.csv")
    result = sandbox.run("c1", code)           # waits; `cancel` from another thread ends it
    sandbox.close("c1"); sandbox.stop()

The code finds its files in $INPUT_DIR, leaves what it wants to return at the top level of
$OUTPUT_DIR (a fresh folder each time), and keeps other files where it likes in its own folder.
Variables last for one call. The interpreter is the limit profile's own where it is installed.

How it is built: one process, the zygote, imports pandas and matplotlib once and forks a worker for
each execution, so that code starts in some 20 ms. Memory is looked at every 10 ms; over the limit,
the worker is killed and the exit code is 137, as in the hosted tool.

It bounds what code uses, not yet what code can reach: it runs with the rights of the user who
started Datadock. Only code that Datadock's own analyst wrote may be given to it
(docs/decisions/0005-sandbox.md).
"""

from services.sandbox._environment import find_environment
from services.sandbox._sandbox import Sandbox
from services.sandbox.types import (
    ExecutionResult,
    OutputFile,
    SandboxEnvironment,
    SandboxLimits,
    SandboxUnavailable,
)

__all__ = [
    "ExecutionResult",
    "OutputFile",
    "Sandbox",
    "SandboxEnvironment",
    "SandboxLimits",
    "SandboxUnavailable",
    "find_environment",
]
