"""The sample data sets: the committed files are what the generator makes, and tell their story."""

import io
from pathlib import Path

import pandas as pd
import pytest

from bench import make_samples

FOLDER = Path(make_samples.__file__).parents[1] / "pages" / "samples"


@pytest.fixture(scope="module")
def built():
    return make_samples.build()


@pytest.mark.parametrize("name", ["shop_orders.csv", "support_tickets.csv"])
def test_samples_are_those_of_the_generator(built, name):
    assert (FOLDER / name).read_bytes() == built[name]


def test_samples_workbook_holds_what_the_generator_makes(built):
    """Compared by cells: another version of the library may write other bytes."""

    def sheets(source):
        return pd.read_excel(source, sheet_name=None, engine="openpyxl")

    kept = sheets(FOLDER / "department_budget.xlsx")
    made = sheets(io.BytesIO(built["department_budget.xlsx"]))
    assert list(kept) == list(made) == ["Monthly", "Departments"]
    for name, sheet in kept.items():
        pd.testing.assert_frame_equal(sheet, made[name])


def test_samples_are_small(built):
    assert all(len(content) < 1_000_000 for content in built.values())


def test_samples_orders_add_up_and_tell_of_the_missing_tents():
    orders = pd.read_csv(FOLDER / "shop_orders.csv", parse_dates=["Order Date"])
    assert len(orders) == 9_412
    expected = orders["Quantity"] * orders["Unit Price"] * (1 - orders["Discount %"] / 100)
    assert (orders["Revenue"] - expected).abs().max() < 0.01
    assert set(orders.columns[orders.isna().any()]) == {"Region", "Customer Type"}
    tents = orders[(orders["Category"] == "Tents") & (orders["Region"] == "North")]
    gap = tents[tents["Order Date"].between("2026-08-03", "2026-08-24")]
    assert gap.empty
    july, august = (
        tents[tents["Order Date"].dt.to_period("M") == month] for month in ("2026-07", "2026-08")
    )
    assert august["Revenue"].sum() < 0.4 * july["Revenue"].sum()


def test_samples_tickets_are_resolved_after_they_were_created():
    columns = ["Created", "Resolved"]
    tickets = pd.read_csv(FOLDER / "support_tickets.csv", parse_dates=columns)
    assert len(tickets) == 6_180
    closed = tickets.dropna(subset=["Resolved"])
    assert 0 < len(tickets) - len(closed) < 60
    assert (closed["Resolved"] > closed["Created"]).all()
    monthly = tickets.groupby(tickets["Created"].dt.to_period("M")).size()
    assert monthly.idxmax() == pd.Period("2026-09")
