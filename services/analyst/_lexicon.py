"""The words of a question that are not columns: what each phrase does.

Every word must be found here, be a column, a number or the name of a row; else the question is
not answered. So a word belongs in `_SILENT` only if no sentence changes its meaning without it.
"""

from itertools import product
from typing import Final, Literal, TypeAlias

import msgspec

from services.analyst._words import vocabulary

Tag: TypeAlias = Literal[
    "C",  # a column
    "U",  # words that nothing accounts for
    "W",  # what a row is called
    "N",  # a whole number
    "H",  # how many
    "A",  # an aggregate: total, average …
    "S",  # a superlative: highest, fewest …
    "Q",  # most common, least common
    "B",  # by, per, for each
    "G",  # month, year …
    "M",  # monthly, yearly …
    "T",  # over time, trend
    "D",  # distribution
    "R",  # correlation
    "V",  # describe, summarise
    "K",  # rank
    "&",  # and, with, versus, between
    "X",  # what is not handled, by its reason
    "F",  # says nothing
]


class Phrase(msgspec.Struct, frozen=True):
    """What a phrase does; `value` is the aggregate, grain, direction or reason."""

    tag: Tag
    value: str = ""


def _each(text: str, tag: Tag, value: str = "") -> dict[tuple[str, ...], Phrase]:
    """`a b; c` → the phrases (a, b) and (c,), all doing the same."""
    return {tuple(part.split()): Phrase(tag, value) for part in text.split(";")}


def _charts() -> dict[tuple[str, ...], Phrase]:
    """`as a bar chart`, `in one table`: every answer has a chart and a table anyway."""
    befores = ("as", "in", "with", "using", "on", "into", "")
    articles = ("a", "an", "one", "the", "")
    kinds = ("bar", "line", "column", "simple", "horizontal bar", "time series", "data", "pie", "")
    things = ("chart", "graph", "plot", "diagram", "table", "figure", "pie")
    phrases: dict[tuple[str, ...], Phrase] = {}
    for before, article, kind, thing in product(befores, articles, kinds, things):
        words = tuple(f"{before} {article} {kind} {thing}".split())
        alone = len(words) > 1 or thing in ("chart", "graph", "plot", "diagram")
        if alone:
            phrases[words] = Phrase("F", "pie" if "pie" in (kind, thing) else "")
    return phrases


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
    "how closely;at all;any;some;with the;in terms of"
)

