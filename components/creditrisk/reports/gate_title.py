"""What a gate of validation asks, for those who do not know its name."""

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


def gate_title(name: str) -> str:
    """In words, with the number it judges; the name of one that has none."""
    return _TITLES.get(name, name.replace("_", " "))
