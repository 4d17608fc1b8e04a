"""How a question was read: the sentence that stands in front of each answer."""

AGGREGATES = {
    "sum": "sum",
    "mean": "average",
    "median": "median",
    "min": "lowest value",
    "max": "highest value",
    "count": "number",
}
"""What an aggregate is called."""


def aggregate_of(aggregate: str, measure: str) -> str:
    """`sum of Sales`."""
    return f"{AGGREGATES[aggregate]} of {measure}"


def number_of_rows() -> str:
    """What is counted where no column is."""
    return "number of rows"


def read_as_overview() -> str:
    """A description of the whole table."""
    return "Read as: an overview of all columns."


def read_as_totals(what: str, group: str, *, ascending: bool = False) -> str:
    """Like: `Read as: sum of Sales for each Region`."""
    return f"Read as: {what} for each {group}{', smallest first' if ascending else ''}."


def read_as_trend(what: str, grain: str, date: str) -> str:
    """Like: `Read as: sum of Sales for each month of Order Date`."""
    return f"Read as: {what} for each {grain} of {date}."


def read_as_distribution(measure: str) -> str:
    """Like: `Read as: how the values of Discount are distributed`."""
    return f"Read as: how the values of {measure} are distributed."


def read_as_one_figure(aggregate: str, measure: str) -> str:
    """Like: `Read as: average of all values of Age`."""
    return f"Read as: {AGGREGATES[aggregate]} of all values of {measure}."


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


def amount_was_meant(measure: str, word: str) -> str:
    """Added to a reading where a word such as `rainiest` can only be about one column."""
    return f"{measure} was taken as what “{word}” is about."


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


def bars_instead_of_line() -> str:
    """Added where a line was asked for along something that is no time."""
    return "It is drawn as bars, since a line would suggest an order in time."


def line_along_time() -> str:
    """Added where bars or a pie were asked for along time."""
    return "It is drawn as a line, since it runs along time."


def about_the_first(name: str, count: int) -> str:
    """Added to a reading where a file has several tables."""
    return f"It is about {name}, one of {count} tables."
