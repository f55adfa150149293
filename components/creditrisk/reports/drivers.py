"""The number that drove each light, and why a crossed limit did not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from creditrisk.number_text import interval, p_text, percent, share
from creditrisk.policy import Monitoring
from creditrisk.policy.limits import Limit, gravest, limits_of, milder
from creditrisk.reports.metric_form import form
from creditrisk.reports.month_summary import Measured, MonthSummary

JUDGED = {  # by axis, with titles; the headline first: it stands for a green axis
    "discrimination": {"auc": "AUC", "auc_decay": "AUC lost since validation"},
    "stability": {"score_psi": "PSI of the score", "csi_share": "Share of features that moved"},
    "calibration": {
        "oe": "Observed over expected defaults",
        "jeffreys": "Chance that PDs are high enough (Jeffreys)",
    },
}
_MOST_DIGITS = 5


@dataclass(frozen=True)
class Driver:
    """What a light rests on.

    `figure` is the number as a card shows it, `sentence` the same as part of a sentence, `note` its
    interval, its limits and, where one is crossed without effect, the reason.
    """

    metric: str
    figure: str
    sentence: str
    note: str


def driver(summary: MonthSummary, axis: str, policy: Monitoring) -> Driver:
    """The number behind an axis' state; of a green one, its headline."""
    state, values = summary.states[axis], summary.values
    found = [name for name in _candidates(axis, values) if values[name].value is not None]
    drove = [name for name in found if values[name].state == state]
    if state == "none" or not found:
        return Driver("", "not measured", "was not measured", summary.texts[axis])
    if state == "insufficient" or not drove:
        why = summary.texts[axis] or "too little evidence"
        return Driver("", _word(state), why, why)
    name = drove[0]
    return _driver(name, summary, policy)


def reason(metric: str, found: Measured, policy: Monitoring) -> str:
    """Why a value beyond a limit has a milder state than the limit's; empty where it has not."""
    limit = None if found.value is None else gravest(metric, found.value, policy)
    if limit is None or not milder(found.state, limit.state):
        return ""
    side = "below" if limit.side == "below" else "above"
    begins = written(metric, limit.value)
    return f"{side} the {limit.state} limit {begins}, {_spared(metric, found)}"


def written(metric: str, limit: float) -> str:
    """A limit of a metric, in its unit."""
    return percent(limit) if form(metric).endswith("%") else f"{limit:.3g}"


def shown(metric: str, value: float, policy: Monitoring) -> str:
    """A value of a metric with the digits and the unit it deserves."""
    how = form(metric)
    return share(value) if how.endswith("%") else digits(metric, value, int(how[-2]), policy)


def digits(metric: str, value: float, least: int, policy: Monitoring) -> str:
    """A value with so many digits that it stays on its side of every limit.

    0.898 is not written 0.90 where amber begins below 0.9.
    """
    limits = [limit.value for limit in limits_of(metric, policy)]
    for count in range(least, _MOST_DIGITS):
        near = round(value, count) + 0.0  # no minus before a zero
        if all((near < limit, near > limit) == (value < limit, value > limit) for limit in limits):
            return f"{near:.{count}f}"
    return f"{value:.{_MOST_DIGITS}f}"


def _spared(metric: str, found: Measured) -> str:
    if metric.startswith("csi:"):
        known = "not a top feature" in found.text
        return "and not one of the features that count most" if known else "but not beyond chance"
    if metric == "jeffreys":
        return "but O/E is within its own"
    if found.p_value is None:
        return "but not beyond chance"
    return f"but not significantly ({p_text(found.p_value)})"


def limits_text(metric: str, policy: Monitoring) -> str:
    """`amber from 0.1, red from 0.25`; a band on both sides once."""
    by_state: dict[str, list[Limit]] = {}
    for limit in limits_of(metric, policy):
        by_state.setdefault(limit.state, []).append(limit)
    return ", ".join(
        f"{state} {'outside' if len(limits) > 1 else limits[0].side}"
        f" {' to '.join(written(metric, limit.value) for limit in limits)}"
        for state, limits in by_state.items()
    )


