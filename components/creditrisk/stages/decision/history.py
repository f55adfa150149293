"""Past decisions and what became of their actions, as the rule looks back on them."""

import json
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import pyarrow.compute as pc

from creditrisk.calendar import add_months
from creditrisk.contracts import SCORES
from creditrisk.period import Period
from creditrisk.records.champion import Tenure, champion_history
from creditrisk.records.decision import Decision, decisions_between
from creditrisk.stages.decision.case import Action, Axis, Outcome, PastDecision
from creditrisk.storage import Store

_REGISTRY = "registry/"
_JUDGED: dict[str, Outcome] = {"fail": "refused", "insufficient": "insufficient"}


@dataclass(frozen=True)
class ChallengerOutcome:
    """What became of an action: the challenger, the verdict on it, the width of its windows."""

    version: str = ""
    outcome: Outcome = ""
    window_months: int = 1
    tenure: Tenure | None = None


class ChallengerOutcomes:
    """The challengers of a registry by month and action; one listing for all of them."""

    def __init__(self, store: Store) -> None:
        self.store = store

    @cached_property
    def keys(self) -> frozenset[str]:
        return frozenset(self.store.keys(_REGISTRY))

    @cached_property
    def tenures(self) -> dict[str, Tenure]:
        """First reign of each version; that of a refit counts for the version it refits, too."""
        found: dict[str, Tenure] = {}
        for tenure in champion_history(self.store):
            found.setdefault(tenure.version, tenure)
            if "-refit-" in tenure.version:
                card = self._json(f"registry/versions/{tenure.version}/card.json")
                found.setdefault(str(card["parent"]), tenure)
        return found

    def judged(self, month: date, action: Action) -> tuple[str, ...]:
        """Versions of a month and kind that were validated, whatever the verdict."""
        mine = (f"registry/versions/{month:%Y-%m}-{action}-", "/validation.json")
        found = (key for key in self.keys if key.startswith(mine[0]) and key.endswith(mine[1]))
        return tuple(sorted(key.split("/")[2] for key in found))

    def of(self, decision: Decision, seen_from: date | None = None) -> ChallengerOutcome:
        """What became of a decision's action; promotions from `seen_from` on are not known yet.

        An action of which nothing was validated was not carried out: its outcome is "".
        """
        judged = self.judged(date.fromisoformat(decision.as_of), decision.action)
        new = [version for version in judged if version not in decision.tried]
        if decision.action == "none" or not new:
            return ChallengerOutcome()
        return max((self._outcome(version, seen_from) for version in new), key=_rank)

    def _outcome(self, version: str, seen_from: date | None) -> ChallengerOutcome:
        body = self._json(f"registry/versions/{version}/validation.json")
        width = max((len(window) for window in body.get("cohorts") or []), default=1)
        tenure = self.tenures.get(version)
        if tenure and (seen_from is None or tenure.since < seen_from):
            return ChallengerOutcome(version, "promoted", width, tenure)
        outcome = _JUDGED.get(str(body["verdict"]), "passed")
        return ChallengerOutcome(
            version, self._approval(version) if outcome == "passed" else outcome, width
        )

    def _approval(self, version: str) -> Outcome:
        if f"registry/approvals/{version}.json" in self.keys:
            said = self._json(f"registry/approvals/{version}.json")["decision"]
            return "refused" if said == "rejected" else "pending"
        return "pending" if f"registry/pending/{version}.json" in self.keys else "passed"

    def _json(self, key: str) -> dict[str, Any]:
        return dict(json.loads(self.store.read(key)))


def _rank(challenger: ChallengerOutcome) -> int:
    order = ("insufficient", "refused", "passed", "pending", "promoted")
    return order.index(challenger.outcome)


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
    the rest no further than the champion's own reign: the cost does not grow with the years.
    """
    rule, development = period.policy.rule, period.policy.development
    back = max(rule.cool_down, rule.insufficient_months, development.oot_max_months)
    start = add_months(period.as_of, -back)
    outcomes = ChallengerOutcomes(period.store)
    found = decisions_between(period.store, min(start, since or start), period.as_of)
    return [_past(decision, outcomes.of(decision, period.as_of)) for decision in found]


def _past(decision: Decision, challenger: ChallengerOutcome) -> PastDecision:
    return PastDecision(
        as_of=date.fromisoformat(decision.as_of),
        decision=decision.decision,
        action=decision.action,
        champion=decision.champion,
        axes={
            name: Axis(
                axis["state"],
                frozenset(date.fromisoformat(cohort) for cohort in axis["cohorts"]),
                axis["text"],
            )
            for name, axis in decision.axes.items()
        },
        outcome=challenger.outcome,
        window_months=challenger.window_months,
    )
