"""Artifacts in the store that answer a line of a framework, by the names frameworks.yaml uses."""

import hashlib
from collections.abc import Callable
from functools import cached_property

from creditrisk.contracts import FINDINGS
from creditrisk.period import Period
from creditrisk.records import layout
from creditrisk.records.approval_requests import Approval
from creditrisk.records.card import CARD
from creditrisk.records.champion_pointer import champion_history
from creditrisk.records.compliance import Artifact
from creditrisk.records.decision import newest_decision
from creditrisk.records.identity import signed
from creditrisk.records.promotions import PROMOTED, record_of
from creditrisk.records.validation import VALIDATION, Validation, read_validation


class Evidence:
    """What there is about a month and a version ("": none)."""

    def __init__(self, period: Period, version: str) -> None:
        self.period, self.version = period, version

    def find(self, name: str) -> list[Artifact]:
        """Artifacts behind `kind:what`; none where there is no such evidence."""
        kind, _, what = name.partition(":")
        return _FINDERS[kind](self, what)

    @cached_property
    def validation(self) -> Validation | None:
        return read_validation(self.period.store, self.version) if self.version else None

    @cached_property
    def measured(self) -> set[str]:
        """Metrics of the month that have a value, without what follows a colon."""
        rows = self.period.lake.read(FINDINGS, [self.period.as_of]).to_pylist()
        return {row["metric"].partition(":")[0] for row in rows if row["value"] is not None}

    def of_version(self, name: str) -> list[Artifact]:
        return self.of_store(layout.version(self.version, name), name) if self.version else []

    def of_validation(self, part: str) -> list[Artifact]:
        return self.of_version(VALIDATION) if getattr(self.validation, part, None) else []

    def of_month(self, name: str) -> list[Artifact]:
        return self.of_store(layout.month(self.period.as_of, name), name)

    def of_table(self, table: str) -> list[Artifact]:
        commit = self.period.lake.commit(table, self.period.as_of)
        return self.of_store(commit.key, table) if commit else []

    def of_metric(self, metric: str) -> list[Artifact]:
        return self.of_table(FINDINGS.table) if metric in self.measured else []

    def of_decision(self, _: str) -> list[Artifact]:
        decided = newest_decision(self.period.store, self.period.as_of)
        return self.of_store(layout.decision(decided.id), "decision") if decided else []

    def of_policy(self, _: str) -> list[Artifact]:
        return self.of_store(layout.policy(self.period.policy.sha), "policy")

    def of_portfolio(self, _: str) -> list[Artifact]:
        return self.of_store(layout.portfolio(self.period.portfolio.sha), "portfolio")

    def of_tier(self, _: str) -> list[Artifact]:
        """The tier follows from the card and the policy by the formula of the latter."""
        return [*self.of_version(CARD), *self.of_policy("")] if self.version else []

    def of_approval(self, _: str) -> list[Artifact]:
        if not self.version:
            return []
        approval = Approval.read(self.period.store, layout.approval(self.version))
        by = f" by {signed(approval.by, approval.identity)}" if approval else ""
        return self.of_store(layout.approval(self.version), f"approval{by}")

    def of_register(self, name: str) -> list[Artifact]:
        keys = self.period.store.keys(f"{layout.REGISTRY}{name}/")
        return [artifact for key in keys for artifact in self.of_store(key, name)]

    def of_store(self, key: str, what: str = "") -> list[Artifact]:
        data = self._object(key)
        if data is None:
            return []
        return [Artifact(key, hashlib.sha256(data).hexdigest(), what or key.rpartition("/")[2])]

    def of_trail(self, event: str) -> list[Artifact]:
        """The record of an event on the month or version, or the trail's anchor."""
        trail, as_of = self.period.trail, self.period.as_of
        if event == "anchor":
            anchor = trail.anchor()
            return [_in_audit("anchors", *anchor, "anchor of the audit trail")] if anchor else []
        decided = newest_decision(self.period.store, as_of)
        if event == PROMOTED:
            made = (t for t in champion_history(self.period.store) if t.version == self.version)
            records = [record_of(trail.find, tenure) for tenure in made if tenure.since == as_of]
        else:
            ids = [decided.id if decided else "", self.version]
            records = [trail.find(event, id) for id in ids if id]
        return [
            _in_audit("records", r.sequence, r.sha256, f"{event} by {r.author}")
            for r in records
            if r
        ]

    def _object(self, key: str) -> bytes | None:
        try:
            return self.period.store.read(key)
        except KeyError:
            return None


def _in_audit(folder: str, number: int, sha256: str, what: str) -> Artifact:
    return Artifact(f"{folder}/{number:010d}.json", sha256, what, in_audit=True)


_FINDERS: dict[str, Callable[[Evidence, str], list[Artifact]]] = {
    "approval": Evidence.of_approval,
    "decision": Evidence.of_decision,
    "metric": Evidence.of_metric,
    "month": Evidence.of_month,
    "policy": Evidence.of_policy,
    "portfolio": Evidence.of_portfolio,
    "register": Evidence.of_register,
    "store": Evidence.of_store,
    "table": Evidence.of_table,
    "tier": Evidence.of_tier,
    "trail": Evidence.of_trail,
    "validation": Evidence.of_validation,
    "version": Evidence.of_version,
}
