"""Which months tables are about, dates gone astray left out; run and check ask it alike."""

from collections.abc import Collection, Mapping
from datetime import date

from creditrisk.calendar_month import months_between
from creditrisk.portfolio import SourceSpec

_APART = 12  # months without a row
_FEW = 0.05  # of a table's rows
_BESIDE = 6  # months of the largest group: beside them a single row a year away is a slip
_SPARSE = 0.25  # of what a month of the largest group holds


def main_months(
    rows: Mapping[date, int], every: int = 1, elsewhere: Collection[date] = ()
) -> list[date]:
    """The months, oldest first, of rows by month; without those of dates gone astray.

    What lies a year apart from the most is astray where it holds few rows, of all and in each
    month, unless another table has rows then, too (`elsewhere`: of a lender who pauses).
    """
    groups: list[list[date]] = []
    for month in sorted(rows):
        if groups and months_between(groups[-1][-1], month) < _APART + every - 1:
            groups[-1].append(month)
        else:
            groups.append([month])
    held = [[rows[month] for month in group] for group in groups]
    most, total = max(held, key=sum, default=[]), sum(map(sum, held))
    return [
        month
        for group, counts in zip(groups, held, strict=True)
        if counts is most
        or (
            sum(counts) >= _FEW * total
            and max(counts) >= _SPARSE * sum(most) / len(most)
            and (sum(counts) > 1 or len(most) < _BESIDE)
        )
        or not {*group}.isdisjoint(elsewhere)
        for month in group
    ]


def span(
    base: Mapping[date, int], spec: SourceSpec, others: Collection[Collection[date]]
) -> tuple[date, date]:
    """The first and last month of a portfolio, by the rows of its applications in each month.

    Dates gone astray are apart. Months of other tables count as far as they reach on without a gap.
    """
    elsewhere = frozenset[date]().union(*others)
    months = main_months(base, spec.every, elsewhere if spec.pauses else ())
    if not months:
        return date.min, date.max
    start, end, astray = months[0], months[-1], base.keys() - {*months}
    anywhere = (elsewhere | base.keys()) - astray
    for month in sorted(anywhere, reverse=True):
        start = month if months_between(month, start) == 1 else start
    for month in sorted(anywhere):
        end = month if months_between(end, month) == 1 else end
    return start, end
