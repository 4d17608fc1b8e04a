"""Phrases of questions that are not answered, by the reason that is given for it."""

from typing import Final, Literal, TypeAlias

Reason: TypeAlias = Literal[
    "why",
    "predict",
    "advice",
    "filter",
    "preposition",
    "negation",
    "who",
    "measure",
    "join",
    "statistics",
    "share",
    "change",
    "calculation",
    "distinct",
    "grain",
]

UNHANDLED: Final[dict[Reason, str]] = {
    "why": (
        "why;how come;explain;explains;cause;causes;caused;because;due to;reason for;reasons for;"
        "drives;drive;driver;drivers;driving;affect;affects;affected;influence;influences;"
        "influenced;impact;impacts;effect;effects;depend;depends;dependent;responsible;lead to;"
        "leads to;result in;results in;what makes"
    ),
    "predict": (
        "predict;predicts;predicted;prediction;predictions;forecast;forecasts;forecasting;will;"
        "going to be;expect;expected;estimate;future;what if;if;simulate;extrapolate;next;"
        "next year;next month;next quarter;next week;tomorrow;upcoming;coming"
    ),
    "advice": (
        "should;recommend;recommendation;recommendations;suggest;suggestion;suggestions;advice;"
        "advise;improve;optimise;optimize;how can;strategy;insight;insights;interesting;"
        "good;bad;better;worse;worth;important"
    ),
    "filter": (
        "where;only;excluding;exclude;excludes;excluded;except;except for;without;over;above;"
        "below;under;more than;less than;greater than;fewer than;larger than;smaller than;"
        "higher than;lower than;at least;at most;since;before;after;until;till;during;from;when;"
        "last;first;past;recent;recently;latest;earliest;this year;this month;this week;"
        "this quarter;last year;last month;last week;last quarter;today;yesterday;"
        "equal;equals;equal to;within;other;besides;"
        "including;include;includes;filter;filtered;matching;up to;exactly;starting;ending;"
        "between the years;greater;less;more;fewer;higher;lower;larger;smaller;limited to"
    ),
    "preposition": "in;for;on;at;or;either;while;but",
    "negation": "no;not;never;none;non",
    "who": "who;whom;whose",
    "measure": (
        "best selling;bestselling;best sellers;top selling;top sellers;best seller;profitable;"
        "most profitable;least profitable;most valuable;valuable;most expensive;expensive;cheap;"
        "busiest;slowest;fastest;quickest;most active;most successful;successful;"
        "sell;sells;selling;costs the most;cost the most"
    ),
    "join": (
        "join;joined;merge;merged;combine;combined;lookup;look up;other file;both files;"
        "other table;both tables;match up;two files;second file"
    ),
    "statistics": (
        "significant;significantly;significance;statistically;t test;test;anova;chi square;"
        "chi squared;regression;regress;p value;p values;hypothesis;normal;normally;outlier;"
        "outliers;anomaly;anomalies;cluster;clusters;clustering;standard deviation;std;deviation;"
        "variance;percentile;percentiles;quantile;quantiles;quartile;quartiles;skew;skewness;"
        "kurtosis;confidence;interval;mode;spearman;kendall;standard error;iqr;box plot;boxplot;"
        "heat map;heatmap;stacked;pivot;crosstab;cross tab;violin;matrix"
    ),
    "share": (
        "percent;percentage;percentages;percentage of;share;shares;share of;proportion;"
        "proportions;proportion of;ratio;ratio of;fraction;per cent;divided by;times;multiplied;"
        "minus;plus;product of;per capita"
    ),
    "change": (
        "growth;grow;grew;grown;growing;increase;increases;increased;increasing;decrease;"
        "decreases;decreased;decreasing;difference;differences;change;changes;changed;changing;"
        "year over year;year on year;month over month;month on month;yoy;mom;compared to;"
        "compared with;than;delta;rise;rose;fall;fell;drop;dropped;decline;declined;faster;slower"
    ),
    "calculation": (
        "cumulative;running total;running;moving average;rolling;rolling average;accumulated;"
        "weighted;weighted average;range;range of"
    ),
    "distinct": (
        "distinct;unique;different;how many different;how many distinct;how many unique;"
        "number of different;number of distinct;number of unique;duplicate;duplicates;duplicated"
    ),
    "grain": (
        "weekday;weekdays;day of the week;day of week;weekend;weekends;hour;hours;hourly;"
        "hour of the day;time of day;minute;season;seasons;seasonal;decade;decades;century;"
        "half year;fiscal year"
    ),
}
"""`preposition`: words that single out rows only together with what they stand before."""
