"""The model inventory as the dashboard shows it: a version's folder is read, never the model."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from creditrisk.errors import UserError
from creditrisk.storage import Store

_FOLDER = "registry/versions/"


@dataclass(frozen=True)
class Registered:
    """A complete version: `since` is the month of its newest reign, or empty."""

    id: str
    kind: str
    as_of: str
    verdict: str
    state: str
    since: str
    cutoff: str  # newest cohort it was developed on


def registered(
    store: Store, keys: Iterable[str], tenures: Sequence[Mapping[str, Any]]
) -> list[Registered]:
    """Every complete version among the registry's `keys`, by month and kind."""
    known = set(keys)
    whole = sorted(k.split("/")[2] for k in known if k.startswith(_FOLDER) and "/SUMS." in k)
    return [_version(store, id, known, tenures) for id in whole]


def profiles(store: Store, versions: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The frozen reference profiles of some versions."""
    return {id: _json(store, f"{_FOLDER}{id}/profile.json") for id in versions}


def requests(store: Store, keys: Iterable[str]) -> list[dict[str, Any]]:
    """Who asked for the approval of what, oldest first."""
    asked = [_json(store, key) for key in keys if key.startswith("registry/pending/")]
    return sorted(asked, key=lambda request: str(request.get("requested_at", "")))


def _version(
    store: Store, id: str, known: set[str], tenures: Sequence[Mapping[str, Any]]
) -> Registered:
    card = _json(store, f"{_FOLDER}{id}/card.json")
    judged = f"{_FOLDER}{id}/validation.json"
    verdict = str(_json(store, judged).get("verdict", "")) if judged in known else ""
    since = [str(tenure["since"]) for tenure in tenures if tenure["version"] == id]
    return Registered(
        id=id,
        kind=card["kind"],
        as_of=card["as_of"],
        verdict=verdict,
        state=_state(store, id, known, verdict, [str(tenure["version"]) for tenure in tenures]),
        since=since[-1] if since else "",
        cutoff=str(card.get("newest_development_cohort", "")),
    )


def _state(store: Store, id: str, known: set[str], verdict: str, champions: Sequence[str]) -> str:
    if f"registry/retired/{id}.json" in known:
        return "retired"
    if id in champions:
        return "champion" if champions[-1] == id else "former"
    decided = f"registry/approvals/{id}.json"
    if verdict == "fail":
        return "refused"
    if decided in known and _json(store, decided)["decision"] == "rejected":
        return "refused"
    return "pending" if f"registry/pending/{id}.json" in known else "candidate"


def _json(store: Store, key: str) -> dict[str, Any]:
    try:
        return dict(json.loads(store.read(key)))
    except (TypeError, ValueError):
        raise UserError(f"{key} is no JSON object any more; restore it from a backup") from None
