"""Analyse, files: adopting what was dropped, and the cards of a conversation's files."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from components import theme, view_state
from components.file_tabs import file_tabs
from components.intents import AnalyseIntent, Sample
from components.preflight_card import check_failed_card, checking_card, preflight_card
from components.suggestions import Suggestion, suggestions
from pages import _context, _reductions
from services import web
from services.app import Application
from services.conversations.types import Conversation, Turn
from services.errors import DatadockError
from services.files.types import KeptFile, Upload
from services.ids import FileId, UserId
from services.preflight.types import Corrections, Preflight, Reduction, VerdictState
from services.runs.types import LIVE_STATES, RunRow
from services.units import format_money_range

_FOLLOW_SECONDS = 0.25
_PROFILE_SECONDS = 1.0
_SAMPLE_FOLDER = Path(__file__).parent / "samples"
SAMPLES = (
    Sample(
        id="orders",
        label="Shop orders",
        caption="CSV, 9,412 rows",
        path=_SAMPLE_FOLDER / "shop_orders.csv",
        icon=":material/shopping_cart:",
    ),
    Sample(
        id="tickets",
        label="Support tickets",
        caption="CSV, 6,180 rows",
        path=_SAMPLE_FOLDER / "support_tickets.csv",
        icon=":material/support_agent:",
    ),
    Sample(
        id="budget",
        label="Department budget",
        caption="Excel, 2 sheets",
        path=_SAMPLE_FOLDER / "department_budget.xlsx",
        icon=":material/account_balance:",
    ),
)


class ConversationFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the conversation, newest first, with what is known of it."""

    kept: KeptFile
    preflight: Preflight | None
    check: RunRow | None
    """The run that looks at it, or did."""
    can_be_asked: bool
    """Whether questions about it are taken."""
    reduction: Reduction | None = None
    """What it was made from, where it is a smaller version of another file."""
    corrections: Corrections = Corrections()
    """What its owner has said of how it is read."""
    is_being_reduced: bool = False
    """Whether a smaller version of it is being written."""

    @property
    def state(self) -> VerdictState | None:
        """The verdict; None while there is none."""
        return self.preflight.verdict.state if self.preflight is not None else None

    @property
    def is_being_checked(self) -> bool:
        """Whether the check is still under way."""
        return self.preflight is None and self.check is not None and self.check.state in LIVE_STATES


def max_upload_mb() -> int:
    """What the server takes; what is larger than preflight's own limit gets our sentence."""
    return int(st.get_option("server.maxUploadSize"))


def of_conversation(
    app: Application, user: UserId, conversation: Conversation | None
) -> tuple[ConversationFile, ...]:
    """The files, newest first."""
    if conversation is None:
        return ()
    return tuple(_one(app, user, file_id) for file_id in reversed(conversation.files))


def _one(app: Application, user: UserId, file_id: FileId) -> ConversationFile:
    # The run first: a result that comes in between is then seen too.
    check = app.preflight.renew(user, file_id)
    preflight = app.preflight.result(user, file_id)
    reducing = app.preflight.reductions.run(user, file_id)
    return ConversationFile(
        kept=app.files.get(user, file_id),
        preflight=preflight,
        check=check,
        can_be_asked=preflight is not None and app.questions.is_askable(preflight),
        reduction=app.preflight.reduction(user, file_id),
        corrections=app.preflight.corrections(user, file_id),
        is_being_reduced=reducing is not None and reducing.state in LIVE_STATES,
    )


def adopter(app: Application, user: UserId) -> Callable[[tuple[UploadedFile, ...]], None]:
    """What the uploader calls with what was dropped: keep it, and let the address name it."""

    def adopt(dropped: tuple[UploadedFile, ...]) -> None:
        for uploaded in dropped:
            try:
                upload = web.adopt(uploaded.getvalue(), uploaded.name, app.spool_folder)
                _attach(app, user, app.preflight.check(user, upload).file_id)
            except DatadockError as exc:
                view_state.add_notice(exc.message)
            else:
                _take_place(app, user)

    return adopt


def ask_first_about(app: Application, user: UserId, file_id: FileId) -> None:
    """Of several files, let a question be about this one: as if it had been added last."""
    conversation_id = view_state.conversation_id()
    if conversation_id is not None:
        app.conversations.attach(user, conversation_id, file_id)


def with_cards(
    files: tuple[ConversationFile, ...], turns: tuple[Turn, ...]
) -> tuple[ConversationFile, ...]:
    """The files that stand on the page as cards, beside the strip.

    Those that came after the last question, for what is newest owns the page; and those with
    which something is under way or to be decided, which the strip has no room for.
    """
    if not turns:
        return files
    is_stuck = not any(file.can_be_asked for file in files)
    return tuple(
        file
        for file in files
        if file.kept.kept_at > turns[-1].asked_at
        or file.preflight is None
        or file.is_being_reduced
        or view_state.chosen_steps(file.kept.id) is not None
        or (is_stuck and file.state != "fits")
    )


