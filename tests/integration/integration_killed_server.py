"""A server that answers one question, hangs in the next, says so, and waits to be killed."""

import sys
import threading
from pathlib import Path

from services.app import Application
from services.events import CodeWritten
from services.local_engine.types import Delay
from services.settings import Settings
from tests.integration.integration_server import (
    AVERAGES,
    add_file,
    begin,
    ended,
    orders,
    talk_about,
    until_event,
)


def main() -> None:
    """The argument is the data folder."""
    application = Application.build(Settings(home=Path(sys.argv[1])))
    application.start()
    conversation = talk_about(application, add_file(application, orders()))
    answered = begin(application, conversation)
    ended(application, answered.run_id)
    application.local_engine.inject(Delay(seconds=60, at="tool"))
    under_way = begin(application, conversation, AVERAGES)
    until_event(application, under_way.run_id, CodeWritten)
    told = f"UNDER WAY {conversation} {answered.question_id} {under_way.question_id}\n"
    sys.stdout.write(told)
    sys.stdout.flush()
    threading.Event().wait(120)


if __name__ == "__main__":
    main()
