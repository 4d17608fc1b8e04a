"""Make the three sample data sets of the Analyse page, the same bytes at every run.

Invented business data with structure that is worth finding: seasons, a dip with a cause, regions
that differ, prices that rise, blanks as real exports have them.

    python bench/make_samples.py [FOLDER]    (default: pages/samples)
"""

import csv
import io
import random
import re
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pandas as pd

T = TypeVar("T")

ORDERS, TICKETS = 9_412, 6_180
_FIRST, _LAST = date(2024, 11, 1), date(2026, 10, 31)

# Product: category, list price, months in which it sells best.
_PRODUCTS: dict[str, tuple[str, float, tuple[int, ...]]] = {
    "Dome tent 3P": ("Tents", 249.0, (5, 6, 7, 8)),
    "Family tent 6P": ("Tents", 489.0, (5, 6, 7, 8)),
    "Trekking tent 2P": ("Tents", 329.0, (4, 5, 6, 7)),
    "Down sleeping bag": ("Sleeping", 219.0, (3, 4, 9, 10)),
    "Summer sleeping bag": ("Sleeping", 79.0, (5, 6, 7)),
    "Sleeping mat": ("Sleeping", 59.5, (5, 6, 7, 8)),
    "Rain jacket": ("Clothing", 139.0, (3, 4, 9, 10)),
    "Down jacket": ("Clothing", 189.0, (10, 11, 12, 1)),
    "Merino base layer": ("Clothing", 69.9, (11, 12, 1, 2)),
    "Hiking boots": ("Footwear", 179.0, (3, 4, 5, 9)),
    "Trail shoes": ("Footwear", 119.0, (4, 5, 6)),
    "Gas stove": ("Cooking", 44.9, (5, 6, 7, 8)),
    "Cook set": ("Cooking", 39.5, (5, 6, 7, 12)),
    "Head torch": ("Accessories", 34.9, (10, 11, 12)),
    "Backpack 45 l": ("Accessories", 149.0, (4, 5, 6)),
    "Water filter": ("Accessories", 54.0, (5, 6, 7)),
}
_REGIONS = {"North": 0.34, "South": 0.27, "West": 0.22, "East": 0.17}
_FAVOURITES = {"North": "Tents", "South": "Cooking", "West": "Footwear", "East": "Clothing"}
_CHANNELS = {"Online shop": 0.56, "Store": 0.29, "Marketplace": 0.15}
_PRICE_RISE = date(2026, 3, 1)
# The warehouse in the north had no tents: what was not in stock was not sold.
_OUT_OF_STOCK = (date(2026, 8, 3), date(2026, 8, 24))
_BLACK_WEEKS = ((date(2024, 11, 25), date(2024, 12, 2)), (date(2025, 11, 24), date(2025, 12, 1)))