def _candidates(axis: str, values: Mapping[str, Measured]) -> list[str]:
    features = [name for name in values if axis == "stability" and name.startswith("csi:")]
    features.sort(key=lambda name: -(values[name].value or 0.0))
    return [*(name for name in JUDGED[axis] if name in values), *features]


def _driver(metric: str, summary: MonthSummary, policy: Monitoring) -> Driver:
    family, _, feature = metric.partition(":")
    figure, sentence = _TEXTS[family](summary, feature, policy)
    if family == "auc":
        sentence += f" where {policy.auc_red:.3g} is the least"
    found = summary.values[metric]
    parts = (_spread(metric, found), limits_text(metric, policy))
    note = "; ".join(part for part in (*parts, reason(metric, found, policy)) if part)
    return Driver(metric, figure, sentence, note)


def _spread(metric: str, found: Measured) -> str:
    if metric == "csi_share":
        return f"{share(found.value or 0.0)} of them"
    if metric == "auc_decay":
        return f"{found.value or 0.0:.3f} below what validation promised"
    bounds = interval(found.lower, found.upper, form(metric))
    return f"95% interval {bounds}" if bounds else ""


def _auc(summary: MonthSummary, _: str, policy: Monitoring) -> tuple[str, str]:
    value = digits("auc", summary.value("auc") or 0.0, 3, policy)
    return f"AUC {value}", f"the model ranks with AUC {value}"


def _decay(summary: MonthSummary, _: str, policy: Monitoring) -> tuple[str, str]:
    loss, now = summary.value("auc_decay") or 0.0, summary.value("auc") or 0.0
    figure, sentence = _auc(summary, "", policy)
    return figure, f"{sentence} where validation promised {now + loss:.3f}"


def _psi(summary: MonthSummary, _: str, policy: Monitoring) -> tuple[str, str]:
    value = summary.value("score_psi") or 0.0
    figure, part = (digits("score_psi", value, least, policy) for least in (3, 2))
    return f"PSI {figure}", f"the scores have moved (PSI {part})"


def _share(summary: MonthSummary, _: str, __: Monitoring) -> tuple[str, str]:
    compared = sum(name.startswith("csi:") for name in summary.values)
    part = summary.value("csi_share") or 0.0
    moved = f"{part * compared:.0f} of {compared} features"
    return f"{moved} moved", f"{moved} have moved"


def _csi(summary: MonthSummary, feature: str, policy: Monitoring) -> tuple[str, str]:
    metric = f"csi:{feature}"
    value = digits(metric, summary.value(metric) or 0.0, 2, policy)
    return f"CSI {value} of {feature}", f"{feature} has moved (CSI {value})"


def _oe(summary: MonthSummary, _: str, policy: Monitoring) -> tuple[str, str]:
    found = summary.values["oe"]
    value, bads = found.value or 0.0, found.bads or 0
    expected = f"{bads / value:,.0f}" if value else "more"
    figure = f"O/E {digits('oe', value, 2, policy)}"
    return figure, f"{bads:,} defaults where {expected} were expected"


def _jeffreys(summary: MonthSummary, _: str, policy: Monitoring) -> tuple[str, str]:
    sentence = "more defaults than the PDs allow"
    if "oe" in summary.values:
        sentence = _oe(summary, "", policy)[1]
    return f"{shown('jeffreys', summary.value('jeffreys') or 0.0, policy)} sure", sentence


def _word(state: str) -> str:
    return "too little evidence" if state == "insufficient" else state


_TEXTS: Mapping[str, Callable[[MonthSummary, str, Monitoring], tuple[str, str]]] = {
    "auc": _auc,
    "auc_decay": _decay,
    "score_psi": _psi,
    "csi_share": _share,
    "csi": _csi,
    "oe": _oe,
    "jeffreys": _jeffreys,
}
