"""Challengers: the validation of each, and what became of it.

One answer for the rule, the pages, the alerts and the registry.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from typing import Literal

from creditrisk.records import layout
from creditrisk.records.approval_requests import Approval
from creditrisk.records.card import CARD, validated_version
from creditrisk.records.champion_pointer import Tenure, champion_history
from creditrisk.records.damage import STRICT, Strict
from creditrisk.records.decision import Decision, Outcome
from creditrisk.records.validation import VALIDATION, Validation, read_validation, validation_key
from creditrisk.storage import Store

VersionState = Literal["champion", "former", "pending", "refused", "candidate", "retired"]
RANKED: tuple[Outcome, ...] = ("", "insufficient", "refused", "passed", "pending", "promoted")


@dataclass(frozen=True)
class ChallengerOutcome:
    """What became of an action: the challenger it led to, and its tenure or that of its refit."""

    outcome: Outcome = ""
    challenge: Validation | None = None
    tenure: Tenure | None = None


class ChallengerOutcomes:
    """The challengers of a registry; one listing for all of them.

    `before`: promotions from this month on are not known yet. `damage`: what becomes of documents
    that cannot be read.
    """

    def __init__(self, store: Store, before: date = date.max, damage: Strict = STRICT) -> None:
        self.store, self.before, self.damage = store, before, damage
        self._challenges: dict[str, Validation | None] = {}

    @cached_property
    def keys(self) -> frozenset[str]:
        return frozenset(self.store.keys(layout.REGISTRY))

    @cached_property
    def history(self) -> list[Tenure]:
        """Every change of champion that is known, oldest first."""
        every = self.damage.read(layout.CHAMPION, lambda: champion_history(self.store), [])
        return [t for t in every if t.since < self.before]

    @cached_property
    def tenures(self) -> dict[str, Tenure]:
        """First tenure of each version; that of a refit counts for the version it refits, too."""
        found: dict[str, Tenure] = {}
        for tenure in self.history:
            found.setdefault(tenure.version, tenure)
            found.setdefault(self._validated(tenure.version), tenure)
        return found

    @cached_property
    def versions(self) -> list[str]:
        """Versions that were validated, whatever the verdict: by month, then kind."""
        ends = (key for key in self.keys if key.endswith(f"/{VALIDATION}"))
        return sorted(layout.version_of(key) for key in ends)

    @property
    def challenges(self) -> list[Validation]:
        """The validation of each."""
        return [found for id in self.versions if (found := self.challenge(id))]

    def challenge(self, version: str) -> Validation | None:
        """The validation of a version; None before there is one."""
        if version not in self._challenges:
            key, read = validation_key(version), partial(read_validation, self.store, version)
            known = self.damage.read(key, read, None) if key in self.keys else None
            self._challenges[version] = known
        return self._challenges[version]

    def judged(self, month: date, kind: str = "") -> tuple[str, ...]:
        """Versions of a month, and of a kind, that were validated, whatever the verdict."""
        prefix = f"{month:%Y-%m}-{kind}"
        return tuple(version for version in self.versions if version.startswith(prefix))

    def of(self, decision: Decision) -> ChallengerOutcome:
        """What became of a decision's action.

        An action of which nothing was validated was not carried out: its outcome is "".
        """
        judged = self.judged(date.fromisoformat(decision.as_of), decision.action)
        new = [version for version in judged if version not in decision.tried]
        if decision.action == "none" or not new:
            return ChallengerOutcome()
        found = (self.of_version(version) for version in new)
        return max(found, key=lambda one: RANKED.index(one.outcome))

    def of_month(self, month: date, decision: Decision | None) -> ChallengerOutcome:
        """Of the action of its newest decision, else of a challenger that was made by hand."""
        if decision and decision.action != "none":
            return self.of(decision)
        by_hand = self.judged(month)
        return self.of_version(by_hand[-1]) if by_hand else ChallengerOutcome()

    def of_version(self, version: str) -> ChallengerOutcome:
        """What became of a version; "" before it was validated."""
        challenge, tenure = self.challenge(version), self.tenures.get(version)
        if challenge is None:
            return ChallengerOutcome()
        if tenure:
            return ChallengerOutcome("promoted", challenge, tenure)
        if challenge.verdict == "pass":
            return ChallengerOutcome(self._approval(version), challenge)
        outcome: Outcome = "refused" if challenge.verdict == "fail" else "insufficient"
        return ChallengerOutcome(outcome, challenge)

    def state(self, version: str) -> VersionState:
        """What the inventory calls a version; one without enough evidence stays a candidate."""
        if layout.retired(version) in self.keys:
            return "retired"
        champions = [tenure.version for tenure in self.history]
        if version in champions:
            return "champion" if champions[-1] == version else "former"
        challenge, approval = self.challenge(version), self._approval(version)
        if approval == "refused" or (challenge and challenge.verdict == "fail"):
            return "refused"
        return "pending" if approval == "pending" else "candidate"

    def _approval(self, version: str) -> Literal["refused", "pending", "passed"]:
        """Of a version that passed, or its refit: what people did, as far as they were asked."""
        for id in (version, *self._refits.get(version, ())):
            if layout.approval(id) in self.keys:
                key, need = layout.approval(id), partial(Approval.need, self.store)
                found = self.damage.read(key, partial(need, key), None)
                return "refused" if found and found.decision == "rejected" else "pending"
            if layout.pending(id) in self.keys:
                return "pending"
        return "passed"

    def _validated(self, version: str) -> str:
        """The version whose windows were read for it; itself where its card cannot be read."""
        key, read = layout.version(version, CARD), partial(validated_version, self.store, version)
        return self.damage.read(key, read, version)

    @cached_property
    def _refits(self) -> dict[str, list[str]]:
        """Refits that people were asked about, by the version they refit."""
        asked = (key for key in self.keys if key.startswith((layout.PENDING, layout.APPROVALS)))
        found: dict[str, list[str]] = {}
        for id in sorted({layout.name_of(key) for key in asked}):
            if "-refit-" in id:
                found.setdefault(self._validated(id), []).append(id)
        return found