def keep_sample(app: Application, user: UserId, sample_id: str) -> None:
    """Take one of our own data sets as if it had been dropped."""
    sample = next(sample for sample in SAMPLES if sample.id == sample_id)
    upload = Upload(path=sample.path, name=sample.path.name, size_bytes=sample.path.stat().st_size)
    _attach(app, user, app.preflight.check(user, upload, origin="sample").file_id)


def remove(app: Application, user: UserId, file_id: FileId) -> None:
    """Take a file out of the conversation; what was answered about it stays."""
    conversation_id = view_state.conversation_id()
    if conversation_id is None:
        return
    app.conversations.detach(user, conversation_id, file_id)
    conversation = app.conversations.get(user, conversation_id)
    if not conversation.files and not conversation.turns:
        view_state.show_conversation(None)


def draw_cards(
    app: Application,
    user: UserId,
    files: tuple[ConversationFile, ...],
    *,
    is_heading: bool,
    is_primary: bool,
) -> list[AnalyseIntent | None]:
    """A card per file; several stand in tabs, of which one is in sight.

    One of them may hold the page's heading, and the one in sight its primary button.
    """
    if len(files) < 2:
        return [
            intent
            for file in files
            for intent in _draw_card(app, user, file, is_heading=is_heading, is_primary=is_primary)
        ]
    intents: list[AnalyseIntent | None] = []
    tabs = file_tabs([(file.kept.id, file.kept.name, file.state) for file in files])
    for position, (file, tab) in enumerate(zip(files, tabs, strict=True)):
        with tab:
            intents += _draw_card(
                app, user, file, is_heading=is_heading and position == 0, is_primary=is_primary
            )
    return intents


def _take_place(app: Application, user: UserId) -> None:
    """The file that was to be replaced leaves now that another one has come."""
    replaced = view_state.replaced_file()
    if replaced is not None:
        remove(app, user, replaced)


def _attach(app: Application, user: UserId, file_id: FileId) -> None:
    conversation_id = view_state.conversation_id() or app.conversations.open(user)
    app.conversations.attach(user, conversation_id, file_id)
    view_state.show_conversation(conversation_id)


def _draw_card(
    app: Application,
    user: UserId,
    file: ConversationFile,
    *,
    is_heading: bool,
    is_primary: bool,
) -> list[AnalyseIntent | None]:
    kept, check = file.kept, file.check
    if file.preflight is not None:
        reducing = _reductions.draw(
            app, user, kept, file.preflight, check, is_heading=is_heading, is_primary=is_primary
        )
        if reducing is not None:
            return reducing
        card = preflight_card(
            file_id=kept.id,
            name=kept.name,
            preflight=file.preflight,
            profile=app.profile,
            engine=app.engine_kind,
            theme=theme.current(),
            correlation_id=check.correlation_id if check is not None else None,
            reduction=file.reduction,
            corrections=file.corrections,
            is_heading=is_heading,
            is_primary=is_primary,
        )
        if app.preflight.profiles.live(user, kept.id):
            _follow_profile(app, user, kept)
        if not file.can_be_asked:
            return [card]
        asked = suggestions(
            kept.id, _suggested(app, user, kept.id, file.preflight), is_primary=is_primary
        )
        return [card, asked]
    if file.is_being_checked and check is not None:
        _follow_check(app, user, kept, check, is_heading=is_heading)
        return []
    message = app.preflight.check_failure(user, kept.id)
    return [
        check_failed_card(
            file_id=kept.id,
            name=kept.name,
            message=message,
            correlation_id=check.correlation_id if check is not None else None,
            is_heading=is_heading,
            is_primary=is_primary,
        )
    ]


def _suggested(
    app: Application, user: UserId, file_id: FileId, preflight: Preflight
) -> list[Suggestion]:
    """Questions that suit the file; with Claude each has its price."""
    cost = preflight.cost
    price = ""
    if app.engine_kind == "claude" and cost is not None:
        price = format_money_range(cost.low_microusd, cost.high_microusd)
    return [
        Suggestion(text=one.text, exact=one.is_exact, price=price)
        for one in app.questions.suggested(user, file_id)
    ]


def _follow_profile(app: Application, user: UserId, kept: KeptFile) -> None:
    """Says that the card is still to be filled in, and does it when all rows have been seen."""
    is_page_drawn = False  # Begun anew before that, a click that is being handled would be lost.

    @st.fragment(run_every=_PROFILE_SECONDS, key=f"profile_{kept.id}")
    def follow() -> None:
        nonlocal is_page_drawn
        st.caption("Counting every row …")
        if is_page_drawn and not app.preflight.profiles.live(user, kept.id):
            st.rerun()
        is_page_drawn = True

    follow()


def _follow_check(
    app: Application, user: UserId, kept: KeptFile, check: RunRow, *, is_heading: bool
) -> None:
    @st.fragment(run_every=_FOLLOW_SECONDS, key=f"follow_{check.id}")
    def follow() -> None:
        checking_card(
            file_id=kept.id,
            run_id=check.id,
            name=kept.name,
            events=app.runs.events(user, check.id),
            elapsed_seconds=(app.clock.now() - check.started_at).total_seconds(),
            on_stop=partial(_context.stop_run, app, user),
            is_heading=is_heading,
        )
        if app.runs.get(user, check.id).state not in LIVE_STATES:
            st.rerun()

    follow()
