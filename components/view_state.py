"""The only place that touches the session state. All of it is view state: losing it loses no work.

A refresh or a second tab starts empty; what must be found again stands in the address or the store.
"""

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from services.errors import Message
from services.ids import ConversationId, FileId, UserId, new_id
from services.preflight.types import ReductionStep

_UPLOADER = "view:uploader"
_ANONYMOUS = "view:anonymous"
_STOPPING = "view:stopping"
_FOLLOWED = "view:followed"
_SEEN = "view:seen"
_ADDING = "view:adding_file"
_REPLACING = "view:replacing"
_NOTICES = "view:notices"
_ANNOUNCEMENTS = "view:announcements"
_EDITED = "view:reduction_edited"
_CORRECTED = "view:corrected_file"
_STEPS = "view:reduction_steps"
_RELEASE = "view:pending_release"
_JUMPS = "view:jumps"
_WHOLE = "view:whole_page"
_PAGE = "view:page"
_LAST = "view:last_conversation"
_HOME = "Analyse"
_CONVERSATION = "c"


def anonymous_id() -> UserId:
    """Who is asking where no cookie came along: a random id that lives as long as the session."""
    return UserId(str(st.session_state.setdefault(_ANONYMOUS, new_id("anon", length=32))))


def conversation_id() -> ConversationId | None:
    """The conversation that the address names; whose it is, only the room can tell."""
    named = st.query_params.get(_CONVERSATION)
    return ConversationId(named) if named else None


def show_conversation(conversation: ConversationId | None) -> None:
    """Let the address name that conversation, or none for the empty page."""
    st.session_state.pop(_ADDING, None)
    if conversation != conversation_id():
        st.session_state.pop(_REPLACING, None)
    if conversation is None:
        st.query_params.pop(_CONVERSATION, None)
    else:
        st.query_params[_CONVERSATION] = conversation


def note_page(title: str) -> None:
    """Which page is drawn. From another one the way back leads to where the visitor was.

    The links of the navigation know no conversation: they would lead to the empty page.
    """
    came_from = st.session_state.get(_PAGE)
    st.session_state[_PAGE] = title
    if came_from not in (None, title) and title == _HOME and conversation_id() is None:
        last = st.session_state.get(_LAST)
        if last is not None:
            st.query_params[_CONVERSATION] = last
    if title == _HOME:
        st.session_state[_LAST] = conversation_id()


def uploader_key() -> str:
    """The key of the uploader as it stands now; another key is the only way to empty it."""
    return f"up{st.session_state.get(_UPLOADER, 0)}"


def take_uploads() -> tuple[UploadedFile, ...]:
    """What has been dropped, in order, and an empty uploader from now on."""
    dropped = st.session_state.get(uploader_key()) or ()
    st.session_state[_UPLOADER] = st.session_state.get(_UPLOADER, 0) + 1
    return tuple(dropped) if isinstance(dropped, list | tuple) else (dropped,)


def is_adding_file() -> bool:
    """Whether the uploader was asked for in a conversation that has a file already."""
    return bool(st.session_state.get(_ADDING, False))


def set_adding_file(wanted: bool, *, replacing: FileId | None = None) -> None:
    """Show the uploader beside the conversation, or put it away.

    `replacing` is the file that goes when another one has come.
    """
    st.session_state[_ADDING] = wanted
    st.session_state[_REPLACING] = replacing if wanted else None


def replaced_file() -> FileId | None:
    """The file in whose place the next one comes; handed out once."""
    named = st.session_state.pop(_REPLACING, None)
    return None if named is None else FileId(named)


def corrected_file() -> FileId | None:
    """The file that is to be read differently, whose dialog is open."""
    named = st.session_state.get(_CORRECTED)
    return None if named is None else FileId(named)


def correct(file_id: FileId | None) -> None:
    """Open the dialog that reads a file differently, or close it."""
    st.session_state[_CORRECTED] = file_id


def reduction_edited() -> FileId | None:
    """The file whose reduction is being chosen in the dialog."""
    named = st.session_state.get(_EDITED)
    return None if named is None else FileId(named)


def edit_reduction(file_id: FileId | None) -> None:
    """Open the dialog for that file, or close it."""
    st.session_state[_EDITED] = file_id


def chosen_steps(file_id: FileId) -> tuple[ReductionStep, ...] | None:
    """What was chosen in the dialog instead of the suggestion."""
    chosen: dict[FileId, tuple[ReductionStep, ...]] = st.session_state.get(_STEPS, {})
    return chosen.get(file_id)


def choose_steps(file_id: FileId, steps: tuple[ReductionStep, ...] | None) -> None:
    """Let the file's card stand for these steps, or for the suggestion again."""
    chosen = {**st.session_state.get(_STEPS, {}), file_id: steps}
    st.session_state[_STEPS] = {key: value for key, value in chosen.items() if value is not None}


def notices() -> tuple[Message, ...]:
    """What is still to be read: uploads that were not kept, and the like."""
    return tuple(st.session_state.get(_NOTICES, ()))


def add_notice(message: Message) -> None:
    """Leave a message that stays on the page until it is put away; a callback can't draw."""
    st.session_state[_NOTICES] = (*notices(), message)


def clear_notices() -> None:
    """Put all notices away."""
    st.session_state.pop(_NOTICES, None)


def announce(sentence: str) -> None:
    """Say it in a toast on the next drawing of any page."""
    st.session_state[_ANNOUNCEMENTS] = (*st.session_state.get(_ANNOUNCEMENTS, ()), sentence)


def take_announcements() -> tuple[str, ...]:
    """The sentences that have not been shown yet; each is handed out once."""
    return tuple(st.session_state.pop(_ANNOUNCEMENTS, ()))


def want_whole_page() -> None:
    """A callback in a fragment has changed what stands outside it."""
    st.session_state[_WHOLE] = True


def is_whole_page_wanted() -> bool:
    """True once: the fragment then has the whole page drawn."""
    return bool(st.session_state.pop(_WHOLE, False))


def jump_to_top() -> None:
    """Let the next drawing begin at its top, where the newest stands, wherever the reader was."""
    st.session_state[_JUMPS] = jumps() + 1


def jumps() -> int:
    """How often the page was moved to its top."""
    return int(st.session_state.get(_JUMPS, 0))


def mark_followed(run_id: str) -> None:
    """This session has drawn the run while it was under way."""
    _add(_FOLLOWED, run_id)


def is_first_sight(run_id: str) -> bool:
    """True once, for a run that was followed here: its ending is news, an old answer is not."""
    return run_id in st.session_state.get(_FOLLOWED, frozenset()) and _add(_SEEN, run_id)


def mark_stopping(run_id: str) -> None:
    """Stop was pressed: the button says so until the run has ended."""
    _add(_STOPPING, run_id)


def is_stopping(run_id: str) -> bool:
    """Whether Stop was pressed in this session."""
    return run_id in st.session_state.get(_STOPPING, frozenset())


def pressed_row(key: str) -> int | None:
    """Which row's button of a table was pressed; only inside that click's callback."""
    press = st.session_state.get(key)
    return None if press is None else int(press["row"])


def pending_release() -> str | None:
    """The container in use whose release waits for a second word."""
    waiting = st.session_state.get(_RELEASE)
    return None if waiting is None else str(waiting)


def set_pending_release(workspace_id: str | None) -> None:
    """Ask about that container first, or no longer."""
    st.session_state[_RELEASE] = workspace_id


def _add(key: str, thing_id: str) -> bool:
    known: frozenset[str] = st.session_state.get(key, frozenset())
    st.session_state[key] = known | {thing_id}
    return thing_id not in known
