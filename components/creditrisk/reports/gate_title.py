"""What a gate of validation asks, for those who do not know its name, and its numbers."""

from typing import TYPE_CHECKING

from creditrisk.number_text import interval, percent, written

if TYPE_CHECKING:
    from creditrisk.records.validation import Gate

_TITLES = {
    "sample": "enough outcomes",
    "auc_floor": "ranks well enough (AUC)",
    "score_psi": "scores as at its making (PSI)",
    "rank_order": "riskier scores default more",
    "oe": "PDs come true (O/E)",
    "jeffreys": "no grade's PD too low (Jeffreys)",
    "range": "windows alike (range of AUC)",
    "variation": "windows alike (variation of AUC)",
    "decay": "no loss over the windows (AUC)",
    "fit_gap": "no better on its own data (AUC)",
    "benchmark": "not worse than the scorecard",
    "champion": "worth replacing the champion",
    "fairness": "groups treated alike",
}

_COUNTED = ("rank_order", "jeffreys", "fairness", "sample")
_FORMS = {"oe": ".2f", "variation": ".1%"} | dict.fromkeys(_COUNTED, ",.0f")


def gate_title(name: str) -> str:
    """In words, with the number it judges; the name of one that has none."""
    return _TITLES.get(name, name.replace("_", " "))


def gate_value(gate: "Gate") -> str:
    """What it measured, in the form of its number."""
    return written(gate.value, _form(gate))


def gate_limit(gate: "Gate") -> str:
    """What it is held against, without the zeros that nobody set."""
    return percent(gate.limit) if _form(gate).endswith("%") else f"{gate.limit:,.3g}"


def gate_interval(gate: "Gate") -> str:
    """Its 95% interval; empty where it has none."""
    return interval(gate.lower, gate.upper, _form(gate))


def _form(gate: "Gate") -> str:
    return _FORMS.get(gate.gate, ".3f")
