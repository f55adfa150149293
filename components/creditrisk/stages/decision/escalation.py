"""When trying again ends: a person decides."""

from collections.abc import Sequence

from creditrisk.stages.decision.case import Case, Trigger

ENDED = ("refused", "insufficient", "pending")  # what replaced no champion


def escalation(case: Case, triggers: Sequence[Trigger]) -> Trigger | None:
    """After `max_refusals` refused challengers a person decides, and until then nothing is tried.

    One that passed and that nobody has answered for counts as well: another would wait beside it.
    So does one that the evidence did not suffice to judge, unless its windows were spent by
    another. Challengers on schedule are not counted: nothing was wrong. Neither are those of
    before a person's decision.
    """
    most, answered = case.rule.max_refusals, case.findings.answered
    since = {
        month: past
        for month, past in case.current_tenure.items()
        if answered is None or month > answered
    }
    tried = {
        month: past.outcome
        for month, past in sorted(since.items())
        if past.acted and past.outcome in ENDED and past.triggers != ("refresh",)
    }
    standing = any(past.decision == "escalate" for past in since.values())
    acting = any(trigger.action != "none" for trigger in triggers)
    if not most or len(tried) < most or not (standing or acting):
        return None
    months = ", ".join(f"{month:%Y-%m}" for month in tried)
    waiting = " or wait for approval" if "pending" in tried.values() else ""
    unjudged = " or could not be judged" if "insufficient" in tried.values() else ""
    reason = (
        f"{len(tried)} challengers were refused{unjudged}{waiting} ({months}), the limit is {most}:"
        " what is wrong is not mended by another attempt; a named person decides"
    )
    return Trigger("max_refusals", "escalate", "none", reason)
