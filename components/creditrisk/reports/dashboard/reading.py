"""What a store holds, read once: every page draws from this and from nothing else."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date

import pandas as pd

from creditrisk import contracts
from creditrisk.policy import Policy, load_policy
from creditrisk.records.approval_requests import Request
from creditrisk.records.champion_pointer import Tenure
from creditrisk.records.containment import Containment
from creditrisk.records.development import Profile
from creditrisk.records.findings import ValidationFinding
from creditrisk.records.store_check import StoreCheck
from creditrisk.records.validation import Validation
from creditrisk.reports.dashboard.versions import Registered
from creditrisk.reports.month_summary import MonthSummary

WITHOUT = "score without "  # how we call the others, before their source


@dataclass(frozen=True)
class Shares:
    """A feature's distribution on the frozen bins, as shares of rows."""

    labels: Sequence[str] = ()
    shares: Sequence[float] = ()


@dataclass(frozen=True)
class Reading:
    """A store as it was at one moment.

    `findings`: the findings table of every month as one, with `month` (first day), and `family`
    and `name` for what `csi:income` is made of. `earlier`: months that are known and not drawn.
    `policy`: of the newest decision; `policies`: of all, by sha256. `pages`: keys of the pages that
    lie in the store. `contained`: what holds back PDs of the champion. `requests`: what nobody has
    decided on, `expired`
    which of it has waited too long. `damaged`: what is said of documents, and findings of months,
    that cannot be read. `failed_run`:
    the newest run, where a task of it failed, though its month may be unknown.
    `fault`: why the store itself cannot be read; the rest is then what was read before.
    """

    uri: str
    portfolio: str = ""
    currency: str = ""
    policy: Policy = field(default_factory=load_policy)
    policies: Mapping[str, Policy] = field(default_factory=dict)
    summaries: Sequence[MonthSummary] = ()
    earlier: Sequence[MonthSummary] = ()
    findings: pd.DataFrame = field(default_factory=lambda: with_names(no_findings()))
    challenges: Sequence[Validation] = ()
    versions: Sequence[Registered] = ()
    tenures: Sequence[Tenure] = ()
    requests: Sequence[Request] = ()
    expired: Set[str] = frozenset()
    open_findings: Sequence[ValidationFinding] = ()
    contained: Sequence[Containment] = ()
    pages: Set[str] = frozenset()
    profiles: Mapping[str, Profile] = field(default_factory=dict)
    audit: StoreCheck = field(default_factory=StoreCheck)
    damaged: Sequence[str] = ()
    failed_run: str = ""
    fault: str = ""
    stamp: str = ""

    @property
    def newest(self) -> MonthSummary:
        """The newest month; there must be one."""
        return self.summaries[-1]

    @property
    def champion(self) -> str:
        """The version the newest month ended with."""
        return self.tenures[-1].version if self.tenures else ""

    @property
    def months(self) -> list[date]:
        return [summary.as_of for summary in self.summaries]

    @property
    def promotions(self) -> list[date]:
        """Months in which the champion changed."""
        first = self.months[0] if self.summaries else date.max
        return [tenure.since for tenure in self.tenures if tenure.since >= first]

    @property
    def story(self) -> list[MonthSummary]:
        """Every month that is known, oldest first."""
        return [*self.earlier, *self.summaries]

    def of(self, month: str) -> MonthSummary | None:
        """A month by its name, `2025-08`, where it is known."""
        return next((one for one in self.story if f"{one.as_of:%Y-%m}" == month), None)

    def policy_of(self, summary: MonthSummary) -> Policy:
        """The policy a month was decided by."""
        return self.policies.get(summary.policy, self.policy)

    def last(self, count: int) -> "Reading":
        """The newest months alone; 0: all of them."""
        if not count or count >= len(self.summaries):
            return self
        earlier, summaries = self.summaries[:-count], self.summaries[-count:]
        findings = self.findings[self.findings.month >= summaries[0].as_of]
        return replace(self, summaries=summaries, earlier=earlier, findings=findings)

    @property
    def waiting(self) -> list[Request]:
        """Requests that can still be approved."""
        return [request for request in self.requests if request.id not in self.expired]

    def seen(self, at: str) -> "Reading":
        """The same store at a later time: requests expire, though none of them changes."""
        days = self.policy.promotion.approval_days
        expired = frozenset(one.id for one in self.requests if one.expired(at, days))
        return self if expired == self.expired else replace(self, expired=expired)

    def upto(self, month: date) -> "Reading":
        """The same store as it stood at the end of `month`."""
        return replace(
            self,
            summaries=[summary for summary in self.summaries if summary.as_of <= month],
            findings=self.findings[self.findings.month <= month],
            challenges=[c for c in self.challenges if c.as_of <= month],
            versions=[v for v in self.versions if v.as_of <= month.isoformat()],
            tenures=[tenure for tenure in self.tenures if tenure.since <= month],
        )

    def series(self, metric: str) -> pd.DataFrame:
        """A metric of each month's champion, oldest month first."""
        found = self.findings
        found = found[(found.metric == metric) & (found.segment == "all")]
        return found[found.value.notna()].sort_values(["month", "cohort"])

    def family(self, family: str, month: date | None = None) -> pd.DataFrame:
        """The rows of `csi`, `missing`, ...; of all months or of one."""
        found = self.findings[self.findings.family == family]
        return found if month is None else found[found.month == month]

    def reference(self, version: str, name: str) -> Shares | None:
        """A feature, `score`, or `score without <source>` as a version knew it at its making."""
        profile = self.profiles.get(version)
        if profile is None:
            return None
        scores = {**profile.masked_score, "score": profile.score}
        found = profile.features.get(name) or scores.get(name.removeprefix(WITHOUT))
        if found is None:
            return None
        total = max(1, sum(found.counts))
        return Shares(found.bins.labels, [count / total for count in found.counts])


def no_findings() -> pd.DataFrame:
    """The findings of no month."""
    frame: pd.DataFrame = contracts.FINDINGS.arrow.empty_table().to_pandas()
    return frame


def with_names(findings: pd.DataFrame) -> pd.DataFrame:
    """Findings with `month`, `family` and `name`."""
    months = findings[contracts.PARTITION]
    if findings.empty:
        return findings.assign(month=months, family="", name="")
    parts = findings.metric.str.partition(":")
    masked = (findings.metric == "share:score") & (findings.text != contracts.ALL_SOURCES_UP)
    names = parts[2].mask(masked, WITHOUT + findings.text.fillna(""))
    return findings.assign(month=months, family=parts[0].where(parts[1] == ":", ""), name=names)
