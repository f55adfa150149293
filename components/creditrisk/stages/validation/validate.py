"""Judge a version on three out-of-time windows, once."""

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from creditrisk.errors import UserError
from creditrisk.model.version import VERSIONS, ModelVersion, load_version
from creditrisk.period import Period
from creditrisk.stages.validation.document import document, encode, spent
from creditrisk.stages.validation.examine import examine
from creditrisk.stages.validation.ledger import (
    Reading,
    dates,
    may_read,
    record_reading,
    record_verdict,
)
from creditrisk.stages.validation.report_page import page
from creditrisk.stages.validation.verdict import Verdict, verdict_of
from creditrisk.stages.validation.windows import read_plan
from creditrisk.storage import ConflictError

log = logging.getLogger(__name__)
INPUTS = ("version", "as_of", "policy", "champion")


@dataclass(frozen=True)
class Evidence:
    """What the pipeline shows: the page, headline numbers, ROC points, confusion counts."""

    html: str
    numbers: Mapping[str, float]
    roc: tuple[list[float], list[float], list[float]]
    confusion: list[list[int]]


def validate(period: Period, version: str, champion: str, *, at: str = "") -> Verdict:
    """Read the version's windows, apply the gates, keep `validation.json` and `.html`.

    The reading is on the audit trail before any outcome is opened. A version is validated
    once: a repetition with the same month, policy and champion returns the stored verdict, any
    other is a `UserError`. `champion` is empty where there is none; `at` is the wall clock.
    """
    model = load_version(period.store, version)
    if model.card["kind"] == "refit":
        raise UserError(
            f"{version} has learned from every cohort there is to judge it on:"
            f" {model.card['parent']}, which it was fitted after, was validated"
        )
    plan = read_plan(model.card)
    reading = Reading(version, str(model.card["kind"]), champion, plan.windows)
    inputs = _inputs(period, version, champion)
    data = _stored(period, version)
    if data is None:
        data = _judge(period, model, reading, inputs, at)
    content = json.loads(data)
    _require_same(content, inputs)
    _keep(period, f"{VERSIONS}/{version}/validation.html", page(content).encode())
    verdict = cast("Verdict", content["verdict"])
    record_verdict(period, reading, verdict, hashlib.sha256(data).hexdigest(), at)
    log.info("%s: %s", version, verdict)
    return verdict


def judge_aside(period: Period, version: str, champion: str, *, at: str = "") -> dict[str, Any]:
    """What `validate` would find, for who tries things out: windows may be read time and again.

    Each reading is on the period's trail all the same; nothing is promoted by what is found.
    """
    model = load_version(period.store, version)
    windows = read_plan(model.card).windows
    reading = Reading(version, str(model.card["kind"]), champion, windows)
    content = _examined(period, model, reading, _inputs(period, version, champion), at)
    period.store.write(f"{VERSIONS}/{version}/validation.json", encode(content))
    period.store.write(f"{VERSIONS}/{version}/validation.html", page(content).encode())
    return content


def evidence_of(period: Period, version: str) -> Evidence:
    """The stored evidence of a validated version; a version without is a `UserError`."""
    data = _stored(period, version)
    if data is None:
        raise UserError(f"{version} has no validation.json; validate it first")
    content = json.loads(data)
    roc = content["roc"] or {"fpr": [], "tpr": [], "thresholds": []}
    return Evidence(
        html=page(content),
        numbers=_numbers(content),
        roc=(roc["fpr"], roc["tpr"], roc["thresholds"]),
        confusion=content["confusion"] or [[0, 0], [0, 0]],
    )


def _judge(
    period: Period, model: ModelVersion, reading: Reading, inputs: Mapping[str, str], at: str
) -> bytes:
    refusal = may_read(period, reading.windows, reading.kind)
    if refusal:
        content = spent(inputs, dates(reading.windows), refusal)
    else:
        content = _examined(period, model, reading, inputs, at)
    return _keep(period, f"{VERSIONS}/{model.id}/validation.json", encode(content))


def _examined(
    period: Period, model: ModelVersion, reading: Reading, inputs: Mapping[str, str], at: str
) -> dict[str, Any]:
    """Put the reading on record, then open the outcomes."""
    rival = load_version(period.store, reading.champion) if reading.champion else None
    record_reading(period, reading, at)
    reader = replace(period)  # with a lake of its own, which remembers what it opens
    found = examine(reader, model, rival)
    limits = period.policy.validation.model_dump(mode="json")
    content = document(inputs, found, verdict_of(found.gates, reading.champion), limits)
    content["data_version"] = dict(sorted(reader.lake.opened.items()))
    return content


def _inputs(period: Period, version: str, champion: str) -> dict[str, str]:
    return {
        "version": version,
        "as_of": period.as_of.isoformat(),
        "policy": period.policy.sha,
        "champion": champion,
    }


def _stored(period: Period, version: str) -> bytes | None:
    try:
        return period.store.read(f"{VERSIONS}/{version}/validation.json")
    except KeyError:
        return None


def _keep(period: Period, key: str, data: bytes) -> bytes:
    """Create an object once; whoever came first is what counts."""
    try:
        period.store.create(key, data)
    except ConflictError:
        return period.store.read(key)
    return data


def _require_same(content: Mapping[str, Any], inputs: Mapping[str, str]) -> None:
    other = [name for name in INPUTS if content[name] != inputs[name]]
    if other:
        was = ", ".join(f"{name} {content[name] or 'none'}" for name in other)
        raise UserError(
            f"{inputs['version']} was validated before with {was}; a window is read once:"
            " train a new challenger to judge it anew"
        )


def _numbers(content: Mapping[str, Any]) -> dict[str, float]:
    numbers: dict[str, float] = {}
    for place, window in enumerate(content["windows"], start=1):
        numbers[f"window_{place}_auc"] = window["auc"]["auc"]
        numbers[f"window_{place}_oe"] = window["oe"]["ratio"]
    if content["pooled"]:
        numbers["auc"] = content["pooled"]["auc"]
        numbers["oe"] = content["pooled_oe"]["ratio"]
    if content["benchmark"]:
        numbers["gain_over_scorecard"] = content["benchmark"]["auc_difference"]
    return numbers
