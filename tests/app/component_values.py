"""Made-up values for drawing components, and one script that draws any of their states."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import streamlit as st

from components import frame, view_state
from components.answer_card import Download, Picture, Table, answer_card
from components.composer import composer
from components.earlier_turns import EarlierTurn, earlier_turns
from components.engine_panel import engine_panel, profile_panel, versions_line
from components.failure_card import Ending, declined_card, failure_card
from components.file_drop import add_file, file_drop, promises
from components.file_strip import StripFile, file_strip
from components.health_panel import HealthLine, health_panel
from components.intents import Sample
from components.kpi_row import Kpi, kpi_row
from components.ledger_table import ledger_table
from components.live_table import live_table, no_container_yet
from components.notices import notices
from components.preflight_card import check_failed_card, checking_card, preflight_card
from components.recent_conversations import recent_conversations
from components.reduction_card import reducing_card, reduction_card
from components.run_card import question, run_card
from components.suggestions import Suggestion, suggestions
from services import limits
from services.analyst.types import Abstained, UnknownColumn
from services.containers.types import LiveContainer, Workspace
from services.conversations.types import Answer, Bundle, CodeStep, ConversationSummary
from services.errors import Message
from services.events import (
    CheckAdvanced,
    CodeWritten,
    ContainerReused,
    MemorySeen,
    Numbered,
    Queued,
    ReductionAdvanced,
    Usage,
)
from services.ids import (
    BlobKey,
    ContainerId,
    ConversationId,
    CorrelationId,
    FileId,
    QuestionId,
    RunId,
    UserId,
    WorkspaceId,
)
from services.money.types import LedgerRow, NumberedRow
from services.preflight.types import (
    ColumnReport,
    Corrections,
    CostProjection,
    Dialect,
    FileReport,
    Finding,
    ImageReport,
    KeepColumns,
    MemoryProjection,
    Preflight,
    ReductionPlan,
    SampleRows,
    TablePreview,
    TableReport,
    TimeProjection,
    Verdict,
)
from services.units import MB, MicroUsd

HOSTILE = "![x](http://h/a.png) :red[y] $z$ www.h.example"
NOW = datetime(2026, 11, 24, 14, 2, tzinfo=UTC)
PROFILE = limits.load("guide")
FILE, RUN, QUESTION = FileId("f1"), RunId("run-1"), QuestionId("q1")
CORRELATION = CorrelationId("p-83c1")
ASKED = "Total turnover by region"

COST = CostProjection(
    low_microusd=MicroUsd(21_000),
    high_microusd=MicroUsd(61_000),
    token_low_microusd=MicroUsd(20_000),
    token_high_microusd=MicroUsd(58_000),
    container_low_microusd=MicroUsd(300),
    container_high_microusd=MicroUsd(900),
    formula="4,000 tokens x $3.00 + 600 x $15.00 per million",
)
TIME = TimeProjection(
    low_seconds=20, high_seconds=60, typical_seconds=35, formula="20 to 60 s, files + code"
)
MEMORY = MemoryProjection(
    peak_bytes=312 * MB,
    low_bytes=270 * MB,
    high_bytes=360 * MB,
    load_bytes=280 * MB,
    analysis_bytes=312 * MB,
    baseline_bytes=95 * MB,
    folk_low_bytes=57 * MB,
    folk_high_bytes=71 * MB,
    limit_bytes=947 * MB,
    fits=True,
    rough=False,
    environment="pandas 1.5.3",
)
TABLE = TableReport(
    name="orders",
    rows=182_400,
    rows_exact=True,
    columns=(
        ColumnReport(name="region", dtype="object", kind="text", nulls=2_189, distinct=4),
        ColumnReport(name=HOSTILE, dtype="int64", kind="integer", nulls=0),
    ),
    sample=(("North", "1"), (None, "2")),
)
FINDINGS = (
    Finding(code="blank", severity="info", message="is empty in 1.2% of rows.", column="region"),
    Finding(code="decimal", severity="warning", message="uses decimal commas.", column=HOSTILE),
    *(Finding(code=f"n{n}", severity="info", message=f"Finding {n}.") for n in range(3)),
)
REPORT = FileReport(
    kind="csv",
    mime="text/csv",
    size_bytes=14_200_000,
    encoding="UTF-8",
    dialect=Dialect(delimiter=";", decimal=","),
    tables=(TABLE,),
    findings=FINDINGS,
)
FITS = Preflight(
    blob=BlobKey("sha256:0"),
    report=REPORT,
    memory=MEMORY,
    cost=COST,
    time=TIME,
    verdict=Verdict(
        state="fits",
        code="fits",
        message=Message(what_happened="Ready.", what_to_do="It needs about 312\u00a0MB."),
    ),
    seconds=0.42,
    checked_at=NOW,
    profile="guide",
)
OVER = msgspec.structs.replace(
    FITS,
    memory=msgspec.structs.replace(MEMORY, rough=True),
    verdict=Verdict(
        state="fits_after_reduction",
        code="over_file_limit",
        message=Message(what_happened="It is too large to be sent."),
    ),
)
REFUSED = msgspec.structs.replace(
    FITS,
    report=FileReport(kind=None, mime="application/pdf", size_bytes=900),
    memory=None,
    cost=None,
    time=None,
    verdict=Verdict(
        state="refused",
        code="wrong_type",
        message=Message(what_happened="This is a PDF."),
        ways_out=("Export the table as CSV", "Save it as .xlsx"),
    ),
)
PLAN = ReductionPlan(
    steps=(KeepColumns(names=("region",)), SampleRows(every=4)),
    says=(f"Keeps 1 of 2 columns, without {HOSTILE}: -9 MB.", f"Keeps {HOSTILE}."),
    truth=f"One row in 4 is kept. {HOSTILE}",
    is_exact=False,
    rows=45_600,
    columns=1,
    size_bytes=9 * MB,
    memory=MEMORY,
    fits=True,
    seconds=12,
)
PICTURE = msgspec.structs.replace(
    FITS,
    report=FileReport(
        kind="png",
        mime="image/png",
        size_bytes=9_000,
        image=ImageReport(width=1_200, height=800, decoded_bytes=3_840_000),
    ),
)
WORKBOOK = msgspec.structs.replace(
    FITS,
    report=msgspec.structs.replace(
        REPORT,
        kind="xlsx",
        findings=(),
        tables=(TABLE, msgspec.structs.replace(TABLE, name=HOSTILE, rows=3_000_000)),
    ),
)
SEVERAL = Finding(code="several_sheets", severity="info", message="Sheet “orders” of 2 is used.")
WORKBOOK_OF_SEVERAL = msgspec.structs.replace(
    WORKBOOK, report=msgspec.structs.replace(WORKBOOK.report, findings=(SEVERAL,))
)
PROFILED = msgspec.structs.replace(
    FITS,
    report=msgspec.structs.replace(
        REPORT, findings=(), tables=(msgspec.structs.replace(TABLE, duplicate_rows=0),)
    ),
    is_profiled=True,
)
LETTER = msgspec.structs.replace(
    FITS,
    report=FileReport(kind="text", mime="text/plain", size_bytes=900, text_characters=900),
)
ANSWER = Answer(
    headline="North leads with $4.12 M",
    text="**North** leads. ![p](http://h/p.png)",
    produced=(),
    seconds=38,
    peak_bytes=298 * MB,
    approach="files_code",
    engine="local",
    model="m",
    container_id=ContainerId("c"),
    bundle=Bundle(
        reading=None,
        steps=(CodeStep(code="print(1)", stdout="1", stderr="", return_code=0),),
        fingerprints=(),
        environment="pandas 1.5.3",
        prompt_version="1",
    ),
)
PREVIEW = TablePreview(
    columns=("region", "total Revenue", "row_count"),
    rows=(("North", 4.12, 3), ("South", 3.05, 2)),
    total_rows=9,
)
FIGURES = TablePreview(
    columns=("statistic", "Price"),
    rows=(("rows with a value", 9_412.0), ("rows without", 0), ("average", 2.7812)),
    total_rows=3,
)
NO_TABLE = TablePreview(columns=(), rows=(), total_rows=0)
SAMPLES = (
    Sample(id="orders", label="Shop orders", caption="CSV, 9,412 rows", path=Path("o.csv")),
    Sample(id="budget", label="Budget", caption="Excel, 2 sheets", path=Path("b.xlsx")),
)


def numbered(*events):
    return tuple(Numbered(sequence=n, event=event) for n, event in enumerate(events, start=1))


def ago(seconds):
    return NOW - timedelta(seconds=seconds)


RUNNING = numbered(
    Queued(at=ago(19)),
    ContainerReused(
        at=ago(18),
        workspace_id=WorkspaceId("ws-1"),
        container_id=ContainerId("c"),
        age_seconds=1_320,
    ),
    CodeWritten(at=ago(9), tool_use_id="t", code="x = 1"),
    MemorySeen(at=ago(8), peak_bytes=287 * MB),
)
CHECKING = numbered(CheckAdvanced(at=ago(2), step="content", fact="CSV, UTF-8"))


def live(number, state, minutes, *, is_at_risk=False, user="you"):
    return LiveContainer(
        workspace=Workspace(
            id=WorkspaceId(f"ws-{number}xxxxx"),
            conversation_id=ConversationId("c"),
            user=UserId(user),
            engine="local",
            state=state,
            recorded_at=NOW,
            peak_bytes=201 * MB,
        ),
        age_seconds=minutes * 60,
        is_at_risk=is_at_risk,
        seconds_to_risk=0,
        so_far_microusd=MicroUsd(31_000),
    )


LIVE = (
    live(1, "idle", 9),
    live(2, "working", 37, user="u-other99"),
    live(3, "working", 54, is_at_risk=True),
)


def ledger_row(number, **fields):
    row = LedgerRow(
        kind="request",
        key=f"k{number}",
        engine="local",
        booked_at=ago(number * 60),
        user=UserId("u"),
        conversation_id=ConversationId("c"),
        run_id=RunId(f"run-{number}"),
        workspace_id=WorkspaceId("ws-1"),
        usage=Usage(input_tokens=1_200, output_tokens=37),
        amount_microusd=MicroUsd(4_200),
        correlation_id=CorrelationId(f"r-{number}"),
    )
    return NumberedRow(number=number, row=msgspec.structs.replace(row, **fields))


LEDGER = (
    ledger_row(2, outcome="timeout"),
    ledger_row(1, kind="container", usage=None, seconds=61),
)
CONVERSATIONS = (
    ConversationSummary(
        id=ConversationId("c1"),
        title=HOSTILE,
        file_names=("orders.csv", "b.csv"),
        answers=2,
        state="answered",
        changed_at=ago(60),
        cost_microusd=MicroUsd(62_000),
    ),
    ConversationSummary(
        id=ConversationId("c2"),
        title="Why?",
        file_names=(),
        answers=1,
        state="interrupted",
        changed_at=ago(90_000),
        cost_microusd=MicroUsd(0),
    ),
)
UNKNOWN = UnknownColumn(name="turnover", closest=("Revenue", "Quantity"))
ABSTAINED = Abstained(reason="why", examples=("Total revenue by region", "Revenue by month"))
NO_COLUMN = Message(what_happened='There is no column "turnover".', what_to_do="Nothing was run.")


def ending(state, category=None, **fields):
    return Ending(
        question_id=QUESTION,
        state=state,
        category=category,
        message=Message(what_happened="It ended.", what_to_do="Run it again."),
        cost="You paid $0.024.",
        correlation_id=CORRELATION,
        **fields,
    )


def _adopt(files):
    st.text(f"adopted {[file.name for file in files]}")


def _stop(run_id):
    st.text(f"stopped {run_id}")


def _release(ids):
    st.text(f"released {list(ids)}")


def _card(preflight, name="orders.csv", engine="local", **more):
    return preflight_card(
        file_id=FILE,
        name=name,
        preflight=preflight,
        profile=PROFILE,
        engine=engine,
        theme="light",
        correlation_id=CORRELATION,
        **more,
    )


def _reducible(plan=PLAN, **more):
    return reduction_card(
        file_id=FILE,
        name=HOSTILE,
        preflight=OVER,
        plan=plan,
        profile=PROFILE,
        engine="local",
        theme="light",
        **more,
    )


def _declined(declined, engine="local", **more):
    return declined_card(
        question_id=QUESTION,
        question=ASKED,
        declined=declined,
        message=NO_COLUMN,
        engine=engine,
        **more,
    )


def _failed(failed, engine="claude", **more):
    return failure_card(failed, engine=engine, profile=PROFILE, theme="light", **more)


def _run(events, engine="claude"):
    question(ASKED)
    run_card(
        run_id=RUN,
        events=events,
        now=NOW,
        time=TIME,
        engine=engine,
        profile=PROFILE,
        on_stop=_stop,
    )


def _compose(state, engine="local"):
    return composer(
        state,
        width=900,
        engine=engine,
        model_label="Claude Sonnet 5",
        file_name=HOSTILE,
        estimate="≈ 35\u00a0s · $0.02–0.06",
    )


def _answer(picture):
    answer_card(
        question_id=QUESTION,
        answer=ANSWER,
        cost="would have cost $0.031",
        pictures=(Picture(file_id=FileId("p"), path=Path(picture), alt="Line chart"),),
        tables=(
            Table(
                file_id=FileId("t"),
                name="revenue_by_region.csv",
                preview=PREVIEW,
                exact_columns=("region",),
            ),
            Table(file_id=FileId("f"), name="price.csv", preview=FIGURES),
            Table(file_id=FileId("n"), name="broken.csv", preview=NO_TABLE),
        ),
        downloads=(
            Download(
                file_id=FileId("t"),
                name="revenue_by_region.csv",
                mime="text/csv",
                size_bytes=9,
                data=lambda: b"a",
            ),
        ),
        remarks=("notes.txt was left out.",),
    )


def _draw_earlier(question_id):
    st.text(f"drawn {question_id}")


def _earlier():
    turn = EarlierTurn(
        question_id=QUESTION, question=HOSTILE, state="answered", cost="$0.02", asked_at=NOW
    )
    return earlier_turns([turn], now=NOW, zone=UTC, draw=_draw_earlier)


def _strip(files, disabled=False):
    return file_strip(files, title="A question", profile=PROFILE, engine="local", disabled=disabled)


def _settings():
    engine_panel(engine="local", model_label="Claude Sonnet 5", environment="pandas 1.5.3")
    profile_panel(PROFILE, changed=frozenset({"disk_limit_bytes"}))
    versions_line([("Datadock", "0.1.0")])
    lines = [HealthLine(name="Store", state="ok", detail="18 GB free")]
    return health_panel(lines, checked="checked just now")


def _ledger(rows):
    ledger_table(rows, zone=UTC, summary="2 rows · $0.0084", export=lambda rows: b"x" * len(rows))


def _live(containers, interruptible=("you", "u-other99"), pending=None, can_release=True):
    if pending is not None:
        view_state.set_pending_release(pending)
    live_table(
        containers,
        viewer=UserId("you"),
        profile=PROFILE,
        can_release=can_release,
        idle_sentence="1 idle container costs $0.05 an hour.",
        on_release=_release,
        may_interrupt=lambda owner: owner in interruptible,
    )


STRIP = StripFile(file_id=FILE, name="orders.csv", preflight=FITS)
STATES = {
    "empty": lambda: file_drop(samples=SAMPLES, max_upload_mb=512, on_adopt=_adopt),
    "promises": promises,
    "add": lambda: add_file(max_upload_mb=512, on_adopt=_adopt),
    "notices": notices,
    "recent": lambda: recent_conversations(CONVERSATIONS, now=NOW, zone=UTC, engine="local"),
    "recent_none": lambda: recent_conversations((), now=NOW, zone=UTC, engine="local"),
    "fits": lambda: _card(FITS),
    "fits_hostile": lambda: _card(FITS, HOSTILE),
    "fits_claude": lambda: _card(FITS, engine="claude"),
    "over": lambda: _card(OVER),
    "reducible": _reducible,
    "reducible_failed": lambda: _reducible(failure=Message(what_happened=HOSTILE)),
    "reducible_not_enough": lambda: _reducible(msgspec.structs.replace(PLAN, fits=False)),
    "reducing": lambda: reducing_card(
        file_id=FILE,
        run_id=RUN,
        kind="csv",
        name=HOSTILE,
        events=numbered(ReductionAdvanced(at=ago(2), done=0.4, rows=1_200_000)),
        elapsed_seconds=3.2,
        on_stop=_stop,
    ),
    "refused": lambda: _card(REFUSED),
    "picture": lambda: _card(PICTURE),
    "picture_claude": lambda: _card(PICTURE, engine="claude"),
    "workbook": lambda: _card(WORKBOOK),
    "workbook_of_several": lambda: _card(WORKBOOK_OF_SEVERAL),
    "corrected": lambda: _card(FITS, corrections=Corrections(day_first=True, skip_rows=3)),
    "csv_profiled": lambda: _card(PROFILED),
    "text": lambda: _card(LETTER),
    "checking": lambda: checking_card(
        file_id=FILE,
        run_id=RUN,
        name="orders.csv",
        events=CHECKING,
        elapsed_seconds=3.4,
        on_stop=_stop,
    ),
    "check_failed": lambda: check_failed_card(
        file_id=FILE,
        name="orders.csv",
        message=Message(what_happened="The check was stopped."),
        correlation_id=None,
    ),
    "suggestions": lambda: suggestions(
        FILE,
        (Suggestion(text="Revenue by month?"), Suggestion(text="Why?", exact=False, price="$0.03")),
    ),
    "strip": lambda: _strip([STRIP]),
    "strip_reduced": lambda: _strip([msgspec.structs.replace(STRIP, is_reduced=True)]),
    "strip_picture": lambda: _strip([msgspec.structs.replace(STRIP, preflight=PICTURE)]),
    "strip_running": lambda: _strip([STRIP], disabled=True),
    "strip_two": lambda: _strip(
        [STRIP, StripFile(file_id=FileId("f2"), name="b.csv", preflight=None)]
    ),
    "strip_none": lambda: _strip([], disabled=True),
    "running": lambda: _run(RUNNING),
    "running_local": lambda: _run(RUNNING, "local"),
    "queued": lambda: _run(numbered(Queued(at=ago(2)))),
    "earlier": _earlier,
    "unknown_columns": lambda: _declined(
        UnknownColumn(name="turnover", closest=("Revenue",), others=("country",))
    ),
    "unknown_column_far": lambda: _declined(
        UnknownColumn(name="turnover", closest=()), examples=("Revenue by month", "Rows by region")
    ),
    "unknown_column_far_claude": lambda: _declined(
        UnknownColumn(name="turnover", closest=()), "claude", examples=("Revenue by month",)
    ),
    "earlier_declined": lambda: _declined(UNKNOWN, is_primary=False),
    "earlier_failed": lambda: _failed(ending("failed"), is_newest=False, is_primary=False),
    "earlier_refused": lambda: _card(REFUSED, is_primary=False),
    "earlier_suggestions": lambda: suggestions(
        FILE, (Suggestion(text="Revenue by month?"),), is_primary=False
    ),
    "unknown_column": lambda: _declined(UNKNOWN),
    "unknown_column_claude": lambda: _declined(UNKNOWN, "claude"),
    "abstained": lambda: _declined(ABSTAINED),
    "failed": lambda: _failed(ending("failed", "timeout")),
    "out_of_memory": lambda: _failed(ending("failed", "out_of_memory", peak_bytes=947 * MB)),
    "stopped": lambda: _failed(ending("stopped", kept_text="**North** ![p](http://h/p)")),
    "interrupted": lambda: _failed(ending("interrupted")),
    "no_container": lambda: no_container_yet(PROFILE),
    "live": lambda: _live(LIVE),
    "live_mine_only": lambda: _live(LIVE, interruptible=("you",)),
    "live_asked": lambda: _live(LIVE, pending="ws-3xxxxx"),
    "live_asked_too_late": lambda: _live(LIVE, pending="ws-1xxxxx"),
    "live_without_release": lambda: _live(LIVE, can_release=False),
    "live_none": lambda: _live(()),
    "kpis": lambda: kpi_row([Kpi(label="Spent", value="$41.82", note="70%", formula="a + b")]),
    "ledger": lambda: _ledger(LEDGER),
    "ledger_none": lambda: _ledger(()),
    "settings": _settings,
}


def draw(state, *arguments):
    """Draw one state in the frame, and say what was wanted."""
    with frame.frame(frame.WIDTH_ANALYSE):
        if state.startswith("composer:"):
            wanted = _compose(*state.split(":")[1:])
        elif state == "answer":
            wanted = _answer(*arguments)
        else:
            wanted = STATES[state]()
        st.text(f"wanted {wanted!r}")
