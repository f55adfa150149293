"""The compliance report: one per month and one per training, as JSON and as a page."""

from collections.abc import Mapping
from importlib import resources
from typing import Any, Literal

import yaml

from creditrisk.calendar_month import add_months, parse_month
from creditrisk.errors import UserError
from creditrisk.governance.compliance.evidence import Evidence
from creditrisk.governance.compliance.expected_loss import effects
from creditrisk.period import Period
from creditrisk.records import layout
from creditrisk.records.card import CARD
from creditrisk.records.challenge import ChallengerOutcomes
from creditrisk.records.champion_pointer import champion_at
from creditrisk.records.compliance import (
    Artifact,
    Clause,
    ComplianceReport,
    Framework,
    OverrideCounts,
    month_key,
    version_key,
)
from creditrisk.records.overrides import overrides
from creditrisk.records.resolved import closed_period
from creditrisk.records.version_files import version_called
from creditrisk.reports.render import render
from creditrisk.storage import Store

DISCLAIMER = (
    "This page lists evidence and where it is. It claims compliance with nothing: whether the"
    " evidence suffices is for people to judge."
)


def report_month(period: Period) -> ComplianceReport:
    """Write `months/<as_of>/compliance.json` and `.html`; and one per challenger of the month.

    A challenger's says what there was when it was judged: a month run again leaves it.
    """
    for version in _challengers(period):
        key = version_key(version)
        if period.store.tag(key) is None:
            _write(period, key, of_version(period, version))
    return _write(period, month_key(period.as_of), of_month(period))


def of_month(period: Period) -> ComplianceReport:
    """The month's evidence, of its champion and of what it decided."""
    judged = _challengers(period)
    started = champion_at(period.store, period.as_of)
    first = champion_at(period.store, add_months(period.as_of, 1))  # its scores are the month's
    return document(period, "month", started or first or "", judged[-1] if judged else "")


def of_version(period: Period, version: str) -> ComplianceReport:
    """A training's evidence, in the month it was made."""
    champion = champion_at(period.store, period.as_of) or ""
    return document(period, "training", version, version if version != champion else "")


def look_up(store: Store, subject: str) -> ComplianceReport:
    """The evidence there is now of a month or a version, seen from the newest run of its month.

    A month that was not run is a `UserError`.
    """
    subject = version_called(store, subject)
    version = subject if store.tag(layout.version(subject, CARD)) else ""
    try:
        month = parse_month(subject[:7] if version else subject, "subject")
    except UserError as error:
        raise UserError(
            f"{store.uri} holds no model version '{subject}' (see `creditrisk registry list`),"
            f" and {error}"
        ) from None
    period = closed_period(store, month)
    return of_version(period, version) if version else of_month(period)


def _write(period: Period, key: str, report: ComplianceReport) -> ComplianceReport:
    html = page(report, depth=key.count("/"))
    period.store.write(key, report.encode())
    period.store.write(f"{key.removesuffix('.json')}.html", html.encode())
    return report


def document(
    period: Period, kind: Literal["month", "training"], version: str, challenger: str = ""
) -> ComplianceReport:
    """Every framework's lines with the artifacts that answer them; and what the choice costs."""
    evidence = Evidence(period, version)
    champion = champion_at(period.store, period.as_of) or ""
    economics = {**period.policy.economics.model_dump(), "cutoff": period.policy.scoring.cutoff}
    return ComplianceReport(
        kind=kind,
        as_of=period.as_of,
        version=version,
        portfolio=period.portfolio.name,
        policy=period.policy.sha,
        code=period.code,
        says=DISCLAIMER,
        frameworks=tuple(_framework(raw, evidence) for raw in frameworks()),
        expected_loss=tuple(effects(period, champion, challenger)),
        currency=period.portfolio.currency,
        economics=economics,
        overrides=_overrides(period),
    )


def frameworks() -> list[Mapping[str, Any]]:
    """As frameworks.yaml lists them."""
    text = resources.files(__package__).joinpath("frameworks.yaml").read_text("utf-8")
    return list(yaml.safe_load(text))


def page(report: ComplianceReport, depth: int) -> str:
    """The report as HTML; links go `depth` folders up to the store's root."""
    root = "../" * depth
    month = f"{root}{layout.month(report.as_of)}"
    near = {"Report of the month": f"{month}report.html", "Data quality": f"{month}quality.html"}
    return render("compliance.html", near=near, report=report, month=report.as_of, root=root)


def _challengers(period: Period) -> list[str]:
    outcomes = ChallengerOutcomes(period.store)
    kinds = ("initial", "retrain", "recalibrate")
    return [version for kind in kinds for version in outcomes.judged(period.as_of, kind)]


def _framework(raw: Mapping[str, Any], evidence: Evidence) -> Framework:
    lines = tuple(
        Clause(
            clause=line["clause"], asks=line["asks"], evidence=_distinct(line["evidence"], evidence)
        )
        for line in raw["lines"]
    )
    evidenced = sum(bool(line.evidence) for line in lines)
    return Framework(name=raw["name"], note=raw["note"], lines=lines, evidenced=evidenced)


def _distinct(names: list[str], evidence: Evidence) -> tuple[Artifact, ...]:
    return tuple(dict.fromkeys(found for name in names for found in evidence.find(name)))


def _overrides(period: Period) -> OverrideCounts:
    """How many of the decided months people decided otherwise."""
    months = {layout.month_of(key) for key in period.store.keys(layout.DECISIONS)}
    given = [one for one in overrides(period.store) if one.as_of <= period.as_of.isoformat()]
    return OverrideCounts(
        decided_months=sum(month <= period.as_of.isoformat() for month in months),
        overridden_months=len({one.as_of for one in given}),
        open=sum(not one.closed for one in given),
    )
