"""All the registry knows of a version, what it was used for, and two versions side by side."""

from collections.abc import Mapping
from typing import Any

import pyarrow.compute as pc

from creditrisk.contracts import SCORES
from creditrisk.errors import UserError
from creditrisk.governance.inventory import newest_applications, row
from creditrisk.lake import Lake
from creditrisk.records import layout
from creditrisk.records.approval_requests import Approval, ChallengerRequest
from creditrisk.records.audit import Trail
from creditrisk.records.card import CARD, Card
from creditrisk.records.challenge import ChallengerOutcomes
from creditrisk.records.decision import decisions
from creditrisk.records.development import LINEAGE, METRICS, Lineage, Metrics
from creditrisk.records.document import Document
from creditrisk.records.oot_ledger import refuse_altered
from creditrisk.records.retirement import Retirement
from creditrisk.records.validation import Validation, read_validation
from creditrisk.records.version_files import read_files
from creditrisk.storage import Store, open_audit_store

Numbers = dict[str, float | None]
Rows = list[dict[str, Any]]


def dossier(store: Store, version: str) -> dict[str, Any]:
    """A version: what it is, how it was judged, who decided on it, and every use of it.

    Its files and its validation are checked first: a missing or altered one is a `UserError`
    that names it.
    `uses` has one entry per month with scores of the version: rows, and how many were held back.
    """
    files = read_files(store, version)
    refuse_altered(Trail(open_audit_store(store)), store, version)
    validation = read_validation(store, version)
    metrics = Metrics.parse(files[METRICS], f"{METRICS} of {version}")
    return {
        **row(store, version, ChallengerOutcomes(store), newest_applications(store)),
        "card": Card.parse(files[CARD], f"{CARD} of {version}").body(),
        "lineage": Lineage.parse(files[LINEAGE], f"{LINEAGE} of {version}").body(),
        "numbers": numbers(metrics.headlines(), validation),
        "failed": [gate.body() for gate in validation.failed] if validation else [],
        "gates": len(validation.gates) if validation else 0,
        "request": _body(ChallengerRequest.read(store, layout.pending(version))),
        "approval": _body(Approval.read(store, layout.approval(version))),
        "retirement": _body(Retirement.read(store, layout.retired(version))),
        "uses": scored_months(Lake(store), version),
    }


def _body(document: Document | None) -> dict[str, Any] | None:
    return document.body() if document else None


def numbers(development: Mapping[str, float], validation: Validation | None) -> Numbers:
    """Development and out-of-time numbers by name; those not measured are left out."""
    found: Numbers = {**development}
    if validation is None:
        return found
    for place, window in enumerate(validation.windows, start=1):
        found |= {
            f"oot{place}_auc": window.auc.auc,
            f"oot{place}_ks": window.ks,
            f"oot{place}_oe": window.oe.ratio,
            f"oot{place}_brier": window.brier,
            f"oot{place}_psi": window.score_psi,
        }
    if pooled := validation.pooled:
        found |= {"oot_auc_lower": pooled.lower, "oot_auc_upper": pooled.upper}
        found["oot_auc"] = pooled.auc
    for state, test in validation.masked.items():
        if test.pooled:
            found[f"oot_auc_without_{state}"] = test.pooled.auc.auc
    return found


def compare(store: Store, one: str, other: str) -> dict[str, Any]:
    """Two versions side by side: numbers, features, data and policy that differ.

    Their windows are named, because numbers of different months are no contest: on equal
    rows a challenger is compared with its champion when it is validated (`contest`).
    """
    if one == other:
        raise UserError(f"{one} is named twice; name two versions of `creditrisk registry list`")
    left, right = dossier(store, one), dossier(store, other)
    names = dict.fromkeys([*left["numbers"], *right["numbers"]])
    features = [{f["name"] for f in side["card"]["features"]} for side in (left, right)]
    return {
        "versions": [one, other],
        "windows": [side["card"]["windows"] for side in (left, right)],
        "numbers": {n: [left["numbers"].get(n), right["numbers"].get(n)] for n in names},
        "only_in_first": sorted(features[0] - features[1]),
        "only_in_second": sorted(features[1] - features[0]),
        "lineage": {
            name: [left["lineage"][name], right["lineage"].get(name)]
            for name in left["lineage"]
            if name != "data_version" and left["lineage"][name] != right["lineage"].get(name)
        },
        "contest": _contest(store, one, other),
    }


def _contest(store: Store, one: str, other: str) -> Mapping[str, Any] | None:
    """What validation found on rows that neither of the two was trained on."""
    for challenger, champion in ((one, other), (other, one)):
        judged = read_validation(store, challenger)
        if judged and judged.champion == champion and judged.comparison:
            return {"challenger": challenger, **judged.comparison.body()}
    return None


def uses(store: Store, version: str) -> dict[str, Rows]:
    """Months it scored, decisions taken on it, validations it was read in, oldest first.

    An unknown or altered version is a `UserError`.
    """
    read_files(store, version)
    return {
        "scores": scored_months(Lake(store), version),
        "decisions": _decisions(store, version),
        "comparisons": _comparisons(store, version),
    }


def scored_months(lake: Lake, version: str) -> Rows:
    """Months a version published scores for: rows, and how many were held back."""
    found = []
    for month in lake.months(SCORES.table):
        scores = lake.read(SCORES, [month])
        own = scores.filter(pc.equal(scores["model_version"], version))
        if own.num_rows:
            held = pc.sum(own["held_back"]).as_py()
            found.append({"month": month.isoformat(), "rows": own.num_rows, "held_back": held})
    return found


def _decisions(store: Store, version: str) -> Rows:
    shown = {"as_of", "n", "decision", "action"}
    return [one.model_dump(include=shown) for one in decisions(store) if one.champion == version]


def _comparisons(store: Store, version: str) -> Rows:
    """Its own validation, and those of challengers it was the champion for."""
    return [
        {
            "as_of": f"{c.as_of}",
            "challenger": c.version,
            "champion": c.champion,
            "verdict": c.verdict,
        }
        for c in ChallengerOutcomes(store).challenges
        if version in (c.version, c.champion)
    ]
