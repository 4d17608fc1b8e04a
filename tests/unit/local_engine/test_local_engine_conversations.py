"""What the engine makes of follow-ups where a container holds several files."""

import asyncio
import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services import limits
from services.local_engine._analysis import Analysis, Plan, Readable
from services.local_engine._file_store import StoredFile
from services.wording import questions as say

SALES = "Region,Channel,Revenue\n" + "North,Shop,5\nSouth,Web,3\nNorth,Web,1\n" * 9
TICKETS = "Team,Channel,Hours\n" + "A,Chat,5\nB,Phone,3\nA,Phone,1\n" * 9


@pytest.fixture
def analysis():
    running = Analysis(limits.load("guide"))
    yield running
    running.stop()


def readable(folder: Path, name: str, text: str) -> Readable:
    path = folder / name
    path.write_text(text)
    file = StoredFile(
        id=f"file_{name}",
        filename=name,
        mime_type="text/csv",
        size_bytes=len(text),
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        expires_at=None,
        downloadable=False,
    )
    return Readable(file=file, path=path)


def test_follow_up_is_about_the_file_of_the_question_before(analysis, tmp_path):
    """The newer file has a channel too, and would be counted where nobody asked for it."""
    files = [readable(tmp_path, "sales.csv", SALES), readable(tmp_path, "tickets.csv", TICKETS)]
    plan = asyncio.run(analysis.plan(files, ["total revenue by region", "and by channel?"]))
    assert isinstance(plan, Plan)
    assert plan.sentence == "Read as: sum of Revenue for each Channel. The file is sales.csv."
    assert "The file is sales.csv." in plan.code
    assert 'Path(os.environ["INPUT_DIR"]) / "sales.csv"' in plan.code


def test_question_of_its_own_is_about_the_newest_file_that_can_answer(analysis, tmp_path):
    files = [readable(tmp_path, "sales.csv", SALES), readable(tmp_path, "tickets.csv", TICKETS)]
    asked = ["total revenue by region", "average hours by team"]
    plan = asyncio.run(analysis.plan(files, asked))
    assert isinstance(plan, Plan)
    assert plan.sentence == "Read as: average of Hours for each Team. The file is tickets.csv."


def test_ranking_is_turned_round_by_the_next_question(analysis, tmp_path):
    files = [readable(tmp_path, "sales.csv", SALES)]
    plan = asyncio.run(analysis.plan(files, ["top 2 channels by revenue", "and the worst one?"]))
    assert isinstance(plan, Plan)
    assert plan.sentence == (
        "Read as: the Channel with the lowest sum of Revenue, of all that there are."
    )


def test_all_missing_columns_are_named(analysis, tmp_path):
    files = [readable(tmp_path, "sales.csv", SALES)]
    told = asyncio.run(analysis.plan(files, ["total turnover by country"]))
    assert told == (
        "There are no columns “turnover” and “country”. Closest to “turnover”: “Revenue”. "
        "Nothing was run."
    )


def test_refusal_gives_its_reason_and_two_near_examples(analysis, tmp_path):
    files = [readable(tmp_path, "sales.csv", SALES)]
    told = asyncio.run(analysis.plan(files, ["total revenue by channel in 2024"]))
    assert told == (
        f"The local engine can't answer this. {say.asks_for_some_rows('in 2024')} "
        "It can: “Total Revenue by Channel”, “Top 5 Channels by Revenue”."
    )
