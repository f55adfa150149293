"""Reads a store for the dashboard: what did not change is not read twice, nothing is written."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from creditrisk import contracts
from creditrisk.errors import UserError
from creditrisk.lake import Lake
from creditrisk.policy import Policy, load_policy
from creditrisk.records import layout
from creditrisk.records.approval_requests import read_requests
from creditrisk.records.audit import Trail
from creditrisk.records.challenge import ChallengerOutcomes
from creditrisk.records.config import Lender, newest_portfolio, read_policy
from creditrisk.records.containment import in_force
from creditrisk.records.damage import Damage
from creditrisk.records.development import PROFILE, Profile, read_profile
from creditrisk.records.findings import read_validation_findings
from creditrisk.records.format import check_format, open_store, there
from creditrisk.records.run import now, run_records
from creditrisk.records.store_check import check_store
from creditrisk.reports.dashboard.reading import Reading, no_findings, with_names
from creditrisk.reports.dashboard.versions import Registered, registered
from creditrisk.reports.month_summary import MonthSummary, outcomes_upto, summarize
from creditrisk.storage import Object, Store, open_audit_store

_MANIFESTS = f"lake/{contracts.FINDINGS.table}/manifests/"
_READ = (layout.DECISIONS, layout.MONTHS, layout.REGISTRY, layout.RUNS, _MANIFESTS)
_ACTS = (layout.CONTAINMENT, layout.ESCALATIONS)


class Reader:
    """One store, read again and again. Not for two threads at once."""

    def __init__(self, uri: str, last: int | None = None, upto: date | None = None) -> None:
        self.uri, self.last, self.upto = uri, last, upto
        self._store: Store | None = None
        self._lake: Lake | None = None
        self._reading = Reading(uri)
        self._tables: dict[str, pa.Table] = {}  # by digest: a commit never changes
        self._summaries: dict[tuple[date, str], MonthSummary] = {}

    def read(self) -> Reading:
        """The store as it is now; the same object as before where nothing happened.

        A store that is absent or does not answer leaves what was read before, with its `fault`.
        """
        try:
            store = self.opened()
            objects = [item for prefix in (*_READ, *_ACTS) for item in store.objects(prefix)]
            trail = Trail(open_audit_store(store))
            anchors = list(trail.store.objects(layout.AUDIT_ANCHORS))
            stamp = _stamp([*objects, *anchors, *trail.store.objects(layout.AUDIT_RECORDS)])
            if stamp != self._reading.stamp or self._reading.fault:
                self._reading = self._read(store, objects, stamp)
            self._reading = self._reading.seen(now())
        except Exception as error:  # whatever a server or an altered object raises is shown
            self._reading = replace(self._reading, fault=_text(error))
        return self._reading

    def opened(self) -> Store:
        """The store; `UserError` where there is none or it does not answer."""
        if self._store is None:
            self._store = open_store(self.uri or None)
            self._lake = Lake(self._store)
        return there(self._store)

    def _read(self, store: Store, objects: Sequence[Object], stamp: str) -> Reading:
        check_format(store)  # a migration may have come since the last look
        keys = sorted(item.key for item in objects)
        run = layout.run_months(keys)
        chosen = [month for month in run if self.upto is None or month <= self.upto]
        chosen = chosen[-self.last :] if self.last else chosen
        damage = Damage()
        outcomes = outcomes_upto(store, self.upto, damage)
        versions = registered(outcomes)
        found = self._findings(keys, chosen, damage)
        summaries = self._summarized(objects, chosen, found, outcomes)
        measured = [found[summary.as_of] for summary in summaries]
        policies = _policies(store, summaries, damage)
        lender = damage.read(layout.PORTFOLIOS, lambda: newest_portfolio(store), Lender())
        reading = Reading(
            uri=store.uri,
            portfolio=lender.name,
            currency=lender.currency,
            policy=_policy(policies, summaries),
            policies=policies,
            summaries=summaries,
            findings=with_names(_champions_own(measured, summaries)),
            challenges=outcomes.challenges,
            versions=versions,
            tenures=outcomes.history,
            requests=read_requests(store, damage),
            open_findings=[
                one for one in read_validation_findings(store, damage) if not one.closed
            ],
            contained=in_force(store, damage),
            pages=frozenset(key for key in keys if key.endswith(".html")),
            profiles=_profiles(store, summaries, versions, damage),
            audit=check_store(store, files=False),
            failed_run=_failed_run(store, objects, damage),
            damaged=(*damage.sentences, *(text for one in summaries for text in one.unread)),
            stamp=stamp,
        )
        return reading if self.upto is None else reading.upto(self.upto)

    def _findings(
        self, keys: Sequence[str], months: Sequence[date], damage: Damage
    ) -> dict[date, pa.Table]:
        newest = {key.split("/")[4]: key for key in keys if key.startswith(_MANIFESTS)}
        none = contracts.FINDINGS.arrow.empty_table()
        return {
            month: damage.read(
                f"{month:%Y-%m}", partial(self._table, newest.get(month.isoformat())), none
            )
            for month in months
        }

    def _table(self, manifest: str | None) -> pa.Table:
        if manifest is None or self._lake is None:
            return contracts.FINDINGS.arrow.empty_table()
        commit = self._lake.manifest(manifest)
        if commit.digest not in self._tables:
            self._tables[commit.digest] = self._lake.read_commits(contracts.FINDINGS, [commit])
        return self._tables[commit.digest]

    def _summarized(
        self,
        objects: Sequence[Object],
        months: Sequence[date],
        found: Mapping[date, pa.Table],
        outcomes: ChallengerOutcomes,
    ) -> list[MonthSummary]:
        stamps = _stamps(objects)
        kept: dict[tuple[date, str], MonthSummary] = {}
        for month in months:
            key = (month, stamps["registry"] + stamps[month.isoformat()])
            kept[key] = self._summaries.get(key) or summarize(
                outcomes.store, month, found[month], outcomes
            )
        self._summaries = kept
        return list(kept.values())


def _champions_own(found: Sequence[pa.Table], summaries: Sequence[MonthSummary]) -> pd.DataFrame:
    """Each month's rows of the champion it was measured with, and those of no version."""
    if not found:
        return no_findings()
    own = [
        table.filter(pc.field("model_version").isin(["", summary.champion]))
        for table, summary in zip(found, summaries, strict=True)
    ]
    frame: pd.DataFrame = pa.concat_tables(own).to_pandas()
    return frame


