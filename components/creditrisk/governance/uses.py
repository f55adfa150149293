"""Everything a version was used for."""

import json
from typing import Any

import pyarrow.compute as pc

from creditrisk.contracts import SCORES
from creditrisk.lake import Lake
from creditrisk.model.version import VERSIONS, list_versions, read_files
from creditrisk.stages.promotion.approval import read
from creditrisk.storage import Store

Rows = list[dict[str, Any]]


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
    records = (json.loads(store.read(key)) for key in store.keys("decisions/"))
    kept = ("as_of", "n", "decision", "action")
    return [{k: one[k] for k in kept} for one in records if one["champion"] == version]


def _comparisons(store: Store, version: str) -> Rows:
    """Its own validation, and those of challengers it was the champion for."""
    found = []
    for challenger in list_versions(store):
        body = read(store, f"{VERSIONS}/{challenger}/validation.json") or {}
        champion = body.get("champion") or ""
        if body and version in (challenger, champion):
            role = {"challenger": challenger, "champion": champion}
            found.append({"as_of": body.get("as_of", ""), **role, "verdict": body["verdict"]})
    return found
