"""What happened, month by month: pages, status and tables read this."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from creditrisk import contracts
from creditrisk.calendar_month import add_months
from creditrisk.lake import Lake
from creditrisk.records import layout
from creditrisk.records.approval_requests import Approval
from creditrisk.records.challenge import ChallengerOutcomes
from creditrisk.records.champion_pointer import Tenure
from creditrisk.records.damage import Damage
from creditrisk.records.decision import AXES, UNREADABLE, Decision, Outcome, newest_decision
from creditrisk.records.month import RUN, MonthRun, months_run, read_month_run
from creditrisk.records.overrides import Override, overrides
from creditrisk.records.quality import Check, QualityReport, report_key
from creditrisk.records.run import RunRecord
from creditrisk.records.validation import Validation
from creditrisk.storage import Store

MONTHS_SHOWN = 24  # a page costs the same in month 60 as in month 30
_SHARES = ("share:", "vintage:", "roll:", "missing:")  # many, and no page asks a summary for them


@dataclass(frozen=True)
class Measured:
    """A finding on the whole book."""

    value: float | None
    lower: float | None = None
    upper: float | None = None
    p_value: float | None = None
    rows: int | None = None
    bads: int | None = None
    state: str = "none"
    text: str = ""


@dataclass(frozen=True)
class MonthSummary:
    """One month: what was measured, what was decided, what came of it."""

    as_of: date
    decision: str
    action: str
    states: Mapping[str, str]
    texts: Mapping[str, str]  # by axis: the evidence in a line
    reasons: Sequence[str]
    triggers: Sequence[str]
    champion: str  # the one the month started with
    outcome: Outcome  # of the month's challenger; empty where nothing was tried
    challenge: Validation | None  # what was found on its challenger
    promoted: Tenure | None  # the change of champion it led to
    run: MonthRun | None
    values: Mapping[str, Measured]  # by metric
    outages: Sequence[str]
    checks: Sequence[Check]  # of the quality report
    policy: str  # sha256 of the policy it was decided by
    numbered: int  # of its decision records: the newest counts
    taken: Decision | None = None  # the record that counts
    override: Override | None = None  # in force, where a person decided against the rule
    approval: Approval | None = None  # of the change of champion, where people were asked
    unread: Sequence[str] = ()  # what is said of documents of the month that cannot be read

    def value(self, metric: str) -> float | None:
        """A metric's value; None where it was not measured."""
        found = self.values.get(metric)
        return found.value if found else None

    @property
    def successor(self) -> str:
        """The version that replaced the month's champion in its run; empty where none did."""
        promoted = self.promoted
        return promoted.version if promoted and promoted.since == self.as_of else ""

    @property
    def after(self) -> str:
        """The champion the month ended with."""
        return self.successor or self.champion

    @property
    def tasks(self) -> Sequence[RunRecord]:
        """What the newest run of the month did."""
        return self.run.tasks if self.run else ()


def months(store: Store, upto: date | None = None, last: int = MONTHS_SHOWN) -> list[MonthSummary]:
    """The newest months that were run, oldest first; up to `upto`, as they stood at its end."""
    run = months_run(store)
    chosen = [month for month in run if upto is None or month <= upto][-last:]
    damage = Damage()
    outcomes = outcomes_upto(store, upto, damage)
    found = [summarize(store, one, findings(store, one, damage), outcomes) for one in chosen]
    return [*found[:-1], *(_with(newest, damage) for newest in found[-1:])]


def month_summary(store: Store, as_of: date) -> MonthSummary:
    """Everything the store knows of one month."""
    damage = Damage()
    outcomes, found = outcomes_upto(store, None, damage), findings(store, as_of, damage)
    return _with(summarize(store, as_of, found, outcomes), damage)


def _with(summary: MonthSummary, damage: Damage) -> MonthSummary:
    """A month that also says what cannot be read and is of no single month."""
    return replace(summary, unread=(*damage.sentences, *summary.unread))


def outcomes_upto(store: Store, upto: date | None, damage: Damage) -> ChallengerOutcomes:
    """Challengers as they stood at the end of a month, or now."""
    return ChallengerOutcomes(store, add_months(upto, 1) if upto else date.max, damage)


def summarize(
    store: Store, as_of: date, found: pa.Table, outcomes: ChallengerOutcomes
) -> MonthSummary:
    """A month from its findings and from what became of its challenger.

    What cannot be read of the month is named in it and missing; of challengers, as `outcomes` say.
    """
    damage, key = Damage(), report_key(as_of)
    decision = damage.read(layout.decisions(as_of), lambda: newest_decision(store, as_of), None)
    undecided = UNREADABLE if damage.found else ""
    run = damage.read(layout.month(as_of, RUN), lambda: read_month_run(store, as_of), None)
    quality = damage.read(key, lambda: QualityReport.read(store, key), None)
    challenger = outcomes.of_month(as_of, decision)
    approval = damage.read(layout.APPROVALS, lambda: _approval(store, challenger.tenure), None)
    override = _override(store, as_of, damage) if decision and decision.recommended else None
    axes = decision.axes if decision else {}
    champion = decision.champion if decision else ""
    return MonthSummary(
        as_of=as_of,
        decision=decision.decision if decision else undecided or ("failed" if run else "unknown"),
        action=decision.action if decision else "none",
        states={axis: axes[axis].state if axis in axes else "none" for axis in AXES},
        texts={axis: axes[axis].text if axis in axes else "" for axis in AXES},
        reasons=decision.reasons if decision else (),
        triggers=decision.triggers if decision else (),
        champion=champion,
        outcome=challenger.outcome,
        challenge=challenger.challenge,
        promoted=challenger.tenure,
        run=run,
        values=_values(found, champion),
        outages=quality.outages if quality else (),
        checks=quality.checks if quality else (),
        policy=decision.policy if decision else "",
        numbered=decision.n if decision else 0,
        taken=decision,
        override=override,
        approval=approval,
        unread=damage.sentences,
    )


def findings(store: Store, as_of: date, damage: Damage) -> pa.Table:
    """The findings of one month; none where they cannot be read."""
    none = contracts.FINDINGS.arrow.empty_table()
    return damage.read(
        f"{as_of:%Y-%m}", lambda: Lake(store).read(contracts.FINDINGS, [as_of]), none
    )


def _override(store: Store, as_of: date, damage: Damage) -> Override | None:
    """The newest that counted in a month, closed since or not."""
    month = as_of.isoformat()
    held = [one for one in overrides(store, damage) if one.as_of <= month <= one.until]
    return held[-1] if held else None


def _approval(store: Store, tenure: Tenure | None) -> Approval | None:
    return Approval.read(store, layout.approval(tenure.version)) if tenure else None


def _values(found: pa.Table, version: str) -> dict[str, Measured]:
    """By metric, the rows of the whole book that are `version`'s or no version's."""
    whole = (pc.field("segment") == "all") & pc.field("model_version").isin([version, ""])
    for family in _SHARES:
        whole &= ~pc.starts_with(pc.field("metric"), family)
    columns = ["metric", *Measured.__dataclass_fields__]
    rows = found.filter(whole).select(columns).to_pylist()
    return {row.pop("metric"): Measured(**row | {"text": row["text"] or ""}) for row in rows}
