"""The card of an answered question: headline, pictures, prose, tables, steps, downloads."""

from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Final

import msgspec
import streamlit as st

from components import readable, safe_text
from components.data_table import data_table, with_headings
from components.engine_badge import engine_badge
from services import wording
from services.conversations.types import Answer, CodeStep
from services.ids import FileId, QuestionId
from services.limits.types import Approach
from services.preflight.types import TablePreview
from services.units import format_bytes, format_megabytes, format_seconds

_HOW: Final[dict[Approach, str]] = {
    "text": "answered without calculating",
    "code": "calculated, without a file",
    "files_code": "calculated from your file",
    "tools": "calculated, with a search of the web",
}
_TABLE_HEIGHT: Final = 282
_LONGEST_KIND: Final = 8


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A figure of the answer, checked to be a picture."""

    file_id: FileId
    path: Path
    alt: str
    """What the model says of it; escaped here. Empty: the headline is used."""


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A table of the answer; the head of it where it is long."""

    file_id: FileId
    name: str
    preview: TablePreview
    exact_columns: tuple[str, ...] = ()
    """Columns of the user's file; they are not renamed to read better."""


class Download(msgspec.Struct, frozen=True, kw_only=True):
    """A produced file to take away. `data` is called only when it is clicked.

    The caller neutralises formulas in tables.
    """

    file_id: FileId
    name: str
    mime: str
    size_bytes: int
    data: Callable[[], bytes]


def answer_card(
    *,
    question_id: QuestionId,
    answer: Answer,
    cost: str,
    pictures: tuple[Picture, ...] = (),
    tables: tuple[Table, ...] = (),
    downloads: tuple[Download, ...] = (),
    remarks: tuple[str, ...] = (),
) -> None:
    """Draw a finished answer; wants nothing of the page.

    `cost` is the ready wording (`$0.031`, or of a rehearsal `would have cost $0.031`); `remarks`
    are sentences of ours on what was left out. One that makes the answer inexact comes before it.
    """
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            engine_badge(answer.engine)
            st.caption(safe_text.label(_facts(answer, cost)), width="content")
        if answer.headline:
            st.subheader(safe_text.label(answer.headline), anchor=False)
        warnings = [remark for remark in remarks if wording.reductions.is_inexact(remark)]
        for warning in warnings:
            st.warning(safe_text.label(warning), icon=":material/warning:")
        _body(answer, pictures, tables)
        for remark in remarks:
            if remark in warnings:
                continue
            st.caption(f":orange[:material/info:] {safe_text.label(remark)}")
        _foot(question_id, answer, downloads)


def _facts(answer: Answer, cost: str) -> str:
    """`38 s · $0.031 · memory 298 MB · calculated from your file`."""
    parts = [format_seconds(answer.seconds), cost]
    if answer.peak_bytes is not None:
        parts.append(f"memory {format_megabytes(answer.peak_bytes)}")
    parts.append(_HOW[answer.approach])
    return " · ".join(parts)


def _body(answer: Answer, pictures: tuple[Picture, ...], tables: tuple[Table, ...]) -> None:
    """The first picture beside the words, so that the whole answer is in sight at once."""
    words = answer.text.strip()
    if pictures and (words or tables):
        left, right = st.columns([7, 4])
        with left:
            _picture(pictures[0], answer.headline)
        with right:
            _words_and_table(words, tables[:1])
        _more(pictures[1:], tables[1:], answer.headline)
    elif words and tables:
        left, right = st.columns([6, 5])
        with left:
            st.markdown(safe_text.prose(words))
        with right:
            _table(tables[0])
        _more((), tables[1:], answer.headline)
    else:
        if words:
            st.markdown(safe_text.prose(words))
        _more(pictures, tables, answer.headline)


def _words_and_table(words: str, tables: tuple[Table, ...]) -> None:
    if words:
        st.markdown(safe_text.prose(words))
    for table in tables:
        _table(table)


def _more(pictures: tuple[Picture, ...], tables: tuple[Table, ...], headline: str) -> None:
    for picture in pictures:
        _picture(picture, headline)
    for table in tables:
        _table(table)


def _picture(picture: Picture, headline: str) -> None:
    alt = picture.alt or headline or "Chart of the answer"
    st.image(picture.path.read_bytes(), width="stretch", alt=safe_text.plain(alt))


def _table(table: Table) -> None:
    title = readable.title_of(table.name)
    st.caption(safe_text.label(title))
    if not table.preview.columns:
        st.caption("It can't be shown here; the file below has it.")
        return
    preview = with_headings(table.preview, table.exact_columns)
    long = len(preview.rows) > 7
    data_table(
        preview,
        alt=f"Table {title}: {', '.join(preview.columns)}",
        height=_TABLE_HEIGHT if long else "auto",
    )


def _foot(question_id: QuestionId, answer: Answer, downloads: tuple[Download, ...]) -> None:
    if not downloads and not answer.bundle.steps:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for download in downloads:
            # Without a rerun: a click while one is under way would give no file and no message.
            st.download_button(
                _download_label(download.name),
                download.data,
                file_name=download.name,
                mime=download.mime,
                key=f"answer_card:{question_id}:download_{download.file_id}",
                icon=":material/download:",
                help=safe_text.label(f"{download.name}, {format_bytes(download.size_bytes)}"),
                on_click="ignore",
            )
        if answer.bundle.steps:
            _steps(question_id, answer)


def _download_label(name: str) -> str:
    """`Revenue by region PNG`: what is in it, and in grey what the file is."""
    title = safe_text.label(readable.shortened(readable.title_of(name)))
    kind = PurePath(name).suffix.lstrip(".").upper()[:_LONGEST_KIND]
    return f"{title} :gray[{safe_text.label(kind)}]" if kind else title


def _steps(question_id: QuestionId, answer: Answer) -> None:
    """What was run and what it printed; drawn when it is opened.

    Not in a popover: it would have the room that is left below its button, a line or two.
    """
    if st.button(
        "Steps and code",
        type="tertiary",
        icon=":material/code:",
        key=f"answer_card:{question_id}:steps",
    ):
        _steps_dialog(answer)


@st.dialog("Steps and code", width="large")
def _steps_dialog(answer: Answer) -> None:
    reading = answer.bundle.reading
    if reading is not None:
        st.markdown(safe_text.label(reading.sentence))
    st.caption(f"Run with {safe_text.label(answer.bundle.environment)}.")
    for number, step in enumerate(answer.bundle.steps, start=1):
        _step(number, len(answer.bundle.steps), step)


def _step(number: int, steps: int, step: CodeStep) -> None:
    if steps > 1:
        st.markdown(f"**Step {number} of {steps}**")
    # Without a language: Streamlit's syntax colours go down to 2.8 : 1.
    st.code(step.code, language=None, height=260 if step.code.count("\n") > 12 else "content")
    printed = "\n".join(part for part in (step.stdout.strip(), step.stderr.strip()) if part)
    if printed:
        st.caption("Printed" if not step.return_code else f"Ended with {step.return_code}")
        st.code(printed, language=None, height=160 if printed.count("\n") > 7 else "content")
