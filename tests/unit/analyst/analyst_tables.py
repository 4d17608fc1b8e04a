"""Schemas that the reader's tests ask about, as an inspection would report them."""

from services.preflight.inspection import number_style
from services.preflight.types import ColumnKind, ColumnReport, TableReport

_DTYPES = {"integer": "int64", "number": "float64", "boolean": "bool"}


def column(
    name: str,
    kind: ColumnKind,
    distinct: int | None = None,
    examples: tuple[str, ...] = (),
    *,
    between: tuple[str, str] | tuple[None, None] = (None, None),
    dtype: str | None = None,
    date_format: str | None = None,
) -> ColumnReport:
    return ColumnReport(
        name=name,
        dtype=dtype or _DTYPES.get(kind, "object"),
        kind=kind,
        nulls=0,
        distinct=distinct,
        minimum=between[0],
        maximum=between[1],
        examples=examples,
        date_format=date_format,
        counts_exact=distinct is not None,
        number_style=number_style(examples) if kind in ("text", "mixed") else None,
    )


def table(name: str, rows: int, *columns: ColumnReport) -> TableReport:
    return TableReport(name=name, rows=rows, rows_exact=True, columns=columns)


ORDERS = table(
    "orders_2025.csv",
    9994,
    column("Order ID", "text", 5009, ("CA-2016-1", "US-2015-2")),
    column(
        "Order Date",
        "date",
        1237,
        ("2017-09-05",),
        between=("2014-01-03", "2017-12-30"),
        date_format="%Y-%m-%d",
    ),
    column("Ship Mode", "text", 4, ("Standard Class", "Same Day")),
    column("Region", "text", 4, ("West", "East", "Central", "South")),
    column("Customer Name", "text", 793, ("Ann Lee", "Bo Kim")),
    column("Category", "text", 3, ("Furniture", "Technology")),
    column("Sub-Category", "text", 17, ("Chairs", "Phones")),
    column("Postal Code", "integer", 631, ("10035",)),
    column("Sales", "number", 5825, ("12.9",)),
    column("Quantity", "integer", 14, ("3", "2")),
    column("Unit Price", "number", 700, ("12.9",)),
    column("Discount", "number", 12, ("0", "0.2")),
    column("Profit", "number", 7287, ("0",)),
    column("Weight", "text", 900, ("23,288  ", "1,200", "900")),
    column("Fee", "text", 900, ("$5", "£7", "1.234")),
    column("Returned", "boolean", 2, ("False", "True")),
    column("Fax", "empty", 0, dtype="float64"),
)

PASSENGERS = table(
    "passengers.csv",
    1313,
    column("name", "text", 1310, ("Allen, Miss",)),
    column("class", "text", 3, ("1st", "2nd", "3rd")),
    column("age", "number", 75),
    column("sex", "text", 2, ("male", "female")),
    column("survived", "integer", 2, ("0", "1"), between=("0", "1")),
)

WEATHER = table(
    "seattle-weather.csv",
    1461,
    column(
        "date",
        "date",
        1461,
        ("2012/01/01",),
        between=("2012/01/01", "2015/12/31"),
        date_format="%Y/%m/%d",
    ),
    column("precipitation", "number", 111),
    column("temp_max", "number", 67),
    column("temp_min", "number", 55),
    column("weather", "text", 5, ("sun", "fog", "rain")),
)

LOG = table(
    "log",
    500,
    column("year", "integer", 5, ("2018",), between=("2018", "2022")),
    column("month", "integer", 12, ("1",), between=("1", "12")),
    column("created", "date", 400, ("2018-01-01",), date_format="%Y-%m-%d"),
    column("due", "date", 400, ("2018-01-01",), date_format="%Y-%m-%d"),
    column("closed", "date", 400, ("2018-01-01", "1 May 2018")),
    column("team", "text", 5, ("Blue", "Red")),
    column("total", "number", 400),
    column("count", "integer", 30),
    column("Home Score", "integer", 9),
    column("Away Score", "integer", 9),
)

EMISSIONS = table(
    "emissions.csv",
    10526,
    column("country", "text", 201, ("Peru", "Chad")),
    column("year", "number", 63, ("1950",), between=("1950", "2012")),
    column("emissions", "number", 10521),
)

PENGUINS = table(
    "penguins-raw.csv",
    344,
    column("studyName", "text", 3, ("PAL0708",)),
    column("Species", "text", 3, ("Adelie Penguin (Pygoscelis adeliae)",)),
    column("Individual ID", "text", 190, ("N1A1",)),
    column("Date Egg", "date", 50, ("2007-11-11",), date_format="%Y-%m-%d"),
    column("Culmen Length (mm)", "number", 164),
    column("Culmen Depth (mm)", "number", 80),
    column("Body Mass (g)", "number", 94),
    column("Province / Territory", "text", 17, ("Quebec",)),
    column("Political Affiliation at Appointment", "text", 17, ("Liberal",)),
)

TABLES = {
    "orders": ORDERS,
    "passengers": PASSENGERS,
    "weather": WEATHER,
    "log": LOG,
    "emissions": EMISSIONS,
    "penguins": PENGUINS,
}
