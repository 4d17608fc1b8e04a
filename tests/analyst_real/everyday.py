"""Questions as people type them, and what each has to be read as.

The rules were extended for some of them, the wording was never adapted to the rules. A question
that is not read stays here, with `-` or, where a column is missing, with `? name -> what is
offered for it`.
"""

from typing import Final

EVERYDAY: Final[dict[str, list[tuple[str, str]]]] = {
    "shop_orders.csv": [
        ("How much revenue did we make in each region?", "sum Revenue by Region"),
        ("What's the avg unit price per product category", "mean Unit Price by Category"),
        ("revenue split by sales channel", "sum Revenue by Channel"),
        ("how many orders came in per channel?", "count by Channel"),
        ("give me average order revenue by customer type", "mean Revenue by Customer Type"),
        ("compare the channels by revenue", "sum Revenue by Channel"),
        ("How has revenue developed month by month?", "sum Revenue by month of Order Date"),
        ("number of orders per week", "count by week of Order Date"),
        ("total quantity over the years", "sum Quantity by year of Order Date"),
        ("average discount over time", "mean Discount % by month of Order Date"),
        ("avrage discount % by quarter", "mean Discount % by quarter of Order Date"),
        ("Which product brings in the most revenue?", "top 1 sum Revenue by Product"),
        ("what are our 3 weakest categories by revenue", "bottom 3 sum Revenue by Category"),
        ("top ten products by quantity sold", "top 10 sum Quantity by Product"),
        ("best 5 products by revenue", "top 5 sum Revenue by Product"),
        (
            "what was our strongest month for revenue",
            "top 1 sum Revenue by month of Order Date",
        ),
        ("How are the discounts spread?", "spread Discount %"),
        ("distribution of order quantity", "spread Quantity"),
        ("what's the typical revenue", "spread Revenue"),
        ("min and max revenue", "spread Revenue"),
        ("Do bigger discounts go with higher quantities?", "pair Discount % ~ Quantity"),
        ("is there any link between unit price and quantity", "pair Unit Price ~ Quantity"),
        ("Can you give me a quick summary of what's in this file?", "overview"),
        ("is any data missing?", "overview"),
        ("quarterly revnue", "? revnue -> Revenue"),
        ("units sold per product", "? units sold -> Quantity"),
        ("top products", "-"),
        ("which channel sells the most", "-"),
        ("is revenue growing", "-"),
        ("show me the revenue over the last two years by month", "-"),
    ],
    "support_tickets.csv": [
        ("Average hours to resolve by priority", "mean Hours to Resolve by Priority"),
        ("how many tickets per team", "count by Team"),
        ("tickets by topic", "count by Topic"),
        ("mean satisfaction for each channel", "mean Satisfaction (1-5) by Channel"),
        ("tickets per month (created)", "count by month of Created"),
        (
            "how did satisfaction change over time by created date",
            "mean Satisfaction (1-5) by month of Created",
        ),
        (
            "which team has the highest average satisfaction",
            "top 1 mean Satisfaction (1-5) by Team",
        ),
        ("Which topic gets the most tickets?", "top 1 count by Topic"),
        (
            "which topic takes the most hours to resolve on average",
            "top 1 mean Hours to Resolve by Topic",
        ),
        ("most common topic", "top 1 count by Topic"),
        ("distribution of hours to resolve", "spread Hours to Resolve"),
        (
            "relationship between hours to resolve and satisfaction",
            "pair Hours to Resolve ~ Satisfaction (1-5)",
        ),
        ("what's in here", "overview"),
        (
            "is first reply time related to satisfaction",
            "? first reply time -> First Reply (min)",
        ),
        ("average resolution time by team", "? resolution time -> Hours to Resolve"),
        ("slowest team", "-"),
        ("ticket volume per week", "-"),
    ],
    "department_budget.xlsx": [
        ("total budget per department", "sum Budget by Department"),
        ("budget by dept", "sum Budget by Department"),
        ("actuals by account", "sum Actual by Account"),
        ("sum up the budget by account", "sum Budget by Account"),
        ("monthly budget", "sum Budget by month of Month"),
        ("budget per quarter", "sum Budget by quarter of Month"),
        ("which department has the biggest budget", "top 1 sum Budget by Department"),
        ("top 3 accounts by actual", "top 3 sum Actual by Account"),
        ("distribution of budget", "spread Budget"),
        ("how closely are budget and actual related", "pair Budget ~ Actual"),
        ("summary please", "overview"),
        ("how did actual spending develop over time", "? actual spending -> Actual"),
        ("difference between budget and actual by department", "-"),
    ],
    "canadian_senators.csv": [
        ("how many senators by reason", "count by reason"),
        ("senators by start date", "count by year of start_date"),
        ("which province had the most senators", "top 1 count by Province / Territory"),
        ("10 most common reasons", "top 10 count by reason"),
        ("how complete is this data", "overview"),
        ("average days in office by province", "-"),
    ],
    "penguins-raw.csv": [
        ("avg flipper length by sex", "mean Flipper Length (mm) by Sex"),
        ("median body mass for every island", "median Body Mass (g) by Island"),
        ("penguins per year", "count by year of Date Egg"),
        (
            "which species is the heaviest by average body mass",
            "top 1 mean Body Mass (g) by Species",
        ),
        ("body mass distribution", "spread Body Mass (g)"),
        (
            "correlation of culmen length with body mass",
            "pair Culmen Length (mm) ~ Body Mass (g)",
        ),
        ("how many male and female penguins", "-"),
    ],
    "seattle-weather.csv": [
        ("how many days of each weather type", "count by weather"),
        ("avg max temperature by weather", "mean temp_max by weather"),
        ("precipitation by month", "sum precipitation by month of date"),
        ("mean temp_max by quarter", "mean temp_max by quarter of date"),
        ("what were the 5 windiest days", "top 5 max wind by day of date"),
        ("rainiest month", "top 1 sum precipitation by month of date"),
        ("how is the precipitation spread", "spread precipitation"),
        ("is wind related to temp_min", "pair wind ~ temp_min"),
        ("rainfall per month", "? rainfall -> precipitation"),
        ("average wind speed per year", "? wind speed -> wind"),
        ("coldest day", "-"),
        ("how often does it rain", "-"),
    ],
}

DATES: Final = {
    "Order Date": 'CAST("Order Date" AS TIMESTAMP)',
    "Created": 'CAST("Created" AS TIMESTAMP)',
    "Month": 'CAST("Month" AS TIMESTAMP)',
    "start_date": "CAST(start_date AS TIMESTAMP)",
    "Date Egg": 'CAST("Date Egg" AS TIMESTAMP)',
    "date": "strptime(date, '%Y/%m/%d')",
}
"""How each date is parsed by DuckDB."""
