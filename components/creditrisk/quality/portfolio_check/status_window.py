"""Whether the status of an extract looks at the loans' first months, as `within` says."""

from collections.abc import Iterator

import numpy as np

from creditrisk.portfolio.state import ENDED
from creditrisk.quality.portfolio_check.remark import Remark
from creditrisk.quality.portfolio_check.table import Table

_OVER = (*ENDED, "default")
_FEWEST = 200  # loans of either third
_MOVED = 0.1  # of the loans: between cohorts, more have ended than a drift explains


def window_remarks(table: Table) -> Iterator[Remark]:
    """Asks where, among loans older than `within`, ever more have ended the older they are.

    What became of them in their first months is then over: such a status is of the extract's day,
    and a label made of it says of a cohort the worse the older it is.
    """
    status, start, within = table.column("status"), table.column("start"), table.spec.within
    if not within or status is None or start is None:
        return
    began = np.array([month_index(value) for value, _ in start.readings])[start.codes]
    age = month_index(table.spec.extract) - began
    over = np.array([value in _OVER for value, _ in status.readings])[status.codes]
    age, over = age[age >= within], over[age >= within]
    if not len(age):
        return
    third, two_thirds = np.quantile(age, (1 / 3, 2 / 3))
    young, old = over[age <= third], over[age > two_thirds]
    if min(len(young), len(old)) >= _FEWEST and old.mean() - young.mean() > _MOVED:
        what = (
            f"of loans older than {within} months {young.mean():.0%} of the youngest third have"
            f" ended, {old.mean():.0%} of the oldest: is it the status of the extract's day?"
        )
        change = "if so, no within, but role: closed_date for when a loan came to its status"
        yield Remark(table.source, status.name, "look", what, "", change)


def month_index(value: object) -> float:
    """A month as a number; NaN where there is none."""
    year, month = getattr(value, "year", np.nan), getattr(value, "month", np.nan)
    return float(year * 12 + month)
