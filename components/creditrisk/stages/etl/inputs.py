"""What each table of a month is made from. Equal inputs, equal content: nothing to do again."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, partial

from creditrisk import contracts
from creditrisk.calendar_month import add_months, month_range
from creditrisk.contracts import Contract
from creditrisk.deliveries.delivered_file import comparable
from creditrisk.deliveries.landing import Delivery
from creditrisk.lake import Commit
from creditrisk.model.known_outcomes import BUILT_BY
from creditrisk.model.matured_loans import newest_matured
from creditrisk.period import Period
from creditrisk.policy import Outcome
from creditrisk.portfolio import Events
from creditrisk.records.champion_outcome import champion_outcome
from creditrisk.stages.etl.loan_months import SIGHT
from creditrisk.stages.etl.pii_hash import needed_key
from creditrisk.storage.parallel import in_parallel

PII, KEYED = "pii_key", "set"  # releases up to 0.1.0 kept a check value of the key
NO_FILE, NOTHING = "file", "none"  # the input of a source that was not delivered


@dataclass(frozen=True)
class Inputs:
    """Names and digests of what goes into each table, from deliveries and earlier commits."""

    period: Period
    deliveries: Mapping[str, Delivery]
    _commits: dict[str, dict[date, Commit]] = field(default_factory=dict)

    def committed(self, commit: Commit) -> None:
        """Take note of a commit made meanwhile."""
        self.commits(commit.table)[date.fromisoformat(commit.month)] = commit

    def commits(self, table: str) -> dict[date, Commit]:
        """A table's commits by month, as this run found them or made them."""
        if table not in self._commits:
            found = self.period.lake.commits(table)
            self._commits[table] = {date.fromisoformat(commit.month): commit for commit in found}
        return self._commits[table]

    def rows(self, month: date) -> int:
        """Rows delivered for a month, as far as their dates can be read."""
        files = (delivery.file(month) for delivery in self.deliveries.values())
        return sum(file.months.get(month, 0) for file in files if file)

    def bronze(self, source: str, month: date) -> dict[str, str]:
        """What the delivered file says of the month: not the file, which may hold others too."""
        delivered = self.deliveries[source].content(month) or {NO_FILE: NOTHING}
        return delivered | {"portfolio": self._described}

    def silver(self, source: str, month: date) -> dict[str, str]:
        """Bronze, the description it is cleaned by, the limits it is judged by; if PII is hashed.

        Not by which key: whatever tells one from another is a thing to try keys on.
        """
        key = needed_key(source, self.period.portfolio.sources[source])
        return self._of({self._bronze(source).table: [month]}) | {
            "portfolio": self._described,
            "quality": _sha(self.period.policy.quality.model_dump(mode="json")),
            PII: KEYED if key else "unset",
        }

    def quarantine(self, month: date) -> dict[str, str]:
        """Bronze of every source."""
        sources = self.period.portfolio.sources
        return self._of({self._bronze(name).table: [month] for name in sources}) | {
            "portfolio": self._described
        }

    def history(self, events: Events, month: date) -> dict[str, str]:
        """The month before, and this month's events."""
        return self._of(
            {
                contracts.history(events).table: [add_months(month, -1)],
                self._silver(events.name).table: [month],
            }
        )

    def features(self, month: date) -> dict[str, str]:
        """Applications and histories of the month, and what counts as an outage."""
        portfolio, limits = self.period.portfolio, self.period.policy.quality
        sources = {*portfolio.optional_sources, *(n for n, _ in portfolio.by_role("applications"))}
        tables = [self._silver(name).table for name in sorted(sources)]
        figures = {
            self._silver(name).table: list(month_range(add_months(month, 1 - spec.every), month))
            for name, spec in portfolio.by_role("macro")
        }
        tables += [contracts.history(events).table for events in portfolio.events]
        return self._of({table: [month] for table in tables} | figures) | {
            "portfolio": self._described,
            "outage_coverage": repr(limits.outage_coverage),
        }

    def loan_months(self, month: date) -> dict[str, str]:
        """Performance of the month, and the instalments of the snapshots before."""
        name, spec = self.period.portfolio.servicing
        table = self._silver(name).table
        if spec.role == "outcomes":
            return self._of({table: [month]})
        before = month_range(add_months(month, -SIGHT * spec.every), add_months(month, -1))
        applied = self._silver(self.period.portfolio.base[0]).table
        ever = [m for m in sorted(self.commits(applied)) if m <= month] * spec.undated_loans
        return self._of(
            {table: [month], contracts.LOAN_MONTHS.table: list(before)} | {applied: ever}
        )

    @cached_property
    def champion_outcome(self) -> Outcome | None:
        """What bad means to the champion, where that is not what it means to the policy."""
        return champion_outcome(self.period.store, self.period.as_of, self.period.policy.outcome)

    def labels(self, outcome: Outcome, month: date) -> dict[str, str]:
        """The months an outcome that matures now looks at, and what bad means."""
        name, spec = self.period.portfolio.servicing
        source = self._silver(name) if spec.role == "outcomes" else contracts.LOAN_MONTHS
        start = newest_matured(month, outcome.mob, outcome.reporting_lag)
        extract = {"extract": f"{spec.extract}"} if spec.extract else {}
        return (
            self._of({source.table: list(month_range(start, month))})
            | extract
            | {BUILT_BY: outcome.sha}
        )

    @cached_property
    def _described(self) -> str:
        return self.period.portfolio.sha  # 2 ms each time, and asked for each month and table

    @cached_property
    def tables(self) -> dict[str, Callable[[date], dict[str, str]]]:
        """What each table is made from, in the order tables are committed."""
        portfolio = self.period.portfolio
        return {
            **{self._bronze(n).table: partial(self.bronze, n) for n in portfolio.sources},
            **{self._silver(n).table: partial(self.silver, n) for n in portfolio.sources},
            contracts.QUARANTINE.table: self.quarantine,
            **{contracts.history(e).table: partial(self.history, e) for e in portfolio.events},
            contracts.LOAN_MONTHS.table: self.loan_months,
            contracts.LABELS.table: partial(self.labels, self.period.policy.outcome),
            **(
                {contracts.CHAMPION_LABELS.table: partial(self.labels, own)}
                if (own := self.champion_outcome)
                else {}
            ),
            contracts.features(portfolio).table: self.features,
        }

    def fresh(self, month: date) -> bool:
        """Whether every table is committed from what it would be made from now, and is whole."""
        made = [self.commits(table).get(month) for table in self.tables]
        there = [commit for commit in made if commit]
        return (
            len(there) == len(made)
            and not self.changed(month)
            and not any(in_parallel(self.period.lake.damage, there))
        )

    def changed(self, month: date, *, by_known_recipe: bool = False) -> dict[str, set[str]]:
        """Of each table that is committed for the month, the inputs that are others now.

        `by_known_recipe`: without those whose digest an earlier release made in another way. They
        cannot be compared, so nobody is warned of them; a month that is built again is.
        """
        found = {}
        for table, made_from in self.tables.items():
            if commit := self.commits(table).get(month):
                now = made_from(month)
                names = {name for name, _ in set(commit.inputs.items()) ^ set(now.items())}
                if by_known_recipe:
                    names -= {n for n in names if not comparable(commit.inputs.get(n), now.get(n))}
                    if now.get(PII) == KEYED and commit.inputs.get(PII) != "unset":
                        names -= {PII}
                if names:
                    found[table] = names
        return found

    def _of(self, tables: Mapping[str, list[date]]) -> dict[str, str]:
        named = [(table, month) for table, months in tables.items() for month in months]
        found = {f"{table}/{month}": self._digest(table, month) for table, month in named}
        return {name: digest for name, digest in found.items() if digest}

    def _digest(self, table: str, month: date) -> str | None:
        commit = self.commits(table).get(month)
        return commit.digest if commit else None

    def _bronze(self, source: str) -> Contract:
        return contracts.bronze(source, self.period.portfolio.sources[source])

    def _silver(self, source: str) -> Contract:
        return contracts.silver(source, self.period.portfolio.sources[source])


def _sha(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
