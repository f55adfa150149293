"""`validation.json`: what was read, found and judged, in a form that is read again later."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from creditrisk.metrics.calibration import OE
from creditrisk.metrics.discrimination import gini
from creditrisk.stages.validation.comparison import Comparison
from creditrisk.stages.validation.examine import Examination, Masked, Pooled
from creditrisk.stages.validation.gate import Gate
from creditrisk.stages.validation.ledger import dates
from creditrisk.stages.validation.measures import Measures
from creditrisk.stages.validation.verdict import Verdict, reasons


def document(
    inputs: Mapping[str, str], found: Examination, verdict: Verdict, policy: Mapping[str, float]
) -> dict[str, Any]:
    """Everything found. Probabilities and shares are fractions, intervals 95 %.

    `inputs` (version, as_of, policy, champion) say what a repetition must equal; `policy` holds
    the limits in force. `pooled` has the fields of an AUC estimate and no others.
    """
    pooled = found.pooled
    return {
        **inputs,
        "verdict": verdict,
        "reasons": reasons(found.gates),
        "cohorts": dates(found.plan.windows),
        "windows": [
            _window(measured, cohorts)
            for measured, cohorts in zip(found.windows, dates(found.plan.windows), strict=False)
        ],
        "pooled": asdict(pooled.auc) if pooled else None,
        "pooled_oe": _oe(pooled.oe) if pooled else None,
        "masked": {masked.source: _masked(masked) for masked in found.masked},
        "benchmark": _benchmark(found, policy["superiority_p"]),
        "comparison": _comparison(found.comparison) if found.comparison else None,
        "fairness": [asdict(column) | {"signal": column.signal} for column in found.fairness],
        "gates": [_gate(gate) for gate in found.gates],
        "limits": dict(policy),
        **_curves(pooled),
    }


def spent(inputs: Mapping[str, str], cohorts: list[list[str]], reason: str) -> dict[str, Any]:
    """The document of a version whose windows may not be read: nothing found, never a pass."""
    empty = dict.fromkeys(("pooled", "pooled_oe", "benchmark", "comparison", "roc", "confusion"))
    return {
        **inputs,
        "verdict": "insufficient",
        "reasons": [reason],
        "cohorts": cohorts,
        "windows": [],
        "masked": {},
        "fairness": [],
        "gates": [],
        "limits": {},
        **empty,
    }


def encode(content: Mapping[str, Any]) -> bytes:
    """The same content gives the same bytes; a number that is not finite is a ValueError."""
    return json.dumps(content, sort_keys=True, indent=1, allow_nan=False).encode()


def _window(measured: Measures, cohorts: list[str]) -> dict[str, Any]:
    auc, cutoff = measured.auc, measured.cutoff
    return {
        "name": measured.name,
        "cohorts": cohorts,
        "rows": measured.rows,
        "bads": measured.bads,
        "auc": {name: getattr(auc, name) for name in ("auc", "se", "lower", "upper")},
        "gini": gini(auc.auc),
        "ks": measured.ks,
        "oe": _oe(measured.oe),
        "jeffreys": measured.jeffreys,
        "grades": [asdict(grade) for grade in measured.grades],
        "brier": measured.brier,
        "ece": measured.ece,
        "score_psi": measured.shift.psi,
        "score_psi_critical": measured.shift.critical,
        "inversions": measured.order.inversions,
        "significant_inversions": measured.order.significant,
        "bands": {"rows": list(measured.order.rows), "bads": list(measured.order.bads)},
        "precision": asdict(cutoff.precision),
        "recall": asdict(cutoff.recall),
    }


def _oe(oe: OE) -> dict[str, float]:
    return {name: getattr(oe, name) for name in ("ratio", "lower", "upper", "p_value")}


def _masked(masked: Masked) -> dict[str, Any]:
    return {
        "passed": masked.passed,
        "reason": masked.reason,
        "pooled": {"auc": asdict(masked.auc), "oe": _oe(masked.oe)},
        "windows": [
            {"name": name, "auc": asdict(auc), "oe": _oe(oe)}
            for name, (auc, oe) in zip(masked.windows, masked.each, strict=True)
        ],
    }


def _benchmark(found: Examination, significance: float) -> dict[str, Any] | None:
    pair = found.benchmark
    if pair is None:
        return None
    return {
        "auc": pair.auc_a,
        "benchmark_auc": pair.auc_b,
        "auc_difference": pair.difference,
        "lower": pair.lower,
        "upper": pair.upper,
        "p_value": pair.p_superior,
        "better": pair.p_superior < significance,
    }


def _comparison(found: Comparison) -> dict[str, Any]:
    return {
        "champion": found.champion,
        "rows": found.rows,
        "bads": found.bads,
        "pooled": asdict(found.pooled),
        "windows": [
            {"name": name, **asdict(pair)}
            for name, pair in zip(found.windows, found.each, strict=True)
        ],
        "brier": asdict(found.brier),
        "oe": {"champion": _oe(found.oe_champion), "challenger": _oe(found.oe_challenger)},
        "gains": list(found.gains),
        "outcome": found.outcome,
    }


def _gate(gate: Gate) -> dict[str, Any]:
    return asdict(gate) | {"passed": gate.passed}


def _curves(pooled: Pooled | None) -> dict[str, Any]:
    if pooled is None:
        return {"roc": None, "confusion": None}
    roc = {name: values.tolist() for name, values in pooled.roc._asdict().items()}
    return {"roc": roc, "confusion": [list(row) for row in pooled.confusion]}
