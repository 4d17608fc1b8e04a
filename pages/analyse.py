"""Analyse (R1): drop a file, see what it takes, ask, get charts and tables back."""

from typing import assert_never

import streamlit as st

from components import frame, view_state
from components.composer import ComposerState, composer
from components.file_drop import add_file, file_drop, promises
from components.file_strip import StripFile, file_strip
from components.intents import (
    AnalyseIntent,
    ConversationOpened,
    ConversationStarted,
    CorrectionWanted,
    FailureDismissed,
    FileAddCancelled,
    FileAddWanted,
    FileRemoved,
    FileReplaced,
    OriginalWanted,
    QuestionAsked,
    ReduceRequested,
    ReductionEdited,
    RunRepeated,
    SampleChosen,
)
from components.moments import viewer_zone
from components.notices import notices
from components.recent_conversations import recent_conversations
from pages import _context, _dialogs, _files, _reductions, _turns
from pages._files import ConversationFile
from services.app import Application
from services.conversations.types import Conversation, Turn
from services.errors import DatadockError, NotYoursError
from services.ids import UserId
from services.money.types import EngineKind
from services.questions.types import Ask
from services.runs.types import RunRow


def _draw(app: Application, user: UserId) -> AnalyseIntent | None:
    """Draw the state that the conversation is in; the first thing that is wanted wins."""
    conversation = _reductions.placed(app, user, _conversation(app, user))
    files = _files.of_conversation(app, user, conversation)
    turns = app.conversations.turns(user, conversation.id) if conversation is not None else ()
    live = app.runs.live(user, conversation.id) if conversation is not None else None
    _turns.announce(turns)
    if not files and not turns:
        intents = [*_draw_empty(app, user)]
        width = frame.WIDTH_EMPTY
    else:
        intents = [*_draw_conversation(app, user, files, turns, live)]
        width = frame.WIDTH_ANALYSE
    asked = next((file for file in files if file.can_be_asked), None)
    intents.append(
        composer(
            _composer_state(files, turns, live, app.engine_kind),
            width=width,
            engine=app.engine_kind,
            model_label=app.engine.default_model().label,
            file_name=asked.kept.name if asked is not None else None,
            estimate=_turns.estimate(app, turns, asked.preflight if asked is not None else None),
        )
    )
    return next((intent for intent in intents if intent is not None), None)


def _conversation(app: Application, user: UserId) -> Conversation | None:
    """The conversation that the address names, unless it is somebody else's."""
    named = view_state.conversation_id()
    if named is None:
        return None
    try:
        return app.conversations.get(user, named)
    except NotYoursError as exc:
        view_state.show_conversation(None)
        view_state.add_notice(exc.message)
        return None


def _draw_empty(app: Application, user: UserId) -> list[AnalyseIntent | None]:
    with frame.frame(frame.WIDTH_EMPTY):
        chosen = file_drop(
            samples=_files.SAMPLES,
            max_upload_mb=_files.max_upload_mb(),
            on_adopt=_files.adopter(app, user),
        )
        recent = app.conversations.recent(user)
        opened = recent_conversations(
            recent, now=app.clock.now(), zone=viewer_zone(), engine=app.engine_kind
        )
        if not recent:
            promises()
    return [chosen, opened]


def _draw_conversation(
    app: Application,
    user: UserId,
    files: tuple[ConversationFile, ...],
    turns: tuple[Turn, ...],
    live: RunRow | None,
) -> list[AnalyseIntent | None]:
    """Before the first question the files' cards; from then on the newest turn owns the page."""
    intents: list[AnalyseIntent | None] = []
    with frame.frame(frame.WIDTH_ANALYSE):
        if turns:
            # The heading is the file that the next question is about.
            ordered = sorted(files, key=lambda file: not file.can_be_asked)
            intents.append(
                file_strip(
                    [
                        StripFile(
                            file_id=f.kept.id,
                            name=f.kept.name,
                            preflight=f.preflight,
                            is_reduced=f.reduction is not None,
                            corrections=f.corrections,
                        )
                        for f in ordered
                    ],
                    title=turns[0].question,
                    profile=app.profile,
                    engine=app.engine_kind,
                    disabled=live is not None,
                )
            )
        notices()
        if view_state.is_adding_file():
            intents.append(
                add_file(max_upload_mb=_files.max_upload_mb(), on_adopt=_files.adopter(app, user))
            )
        cards = _files.with_cards(files, turns)
        if live is None:  # a question that is being answered is about the file as it is
            _dialogs.draw(app, user, files)
        # One primary button: of what is newest on the page.
        is_adding = view_state.is_adding_file()
        intents += _files.draw_cards(
            app, user, cards, is_heading=not turns, is_primary=not is_adding
        )
        intents += _turns.draw(app, user, turns, live, is_primary=not is_adding and not cards)
    return intents


def _composer_state(
    files: tuple[ConversationFile, ...],
    turns: tuple[Turn, ...],
    live: RunRow | None,
    engine: EngineKind,
) -> ComposerState:
    if live is not None:
        return "running"
    if any(file.can_be_asked for file in files):
        return "answered" if turns else "file"
    if any(file.is_being_checked for file in files):
        return "checking"
    if any(file.is_being_reduced for file in files):
        return "reducing"
    if any(file.state == "fits_after_reduction" for file in files):
        return "over_limit"
    if files:
        return "refused"
    # Without a file only Claude has something to say, and the question would be lost.
    return "empty" if engine == "claude" else "no_file"


def _act(app: Application, user: UserId, intent: AnalyseIntent) -> None:
    """Do what was wanted. Raises DatadockError with the sentence for the page."""
    match intent:
        case SampleChosen():
            _files.keep_sample(app, user, intent.sample_id)
        case FileAddWanted():
            view_state.set_adding_file(True)
        case FileAddCancelled():
            view_state.set_adding_file(False)
        case FileReplaced():
            view_state.set_adding_file(True, replacing=intent.file_id)
        case FileRemoved():
            _files.remove(app, user, intent.file_id)
        case ReduceRequested():
            _reductions.start(app, user, intent.file_id, intent.steps)
        case ReductionEdited():
            view_state.edit_reduction(intent.file_id)
        case CorrectionWanted():
            view_state.correct(intent.file_id)
        case OriginalWanted():
            _reductions.use_original(app, user, intent.file_id)
        case ConversationOpened():
            view_state.show_conversation(intent.conversation_id)
        case ConversationStarted():
            view_state.show_conversation(None)
        case QuestionAsked():
            conversation_id = view_state.conversation_id() or app.conversations.open(user)
            if intent.file_id is not None:
                _files.ask_first_about(app, user, intent.file_id)
            ask = Ask(text=intent.text, anyway=intent.anyway)
            asked = app.questions.ask(user, conversation_id, ask)
            view_state.mark_followed(asked.run_id or asked.question_id)
            view_state.show_conversation(conversation_id)
        case RunRepeated():
            app.questions.retry(user, intent.question_id)
        case FailureDismissed():
            app.conversations.dismiss(user, intent.question_id)
        case _:
            assert_never(intent)


def main() -> None:
    """Read, draw everything, act on the first intent."""
    app, user = _context.application(), _context.current_user()
    intent = _draw(app, user)
    if intent is None:
        return
    view_state.clear_notices()
    try:
        _act(app, user, intent)
    except DatadockError as exc:
        view_state.add_notice(exc.message)
    view_state.jump_to_top()
    st.rerun()


main()
