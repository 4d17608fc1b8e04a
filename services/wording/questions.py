"""How a question was read, and why one is not answered."""

from collections.abc import Sequence

_AGGREGATES = {
    "sum": "sum",
    "mean": "average",
    "median": "median",
    "min": "lowest value",
    "max": "highest value",
    "count": "number",
}

_REASONS = {
    "why": "This asks for causes, and counting can't settle those.",
    "predict": "This asks about what isn't in the file yet, and nothing is predicted here.",
    "advice": "This asks for a judgement, and fixed rules can only count and compare.",
    "filter": "This seems to ask about a part of the rows, and only whole files are read so far.",
    "join": "This asks to bring tables together, which isn't done so far.",
    "statistics": "This asks for a statistic that isn't calculated so far.",
    "share": "This asks for shares or for arithmetic between figures, which isn't done so far.",
    "change": "This asks for differences or growth, which aren't calculated so far.",
    "calculation": "This asks for a running or weighted figure, which isn't calculated so far.",
    "distinct": "This asks for different or repeated values, which aren't counted so far.",
    "grain": "Time is grouped by day, week, month, quarter or year, and by nothing else so far.",
}


def aggregate_of(aggregate: str, measure: str) -> str:
    """`sum of Sales`."""
    return f"{_AGGREGATES[aggregate]} of {measure}"


def number_of_rows() -> str:
    """What is counted where no column is."""
    return "number of rows"


def read_as_overview() -> str:
    """A description of the whole table."""
    return "Read as: an overview of all columns."


def read_as_totals(what: str, group: str) -> str:
    """Like: `Read as: sum of Sales for each Region`."""
    return f"Read as: {what} for each {group}."


def read_as_trend(what: str, grain: str, date: str) -> str:
    """Like: `Read as: sum of Sales for each month of Order Date`."""
    return f"Read as: {what} for each {grain} of {date}."


def read_as_distribution(measure: str) -> str:
    """Like: `Read as: how the values of Discount are distributed`."""
    return f"Read as: how the values of {measure} are distributed."


def read_as_one_figure(aggregate: str, measure: str) -> str:
    """Like: `Read as: average of all values of Age`."""
    return f"Read as: {_AGGREGATES[aggregate]} of all values of {measure}."


def read_as_top(limit: int | None, group: str, what: str, *, ascending: bool) -> str:
    """Like: `Read as: the 5 values of City with the highest sum of Sales`."""
    end = "lowest" if ascending else "highest"
    if limit is None or limit == 1:
        return f"Read as: the {group} with the {end} {what}, of all that there are."
    return f"Read as: the {limit} values of {group} with the {end} {what}."


def read_as_top_periods(limit: int | None, grain: str, what: str, *, ascending: bool) -> str:
    """Like: `Read as: the 3 months with the highest sum of Sales`."""
    end = "lowest" if ascending else "highest"
    if limit is None or limit == 1:
        return f"Read as: the {grain} with the {end} {what}, of all that there are."
    return f"Read as: the {limit} {grain}s with the {end} {what}."


def read_as_correlation(first: str, second: str) -> str:
    """Like: `Read as: how Discount and Profit move together (Pearson's correlation)`."""
    return f"Read as: how {first} and {second} move together (Pearson's correlation)."


def rows_were_counted() -> str:
    """Added to a reading where no amount was named."""
    return "No amount was named, so rows are counted."


def amount_was_taken(measure: str) -> str:
    """Added to a reading where one column was the only one that could be meant."""
    return f"{measure} was taken as the amount, as the only one in the file."


def average_was_taken(measure: str) -> str:
    """Added to a reading where nothing was said and adding up would make no sense."""
    return f"{measure} is averaged, since adding it up would mean nothing."


def sum_was_taken(measure: str) -> str:
    """Added to a reading where nothing was said and the column is an amount."""
    return f"{measure} is added up."


def numbers_are_converted(measure: str, example: str) -> str:
    """Added to a reading where the numbers are written as text."""
    return f"The numbers in {measure} are written like {example} and were converted."


def bars_instead_of_pie() -> str:
    """Added where a pie was asked for."""
    return "It is drawn as bars, which can be compared at a glance."


def not_handled(reason: str) -> str:
    """Why a kind of question is not answered."""
    return _REASONS[reason]


def unclear_words(words: str) -> str:
    """Words that nothing in the file or the rules accounts for."""
    return f"It isn't clear what “{words}” means for this file."


def asks_for_one_value(words: str, column: str) -> str:
    """Words that are a value of a column."""
    return (
        f"“{words}” is one of the values of {column}, and questions about a part of the rows "
        "aren't answered so far."
    )


