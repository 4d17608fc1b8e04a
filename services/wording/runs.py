"""Sentences about runs: how an answer came about, or why it did not."""

from collections.abc import Sequence

from services.errors import Message
from services.events import (
    CodeWritten,
    ContainerReused,
    ContainerStarted,
    Event,
    FileFetched,
    FileProduced,
    OutputPrinted,
    TextAdded,
)
from services.units import format_count, format_megabytes, format_seconds
from services.wording import questions


def not_yours() -> Message:
    """The run is missing or belongs to somebody else."""
    return Message(what_happened="This run isn't yours or was deleted.")


def conversation_not_yours() -> Message:
    """The conversation is missing or belongs to somebody else."""
    return Message(what_happened="This conversation isn't yours or was deleted.")


def internal_error() -> Message:
    """A defect of ours."""
    return Message(
        what_happened="Something went wrong on our side.",
        what_to_do="The file and your question are kept. Run it again, or quote the id below.",
    )


def stage_reached(events: Sequence[Event]) -> str:
    """The name of the last stage that a run reached."""
    stage = "Queued"
    for event in events:
        match event:
            case ContainerStarted() | ContainerReused():
                stage = "Container started"
            case TextAdded() | CodeWritten():
                stage = "Code written"
            case OutputPrinted():
                stage = "Running"
            case FileProduced() | FileFetched():
                stage = "Fetching charts and tables"
            case _:
                pass
    return stage


def container_expired() -> Message:
    """A container ended before the answer; another follows."""
    return Message(
        what_happened="The container ended before the answer was ready",
        what_to_do="as containers do after an hour at the latest. A new one was started and the "
        "run goes on.",
    )


def files_sent_again() -> Message:
    """The provider no longer has an uploaded file."""
    return Message(
        what_happened="The file was no longer where it had been sent.",
        what_to_do="It is sent again, and the run goes on.",
    )


def container_expired_twice() -> Message:
    """Containers ended again and again."""
    return Message(
        what_happened="Several containers ended before the answer was ready.",
        what_to_do="The file and your question are kept. Run it again, or ask about fewer rows.",
    )


def connection_lost_again() -> Message:
    """The connection broke in the middle; the request is sent once more."""
    return Message(
        what_happened="The connection broke before the answer was complete.",
        what_to_do="The question is sent once more.",
    )


def busy(seconds: float) -> Message:
    """Rate limited; waiting."""
    return Message(
        what_happened=f"Claude is busy; next try in {format_seconds(seconds)}.",
        what_to_do="Waiting costs the container's time only.",
    )


def busy_given_up(seconds: float) -> Message:
    """Rate limited for as long as we wait."""
    return Message(
        what_happened=f"Claude stayed busy for {format_seconds(seconds)}, so the run was given up.",
        what_to_do="Try again in a while.",
    )


def unreachable() -> Message:
    """No connection at all."""
    return Message(
        what_happened="The engine can't be reached right now.",
        what_to_do="The file and your question are kept. Try again.",
    )


def cut_off(times: int) -> Message:
    """The reply broke off, and so did the second try."""
    often = "twice" if times > 1 else "once"
    return Message(
        what_happened=f"The connection broke {often} before the answer was complete.",
        what_to_do="The file and your question are kept. Run it again.",
    )


def timed_out(seconds: float) -> Message:
    """No answer in time."""
    return Message(
        what_happened=f"No answer after {format_seconds(seconds)}, so the run was ended.",
        what_to_do="Run it again, or ask for less.",
    )


def out_of_memory(limit_bytes: int) -> Message:
    """The running code was killed for memory."""
    return Message(
        what_happened=f"The analysis needed more than the {format_megabytes(limit_bytes)} it may "
        "use, so it was stopped.",
        what_to_do="Ask about fewer columns or rows, or use a smaller file.",
    )


def declined() -> Message:
    """The model refused."""
    return Message(
        what_happened="Claude declined to answer this.",
        what_to_do="Asking about the data instead of about persons usually helps.",
    )


def cut_short(reason: str) -> Message:
    """The answer ended at a limit."""
    match reason:
        case "context":
            return Message(
                what_happened="This conversation has become too long to go on.",
                what_to_do="Start a new conversation with the same file.",
            )
        case "paused":
            return Message(
                what_happened="The answer took too many steps and was ended.",
                what_to_do="Ask for one thing at a time.",
            )
        case _:
            return Message(
                what_happened="The answer became too long and was cut off.",
                what_to_do="Ask for less at once.",
            )


