"""The compliance report: one per month and one per training, as JSON and as a page."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from importlib import resources
from pathlib import PurePosixPath
from typing import Any

import yaml

from creditrisk.calendar import add_months, parse_month
from creditrisk.errors import UserError
from creditrisk.governance.compliance.evidence import Artifact, Evidence
from creditrisk.governance.compliance.expected_loss import effects
from creditrisk.model.version import VERSIONS
from creditrisk.period import Period
from creditrisk.records.challenge import ChallengerOutcomes
from creditrisk.records.champion import champion_at
from creditrisk.records.overrides import overrides
from creditrisk.records.resolved import closed_period
from creditrisk.reports.render import render
from creditrisk.storage import Store

Content = dict[str, Any]
DISCLAIMER = (
    "This page lists evidence and where it is. It claims compliance with nothing: whether the"
    " evidence suffices is for people to judge."
)


def report_month(period: Period) -> Content:
    """Write `months/<as_of>/compliance.json` and `.html`; and one per challenger of the month.

    A challenger's says what there was when it was judged: a month run again leaves it.
    """
    for version in _challengers(period):
        key = f"{VERSIONS}/{version}/compliance"
        if period.store.tag(f"{key}.json") is None:
            _write(period, key, of_version(period, version))
    return _write(period, f"months/{period.as_of}/compliance", of_month(period))


def of_month(period: Period) -> Content:
    """The month's evidence, of its champion and of what it decided."""
    judged = _challengers(period)
    started = champion_at(period.store, period.as_of)
    first = champion_at(period.store, add_months(period.as_of, 1))  # its scores are the month's
    return document(period, "month", started or first or "", judged[-1] if judged else "")


def of_version(period: Period, version: str) -> Content:
    """A training's evidence, in the month it was made."""
    champion = champion_at(period.store, period.as_of) or ""
    return document(period, "training", version, version if version != champion else "")


def look_up(store: Store, subject: str) -> Content:
    """The evidence there is now of a month or a version, seen from the newest run of its month.

    A month that was not run is a `UserError`.
    """
    version = subject if store.tag(f"{VERSIONS}/{subject}/card.json") else ""
    try:
        month = parse_month(subject[:7] if version else subject, "subject")
    except UserError as error:
        raise UserError(
            f"{store.uri} holds no model version '{subject}' (see `creditrisk registry list`),"
            f" and {error}"
        ) from None
    period = closed_period(store, month)
    return of_version(period, version) if version else of_month(period)


def heads(store: Store) -> dict[int, str]:
    """Heads of the audit trail that months' reports name, each by the count of records then."""
    found: dict[int, str] = {}
    for key in store.keys("months/"):
        if key.endswith("/compliance.json"):
            try:
                found |= _heads_in(json.loads(store.read(key)))
            except (ValueError, KeyError, TypeError):
                raise UserError(f"{key} cannot be read: it was altered; restore it") from None
    return found


def _heads_in(content: Content) -> dict[int, str]:
    lines = (line for framework in content["frameworks"] for line in framework["lines"])
    return {
        int(PurePosixPath(one["key"]).stem): str(one["sha256"])
        for line in lines
        for one in line["evidence"]
        if one["in_audit"] and one["key"].startswith("anchors/")
    }


def _write(period: Period, key: str, content: Content) -> Content:
    period.store.write(f"{key}.json", json.dumps(content, sort_keys=True, indent=1).encode())
    period.store.write(f"{key}.html", page(content, depth=key.count("/")).encode())
    return content


def document(period: Period, kind: str, version: str, challenger: str = "") -> Content:
    """Every framework's lines with the artifacts that answer them; and what the choice costs."""
    evidence = Evidence(period, version)
    champion = champion_at(period.store, period.as_of) or ""
    return {
        "kind": kind,
        "as_of": period.as_of.isoformat(),
        "version": version,
        "portfolio": period.portfolio.name,
        "policy": period.policy.sha,
        "code": period.code,
        "says": DISCLAIMER,
        "frameworks": [_framework(raw, evidence) for raw in frameworks()],
        "expected_loss": [asdict(one) for one in effects(period, champion, challenger)],
        "currency": period.portfolio.currency,
        "economics": period.policy.economics.model_dump()
        | {"cutoff": period.policy.scoring.cutoff},
        "overrides": _overrides(period),
    }


def frameworks() -> list[Mapping[str, Any]]:
    """As frameworks.yaml lists them."""
    text = resources.files(__package__).joinpath("frameworks.yaml").read_text("utf-8")
    return list(yaml.safe_load(text))


def page(content: Mapping[str, Any], depth: int) -> str:
    """The report as HTML; links go `depth` folders up to the store's root."""
    month = date.fromisoformat(content["as_of"])
    return render("compliance.html", report=content, month=month, root="../" * depth)


def _challengers(period: Period) -> list[str]:
    outcomes = ChallengerOutcomes(period.store)
    kinds = ("initial", "retrain", "recalibrate")
    return [version for kind in kinds for version in outcomes.judged(period.as_of, kind)]


def _framework(raw: Mapping[str, Any], evidence: Evidence) -> Content:
    lines = [
        {
            "clause": line["clause"],
            "asks": line["asks"],
            "evidence": [asdict(one) for one in _distinct(line["evidence"], evidence)],
        }
        for line in raw["lines"]
    ]
    evidenced = sum(bool(line["evidence"]) for line in lines)
    return {"name": raw["name"], "note": raw["note"], "lines": lines, "evidenced": evidenced}


def _distinct(names: list[str], evidence: Evidence) -> list[Artifact]:
    return list(dict.fromkeys(found for name in names for found in evidence.find(name)))


def _overrides(period: Period) -> Content:
    """How many of the decided months people decided otherwise."""
    months = {key.split("/")[1] for key in period.store.keys("decisions/")}
    given = [one for one in overrides(period.store) if one.as_of <= period.as_of.isoformat()]
    return {
        "decided_months": sum(month <= period.as_of.isoformat() for month in months),
        "overridden_months": len({one.as_of for one in given}),
        "open": sum(not one.closed for one in given),
    }
