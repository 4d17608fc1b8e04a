"""From events to stages: whole values, for the ways in which a run can go."""

from datetime import UTC, datetime, timedelta

import pytest

from components.run_stages import Progress, Stage, progress
from services.errors import Message
from services.events import (
    CheckAdvanced,
    CodeWritten,
    ContainerReused,
    ContainerStarted,
    Failed,
    FileDropped,
    FileFetched,
    FileProduced,
    Finished,
    MemorySeen,
    Numbered,
    OutputPrinted,
    Queued,
    Retrying,
    Stopped,
    TextAdded,
    UploadFinished,
    Usage,
    UsageReported,
)
from services.ids import ContainerId, FileId, RemoteFileId, WorkspaceId

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def at(seconds):
    return START + timedelta(seconds=seconds)


def numbered(*events):
    return tuple(Numbered(sequence=n, event=event) for n, event in enumerate(events, start=1))


def reused(seconds):
    return ContainerReused(
        at=at(seconds),
        workspace_id=WorkspaceId("ws-1"),
        container_id=ContainerId("c-1"),
        age_seconds=1320,
    )


def code(seconds, lines=14):
    return CodeWritten(at=at(seconds), tool_use_id="t", code="x = 1\n" * lines)


def printed(seconds, stdout="", return_code=0):
    return OutputPrinted(
        at=at(seconds), tool_use_id="t", stdout=stdout, stderr="", return_code=return_code
    )


def fetched(seconds, name):
    return FileFetched(
        at=at(seconds),
        file_id=FileId("f"),
        name=name,
        kind="image",
        mime="image/png",
        size_bytes=9,
    )


QUEUED = Stage(kind="queued", title="Queued", started_at=START, ended_at=at(1), detail="Accepted.")
CONTAINER = Stage(
    kind="container",
    title="Container reused",
    started_at=at(1),
    ended_at=at(1),
    facts=("22\u00a0min old",),
    detail="The files are in it already.",
)


def test_stages_of_nothing():
    assert progress(()) == Progress(
        stages=(),
        headline="Waiting for its turn",
        upcoming="get a container ready",
        peak_bytes=None,
    )
    assert progress(()).is_waiting


def test_stages_of_a_run_under_way():
    known = progress(
        numbered(
            Queued(at=START),
            reused(1),
            TextAdded(at=at(3), text="I'll compare revenue"),
            TextAdded(at=at(4), text=" month by month"),
            code(9),
            MemorySeen(at=at(10), peak_bytes=287_000_000),
            MemorySeen(at=at(11), peak_bytes=200_000_000),
        )
    )
    assert known == Progress(
        stages=(
            QUEUED,
            CONTAINER,
            Stage(
                kind="writing",
                title="Code written",
                started_at=at(1),
                ended_at=at(9),
                detail="14 lines of Python.",
            ),
            Stage(
                kind="running",
                title="Running",
                started_at=at(9),
                detail="I'll compare revenue month by month",
            ),
        ),
        headline="Running the analysis",
        upcoming="fetch charts and tables",
        peak_bytes=287_000_000,
    )
    assert not known.is_waiting


def test_stages_of_further_steps_stay_in_one_row():
    known = progress(
        numbered(
            Queued(at=START),
            reused(1),
            code(5),
            printed(7, "Total\n41,200\n"),
            code(8, lines=1),
            printed(9, return_code=1),
        )
    )
    assert [stage.title for stage in known.stages] == [
        "Queued",
        "Container reused",
        "Code written",
        "Running",
    ]
    assert known.stages[-1] == Stage(
        kind="running",
        title="Running",
        started_at=at(5),
        facts=("step 2",),
        detail="This step ended with an error; another way is tried.",
    )


def test_stages_show_what_was_printed_last():
    known = progress(numbered(Queued(at=START), reused(1), code(5), printed(7, "a\nTotal 41\n\n")))
    assert known.stages[-1].detail == "Total 41"


def test_stages_of_fetching():
    produced = FileProduced(at=at(8), remote_file_id=RemoteFileId("r"))
    dropped = FileDropped(at=at(11), name="x.bin", reason="not a table")
    events = numbered(
        Queued(at=START), reused(1), code(5), produced, fetched(9, "a.png"), fetched(10, "b.csv")
    )
    known = progress(events)
    assert known.stages[-1] == Stage(
        kind="fetching",
        title="Fetching charts and tables",
        started_at=at(9),
        facts=("2 files",),
        detail="b.csv",
    )
    assert (known.headline, known.upcoming) == ("Fetching charts and tables", None)
    assert progress((*events, *numbered(dropped))).stages[-1].detail == "x.bin was left out."


def test_stages_of_an_upload_belong_to_the_container():
    known = progress(
        numbered(
            Queued(at=START),
            UploadFinished(at=at(1), file_id=FileId("f"), size_bytes=14_200_000),
            ContainerStarted(at=at(2), workspace_id=WorkspaceId("ws-1")),
        )
    )
    assert known.stages[1:] == (
        Stage(
            kind="container",
            title="Container started",
            started_at=at(1),
            ended_at=at(2),
            detail="14.2\u00a0MB of files sent.",
        ),
        Stage(kind="writing", title="Writing the code", started_at=at(2)),
    )


def test_stages_of_a_retry_begin_anew():
    retrying = Retrying(
        at=at(9),
        category="container_lost",
        message=Message(what_happened="The container ended.", what_to_do="A new one was started."),
        after_seconds=2,
    )
    events = numbered(Queued(at=START), reused(1), code(5), retrying)
    known = progress(events)
    assert known.stages[-2:] == (
        Stage(kind="running", title="Running", started_at=at(5), ended_at=at(9), failed=True),
        Stage(
            kind="retrying",
            title="Trying again",
            started_at=at(9),
            facts=("after a pause of 2\u00a0s",),
            detail="The container ended. A new one was started.",
        ),
    )
    assert known.headline == "Trying again"
    again = progress((*events, *numbered(reused(12), code(14))))
    assert [stage.kind for stage in again.stages[4:]] == [
        "retrying",
        "container",
        "writing",
        "running",
    ]
    assert again.stages[4].ended_at == at(12)


@pytest.mark.parametrize(
    ("ending", "failed"),
    [
        (Finished(at=at(12), seconds=12), False),
        (Failed(at=at(12), category="failed", message=Message(what_happened="x")), True),
        (Stopped(at=at(12), seconds=12), False),
    ],
)
def test_stages_end_with_the_run(ending, failed):
    last = progress(numbered(Queued(at=START), reused(1), code(5), ending)).stages[-1]
    assert (last.ended_at, last.failed) == (at(12), failed)


def test_stages_pass_over_what_they_don_t_show():
    quiet = (
        UsageReported(at=at(2), request_id=None, usage=Usage()),
        CheckAdvanced(at=at(2), step="content", fact="CSV"),
    )
    assert progress(numbered(Queued(at=START), *quiet)) == progress(numbered(Queued(at=START)))


def test_stages_show_a_sentence_without_its_marks_and_cut():
    said = TextAdded(at=at(3), text="Intro\n\n## **" + "long " * 60)
    detail = progress(numbered(Queued(at=START), reused(1), said)).stages[-1].detail
    assert detail.startswith("long long")
    assert len(detail) <= 160