def rejected(status: int) -> Message:
    """The provider refused the request itself."""
    if status in {401, 403}:
        return Message(
            what_happened="Claude did not accept the key of this installation.",
            what_to_do="An operator has to check the key on Settings & health.",
        )
    if status == 402:
        return Message(
            what_happened="The account behind this installation can't pay for more requests.",
            what_to_do="An operator has to look at the provider's billing page.",
        )
    if status == 413:
        return Message(
            what_happened="The question with its files is too large to be sent.",
            what_to_do="Use a smaller file or start a new conversation.",
        )
    return Message(
        what_happened="The engine did not accept the question.",
        what_to_do="Run it again; if it stays like this, quote the id below.",
    )


def stopped() -> Message:
    """The user ended the run."""
    return Message(what_happened="Stopped.", what_to_do="What was finished is kept below.")


def interrupted(stage: str) -> Message:
    """The server ended while the run was under way."""
    return Message(
        what_happened="The run was interrupted when the server restarted.",
        what_to_do=f"It had reached {_quoted(stage)}. The file and your question are kept.",
    )


def server_ends() -> Message:
    """The server is going down and starts nothing any more."""
    return Message(
        what_happened="The server is restarting.", what_to_do="Try again in a few seconds."
    )


def run_under_way() -> Message:
    """One question at a time."""
    return Message(
        what_happened="A question is being answered in this conversation.",
        what_to_do="Ask again when this is finished.",
    )


def question_empty() -> Message:
    """Nothing was asked."""
    return Message(
        what_happened="There is no question in that.", what_to_do="Type what you want to know."
    )


def question_too_long(characters: int, limit: int) -> Message:
    """The question is longer than what is sent."""
    return Message(
        what_happened=f"The question has {format_count(characters)} characters; "
        f"up to {format_count(limit)} are sent.",
        what_to_do="Shorten it.",
    )


def file_still_checked() -> Message:
    """The file is not known yet."""
    return Message(
        what_happened="The file is still being checked.", what_to_do="Ask again in a moment."
    )


def no_usable_file() -> Message:
    """No file of the conversation can be asked about."""
    return Message(
        what_happened="None of these files can be asked about as it is.",
        what_to_do="Add a file that fits.",
    )


def no_table() -> Message:
    """A text or a picture, and only the local engine to ask."""
    return Message(
        what_happened="The local engine answers questions about tables only.",
        what_to_do="Add a CSV, Excel or JSON file. Texts and pictures need Claude.",
    )


def no_file() -> Message:
    """The local engine has nothing to count."""
    return Message(
        what_happened="There is no file to ask about.",
        what_to_do="Add a file first; the local engine only answers questions about data.",
    )


def sandbox_lacks_library(library: str) -> Message:
    """The environment of the code is incomplete."""
    return Message(
        what_happened=f"Code can't be run here: the library {library} is missing.",
        what_to_do="Run script/setup again, then start Datadock once more.",
    )


def sandbox_not_started(reason: str) -> Message:
    """The process that runs code did not come up; the reason in a few words."""
    return Message(
        what_happened=f"Code can't be run here: the process for it did not start ({reason}).",
        what_to_do="Start Datadock again; if that doesn't help, run script/setup.",
    )


def key_unusable() -> Message:
    """The key is blank or can't be written into a request."""
    return Message(
        what_happened="The key of this installation can't be used.",
        what_to_do="An operator has to check it.",
    )


def model_unknown(model: str, known: Sequence[str]) -> Message:
    """The settings name a model that is not in the list of models."""
    return Message(
        what_happened=f"There is no model called {model!r} in the list of models.",
        what_to_do=f"Choose one of: {', '.join(known)}.",
    )


def answer_ready(headline: str) -> str:
    """The toast when an answer has arrived."""
    return f"Answer ready: {headline}" if headline else "Answer ready."


def unknown_column(name: str, closest: Sequence[str], others: Sequence[str] = ()) -> Message:
    """The question names columns that the file does not have; `closest` is said of `name`."""
    near = ", ".join(_quoted(column) for column in closest)
    instead = f"Closest to {_quoted(name)}" if others else "Closest"
    return Message(
        what_happened=questions.no_column(name, others),
        what_to_do=(f"{instead}: {near}. " if near else "")
        + "Nothing was run and nothing was paid.",
    )


def beyond_the_local_engine(reason: str, examples: Sequence[str]) -> Message:
    """Fixed rules can't answer this; what they can."""
    can = f" It can: {', '.join(_quoted(example) for example in examples)}." if examples else ""
    return Message(
        what_happened="The local engine can't answer this.", what_to_do=f"{reason}{can}".strip()
    )


def _quoted(text: str) -> str:
    return f"\N{LEFT DOUBLE QUOTATION MARK}{text}\N{RIGHT DOUBLE QUOTATION MARK}"
