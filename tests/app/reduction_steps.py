"""Steps that the tests of reduced files have in common: one user's file, drawn and made smaller."""

import re
from pathlib import Path

from streamlit.testing.v1 import AppTest

from services.files.types import Upload

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30.0
VISITOR = "anon-visitor-who-reduces"
ROWS = 2_000
CONTENT = "Region,Amount,Session\n" + "".join(
    f"{['North', 'South'][n % 2]},{n % 100 / 2:.2f},{n * 7919 * 104729:032x}\n" for n in range(ROWS)
)


def kept(application, user, content=CONTENT, name="orders.csv"):
    """A conversation with one checked file."""
    spooled = application.spool_folder / name
    spooled.write_text(content)
    upload = Upload(path=spooled, name=name, size_bytes=spooled.stat().st_size)
    started = application.preflight.check(user, upload)
    if started.run_id is not None:
        assert application.runs.wait(user, started.run_id, PATIENCE)
    conversation_id = application.conversations.open(user)
    application.conversations.attach(user, conversation_id, started.file_id)
    return conversation_id, started.file_id


def drawn(conversation_id):
    test = AppTest.from_file(str(ROOT / "pages" / "analyse.py"), default_timeout=PATIENCE)
    test.session_state["view:anonymous"] = VISITOR
    test.query_params["c"] = conversation_id
    test.run()
    assert not test.exception
    return test


def words(test):
    kinds = (test.title, test.subheader, test.markdown, test.caption, test.info, test.warning)
    return re.sub(r"\\(.)", r"\1", " ".join(str(e.value) for kind in kinds for e in kind))


def reduced(application, user, conversation_id, file_id, *steps):
    run_id = application.preflight.reduce(user, file_id, steps)
    assert application.runs.wait(user, run_id, PATIENCE)
    return application.preflight.reductions.reduced(user, file_id)
