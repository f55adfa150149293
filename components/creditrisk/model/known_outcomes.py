"""Outcomes by one definition of bad, of several that a lender has had.

A month's outcomes stay as they were built. Where bad came to mean something else meanwhile, they
are no outcomes of the new definition, until the month is built again.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from creditrisk.contracts import CHAMPION_LABELS, LABELS, Contract
from creditrisk.lake import Commit
from creditrisk.period import Period
from creditrisk.policy import Outcome
from creditrisk.portfolio import Portfolio
from creditrisk.records import layout
from creditrisk.records.card import Label
from creditrisk.records.champion_outcome import own_outcome
from creditrisk.records.config import read_policy

BUILT_BY = "outcome"  # input of a commit; up to 0.1.0, and of what a lender delivers, none


def label_commits(
    period: Period, months: Iterable[date], label: Label | None = None
) -> Iterator[Commit]:
    """Of each month that has one, the commit with outcomes by a version's definition of bad.

    Without a `label` by the policy's, from `gold/labels` alone: a version is made from these.
    """
    policy = period.policy.outcome
    own = own_outcome(label, policy) if label else None
    tables = (LABELS, CHAMPION_LABELS) if label else (LABELS,)
    wanted = _Wanted(period, own or policy)
    for month in months:
        there = _commits(period, tables[::-1] if own else tables, month)
        if fitting := next(filter(wanted.built, there), None):
            yield fitting


def _commits(period: Period, tables: Iterable[Contract], month: date) -> Iterator[Commit]:
    """Looked up one by one, as they are asked for."""
    found = (period.lake.commit(table.table, month) for table in tables)
    return (commit for commit in found if commit)


class _Wanted:
    """Commits that were built by a definition, as far as they say by which."""

    def __init__(self, period: Period, outcome: Outcome) -> None:
        self.period, self.outcome, self.sha = period, outcome, outcome.sha
        self.counts = _counts_instalments(period.portfolio)
        self._others: Mapping[str, int] | None = None

    def built(self, commit: Commit) -> bool:
        by = commit.inputs.get(BUILT_BY, self.sha)
        if by == self.sha or not self.counts:
            return True
        if self._others is None:
            self._others = _known(self.period, self.outcome)
        return self._others.get(by) == self.outcome.missed_instalments


def _counts_instalments(portfolio: Portfolio) -> bool:
    """Whether bad depends on a number of instalments at all; dates of default do not."""
    spec = portfolio.servicing[1]
    return spec.role == "performance" or spec.column("status") is not None


def _known(period: Period, outcome: Outcome) -> dict[str, int]:
    """Instalments by sha256 of a definition: of each policy kept, and a champion's own then."""
    keys = period.store.keys(layout.POLICIES)
    kept = [read_policy(period.store, layout.name_of(key)).outcome for key in keys]
    label = Label(mob=outcome.mob, missed_instalments=outcome.missed_instalments)
    own = (own_outcome(label, one) for one in kept)
    return {one.sha: one.missed_instalments for one in (*kept, *filter(None, own))}
