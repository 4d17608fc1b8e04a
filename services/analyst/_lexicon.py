"""The words of a question that are not columns: what each phrase does.

Every word must be found here, be a column, a number or the name of a row; else the question is
not answered. So a word belongs in `_SILENT` only if no sentence changes its meaning without it.
"""

from itertools import product
from typing import Final, Literal, TypeAlias

import msgspec

from services.analyst._superlatives import ADJECTIVES
from services.analyst._unhandled import UNHANDLED
from services.analyst._words import vocabulary

Tag: TypeAlias = Literal[
    "C",  # a column
    "U",  # words that nothing accounts for
    "W",  # what a row is called
    "N",  # a whole number
    "H",  # how many
    "A",  # an aggregate: total, average …
    "S",  # a superlative: highest, fewest, best …
    "Y",  # a superlative that names its measure: heaviest, rainiest …
    "Q",  # most common, least common
    "B",  # by, per, for each
    "G",  # month, year …
    "M",  # monthly, yearly …
    "T",  # over time, trend
    "D",  # distribution
    "R",  # correlation
    "V",  # describe, summarise
    "K",  # rank
    "O",  # ascending, lowest first …
    "E",  # the other end, reversed
    "I",  # instead of
    "&",  # and, with, versus, between
    "X",  # what is not handled, by its reason
    "F",  # says nothing
]


class Phrase(msgspec.Struct, frozen=True):
    """What a phrase does; `value` is the aggregate, grain, direction or reason."""

    tag: Tag
    value: str = ""


_DRAWN: Final = {
    "pie": "pie",
    "line": "line",
    "time": "line",
    "bar": "bar",
    "bars": "bar",
    "column": "bar",
}


def _each(text: str, tag: Tag, value: str = "") -> dict[tuple[str, ...], Phrase]:
    """`a b; c` → the phrases (a, b) and (c,), all doing the same."""
    return {tuple(part.split()): Phrase(tag, value) for part in text.split(";")}


def _charts() -> dict[tuple[str, ...], Phrase]:
    """`as a bar chart`, `in one table`: every answer has a chart and a table anyway."""
    befores = ("as", "in", "with", "using", "on", "into", "")
    articles = ("a", "an", "one", "the", "")
    kinds = ("bar", "line", "column", "simple", "horizontal bar", "time series", "data", "pie", "")
    things = ("chart", "graph", "plot", "diagram", "table", "figure", "pie", "bars", "line")
    phrases: dict[tuple[str, ...], Phrase] = {}
    for before, article, kind, thing in product(befores, articles, kinds, things):
        words = tuple(f"{before} {article} {kind} {thing}".split())
        alone = len(words) > 1 or thing in ("chart", "graph", "plot", "diagram", "pie")
        if alone and not (thing == "line" and not before):
            phrases[words] = Phrase("F", _drawn(kind, thing))
    return phrases


def _drawn(kind: str, thing: str) -> str:
    """What is to be drawn: `pie`, `line`, `bar`, or any chart."""
    for word in (thing, *kind.split()):
        if word in _DRAWN:
            return _DRAWN[word]
    return "chart"


def _wheres() -> dict[tuple[str, ...], Phrase]:
    """`in this file`: the only data there is."""
    befores = ("in", "of", "from", "about", "for", "within", "")
    articles = ("the", "this", "my", "our", "that")
    things = ("data", "file", "dataset", "data set", "table", "sheet", "spreadsheet", "csv")
    return {
        tuple(f"{before} {article} {thing}".split()): Phrase("F")
        for before, article, thing in product(befores, articles, things)
    }


