"""What a month is decided on: its quality report, its findings, the outcomes there are."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from creditrisk.calendar_month import add_months, month_range, months_between, parse_month
from creditrisk.contracts import CHAMPION_LABELS, FINDINGS, LABELS, LOAN_MONTHS, features
from creditrisk.errors import UserError
from creditrisk.period import Period
from creditrisk.records import layout
from creditrisk.records.card import CARD, Card, same_trees
from creditrisk.records.champion_outcome import redefined
from creditrisk.records.champion_pointer import champion_at, champion_history
from creditrisk.records.decision import AXES, STATES, Axis, key_of
from creditrisk.records.findings import answered
from creditrisk.records.overrides import override_in_force
from creditrisk.records.quality import QualityReport, load_report, report_key
from creditrisk.stages.decision.business_rules import Month, evaluate, months_needed
from creditrisk.stages.decision.case import AxisFindings
from creditrisk.stages.decision.evidence_needed import cohorts_needed, first_model
from creditrisk.storage import Store

Row = Mapping[str, Any]


def read_quality(period: Period) -> QualityReport:
    """The month's report; without one nothing is known, which is a `UserError`."""
    report = load_report(period.store, period.as_of)
    if report is None:
        key = report_key(period.as_of)
        raise UserError(f"{period.store.uri} has no {key}; run the month's ETL first")
    return report


@dataclass(frozen=True)
class Basis:
    """What a month is decided on.

    `version` "": no champion; `since`: its first promotion; `trees_since`: that of the first
    version with its trees. `inputs`: digests by name. `matured`:
    cohorts with an outcome, counted only without a champion or where bad was redefined
    (`redefined`: how), and no further than needed; `shortage`: what a first model lacks all the
    same.
    """

    version: str
    since: date | None
    trees_since: date | None
    quality: QualityReport
    inputs: Mapping[str, str]
    matured: int
    shortage: str
    key: str
    redefined: str = ""


def read_basis(period: Period, version: str) -> Basis:
    """The basis of `as_of`; a version other than the champion it starts with is a `UserError`."""
    since, trees_since = _champion_since(period, version)
    quality = read_quality(period)
    changed = _redefined(period, version)
    counted = (not version or bool(changed)) and not quality.failures
    matured, shortage = first_model(period) if counted else (0, "")
    if quality.failures:
        inputs = {f"quality/{n:03d}": text for n, text in enumerate(sorted(quality.failures))}
    else:
        inputs = _digests(period, version)
    inputs |= {"matured_cohorts": str(matured)} if counted else {}
    inputs |= {"shortage": shortage} if shortage else {}
    override = override_in_force(period.store, period.as_of) if not quality.failures else None
    inputs |= {"override": override.id} if override else {}
    key = key_of(period.as_of, inputs, period.policy.sha, version)
    return Basis(version, since, trees_since, quality, inputs, matured, shortage, key, changed)


def _digests(period: Period, version: str) -> dict[str, str]:
    gold = (features(period.portfolio), LABELS, CHAMPION_LABELS, LOAN_MONTHS)
    commits = [period.lake.commit(contract.table, period.as_of) for contract in gold]
    found = {commit.table: commit.digest for commit in commits if commit}
    findings = period.lake.commit(FINDINGS.table, period.as_of)
    if findings is None and version:
        raise UserError(
            f"{FINDINGS.table} has no month {period.as_of} in {period.store.uri};"
            " run the month's monitoring first"
        )
    return found | ({findings.table: findings.digest} if findings else {})


def champion_since(store: Store, version: str) -> date | None:
    """When a version first became champion; None where it never did."""
    tenures = champion_history(store)
    return min((tenure.since for tenure in tenures if tenure.version == version), default=None)


def _champion_since(period: Period, version: str) -> tuple[date | None, date | None]:
    """First promotion of a champion, and of what it has its trees from: these age on."""
    champion = champion_at(period.store, period.as_of) or ""
    if version != champion:
        raise UserError(
            f"{period.as_of} starts with champion {champion or 'none'}, not {version or 'none'};"
            " decide it with the version resolve_period names"
        )
    alike = same_trees(period.store, version)
    tenures = [one for one in champion_history(period.store) if one.version in alike]
    own = champion_since(period.store, version)
    return own, min((one.since for one in tenures), default=None)


def _redefined(period: Period, version: str) -> str:
    card = Card.read(period.store, layout.version(version, CARD)) if version else None
    return redefined(card.label, period.policy.outcome) if card else ""


