"""What holds the next automatic action back, each by its name; and when a person decides."""

from collections.abc import Sequence

from creditrisk.calendar_month import add_months, months_between
from creditrisk.stages.decision.case import Case, PastDecision, Trigger

NO_EVIDENCE = "not_enough_evidence"
HOLDS = ("late_month", NO_EVIDENCE, "spent_windows", "cool_down")
ENDED = {  # what replaced no champion, in words
    "refused": "were refused",
    "insufficient": "could not be judged",
    "untrained": "could not be trained",
    "pending": "wait for approval",
}


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


def escalation(case: Case, triggers: Sequence[Trigger]) -> Trigger | None:
    """After `max_refusals` refused challengers a person decides, and until then nothing is tried.

    One that passed and that nobody has answered for counts as well: another would wait beside it.
    So does one that the evidence did not suffice to judge, unless its windows were spent by
    another, and a month that called for one which could not be trained. Challengers on schedule
    are not counted: nothing was wrong. Neither are those of before a person's decision.
    """
    most, answered = case.rule.max_refusals, case.findings.answered
    since = {
        month: past
        for month, past in case.current_tenure.items()
        if answered is None or month > answered
    }
    tried = {month: _ended(past) for month, past in sorted(since.items()) if _ended(past)}
    standing = any(past.decision == "escalate" for past in since.values())
    acting = {trigger.name for trigger in triggers if trigger.action != "none"}
    if not most or len(tried) < most or not (standing or acting):
        return None
    wrong = standing or acting != {"refresh"}
    why = "what is wrong is not mended by another attempt" if wrong else "the next is on schedule"
    months = ", ".join(f"{month:%Y-%m}" for month in tried)
    ends = " or ".join(text for end, text in ENDED.items() if end in tried.values())
    reason = (
        f"{len(tried)} challengers {ends} ({months}), the limit is {most}: {why};"
        " a named person decides"
    )
    return Trigger("max_refusals", "escalate", "none", reason)


def _ended(past: PastDecision) -> str:
    """How an attempt ended that replaced no champion; "": there was none, or it was on schedule."""
    if past.on_schedule:
        return ""
    if past.acted and past.outcome in ENDED:
        return past.outcome
    return "untrained" if NO_EVIDENCE in past.triggers else ""
