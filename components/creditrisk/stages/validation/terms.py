"""On which terms a challenger is held against its champion: what it was asked for, what is left."""

from creditrisk.period import Period
from creditrisk.policy import Policy
from creditrisk.records.challenge import ChallengerOutcomes
from creditrisk.records.champion_pointer import champion_history, champion_of
from creditrisk.records.decision import decided_months, newest_decision
from creditrisk.records.oot_ledger import WindowReading

RENEWAL = frozenset({"model_age", "definition_changed"})  # nothing says that its PDs are wrong
SCHEDULE = frozenset({"refresh"})


def attempt_level(budget: float, look: float, looks: int, attempts: int, most: float) -> float:
    """The significance the next attempt is tested at; above 0 however many there were.

    `look`: what each of the `looks` has spent. Attempts before had half of what was left, and
    `most` at most, as this one has: together they never spend what looks have left.
    """
    left = budget - min(look * looks, budget / 2)
    for _ in range(attempts):
        left -= min(most, left / 2)
    return min(most, left / 2)


def asked_for(period: Period) -> tuple[str, ...]:
    """The triggers of the month's decision; none where somebody trains by hand."""
    decision = newest_decision(period.store, period.as_of)
    return decision.triggers if decision else ()


def within_budget(period: Period, reading: WindowReading) -> Policy:
    """The policy, `superiority_p` no more than what looks and attempts have left of the budget.

    A look is a month that was decided under the champion, in whichever of its tenures; a month
    that nobody ran spends nothing. Nothing was spent where there is no champion yet.
    """
    policy, champion = period.policy, reading.champion
    history = champion_history(period.store)
    decided = decided_months(period.store, upto=period.as_of)
    looks = sum(champion_of(history, month) == champion for month in decided)
    if not champion:
        return policy
    others = ChallengerOutcomes(period.store, before=period.as_of).challenges
    attempts = [
        one
        for one in others
        if one.champion == champion and one.version != reading.version and one.opened
    ]
    rule, limits = policy.rule, policy.validation
    level = attempt_level(
        rule.error_budget, rule.look_budget, looks, len(attempts), limits.superiority_p
    )
    bounded = limits.model_copy(update={"superiority_p": level})
    return policy.model_copy(update={"validation": bounded})