def read_rows(period: Period, month: date, version: str) -> list[Row]:
    """Findings of a month on the whole portfolio, under one champion, oldest cohort first."""
    rows = period.lake.read(FINDINGS, [month]).to_pylist()
    mine = [r for r in rows if r["segment"] == "all" and r["model_version"] in (version, "")]
    return sorted(mine, key=lambda row: (row["metric"], row["cohort"] or ""))


def axis_findings(period: Period, basis: Basis, rows: list[Row]) -> AxisFindings:
    """The month as the 2/3 rule sees it."""
    if basis.quality.failures:
        return AxisFindings(period.as_of, {}, basis.version, failures=basis.quality.failures)
    if not basis.version:
        return AxisFindings(
            as_of=period.as_of,
            axes={},
            champion="",
            matured=basis.matured,
            needed=cohorts_needed(period),
            shortage=basis.shortage,
            every=period.portfolio.base[1].every,
        )
    business, notes = _business(period, rows)
    return AxisFindings(
        as_of=period.as_of,
        axes=_axes(period, basis.version, rows),
        champion=basis.version,
        redefined=basis.redefined,
        matured=basis.matured,
        needed=cohorts_needed(period),
        shortage=basis.shortage,
        champion_age=months_between(basis.trees_since or period.as_of, period.as_of),
        outages=_outages(basis.quality, rows),
        business=business,
        notes=notes,
        answered=answered(period.store, basis.version),
    )


def published(rows: Iterable[Row]) -> dict[str, float | None]:
    """Metrics of a month and their values, of the newest cohort; axes are states, not metrics."""
    return {row["metric"]: row["value"] for row in rows if not row["metric"].startswith("axis:")}


def headlines(rows: Iterable[Row]) -> dict[str, float]:
    """Values for the record: every metric that has one, single features only when not green."""
    return {
        row["metric"]: float(row["value"])
        for row in rows
        if row["value"] is not None
        and math.isfinite(row["value"])
        and not row["metric"].startswith("axis:")
        and (":" not in row["metric"] or row["state"] in ("amber", "red", "critical"))
    }


def _axes(period: Period, version: str, rows: Iterable[Row]) -> dict[str, Axis]:
    found = {
        row["metric"].removeprefix("axis:"): row
        for row in rows
        if row["metric"].startswith("axis:") and row["model_version"] == version
    }
    if not found:
        raise UserError(
            f"{FINDINGS.table} {period.as_of} has no axis of {version}; run the month's"
            " monitoring with that version first"
        )
    return {name: _axis(name, found.get(name)) for name in AXES}


def _axis(name: str, row: Row | None) -> Axis:
    if row is None:
        return Axis("insufficient", text="not measured this month")
    if row["state"] not in STATES:
        raise UserError(
            f"{FINDINGS.table}: axis:{name} has state '{row['state']}'; it must be one of"
            f" {', '.join(STATES)}"
        )
    return Axis(row["state"], _cohorts(row["cohort"]), row["text"] or "")


def _cohorts(span: str | None) -> frozenset[date]:
    """`2024-01..2024-03` or `2024-03`; nothing for nothing."""
    if not span:
        return frozenset()
    first, _, last = span.partition("..")
    return frozenset(
        month_range(parse_month(first, "cohort"), parse_month(last or first, "cohort"))
    )


def _outages(quality: QualityReport, rows: Iterable[Row]) -> tuple[str, ...]:
    seen = {
        row["metric"].removeprefix("source_outage:")
        for row in rows
        if row["metric"].startswith("source_outage:") and row["value"]
    }
    return tuple(sorted(seen | set(quality.outages)))


def _business(period: Period, rows: Iterable[Row]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Rules that hold, with their numbers, and a note for each that cannot be judged."""
    rules = period.policy.rule.business
    if not rules:
        return {}, ()
    months: list[Month] = [published(rows)]
    for count in range(1, months_needed(rules) + 1):
        month = add_months(period.as_of, -count)
        then = champion_at(period.store, month) or ""
        months.append(published(read_rows(period, month, then)))
    verdicts = [evaluate(rule, months) for rule in rules]
    notes = (f"{v.rule} cannot be judged: {v.numbers}" for v in verdicts if v.holds is None)
    return {v.rule: v.numbers for v in verdicts if v.holds}, tuple(notes)
