"""Everything a version was used for."""

from typing import Any

import pyarrow.compute as pc

from creditrisk.contracts import SCORES
from creditrisk.lake import Lake
from creditrisk.records.challenge import ChallengerOutcomes
from creditrisk.records.decision import decisions
from creditrisk.records.version_files import read_files
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
