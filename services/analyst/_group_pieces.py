"""What programs for a figure per group are put together from."""

KEYS = """\
keys = df[GROUP]"""

KEYS_OF_TIME = """\
${dates}
keys = dates.dt.to_period("${period}").astype(str).where(dates.notna())"""

MEASURED = """\
groups = df[MEASURE].groupby(keys)
table = pd.DataFrame({WHAT: groups.${aggregated}, "rows": groups.size()})"""

COUNTED = """\
table = pd.DataFrame({WHAT: keys.groupby(keys).size()})"""

SORTED = """\
table = table.sort_values(WHAT, ascending=${ascending}, kind="stable")
ranked = table[WHAT].dropna()"""

IN_ORDER = """\
ranked = table[WHAT].dropna().sort_values(ascending=${ascending}, kind="stable")"""

NOTHING = """\
if ranked.empty:
    print(f"ANSWER: There is nothing to show: no row has all that is needed for {WHAT}.")
    raise SystemExit
leaders, trailers, digits = tied(ranked, 0), tied(ranked, -1), decimals(ranked)"""

LIMITED = """\
table = table.dropna(subset=[WHAT]).head(LIMIT)"""

WRITTEN = """\
table.to_csv(OUTPUT / f"{NAME}.csv", index_label=GROUP_NAME, float_format="%.12g")
print(table.head(30).to_string(float_format=f"{{:,.{digits}f}}".format))
"""

SOME_AND_OTHER = """\
# At most six bars, and the rest together in grey; the table has them all
shown, rest = ranked, ranked[:0]
if len(ranked) > 7:
    largest = ranked.abs().sort_values(ascending=False, kind="stable").index[:6]
    shown = ranked[ranked.index.isin(largest)]
    rest = ranked[~ranked.index.isin(largest)]
names, values = list(shown.index), list(shown)
colors = ${colors}
if len(rest):
    names.append(f"Other ({len(rest)})")
    values.append(rest.sum())
    colors.append(GREY)
subtitle = f"{WHAT} for each {label(GROUP_NAME, 40)}"
fig = draw_bars(names, values, colors)
"""

FIRST_ONES = """\
# The first ${bars} at most; the table has ${all}
shown = ranked[:${bars}]
colors = ${colors}
subtitle = f"{WHAT} for each {label(GROUP_NAME, 40)}"
if len(ranked) > len(shown):
    subtitle += f", {len(shown)} of {len(ranked):,}, ${end} first"
fig = draw_bars(list(shown.index), list(shown), colors)
"""

ALL_IN_ORDER = """\
shown = table[WHAT].dropna()
subtitle = f"{WHAT} for each {label(GROUP_NAME, 40)}, in order"
fig, _ = draw_columns(list(shown.index), list(shown), BLUE)
"""

SAID = """\


def named(name, width=26):
    # A value of the group as it is spoken of
    return ${named}


first, last = number(ranked.iloc[0], digits), number(ranked.iloc[-1], digits)
top, bottom = named(ranked.index[0]), named(ranked.index[-1])
room = 67 - len(HAS) - len(first)  # a title has 70 characters at most, the headline 90
title = f"{named(ranked.index[0], room)} {HAS}: {first}"
headline = f"{named(ranked.index[0], room + 19)} {HAS}: {first}"
if len(ranked) == 1:
    title = label(f"{top} is the only {label(GROUP_NAME)}, {label(WHAT)}: {first}", 70)
    headline = title
elif len(leaders) == len(ranked):
    title = label(f"All {len(ranked):,} have the same {label(WHAT, 30)}: {first}", 70)
    headline = title
elif len(leaders) > 1:
    who = listed([named(name) for name in leaders])
    title = f"{who} {HAVE}: {first} each"
    if len(title) > 70:
        title = f"{len(leaders):,} values of {label(GROUP_NAME, 20)} are tied in first place"
    headline = title
save(fig, title, subtitle[:1].upper() + subtitle[1:])
alt = f"Bar chart of {WHAT} for each {GROUP_NAME}, from {top}, {first}, to {bottom}, {last}."

answer = [f"{headline}.", READ_AS]
if 1 < len(leaders) < len(ranked) and listed([named(name) for name in leaders]) not in headline:
    answer.append(f"Tied at {first}: {listed([named(name, 40) for name in leaders])}.")"""

SAID_MANY = """\
answer.append(f"There are {len(ranked):,} different values of {GROUP_NAME}.")"""

SAID_TOGETHER = """\
answer.append(
    f"There are {len(ranked):,} different values of {GROUP_NAME}; "
    f"together they have {number(ranked.sum(), digits)}."
)"""

SAID_OTHER_END = """\
others = listed([named(name, 40) for name in trailers])
if len(leaders) < len(ranked):
    if len(trailers) > 1:
        answer.append(f"At the other end {len(trailers):,} are tied at {last}: {others}.")
    else:
        answer.append(f"At the other end is {others} with {last}.")"""

SAID_LIST = """\
figures = [f"{label(name, 40)} ({number(value, digits)})" for name, value in table[WHAT].items()]
answer.append(f"In order: {'; '.join(figures[:10])}.")
if len(table) < LIMIT:
    answer.append(f"There are no more than {len(table)} values of {GROUP_NAME}.")"""

SAID_TIES = """\
if len(ranked) > LIMIT:
    equals = tied(ranked, LIMIT - 1)
    beyond = [named(name, 40) for name in ranked.index[LIMIT:] if name in equals]
    if len(beyond) == 1:
        answer.append(f"{beyond[0]} has as much as the last of these.")
    elif beyond:
        answer.append(f"{len(beyond):,} have as much as the last of these: {listed(beyond)}.")"""

SAID_BLANKS = """\
unnamed = int(keys.isna().sum())
if unnamed:
    answer.append(f"Left out: {rows(unnamed)} without a ${unreadable}{GROUP_NAME}.")"""

SAID_UNMEASURED = """\
unmeasured = int(df[MEASURE][keys.notna()].isna().sum())
if unmeasured:
    answer.append(f"Not in the figures: {rows(unmeasured)} without a number in {MEASURE_NAME}.")"""
