"""When trying again ends: a person decides."""

from collections.abc import Sequence

from creditrisk.stages.decision.case import Case, PastDecision, Trigger
from creditrisk.stages.decision.cool_down import NO_EVIDENCE

ENDED = {  # what replaced no champion, in words
    "refused": "were refused",
    "insufficient": "could not be judged",
    "untrained": "could not be trained",
    "pending": "wait for approval",
}


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
