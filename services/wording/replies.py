"""What the local engine says in its replies, as plain text; Claude's replies are Claude's own."""

from collections.abc import Sequence

from services.units import format_megabytes, format_seconds
from services.wording import questions

_OPEN = "\N{LEFT DOUBLE QUOTATION MARK}"
_CLOSE = "\N{RIGHT DOUBLE QUOTATION MARK}"


def cannot_answer(reason: str, examples: Sequence[str]) -> str:
    """The question is not one that fixed rules can answer."""
    text = "The local engine can't answer this."
    if reason:
        text += f" {reason}"
    if examples:
        text += f" It can: {_quoted(examples)}."
    return text


def unknown_column(name: str, closest: Sequence[str], others: Sequence[str] = ()) -> str:
    """The question names columns that no file has; `closest` is what may be meant by `name`."""
    text = questions.no_column(name, others)
    if closest:
        instead = f" to {_OPEN}{name}{_CLOSE}" if others else ""
        text += f" Closest{instead}: {_quoted(closest)}."
    return f"{text} Nothing was run."


def nothing_asked() -> str:
    """The message holds no text."""
    return "There is no question in this message, only files."


def without_tool() -> str:
    """No code execution tool was declared, so nothing can be computed."""
    return (
        "The local engine can't answer this. It calculates from data files by fixed rules, and "
        "this request offers it no code execution. It doesn't write or explain text of its own."
    )


def without_calculating() -> str:
    """The fault of an answer that did not use the tool; it claims no figure."""
    return "This was answered without running any code, so there is no figure in it."


def without_file() -> str:
    """No file is attached and none is in the container."""
    return (
        "There is no file to look at: none is attached to this message and the container holds "
        "none. Attach a CSV file, a workbook or JSON records, then ask about it."
    )


def unreadable_file(name: str, reason: str) -> str:
    """The attached file can't be analysed."""
    return f"The file {_OPEN}{name}{_CLOSE} can't be used. {reason}".strip()


def foreign_code() -> str:
    """A fenced Python block; only the analyst's own code is run."""
    return (
        "The local engine doesn't run code from a message yet. It only runs what its own rules "
        "have written, so nothing was run."
    )


def out_of_memory(limit_bytes: int) -> str:
    """The code was killed for memory."""
    return (
        f"The calculation needed more than the {format_megabytes(limit_bytes)} it may use, so it "
        "was killed before there was an answer."
    )


def too_slow(limit_seconds: float) -> str:
    """The code ran into the time limit."""
    return (
        f"The calculation took longer than the {format_seconds(limit_seconds)} it may take, so it "
        "was ended before there was an answer."
    )


def tool_unavailable() -> str:
    """The sandbox did not run the code."""
    return "The code could not be run, so there is no answer."


def code_failed(exit_code: int) -> str:
    """The code ended with an error."""
    return f"The calculation ended with an error (exit code {exit_code}), so there is no answer."


def nothing_printed() -> str:
    """The code ran and said nothing."""
    return "The calculation ran to its end but printed no answer."


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"{_OPEN}{name}{_CLOSE}" for name in names)


def of_file(reading: str, name: str) -> str:
    """A reading where there are several files: which of them it is about."""
    return f"{reading} The file is {name}."
