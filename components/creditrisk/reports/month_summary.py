"""What happened, month by month, as the store tells it: page, status and tables read this."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from creditrisk import contracts
from creditrisk.lake import Lake
from creditrisk.records.champion import current_champion
from creditrisk.storage import Store

AXES = ("discrimination", "stability", "calibration")
MONTHS_SHOWN = 24  # a page costs the same in month 60 as in month 30


@dataclass(frozen=True)
class Challenge:
    """A challenger's judgement: verdict, AUC of each OOT window, and what it failed on."""

    version: str
    as_of: str
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
    outcome: str  # promoted, pending, refused, or empty where nothing was tried
    challenge: Challenge | None
    run: Mapping[str, Any]
    values: Mapping[str, Mapping[str, float | None]]  # metric -> value, lower, upper
    outages: Sequence[str]
    checks: Sequence[Mapping[str, Any]]  # findings of the quality report
    policy: str  # sha256 of the policy it was decided by
    numbered: int  # of its decision records: the newest counts


def months(store: Store, upto: date | None = None, last: int = MONTHS_SHOWN) -> list[MonthSummary]:
    """The stories of the newest months that were run, up to `upto`, oldest first."""
    keys = [*store.keys("decisions/"), *store.keys("months/")]
    chosen = [month for month in run_months(keys) if upto is None or month <= upto][-last:]
    judged = challenges(store)
    return [summarize(store, month, findings(store, month), judged) for month in chosen]


def run_months(keys: Iterable[str]) -> list[date]:
    """The months that were run, oldest first, by the keys of their decisions and runs."""
    ends = (key for key in keys if key.startswith("decisions/") or key.endswith("/run.json"))
    return sorted({date.fromisoformat(key.split("/")[1]) for key in ends})


def month_summary(store: Store, as_of: date) -> MonthSummary:
    """Everything the store knows of one month."""
    return summarize(store, as_of, findings(store, as_of), challenges(store))


def summarize(
    store: Store, as_of: date, frame: pd.DataFrame, judged: Sequence[Challenge]
) -> MonthSummary:
    """A month's story from its findings and from every challenge there was."""
    record = _newest_decision(store, as_of)
    run = _json(store, f"months/{as_of}/run.json") or {}
    quality = _json(store, f"months/{as_of}/quality.json") or {}
    mine = [challenge for challenge in judged if challenge.as_of == as_of.isoformat()]
    challenge = mine[-1] if mine else None
    axes = record.get("axes", {})
    champion = record.get("champion") or ""
    return MonthSummary(
        as_of=as_of,
        decision=record.get("decision", "failed" if run else "unknown"),
        action=record.get("action", "none"),
        states={axis: axes.get(axis, {}).get("state", "none") for axis in AXES},
        texts={axis: axes.get(axis, {}).get("text", "") for axis in AXES},
        reasons=record.get("reasons", []),
        triggers=record.get("triggers", []),
        champion=champion,
        outcome=_outcome(store, as_of, challenge),
        challenge=challenge,
        run=run,
        values=_values(frame, champion),
        outages=quality.get("outages", []),
        checks=quality.get("checks", []),
        policy=record.get("policy", ""),
        numbered=record.get("n", 0),
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


def challenges(store: Store) -> list[Challenge]:
    """Every judged challenger, by version."""
    prefix = "registry/versions/"
    keys = [key for key in store.keys(prefix) if key.endswith("/validation.json")]
    return [_challenge(key.split("/")[2], json.loads(store.read(key))) for key in keys]


def _challenge(version: str, body: Mapping[str, Any]) -> Challenge:
    return Challenge(
        version=version,
        as_of=body.get("as_of", ""),
        verdict=body.get("verdict", ""),
        windows=body.get("windows", []),
        gates=body.get("gates", []),
        comparison=body.get("comparison"),
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


def _values(frame: pd.DataFrame, version: str) -> dict[str, dict[str, float | None]]:
    frame = frame[(frame.segment == "all") & frame.model_version.isin([version, ""])]
    return {
        row["metric"]: {
            name: None if pd.isna(row[name]) else float(row[name])
            for name in ("value", "lower", "upper")
        }
        for row in frame[["metric", "value", "lower", "upper"]].to_dict("records")
    }


def _json(store: Store, key: str) -> dict[str, Any] | None:
    try:
        return dict(json.loads(store.read(key)))
    except KeyError:
        return None
