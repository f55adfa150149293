"""Past decisions and what became of their actions, as the rule looks back on them."""

from collections.abc import Sequence
from datetime import date

import pyarrow.compute as pc

from creditrisk.calendar_month import add_months
from creditrisk.contracts import SCORES
from creditrisk.period import Period
from creditrisk.records.challenge import RANKED, ChallengerOutcomes
from creditrisk.records.decision import Decision, decisions_between
from creditrisk.stages.decision.case import PastDecision


def carried_out(period: Period, decision: Decision) -> bool:
    """Whether nothing of a decision's action is left to do.

    Judged and refused, waiting for approval, or promoted and (where nobody had to approve) the
    month scored again. A run that was cut off before that is finished by the next one.
    """
    challenger = ChallengerOutcomes(period.store).of(decision)
    if challenger.outcome in ("", "passed"):
        return decision.action == "none"
    if challenger.tenure is None or period.policy.promotion.mode != "automatic":
        return True
    if challenger.tenure.since != period.as_of:
        return True
    scored = period.lake.read(SCORES, [period.as_of])["model_version"]
    return challenger.tenure.version in pc.unique(scored).to_pylist()


def read_history(period: Period, since: date | None) -> list[PastDecision]:
    """Decisions before `as_of` that still matter; `since`: first promotion of the champion.

    A cool-down, spent windows and months without evidence look back a fixed number of months,
    the rest no further than the champion's own tenure: the cost does not grow with the years.
    """
    outcomes = ChallengerOutcomes(period.store, before=period.as_of)
    found = decisions_between(period.store, looks_back_to(period, since), period.as_of)
    return [_past(of_month, outcomes) for of_month in found]


def looks_back_to(period: Period, since: date | None) -> date:
    """The first month whose decision matters to `as_of`."""
    rule, development = period.policy.rule, period.policy.development
    back = max(rule.cool_down, rule.insufficient_months, development.oot_max_months)
    start = add_months(period.as_of, -back)
    return min(start, since or start)


def _past(taken: Sequence[Decision], outcomes: ChallengerOutcomes) -> PastDecision:
    """A month by the decision in force; superseding one undoes nothing of what it led to."""
    newest, month = taken[-1], date.fromisoformat(taken[-1].as_of)
    carried = max(reversed(taken), key=lambda decision: RANKED.index(outcomes.of(decision).outcome))
    judged = [outcomes.challenge(version) for version in outcomes.judged(month)]
    return PastDecision(
        as_of=month,
        decision=newest.decision,
        action=carried.action,
        champion=newest.champion,
        axes=newest.axes,
        outcome=outcomes.of(carried).outcome,
        window_months=max((found.window_months for found in judged if found), default=0),
        triggers=carried.triggers,
    )
