"""When a cohort is matured: its outcome is known, and reported."""

from datetime import date

from creditrisk.calendar_month import add_months


def newest_matured(as_of: date, mob: int, reporting_lag: int) -> date:
    """The newest cohort whose outcome at `mob` months on book is known at `as_of`."""
    return add_months(as_of, -mob - reporting_lag)
