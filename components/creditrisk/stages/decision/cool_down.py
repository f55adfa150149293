"""What makes the next automatic action wait, each by its name."""

from creditrisk.calendar_month import add_months, months_between
from creditrisk.stages.decision.case import Case, Trigger

NO_EVIDENCE = "not_enough_evidence"
HOLDS = ("late_month", NO_EVIDENCE, "spent_windows", "cool_down")


def late_month(case: Case) -> Trigger | None:
    """A newer month was decided first: its champion is known, and what to do is decided there."""
    later = case.findings.later
    if later is None:
        return None
    reason = f"{later:%Y-%m} was decided before this month: what is to be done is decided there"
    return Trigger.watch("late_month", reason)


def not_enough_evidence(case: Case) -> Trigger | None:
    """No challenger can be trained or judged: nothing is tried that must fail."""
    lacking = case.findings.lacking
    return Trigger.watch(NO_EVIDENCE, lacking) if lacking else None


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
            return Trigger.watch("spent_windows", reason)
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
            return Trigger.watch("cool_down", reason)
    return None
