"""What happened, month by month, as the store tells it: page, status and tables read this."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from creditrisk import contracts
from creditrisk.lake import Lake
from creditrisk.model.champion import current_champion
from creditrisk.storage import Store

AXES = ("discrimination", "stability", "calibration")
MONTHS_SHOWN = 24  # a page costs the same in month 60 as in month 30


@dataclass(frozen=True)
class Challenge:
    """A challenger's judgement: verdict, AUC of each OOT window, and what it failed on."""

    version: str
    verdict: str
    windows: Sequence[Mapping[str, Any]]
    gates: Sequence[Mapping[str, Any]]
    comparison: Mapping[str, Any] | None

    @property
    def aucs(self) -> list[float]:
        return [float(window["auc"]["auc"]) for window in self.windows]

    @property
    def failed(self) -> list[Mapping[str, Any]]:
        return [gate for gate in self.gates if not gate["passed"]]


@dataclass(frozen=True)
class MonthStory:
    """One month: what was measured, what was decided, what came of it."""

    as_of: date
    decision: str
    action: str
    states: Mapping[str, str]
    reasons: Sequence[str]
    triggers: Sequence[str]
    champion: str  # the one the month started with
    outcome: str  # promoted, pending, refused, or empty where nothing was tried
    challenge: Challenge | None
    run: Mapping[str, Any]
    values: Mapping[str, Mapping[str, float | None]]  # metric -> value, lower, upper
    outages: Sequence[str]


def months(store: Store, upto: date | None = None, last: int = MONTHS_SHOWN) -> list[MonthStory]:
    """The stories of the newest months that were run, up to `upto`, oldest first."""
    keys = [*store.keys("decisions/"), *store.keys("months/")]
    lived = (key for key in keys if key.startswith("decisions/") or key.endswith("/run.json"))
    found = {date.fromisoformat(key.split("/")[1]) for key in lived}
    chosen = sorted(month for month in found if upto is None or month <= upto)[-last:]
    return [month_story(store, month) for month in chosen]


def month_story(store: Store, as_of: date) -> MonthStory:
    """Everything the store knows of one month."""
    record = _newest_decision(store, as_of)
    run = _json(store, f"months/{as_of}/run.json") or {}
    quality = _json(store, f"months/{as_of}/quality.json") or {}
    challenge = _challenge(store, as_of)
    axes = record.get("axes", {})
    return MonthStory(
        as_of=as_of,
        decision=record.get("decision", "failed" if run else "unknown"),
        action=record.get("action", "none"),
        states={axis: axes.get(axis, {}).get("state", "none") for axis in AXES},
        reasons=record.get("reasons", []),
        triggers=record.get("triggers", []),
        champion=record.get("champion") or "",
        outcome=_outcome(store, as_of, challenge),
        challenge=challenge,
        run=run,
        values=_values(store, as_of, record.get("champion") or ""),
        outages=quality.get("outages", []),
    )


def champion_history(store: Store) -> list[Mapping[str, Any]]:
    """Every champion, oldest first."""
    return list((_json(store, "registry/champion.json") or {}).get("history", []))


def pending(store: Store) -> list[str]:
    """Challengers that wait for approval."""
    return [key.split("/")[-1].removesuffix(".json") for key in store.keys("registry/pending/")]


def champion(store: Store) -> str:
    """Today's champion, or an empty string."""
    return current_champion(store) or ""


def _newest_decision(store: Store, as_of: date) -> dict[str, Any]:
    keys = list(store.keys(f"decisions/{as_of}/"))
    return dict(json.loads(store.read(keys[-1]))) if keys else {}


def _challenge(store: Store, as_of: date) -> Challenge | None:
    """The newest judged challenger of a month."""
    prefix = "registry/versions/"
    judged = [key for key in store.keys(prefix) if key.endswith("/validation.json")]
    found = [(json.loads(store.read(key)), key.split("/")[2]) for key in judged]
    mine = [(body, version) for body, version in found if body["as_of"] == as_of.isoformat()]
    if not mine:
        return None
    body, version = mine[-1]
    return Challenge(
        version, body["verdict"], body["windows"], body["gates"], body.get("comparison")
    )


def _outcome(store: Store, as_of: date, challenge: Challenge | None) -> str:
    if challenge is None:
        return ""
    if challenge.verdict != "pass":
        return "refused"
    history = champion_history(store)
    mine = [entry for entry in history if entry["version"] == challenge.version]
    return "promoted" if any(e["since"] == as_of.isoformat() for e in mine) else "pending"


def findings(store: Store, as_of: date) -> pd.DataFrame:
    """The findings of one month."""
    frame: pd.DataFrame = Lake(store).read(contracts.FINDINGS, [as_of]).to_pandas()
    return frame


def _values(store: Store, as_of: date, version: str) -> dict[str, dict[str, float | None]]:
    frame = findings(store, as_of)
    frame = frame[(frame.segment == "all") & frame.model_version.isin([version, ""])]
    return {
        row["metric"]: {
            name: None if pd.isna(row[name]) else float(row[name])
            for name in ("value", "lower", "upper")
        }
        for row in frame.to_dict("records")
    }


def _json(store: Store, key: str) -> dict[str, Any] | None:
    try:
        return dict(json.loads(store.read(key)))
    except KeyError:
        return None