def main() -> None:
    """Write the three files and say how large they are."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("pages/samples")
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in build().items():
        (folder / name).write_bytes(content)
        print(f"{folder / name}: {len(content):,} bytes")


def build() -> dict[str, bytes]:
    """File name and content of each sample."""
    return {
        "shop_orders.csv": _csv(shop_orders()),
        "support_tickets.csv": _csv(support_tickets()),
        "department_budget.xlsx": department_budget(),
    }


def shop_orders() -> Iterator[Sequence[object]]:
    """Two years of an outdoor shop: seasons, black weeks, a price rise, tents out of stock."""
    yield (
        *("Order ID", "Order Date", "Region", "Channel", "Customer Type", "Category", "Product"),
        *("Quantity", "Unit Price", "Discount %", "Revenue", "Returned"),
    )
    rng = random.Random(20_241_101)
    days = [_FIRST + timedelta(days=n) for n in range((_LAST - _FIRST).days + 1)]
    chosen = sorted(rng.choices(days, weights=[_busyness(day) for day in days], k=ORDERS))
    for number, day in enumerate(chosen, start=100_241):
        yield _order(rng, number, day)


def _busyness(day: date) -> float:
    growth = 1 + 0.22 * (day - _FIRST).days / 365
    weekend = 1.25 if day.weekday() >= 5 else 1.0
    season = {1: 0.7, 2: 0.72, 5: 1.15, 6: 1.3, 7: 1.35, 8: 1.2, 11: 1.1, 12: 1.35}
    black_week = 1.9 if any(start <= day <= end for start, end in _BLACK_WEEKS) else 1.0
    return growth * weekend * season.get(day.month, 0.9) * black_week


def _order(rng: random.Random, number: int, day: date) -> Sequence[object]:
    region = _pick(rng, _REGIONS)
    channel = _pick(rng, _CHANNELS)
    product = _product(rng, region, day)
    category, price, _ = _PRODUCTS[product]
    customer = _pick(rng, {"Returning": 0.47, "New": 0.41, "Business": 0.12})
    if customer == "Business" and day.weekday() >= 5:
        customer = "New"
    quantity = _quantity(rng, customer)
    unit_price = round(price * (1.05 if day >= _PRICE_RISE else 1.0), 2)
    discount = _discount(rng, day, channel, customer)
    revenue = round(quantity * unit_price * (1 - discount / 100), 2)
    returned = rng.random() < {"Footwear": 0.14, "Clothing": 0.11}.get(category, 0.04)
    # Exports have gaps: marketplaces tell no region for some orders, guests have no type.
    shown_region = "" if channel == "Marketplace" and rng.random() < 0.09 else region
    shown_customer = "" if customer == "New" and rng.random() < 0.07 else customer
    return (
        *(f"SO-{number}", day.isoformat(), shown_region, channel, shown_customer, category),
        *(product, quantity, f"{unit_price:.2f}", discount, f"{revenue:.2f}"),
        "yes" if returned else "no",
    )


def _product(rng: random.Random, region: str, day: date) -> str:
    weights = {}
    for product, (category, _, best_months) in _PRODUCTS.items():
        weight = 2.6 if day.month in best_months else 1.0
        weight *= 1.6 if _FAVOURITES[region] == category else 1.0
        if (
            category == "Tents"
            and region == "North"
            and _OUT_OF_STOCK[0] <= day <= _OUT_OF_STOCK[1]
        ):
            weight = 0.0
        weights[product] = weight
    return _pick(rng, weights)


def _quantity(rng: random.Random, customer: str) -> int:
    if customer == "Business":
        return rng.randint(3, 14)
    return _pick(rng, {1: 0.68, 2: 0.22, 3: 0.07, 4: 0.03})


def _discount(rng: random.Random, day: date, channel: str, customer: str) -> int:
    if any(start <= day <= end for start, end in _BLACK_WEEKS):
        return 25 if channel != "Store" else 15
    if customer == "Business":
        return 10
    return _pick(rng, {0: 0.82, 5: 0.1, 10: 0.08})


def support_tickets() -> Iterator[Sequence[object]]:
    """Eighteen months of a help desk: a bad release in September, holidays, nights, moods."""
    yield (
        *("Ticket", "Created", "Resolved", "Priority", "Topic", "Channel", "Team"),
        *("First Reply (min)", "Hours to Resolve", "Reopened", "Satisfaction (1-5)"),
    )
    rng = random.Random(20_250_501)
    days = [date(2025, 5, 1) + timedelta(days=n) for n in range(549)]
    chosen = sorted(
        datetime.combine(day, datetime.min.time(), UTC) + timedelta(minutes=_minute(rng))
        for day in rng.choices(days, weights=[_tickets_on(day) for day in days], k=TICKETS)
    )
    for number, created in enumerate(chosen, start=48_107):
        yield _ticket(rng, number, created)


_EXPORTED_AT = datetime(2026, 10, 31, 18, 0, tzinfo=UTC)
_BAD_RELEASE = (date(2026, 9, 15), date(2026, 9, 26))


def _tickets_on(day: date) -> float:
    weekday = (1.35, 1.15, 1.05, 1.0, 0.9, 0.32, 0.28)[day.weekday()]
    release = 3.1 if _BAD_RELEASE[0] <= day <= _BAD_RELEASE[1] else 1.0
    return weekday * release * (1 + 0.15 * (day - date(2025, 5, 1)).days / 365)


def _minute(rng: random.Random) -> int:
    """Minutes after midnight: mornings and early afternoons, few at night."""
    if rng.random() < 0.12:
        return rng.randrange(24 * 60)
    return int(min(1_439, max(0, rng.gauss(_pick(rng, {600: 0.6, 860: 0.4}), 110))))


def _ticket(rng: random.Random, number: int, created: datetime) -> Sequence[object]:
    bad_release = _BAD_RELEASE[0] <= created.date() <= _BAD_RELEASE[1]
    topics = {"Billing": 0.22, "Login": 0.17, "Delivery": 0.26, "Product": 0.24, "Other": 0.11}
    topic = _pick(rng, {**topics, "Login": 1.4} if bad_release else topics)
    priority = _pick(rng, {"Low": 0.3, "Normal": 0.5, "High": 0.16, "Urgent": 0.04})
    team = _pick(rng, {"Dublin": 0.45, "Porto": 0.35, "Remote": 0.2})
    pace = {"Low": 1.5, "Normal": 1.0, "High": 0.55, "Urgent": 0.3}[priority]
    pace *= 1.8 if team == "Porto" and created.month == 8 else 1.0
    pace *= 1.7 if bad_release else 1.0
    pace *= 1.5 if created.weekday() >= 5 else 1.0
    first_reply = max(1, round(rng.lognormvariate(3.6, 0.8) * pace))
    hours = round(max(0.1, rng.lognormvariate(2.1, 0.9) * pace), 1)
    resolved = created + timedelta(hours=hours)
    is_open = resolved > _EXPORTED_AT
    reopened = not is_open and rng.random() < (0.12 if hours < 2 else 0.05)
    mood = rng.gauss(4.5 - hours / 22 - (1.1 if reopened else 0), 0.7)
    answered = not is_open and rng.random() < 0.46
    return (
        *(f"T{number}", f"{created:%Y-%m-%d %H:%M}"),
        *("" if is_open else f"{resolved:%Y-%m-%d %H:%M}", priority, topic),
        *(_pick(rng, {"E-mail": 0.48, "Chat": 0.34, "Phone": 0.18}), team, first_reply),
        *("" if is_open else hours, "yes" if reopened else "no"),
        min(5, max(1, round(mood))) if answered else "",
    )


_DEPARTMENTS: dict[str, tuple[int, str, float]] = {
    "Sales": (46, "Dublin", 212_000),
    "Marketing": (18, "Dublin", 148_000),
    "Engineering": (61, "Porto", 355_000),
    "Customer support": (37, "Porto", 121_000),
    "Operations": (29, "Leeds", 167_000),
    "Facilities": (9, "Leeds", 58_000),
    "Finance": (14, "Dublin", 74_000),
    "People": (8, "Dublin", 41_000),
}
_ACCOUNTS = {
    "Salaries": 0.68,
    "Software": 0.09,
    "Travel": 0.05,
    "Contractors": 0.08,
    "Events": 0.05,
    "Energy and rent": 0.05,
}


def department_budget() -> bytes:
    """Budget against actual by month, department and account; two months are not closed yet."""
    rng = random.Random(20_250_101)
    rows: list[tuple[date, str, str, float, float | None]] = []
    for month in [date(2025 + n // 12, n % 12 + 1, 1) for n in range(22)]:
        for department, (_, _, volume) in _DEPARTMENTS.items():
            for account, share in _ACCOUNTS.items():
                budget = round(volume * share * (1.04 if month.year == 2026 else 1.0), -2)
                actual = round(budget * _factor(rng, month, department, account), 2)
                is_closed = month < date(2026, 9, 1)
                rows.append((month, department, account, budget, actual if is_closed else None))
    staff = [(name, *facts) for name, facts in _DEPARTMENTS.items()]
    written = io.BytesIO()
    with pd.ExcelWriter(written, engine="openpyxl", date_format="YYYY-MM-DD") as writer:
        headings = ["Month", "Department", "Account", "Budget", "Actual"]
        monthly = pd.DataFrame(rows, columns=headings)
        monthly.to_excel(writer, sheet_name="Monthly", index=False)
        headings = ["Department", "Employees", "Location", "Monthly Budget"]
        departments = pd.DataFrame(staff, columns=headings)
        departments.to_excel(writer, sheet_name="Departments", index=False)
    return _timeless(written)


def _factor(rng: random.Random, month: date, department: str, account: str) -> float:
    """Actual over budget: the cloud bill grows from April 2026, heating in winter, a fair."""
    noise = rng.gauss(1.0, 0.015 if account == "Salaries" else 0.09)
    if account == "Software" and department == "Engineering" and month >= date(2026, 4, 1):
        return noise * (1.35 + 0.12 * (month.month - 4))
    if account == "Energy and rent":
        return noise * (1.22 if month.month in (12, 1, 2) else 0.95)
    if account == "Events" and department == "Marketing":
        return noise * (3.4 if month.month == 5 else 0.6)
    if account == "Contractors" and department == "Customer support" and month.month in (7, 8):
        return noise * 1.8
    return noise


def _timeless(workbook: io.BytesIO) -> bytes:
    """The workbook's bytes without the time of day, so that they are the same tomorrow."""
    still = io.BytesIO()
    with (
        zipfile.ZipFile(workbook) as source,
        zipfile.ZipFile(still, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == "docProps/core.xml":
                content = re.sub(rb"(\d{4}-\d\d-\d\dT)[\d:]+Z", rb"2026-10-31T18:00:00Z", content)
            fixed = zipfile.ZipInfo(entry.filename, date_time=(2026, 10, 31, 18, 0, 0))
            fixed.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(fixed, content)
    return still.getvalue()


def _pick(rng: random.Random, weights: Mapping[T, float]) -> T:
    return rng.choices(list(weights), weights=list(weights.values()))[0]


def _csv(rows: Iterator[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode("utf-8")


if __name__ == "__main__":
    main()
