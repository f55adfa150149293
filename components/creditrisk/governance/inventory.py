"""The model inventory: every version and what became of it."""

import json
from collections.abc import Sequence
from typing import Literal

from creditrisk.governance.materiality import materiality
from creditrisk.governance.retirement import is_retired
from creditrisk.lake import Lake
from creditrisk.model.version import VERSIONS
from creditrisk.model.version import list_versions as version_ids
from creditrisk.policy import thaw_policy
from creditrisk.records.champion import Tenure, champion_history
from creditrisk.stages.promotion.approval import PENDING, decision_on, read
from creditrisk.storage import Store

FEATURES = "gold/features"
State = Literal["champion", "former", "pending", "refused", "candidate", "retired"]


def list_versions(store: Store) -> list[dict[str, str]]:
    """Every complete version, oldest month first: id, kind, as_of, verdict, state, since, tier.

    `tier`: by the policy the version was made under and the newest month's applications;
    `materiality` says what it follows from. `verdict` is empty before validation; `since`, the
    month of the newest reign, for a version that never was champion. A version without enough
    evidence stays a candidate.
    """
    history, applications = champion_history(store), newest_applications(store)
    return [row(store, id, history, applications) for id in version_ids(store)]


def newest_applications(store: Store) -> int:
    """Applications of the newest month in the lake."""
    lake = Lake(store)
    months = lake.months(FEATURES)
    return lake.need(FEATURES, months[-1]).rows if months else 0


def row(store: Store, id: str, history: Sequence[Tenure], applications: int) -> dict[str, str]:
    """A line of the inventory."""
    card = json.loads(store.read(f"{VERSIONS}/{id}/card.json"))
    validation = read(store, f"{VERSIONS}/{id}/validation.json") or {}
    verdict = str(validation.get("verdict", ""))
    policy = thaw_policy(store.read(f"{VERSIONS}/{id}/policy.json").decode(), id)
    matters = materiality(policy, len(card["features"]), applications)
    return {
        "id": id,
        "kind": card["kind"],
        "as_of": card["as_of"],
        "verdict": verdict,
        "state": _state(store, id, verdict, [tenure.version for tenure in history]),
        "since": next((str(r.since) for r in reversed(history) if r.version == id), ""),
        "tier": str(matters.tier),
        "materiality": matters.text,
    }


def _state(store: Store, id: str, verdict: str, champions: Sequence[str]) -> State:
    if is_retired(store, id):
        return "retired"
    if id in champions:
        return "champion" if champions[-1] == id else "former"
    decision = decision_on(store, id)
    if verdict == "fail" or (decision and decision["decision"] == "rejected"):
        return "refused"
    return "pending" if read(store, f"{PENDING}/{id}.json") else "candidate"