def _policies(store: Store, summaries: Sequence[MonthSummary], damage: Damage) -> dict[str, Policy]:
    """By sha256, those the months were decided by; without what this release cannot read."""
    names = sorted({summary.policy for summary in summaries if summary.policy})
    read = {
        sha: damage.read(layout.policy(sha), partial(read_policy, store, sha), None)
        for sha in names
    }
    return {sha: policy for sha, policy in read.items() if policy}


def _profiles(
    store: Store, summaries: Sequence[MonthSummary], versions: Sequence[Registered], damage: Damage
) -> dict[str, Profile]:
    """Of the champions of the months, by version."""
    ids = sorted({one.champion for one in summaries} & {one.id for one in versions})
    read = {
        id: damage.read(layout.version(id, PROFILE), partial(read_profile, store, id), None)
        for id in ids
    }
    return {id: profile for id, profile in read.items() if profile}


def _policy(policies: Mapping[str, Policy], summaries: Sequence[MonthSummary]) -> Policy:
    """The policy of the newest decision; this release's own where that cannot be read."""
    sha = next((summary.policy for summary in reversed(summaries) if summary.policy), "")
    return policies.get(sha) or load_policy()


def _failed_run(store: Store, objects: Iterable[Object], damage: Damage) -> str:
    """The newest run, where a task of it failed."""
    tasks = (item for item in objects if item.key.startswith(layout.RUNS))
    newest = max(tasks, key=lambda item: item.changed, default=None)
    if newest is None:
        return ""
    run = newest.key.split("/")[1]
    records = damage.read(layout.run(run), lambda: run_records(store, run), [])
    return run if any(record.status == "failed" for record in records) else ""


def _stamps(objects: Iterable[Object]) -> dict[str, str]:
    """A stamp of the registry, and one of each month."""
    groups: dict[str, list[Object]] = defaultdict(list)
    for item in objects:
        parts = item.key.split("/")
        groups[parts[4] if parts[0] == "lake" else parts[1]].append(item)
        if item.key.startswith(layout.REGISTRY):
            groups["registry"].append(item)
    return defaultdict(str, {name: _stamp(items) for name, items in groups.items()})


def _stamp(objects: Iterable[Object]) -> str:
    listed = sorted((item.key, item.size, item.changed.isoformat()) for item in objects)
    return hashlib.sha256(json.dumps(listed).encode()).hexdigest()


def _text(error: Exception) -> str:
    return str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
