"""In which form each metric is written: once, for pages, alerts and the command line."""

from collections.abc import Mapping

from creditrisk.number_text import written

_COUNT, _RATIO, _SHARE, _FINE, _MEASURE = ",.0f", ".2f", ".1%", ".4f", ".3f"
_FORMS = {
    "rows": _COUNT,
    "bads": _COUNT,
    "applications": _COUNT,
    "loans_on_book": _COUNT,
    "quarantined_rows": _COUNT,
    "throughput": _COUNT,
    "expected_loss": _COUNT,
    "balance_on_book": _COUNT,
    "oe": _RATIO,
    "early_oe": _RATIO,
    "door_oe": _RATIO,
    "brier": _FINE,
    "approval_rate": _SHARE,
    "mean_pd": _SHARE,
    "delinquent_share": _SHARE,
    "csi_share": _SHARE,
    "jeffreys": _SHARE,
    "ece": _SHARE,
    "precision": _SHARE,
    "recall": _SHARE,
    "booked_share": _SHARE,
    "booked_above_cutoff": _SHARE,
    "not_booked_below_cutoff": _SHARE,
    "unseen_share": _SHARE,
    "anomalous_share": _SHARE,
    "held_back": _COUNT,
    "months_on_time": _SHARE,
}
_HEADLINE = {
    "auc": "AUC {}",
    "oe": "O/E {}",
    "score_psi": "score PSI {}",
    "applications": "{} applications",
}
_RATE = "bad_rate_mob"  # of whatever month on book


def form(metric: str) -> str:
    """A format: three decimals where nothing else is said."""
    return _SHARE if metric.startswith(_RATE) else _FORMS.get(metric, _MEASURE)


def shown(metric: str, value: float) -> str:
    """A value of a metric as people read it."""
    return written(value, form(metric))


def headline(values: Mapping[str, float | None]) -> str:
    """A month's first numbers in a line; those not measured are left out."""
    found = ((text, name, values.get(name)) for name, text in _HEADLINE.items())
    return ", ".join(text.format(shown(name, n)) for text, name, n in found if n is not None)
