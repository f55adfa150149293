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
from creditrisk.records.champion import Reign, champion_history
from creditrisk.records.decision import Decision, decisions_between
from creditrisk.stages.decision.case import Action, Axis, Outcome, PastDecision
from creditrisk.storage import Store

_REGISTRY = "registry/"
_JUDGED: dict[str, Outcome] = {"fail": "refused", "insufficient": "insufficient"}


@dataclass(frozen=True)
class Attempt:
    """What became of an action: the challenger, the verdict on it, the width of its windows."""

    version: str = ""
    outcome: Outcome = ""
    window_months: int = 1
    reign: Reign | None = None


class Attempts:
    """The challengers of a registry by month and action; one listing for all of them."""

    def __init__(self, store: Store) -> None:
        self.store = store

    @cached_property
    def keys(self) -> frozenset[str]:
        return frozenset(self.store.keys(_REGISTRY))

    @cached_property
    def reigns(self) -> dict[str, Reign]:
        """First reign of each version; that of a refit counts for the version it refits, too."""
        found: dict[str, Reign] = {}
        for reign in champion_history(self.store):
            found.setdefault(reign.version, reign)
            if "-refit-" in reign.version:
                card = self._json(f"registry/versions/{reign.version}/card.json")
                found.setdefault(str(card["parent"]), reign)
        return found

    def judged(self, month: date, action: Action) -> tuple[str, ...]:
        """Versions of a month and kind that were validated, whatever the verdict."""
        mine = (f"registry/versions/{month:%Y-%m}-{action}-", "/validation.json")
        found = (key for key in self.keys if key.startswith(mine[0]) and key.endswith(mine[1]))
        return tuple(sorted(key.split("/")[2] for key in found))

    def of(self, decision: Decision, seen_from: date | None = None) -> Attempt:
        """What became of a decision's action; promotions from `seen_from` on are not known yet.

        An action of which nothing was validated was not carried out: its outcome is "".
        """
        judged = self.judged(date.fromisoformat(decision.as_of), decision.action)
        new = [version for version in judged if version not in decision.tried]
        if decision.action == "none" or not new:
            return Attempt()
        return max((self._attempt(version, seen_from) for version in new), key=_standing)

    def _attempt(self, version: str, seen_from: date | None) -> Attempt:
        body = self._json(f"registry/versions/{version}/validation.json")
        width = max((len(window) for window in body.get("cohorts") or []), default=1)
        reign = self.reigns.get(version)
        if reign and (seen_from is None or reign.since < seen_from):
            return Attempt(version, "promoted", width, reign)
        outcome = _JUDGED.get(str(body["verdict"]), "passed")
        return Attempt(version, self._approval(version) if outcome == "passed" else outcome, width)

    def _approval(self, version: str) -> Outcome:
        if f"registry/approvals/{version}.json" in self.keys:
            said = self._json(f"registry/approvals/{version}.json")["decision"]
            return "refused" if said == "rejected" else "pending"
        return "pending" if f"registry/pending/{version}.json" in self.keys else "passed"

    def _json(self, key: str) -> dict[str, Any]:
        return dict(json.loads(self.store.read(key)))


def _standing(attempt: Attempt) -> int:
    order = ("insufficient", "refused", "passed", "pending", "promoted")
    return order.index(attempt.outcome)


def carried_out(period: Period, decision: Decision) -> bool:
    """Whether nothing of a decision's action is left to do.

    Judged and refused, waiting for approval, or promoted and (where nobody had to approve) the
    month scored again. A run that was cut off before that is finished by the next one.
    """
    attempt = Attempts(period.store).of(decision)
    if attempt.outcome in ("", "passed"):
        return decision.action == "none"
    if attempt.reign is None or period.policy.promotion.mode != "automatic":
        return True
    if attempt.reign.since != period.as_of:
        return True
    scored = period.lake.read(SCORES, [period.as_of])["model_version"]
    return attempt.reign.version in pc.unique(scored).to_pylist()


def read_history(period: Period, since: date | None) -> list[PastDecision]:
    """Decisions before `as_of` that still matter; `since`: first promotion of the champion.

    A cool-down, spent windows and months without evidence look back a fixed number of months,
    the rest no further than the champion's own reign: the cost does not grow with the years.
    """
    rule, development = period.policy.rule, period.policy.development
    back = max(rule.cool_down, rule.insufficient_months, development.oot_max_months)
    start = add_months(period.as_of, -back)
    attempts = Attempts(period.store)
    found = decisions_between(period.store, min(start, since or start), period.as_of)
    return [_past(decision, attempts.of(decision, period.as_of)) for decision in found]


def _past(decision: Decision, attempt: Attempt) -> PastDecision:
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
        outcome=attempt.outcome,
        window_months=attempt.window_months,
    )