_LEXICON: Final[dict[tuple[str, ...], Phrase]] = {
    **_charts(),
    **_wheres(),
    **_each(_SILENT, "F"),
    **_each("pie", "F", "pie"),
    # How much of it
    **_each(
        "total;totals;sum;sums;sum total;total sum;in total;altogether;summed;added up;"
        "the total of all;overall total",
        "A",
        "sum",
    ),
    **_each("how much", "A", "much"),
    **_each("average;averages;averaged;avg;mean;means;on average;mean average", "A", "mean"),
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
        "separately for each;for each of the;to each",
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
        "frequency;frequencies",
        "D",
    ),
    **_each(
        "correlation;correlated;correlate;correlates;correlation of;correlation coefficient;"
        "correlation coefficient of;relationship;relation;related;relate;related to;correlated to;"
        "association;associated;link;linked;connection;connected;scatter plot;scatterplot;scatter;"
        "scatter plot of;scatterplot of;scatter chart of;scatter chart;scatter graph of;"
        "as a scatter plot;relationship of;relation of;relate to;relates to;linked to;"
        "connected to;interrelated;pearson correlation;pearson correlation of",
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
    **_each(
        "most common;most frequent;most frequently;most often;commonest;most popular;"
        "most frequently occurring;most commonly occurring",
        "Q",
        "most",
    ),
    **_each("least common;least frequent;least often;rarest;least popular;rarest", "Q", "least"),
    **_each("and;with;versus;vs;against;between;as well as;together with;plus the", "&"),
    # What is said not to be handled, by its reason
    **_each(
        "why;how come;explain;explains;cause;causes;caused;because;due to;reason for;reasons for;"
        "drives;drive;driver;drivers;driving;affect;affects;affected;influence;influences;"
        "influenced;impact;impacts;effect;effects;depend;depends;dependent;responsible;lead to;"
        "leads to;result in;results in;what makes",
        "X",
        "why",
    ),
    **_each(
        "predict;predicts;predicted;prediction;predictions;forecast;forecasts;forecasting;will;"
        "going to be;expect;expected;estimate;future;what if;if;simulate;extrapolate;next;"
        "next year;next month;next quarter;next week;tomorrow;upcoming;coming",
        "X",
        "predict",
    ),
    **_each(
        "should;recommend;recommendation;recommendations;suggest;suggestion;suggestions;advice;"
        "advise;improve;optimise;optimize;how can;strategy;insight;insights;interesting;"
        "good;bad;better;worse;worth;best;worst;important",
        "X",
        "advice",
    ),
    **_each(
        "where;only;excluding;exclude;excludes;excluded;except;except for;without;over;above;"
        "below;under;more than;less than;greater than;fewer than;larger than;smaller than;"
        "higher than;lower than;at least;at most;since;before;after;until;till;during;from;when;"
        "last;first;past;recent;recently;latest;earliest;this year;this month;this week;"
        "this quarter;last year;last month;last week;last quarter;today;yesterday;no;not;never;"
        "none;non;equal;equals;equal to;within;whose;who;in;for;on;at;or;either;other;besides;"
        "including;include;includes;filter;filtered;matching;up to;exactly;starting;ending;between "
        "the years;greater;less;more;fewer;higher;lower;larger;smaller;while;but;limited to",
        "X",
        "filter",
    ),
    **_each(
        "join;joined;merge;merged;combine;combined;lookup;look up;other file;both files;"
        "other table;both tables;match up;two files;second file",
        "X",
        "join",
    ),
    **_each(
        "significant;significantly;significance;statistically;t test;test;anova;chi square;"
        "chi squared;regression;regress;p value;p values;hypothesis;normal;normally;outlier;"
        "outliers;anomaly;anomalies;cluster;clusters;clustering;standard deviation;std;deviation;"
        "variance;percentile;percentiles;quantile;quantiles;quartile;quartiles;skew;skewness;"
        "kurtosis;confidence;interval;mode;spearman;kendall;standard error;iqr;box plot;boxplot;"
        "heat map;heatmap;stacked;pivot;crosstab;cross tab;violin;matrix",
        "X",
        "statistics",
    ),
    **_each(
        "percent;percentage;percentages;percentage of;share;shares;share of;proportion;"
        "proportions;proportion of;ratio;ratio of;fraction;per cent;divided by;times;multiplied;"
        "minus;plus;product of;per capita",
        "X",
        "share",
    ),
    **_each(
        "growth;grow;grew;grown;growing;increase;increases;increased;increasing;decrease;"
        "decreases;decreased;decreasing;difference;differences;change;changes;changed;changing;"
        "year over year;year on year;month over month;month on month;yoy;mom;compared to;"
        "compared with;than;delta;rise;rose;fall;fell;drop;dropped;decline;declined;faster;slower",
        "X",
        "change",
    ),
    **_each(
        "cumulative;running total;running;moving average;rolling;rolling average;accumulated;"
        "weighted;weighted average;range;range of",
        "X",
        "calculation",
    ),
    **_each(
        "distinct;unique;different;how many different;how many distinct;how many unique;"
        "number of different;number of distinct;number of unique;duplicate;duplicates;duplicated",
        "X",
        "distinct",
    ),
    **_each(
        "weekday;weekdays;day of the week;day of week;weekend;weekends;hour;hours;hourly;"
        "hour of the day;time of day;minute;season;seasons;seasonal;decade;decades;century;"
        "half year;fiscal year",
        "X",
        "grain",
    ),
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
    if word.isascii() and word.isdigit() and len(word) < 10:
        return int(word)
    return _NUMBERS.get(word)