_SILENT = (
    "a;an;the;please;kindly;hi;hello;show;showing;shows;me;give;display;draw;make;create;produce;"
    "generate;print;present;can;could;would;you;i;we;us;want;need;like;to;see;know;get;let;our;my;"
    "have;has;had;is;are;was;were;be;been;do;does;did;there;what;which;how;it;its;they;them;their;"
    "this;that;these;those;all;overall;of;tell;find;out;list;calculate;compute;work out;plot;"
    "chart;graph;visualise;visualize;compare;comparison of;comparing;look;looks;then;now;also;"
    "just;simply;quickly;quick;nice;simple;respectively;column;columns;field;fields;variable;"
    "variables;breakdown of;type of;types of;kind of;kinds of;values of;table of;table with;"
    "table showing;values;values of;value of;"
    "the values in;really;actually;for me;for us;occur;occurs;appear;appears;come up;"
    "happen;happens;thanks;thank you;well;here;strongly;closely;how strong;how strongly;"
    "how closely;at all;any;some;with the;once more;brings in;bring in;brought in;brings;"
    "generates;generated;makes;made;earns;earned;gets;got;receives;received;came in;come in;"
    "comes in;placed;recorded;registered;takes;take;took"
)

_LEXICON: Final[dict[tuple[str, ...], Phrase]] = {
    **_each(_SILENT, "F"),
    **_charts(),
    **_wheres(),
    # How much of it
    **_each(
        "total;totals;sum;sums;sum total;total sum;in total;altogether;summed;added up;"
        "the total of all;overall total;as a total;as totals;as a sum;sum up;add up;add up all",
        "A",
        "sum",
    ),
    **_each("how much", "A", "much"),
    **_each(
        "average;averages;averaged;avg;mean;means;on average;mean average;as an average;"
        "as averages;as a mean",
        "A",
        "mean",
    ),
    **_each("median;medians", "A", "median"),
    **_each("maximum;max;maxima", "A", "max"),
    **_each("minimum;min;minima", "A", "min"),
    **_each(
        "how many;number of;numbers of;count;counts;count of;counts of;total number of;"
        "the number;how often;total count of;number;counted;frequency of;frequencies of",
        "H",
    ),
    # Along what
    **_each(
        "by;per;for each;for every;in each;in every;on each;on every;at each;at every;of each;"
        "of every;from each;from every;within each;across;across all;grouped by;group by;split by;"
        "broken down by;breakdown by;by each;by every;for all;for all the;for the different;"
        "for different;across the different;across different;across the;each;every;with each;"
        "by the;between the different;between different;"
        "separately for each;for each of the;to each;in terms of;based on;measured by;"
        "according to;ranked by",
        "B",
    ),
    **_each("day;days;date of the day", "G", "day"),
    **_each("week;weeks", "G", "week"),
    **_each("month;months;calendar month", "G", "month"),
    **_each("quarter;quarters", "G", "quarter"),
    **_each("year;years;calendar year", "G", "year"),
    **_each("daily;day by day;over the days", "M", "day"),
    **_each("weekly;week by week;over the weeks", "M", "week"),
    **_each("monthly;month by month;over the months;across the months", "M", "month"),
    **_each("quarterly;quarter by quarter;over the quarters", "M", "quarter"),
    **_each(
        "yearly;annual;annually;year by year;over the years;across the years;through the years",
        "M",
        "year",
    ),
    **_each(
        "over time;trend of;trend in;trend for;trends in;trends of;trend;trends;through time;"
        "time trend;time trend of;time series;time series of;evolve;evolved;evolution of;"
        "evolution;develop;developed;development of;development;how did change;timeline of;"
        "timeline;across time;with time;during the whole period",
        "T",
    ),
    # What about it
    **_each(
        "distribution of;distribution;distributions;distributed;histogram of;histogram;"
        "histogram for;distribution for;distribution in;spread of;spread in;spread out;"
        "as a histogram;in a histogram;frequency distribution of;frequency distribution;"
        "frequency;frequencies;spread;typical;typical value of",
        "D",
    ),
    **_each(
        "correlation;correlated;correlate;correlates;correlation of;correlation coefficient;"
        "correlation coefficient of;relationship;relation;related;relate;related to;correlated to;"
        "association;associated;link;linked;connection;connected;scatter plot;scatterplot;scatter;"
        "scatter plot of;scatterplot of;scatter chart of;scatter chart;scatter graph of;"
        "as a scatter plot;relationship of;relation of;relate to;relates to;linked to;"
        "connected to;interrelated;pearson correlation;pearson correlation of;go with;goes with;"
        "go along with;goes along with;go hand in hand with;come with;comes with;move with;"
        "moves with;move together",
        "R",
    ),
    **_each(
        "describe;summarise;summarize;summary of;summary;overview of;overview;statistics of;"
        "statistics for;summary statistics of;summary statistics for;summary statistics;"
        "statistics on;profile of;stats of;stats for;stats on;descriptive statistics of;"
        "descriptive statistics for;descriptive statistics",
        "V",
    ),
    **_each("rank;ranking of;ranked;ranking;sort;sorted;ordered", "K"),
    # The most and the least
    **_each("highest;largest;biggest;greatest;top;most", "S", "most"),
    **_each("lowest;smallest;least;fewest;bottom", "S", "least"),
    **_each("best;strongest;best performing;top performing", "S", "best"),
    **_each("worst;weakest;poorest;worst performing;weakest performing", "S", "worst"),
    **{(word,): Phrase("Y", end) for word, (end, _) in ADJECTIVES.items()},
    **_each(
        "ascending;ascending order;in ascending order;in increasing order;lowest first;"
        "smallest first;least first;lowest to highest;from lowest to highest;low to high;"
        "from low to high;smallest to largest;from smallest to largest",
        "O",
        "least",
    ),
    **_each(
        "descending;descending order;in descending order;in decreasing order;highest first;"
        "largest first;biggest first;highest to lowest;from highest to lowest;high to low;"
        "from high to low;largest to smallest;from largest to smallest",
        "O",
        "most",
    ),
    **_each(
        "other end;the other end;at the other end;from the other end;opposite;the opposite;"
        "opposite end;the opposite end;reverse the order;reverse;reversed;reverse it;the reverse;"
        "reverse order;"
        "in reverse;in reverse order;other way round;other way around;the other way;"
        "the other way round;the other way around;flip;flip it;flipped;turn it around;"
        "from the bottom;at the bottom",
        "E",
    ),
    **_each("instead of;rather than", "I"),
    **_each(
        "most common;most frequent;most frequently;most often;commonest;most popular;"
        "most frequently occurring;most commonly occurring",
        "Q",
        "most",
    ),
    **_each("least common;least frequent;least often;rarest;least popular;rarest", "Q", "least"),
    **_each("and;with;versus;vs;against;between;as well as;together with;plus the", "&"),
    **{
        key: phrase
        for reason, phrases in UNHANDLED.items()
        for key, phrase in _each(phrases, "X", reason).items()
    },
    # 'How did X change over time' asks for a trend; 'change in X' asks for differences.
    **_each(
        "change over time;changed over time;changes over time;changing over time;"
        "vary over time;varied over time;varies over time;varying over time;go over time",
        "T",
    ),
}

_NUMBERS = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "twelve": 12,
    "fifteen": 15,
    "twenty": 20,
}

LONGEST: Final = max(len(phrase) for phrase in _LEXICON)

WORDS: Final = frozenset(word for phrase in _LEXICON for word in phrase) | _NUMBERS.keys()
"""Every word that does something, alone or with others."""

ROW_NOUNS: Final = vocabulary("row record entry line observation")
TRADE_NOUNS: Final = vocabulary("order transaction purchase")
TRADE_HEADERS: Final = vocabulary(
    "order sale price amount quantity revenue profit discount product invoice payment"
)
PEOPLE_NOUNS: Final = vocabulary("people person persons")
PEOPLE_HEADERS: Final = vocabulary("age sex surname birthday")


def phrase(words: tuple[str, ...]) -> Phrase | None:
    """What these words do together, if they are a known phrase."""
    return _LEXICON.get(words)


def whole_number(word: str) -> int | None:
    """`5` and `five` → 5."""
    digits = word.replace(",", "")
    if digits.isascii() and digits.isdigit() and len(digits) < 10:
        return int(digits)
    return _NUMBERS.get(word)
