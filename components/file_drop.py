"""Where files come in: the empty page, and the small uploader beside a conversation."""

from collections.abc import Callable, Sequence
from typing import Final

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from components import safe_text, view_state
from components.intents import FileAddCancelled, Sample, SampleChosen
from components.notices import notices

OnAdopt = Callable[[tuple[UploadedFile, ...]], None]

_MOST_MB: Final = 500
"""Beyond this the uploader's own text would round to `1GB per file`."""

_LABEL: Final = "Drop a file here or choose one: CSV, Excel, JSON, text, PNG or JPG"
_PROMISES: Final = (
    (
        ":material/fact_check: **Checked first**",
        "Type, size, oddities and memory need, on this server only.",
    ),
    (
        ":material/payments: **Price before you ask**",
        "Each question shows its time and cost before it runs.",
    ),
    (
        ":material/verified: **Answers you can check**",
        "Charts and tables, and the steps and code behind them.",
    ),
)


def file_drop(
    *, samples: Sequence[Sample], max_upload_mb: int, on_adopt: OnAdopt
) -> SampleChosen | None:
    """Draw the empty page's upper part: title, uploader, samples.

    `on_adopt` gets what was dropped, inside the upload's own callback: it keeps the files and lets
    the address name their conversation. The uploader is empty afterwards.
    """
    st.title("Ask questions of your data", anchor=False)
    st.markdown(
        "Add a file. You see at once whether it can be analysed, how long it takes and what it"
        " costs. **Nothing is sent or paid for until you ask.**"
    )
    notices()
    _uploader(max_upload_mb, on_adopt)
    return _samples(samples)


def add_file(*, max_upload_mb: int, on_adopt: OnAdopt) -> FileAddCancelled | None:
    """Draw the uploader for a further file, with a way back."""
    with st.container(border=True):
        _uploader(max_upload_mb, on_adopt)
        if st.button("Cancel", key="file_drop:add:cancel", type="tertiary"):
            return FileAddCancelled()
    return None


def promises() -> None:
    """Draw the three promises; they close the empty page."""
    st.space("small")
    with st.grid(3, min_column_width=220):
        for heading, words in _PROMISES:
            st.markdown(f"{heading}  \n:gray[{words}]")


def _uploader(max_upload_mb: int, on_adopt: OnAdopt) -> None:
    # Without `type`: content decides, and a wrong file gets a proper sentence of ours.
    with st.container(key="up"):
        st.file_uploader(
            _LABEL,
            accept_multiple_files=True,
            max_upload_size=min(max_upload_mb, _MOST_MB),
            key=view_state.uploader_key(),
            on_change=_adopt,
            args=(on_adopt,),
        )


def _adopt(on_adopt: OnAdopt) -> None:
    dropped = view_state.take_uploads()
    if dropped:
        view_state.clear_notices()
        on_adopt(dropped)


def _samples(samples: Sequence[Sample]) -> SampleChosen | None:
    if not samples:
        return None
    chosen: str | None = None
    st.markdown("**No file at hand?** Try one of ours:")
    with st.grid(3, min_column_width=220):
        for sample in samples:
            if st.button(
                f"**{safe_text.label(sample.label)}** :gray[{safe_text.label(sample.caption)}]",
                key=f"file_drop:{sample.id}:choose",
                icon=sample.icon,
                width="stretch",
            ):
                chosen = sample.id
    return None if chosen is None else SampleChosen(sample_id=chosen)
