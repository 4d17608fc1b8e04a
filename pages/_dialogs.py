"""Analyse, dialogs: what is kept of a file and how it is read, whether it has a card or not."""

from functools import partial

from components import theme, view_state
from components.corrections_dialog import corrections_dialog
from components.reduction_dialog import reduction_dialog
from pages._files import ConversationFile
from services.app import Application
from services.ids import FileId, UserId
from services.preflight.types import Corrections, FileReport, Preflight


def draw(app: Application, user: UserId, files: tuple[ConversationFile, ...]) -> None:
    """Open the dialog that is wanted for one of the files, if any."""
    for file in files:
        if file.preflight is None or file.is_being_reduced:
            continue
        if view_state.corrected_file() == file.kept.id:
            _correct(app, user, file, file.preflight.report)
        elif view_state.reduction_edited() == file.kept.id:
            _reduce(app, user, file.kept.id, file.preflight)


def _correct(app: Application, user: UserId, file: ConversationFile, report: FileReport) -> None:
    def apply(corrections: Corrections) -> None:
        app.preflight.correct(user, file.kept.id, corrections)

    corrections_dialog(
        file_id=file.kept.id, report=report, corrections=file.corrections, apply=apply
    )


def _reduce(app: Application, user: UserId, file_id: FileId, preflight: Preflight) -> None:
    plan = app.preflight.plan(user, file_id, view_state.chosen_steps(file_id))
    if plan is None:
        view_state.edit_reduction(None)
        return
    reduction_dialog(
        file_id=file_id,
        preflight=preflight,
        steps=plan.steps,
        estimate=partial(app.preflight.plan, user, file_id),
        profile=app.profile,
        theme=theme.current(),
    )
