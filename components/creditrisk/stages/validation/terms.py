"""On which terms a challenger is held against its champion: what it was asked for, what is left."""

from creditrisk.calendar_month import months_between
from creditrisk.model.error_budget import attempt_level
from creditrisk.period import Period
from creditrisk.policy import Policy
from creditrisk.records.challenge import ChallengerOutcomes
from creditrisk.records.champion_pointer import champion_history
from creditrisk.records.decision import newest_decision
from creditrisk.records.oot_ledger import WindowReading

RENEWAL, SCHEDULE = frozenset({"model_age"}), frozenset({"refresh"})


def asked_for(period: Period) -> tuple[str, ...]:
    """The triggers of the month's decision; none where somebody trains by hand."""
    decision = newest_decision(period.store, period.as_of)
    return decision.triggers if decision else ()


def within_budget(period: Period, reading: WindowReading) -> Policy:
    """The policy, `superiority_p` no more than what looks and attempts have left of the budget.

    Nothing was spent where there is no champion yet.
    """
    policy, champion = period.policy, reading.champion
    since = [t.since for t in champion_history(period.store) if t.version == champion]
    if not champion or not since:
        return policy
    others = ChallengerOutcomes(period.store, before=period.as_of).challenges
    attempts = [
        one
        for one in others
        if one.champion == champion and one.version != reading.version and one.opened
    ]
    rule, limits = policy.rule, policy.validation
    months = months_between(min(since), period.as_of)
    level = attempt_level(
        rule.error_budget, rule.look_budget, months, len(attempts), limits.superiority_p
    )
    bounded = limits.model_copy(update={"superiority_p": level})
    return policy.model_copy(update={"validation": bounded})