def ambiguous_column(words: str, columns: Sequence[str]) -> str:
    """A phrase that fits several headers."""
    return f"“{words}” could be {_either(columns)}. Ask with the column's full name."


def ambiguous_reading(readings: Sequence[str]) -> str:
    """A question that can be read in two ways."""
    return "This can be read in two ways: " + " Or: ".join(
        reading.removeprefix("Read as: ") for reading in readings
    )


def ambiguous_date(columns: Sequence[str]) -> str:
    """A trend where several columns hold dates."""
    return f"The file has several dates: {_either(columns)}. Name the one that counts."


def ambiguous_amount(columns: Sequence[str]) -> str:
    """Totals were asked for, and several columns could be added up."""
    return f"No amount was named, and it could be {_either(columns)}."


def no_amount() -> str:
    """Totals were asked for, and no column is an amount beyond doubt."""
    return "No amount was named, and no column is one beyond doubt."


def ambiguous_aggregate(measure: str) -> str:
    """Neither sum nor average was asked for, and both are possible."""
    return f"It isn't clear whether {measure} is to be added up or averaged."


def ambiguous_average(measure: str, along: str) -> str:
    """`average monthly sales`, `average sales per customer`."""
    return (
        f"It isn't clear whether the average is over the rows of each {along}, or over the totals "
        f"of {measure} for each {along}."
    )


def ambiguous_top(measure: str, group: str) -> str:
    """`highest 3 sales by region`."""
    return (
        f"It isn't clear whether single values of {measure} are wanted, or a figure for each "
        f"{group}."
    )


def about_the_first(name: str, count: int) -> str:
    """Added to a reading where a file has several tables."""
    return f"It is about {name}, one of {count} tables."


def not_a_number(measure: str, example: str | None) -> str:
    """A calculation on a column that holds text."""
    such = f", such as “{example}”" if example else ""
    return f"{measure} holds text{such}, so it can't be calculated with."


def holds_flags(measure: str) -> str:
    """A calculation on a column of true and false."""
    return f"{measure} holds only true and false, so it can't be calculated with."


def holds_dates(measure: str) -> str:
    """A calculation on a column of dates."""
    return f"{measure} holds dates, so it can't be calculated with."


def text_that_looks_like_numbers(measure: str, example: str) -> str:
    """A calculation on a column whose numbers are written as text."""
    return (
        f"The numbers in {measure} are written as text, such as “{example}”, so they can't be "
        "calculated with as they are."
    )


def not_a_group(column: str) -> str:
    """Groups by a column that measures."""
    return (
        f"{column} has too many different values to group by. Its distribution can be shown, or "
        "how it moves together with another column."
    )


def nothing_in(column: str) -> str:
    """A column without a single value."""
    return f"{column} has no values."


def several_groupings() -> str:
    """`by region and by month`."""
    return "Figures are given along one column at a time so far."


def one_column_at_a_time() -> str:
    """`average sales and profit by region`."""
    return "One figure is calculated at a time so far."


def counts_of_values(column: str) -> str:
    """`how many cities per state`."""
    return (
        f"This asks how many different values of {column} there are, and so far only rows are "
        "counted."
    )


def rows_may_repeat(noun: str, column: str) -> str:
    """`how many orders`, where an order may stand in several rows."""
    return (
        f"It isn't certain that every row is one {noun}, since {column} could repeat, and so far "
        "only rows are counted."
    )


def no_date() -> str:
    """A trend in a file without dates."""
    return "No column holds dates that can be read, so nothing can be shown over time."


def unreadable_dates(column: str) -> str:
    """A trend along dates that can be read in several ways."""
    return f"The dates in {column} are not all written in one clear way."


def too_fine_a_grain(grain: str, column: str) -> str:
    """`per day` where the column holds months or years only."""
    return f"{column} doesn't tell one {grain} from another."


def correlation_needs_numbers(column: str) -> str:
    """A correlation with text."""
    return f"A correlation needs two columns of numbers, and {column} holds text."


def same_column_twice(column: str) -> str:
    """A correlation of a column with itself."""
    return f"Both columns would be {column}."


def limit_out_of_range(most: int) -> str:
    """`top 5,000`."""
    return f"Between 1 and {most} can be listed."


def nothing_to_read() -> str:
    """A file without a table."""
    return "There is no table in this file to ask about."


def not_understood() -> str:
    """All words are known, and together they fit none of the six kinds."""
    return "This isn't one of the questions that fixed rules can answer."


def nothing_to_change() -> str:
    """A follow-up that does not fit what it follows."""
    return "This doesn't fit the question before it."


def _either(names: Sequence[str]) -> str:
    """`A, B or C`; at most five are named."""
    shown = list(names[:5]) + (["another one"] if len(names) > 5 else [])
    return shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + f" or {shown[-1]}"
