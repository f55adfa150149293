"""From trimmed text to a date, as SQL; null where the text is none. Nothing here raises."""

import re

from creditrisk.deliveries.dates import COUNT
from creditrisk.portfolio import ColumnSpec
from creditrisk.portfolio.date_format import Count, Pattern, date_format
from creditrisk.stages.etl.sql_text import literal, matches, whole

_AS_SPARK = re.compile("[yMd]+(?:[-./ ][yMd]+)*|yyyyMMdd")  # formats that Spark reads alike

_BROKEN = r"\A[^.,]*[.,]0*[1-9]"  # a count with a fraction


def date_of(text: str, spec: ColumnSpec) -> str:
    how = date_format(spec.format)
    return _counted(text, how) if isinstance(how, Count) else _written(text, how, spec)


def _written(text: str, how: Pattern, spec: ColumnSpec) -> str:
    if _AS_SPARK.fullmatch(spec.format):
        date = f"try_to_date({text}, {literal(spec.format)})"
    elif "Q" in how.letters:
        date = _quarter(text, how)
    else:
        parts = "-".join(f"${place}" for place in range(1, len(how.letters) + 1))
        date = f"try_to_date({_replaced(text, how, parts)}, {literal('-'.join(how.letters))})"
    if spec.two_digit_years:
        # Spark reads 97 as 2097
        date = f"IF(year({date}) > {spec.first_year + 99}, add_months({date}, -1200), {date})"
    # it also takes years before 1 and beyond 9999, and 001 for a day
    return f"IF({matches(text, how.shape)}, {date}, NULL)"


def _quarter(text: str, how: Pattern) -> str:
    quarter = how.letters.index("Q") + 1
    year = 3 - quarter  # of two groups, the other
    january = f"try_to_date({_replaced(text, how, f'${year}')}, '{how.letters[year - 1]}')"
    return f"add_months({january}, 3 * try_cast({_replaced(text, how, f'${quarter}')} AS INT) - 3)"


def _replaced(text: str, how: Pattern, by: str) -> str:
    return f"regexp_replace({text}, {literal(whole(how.shape))}, {literal(by)})"


def _counted(text: str, how: Count) -> str:
    pattern = literal(whole(COUNT))
    count = f"try_cast(regexp_extract({text}, {pattern}, 1) AS BIGINT)"  # '' where it does not fit
    broken = f"{text} RLIKE {literal(_BROKEN)}"
    low, high = how.bounds
    if not how.per_day:
        month = f"add_months(DATE '{how.reference}', try_cast({count} * {how.months} AS INT))"
        return f"IF({count} BETWEEN {low} AND {high} AND NOT {broken}, {month}, NULL)"
    count = f"({count} - IF({broken} AND left({text}, 1) = '-', 1, 0) + {how.past})"
    if how.per_day > 1:
        count = f"(({count} - pmod({count}, {how.per_day})) div {how.per_day})"
    day = f"({count} + IF({count} < 60, 1, 0))" if how.excel else count
    date = f"date_add(DATE '{how.reference}', try_cast({day} AS INT))"
    there = f" AND {count} <> 60" if how.excel else ""
    return f"IF({count} BETWEEN {low} AND {high}{there}, {date}, NULL)"
