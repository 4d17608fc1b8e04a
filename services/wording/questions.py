"""Why a question is not answered, and what is missing in it."""

from collections.abc import Sequence

from services.wording.readings import AGGREGATES

_REASONS = {
    "why": "“{}” asks for causes, and counting can't settle those.",
    "predict": "“{}” asks about what isn't in the file yet, and nothing is predicted here.",
    "advice": "“{}” asks for a judgement, and fixed rules can only count and compare.",
    "negation": "A question with a “not” in it isn't read, since what it leaves out isn't certain.",
    "who": "It isn't clear which column “{}” asks about.",
    "measure": "“{}” doesn't say by which column it is measured.",
    "join": "“{}” asks to bring tables together; questions are about one table so far.",
    "statistics": (
        "“{}” isn't calculated so far; sums, averages, medians, extremes, distributions and "
        "correlations are."
    ),
    "share": "“{}” asks for shares or arithmetic between figures, which isn't done so far.",
    "change": (
        "“{}” asks for differences or growth, which aren't calculated so far; the figure of each "
        "period is."
    ),
    "calculation": "“{}” asks for a running or weighted figure, which isn't calculated so far.",
    "distinct": "“{}” asks for different or repeated values, which aren't counted so far.",
    "grain": "“{}” isn't a grouping of time so far; day, week, month, quarter and year are.",
}


def no_column(name: str, others: Sequence[str] = ()) -> str:
    """A question names columns that the file does not have."""
    if not others:
        return f"There is no column “{name}”."
    names = [f"“{one}”" for one in (name, *others)]
    return f"There are no columns {', '.join(names[:-1])} and {names[-1]}."


def not_handled(reason: str, words: str) -> str:
    """Why a kind of question is not answered, and which words ask for it."""
    return _REASONS[reason].format(words)


def asks_for_some_rows(words: str) -> str:
    """`in 2023`, `over 1,000`, `excluding furniture`."""
    return f"“{words}” asks for some of the rows, and so far only all rows together are counted."


def number_without_use(number: str) -> str:
    """A number that is no limit of a list: a year, an amount."""
    return (
        f"It isn't clear what {number} is for: so far only all rows together are counted, not "
        "those of a year or above an amount."
    )


def good_or_bad(word: str, measure: str) -> str:
    """`worst 3 regions by cost`."""
    return f"Whether “{word}” means a high or a low {measure} isn't certain."


def only_groups_are_sorted() -> str:
    """`sales by month, lowest first`."""
    return "Only figures for each group can be put in another order."


def nothing_before() -> str:
    """`the other way round`, as a first question."""
    return "This only makes sense after another question."


def unclear_words(words: str) -> str:
    """Words that nothing in the file or the rules accounts for."""
    return f"It isn't clear what “{words}” means for this file."


def asks_for_one_value(words: str, column: str) -> str:
    """Words that are a value of a column."""
    return (
        f"“{words}” is one of the values of {column}, and so far only all rows together are "
        "counted."
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


def holds_lists(column: str) -> str:
    """A column of lists or records."""
    return f"{column} holds lists or records, which can be neither counted nor calculated with."


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


def nothing_said_of(column: str, *, is_number: bool) -> str:
    """A header and nothing else."""
    what = (
        "its total, average, distribution or trend" if is_number else "a count, or a figure by it"
    )
    return f"It isn't said what is wanted of {column}: {what}."


def distribution_of_all_rows() -> str:
    """`distribution of sales by region`."""
    return "A distribution is shown for all rows together, not for each group."


def two_columns_at_a_time() -> str:
    """`correlation between sales, profit and quantity`."""
    return "A correlation is calculated between two columns at a time."


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
    return "What is to be calculated from which columns isn't clear."


def nothing_to_change() -> str:
    """A follow-up that does not fit what it follows."""
    return "This doesn't fit the question before it."


def nothing_to_rank() -> str:
    """`and the bottom 3`, after a question without groups."""
    return "The question before has no groups to put in order."


def nothing_to_aggregate(aggregate: str) -> str:
    """`now the average`, after rows were counted."""
    return (
        f"The question before counts rows, so it isn't clear of which column the "
        f"{AGGREGATES[aggregate]} is wanted."
    )


def about_another_table() -> str:
    """A follow-up after another file has been added."""
    return "The question before was about another table, so this one has to be asked in full."


def _either(names: Sequence[str]) -> str:
    """`A, B or C`; at most five are named."""
    shown = list(names[:5]) + (["another one"] if len(names) > 5 else [])
    return shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + f" or {shown[-1]}"
