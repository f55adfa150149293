"""What makes the next automatic action wait: spent windows, and the cool-down after an action."""

from creditrisk.calendar_month import add_months, months_between
from creditrisk.stages.decision.case import Case, Trigger


def spent_windows(case: Case) -> Trigger | None:
    """What was read is spent: nothing is tried until one wholly new window has matured."""
    as_of = case.findings.as_of
    for month, past in sorted(case.months.items(), reverse=True):
        free = add_months(month, past.window_months)
        if as_of < free:
            became = f", the challenger was {past.outcome}" if past.outcome == "refused" else ""
            reason = (
                f"the windows read in {month:%Y-%m} are spent{became};"
                f" the next wholly new one has matured in {free:%Y-%m}"
            )
            return Trigger("spent_windows", "watch", "none", reason)
    return None


def cool_down(case: Case) -> Trigger | None:
    """After an action the next automatic one waits; counted from the month that acted."""
    as_of, months = case.findings.as_of, case.rule.cool_down
    for month, past in sorted(case.months.items(), reverse=True):
        if past.acted and months_between(month, as_of) < months:
            reason = (
                f"cool-down: {past.action} in {month:%Y-%m}, the next automatic action may"
                f" come in {add_months(month, months):%Y-%m} ({months} months after)"
            )
            return Trigger("cool_down", "watch", "none", reason)
    return None
