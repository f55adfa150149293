"""Which way a threshold is strict: what makes one policy looser than another.

A change of a threshold that is not named here counts as loosening: somebody has to look at it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from creditrisk.policy import Policy, QualityRules

Direction = Literal["looser", "stricter"]


@dataclass(frozen=True)
class Difference:
    """A key two policies differ in; `direction` as the second is seen from the first."""

    key: str
    before: Any
    after: Any

    def __str__(self) -> str:
        return f"{self.key}: {self.before} -> {self.after}"

    @property
    def direction(self) -> Direction:
        stricter = next((test for keys, test in _STRICTER.items() if self.key in keys), None)
        return "stricter" if stricter and stricter(self.before, self.after) else "looser"


def differences(before: Policy, after: Policy) -> list[Difference]:
    """The keys two policies differ in, in the policy's order."""
    one, two = (dict(_flat(policy.model_dump(mode="json"))) for policy in (before, after))
    return [Difference(key, one[key], two[key]) for key in one if one[key] != two[key]]


def looser(before: Policy, after: Policy) -> list[Difference]:
    """What of `after` asks for less than `before`, or may."""
    return [found for found in differences(before, after) if found.direction == "looser"]


def _flat(content: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in content.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


def _higher(before: float, after: float) -> bool:
    return after > before


def _lower(before: float, after: float) -> bool:
    return after < before


def _sooner(before: int, after: int) -> bool:
    """Of months; 0 switches it off."""
    return after > 0 and (after < before or before == 0)


def _narrower(before: Sequence[float], after: Sequence[float]) -> bool:
    return after[0] >= before[0] and after[1] <= before[1]


def _more(before: Sequence[str], after: Sequence[str]) -> bool:
    return set(before) <= set(after)


def _further(*order: str) -> Callable[[str, str], bool]:
    return lambda before, after: order.index(after) > order.index(before)


def _keys(section: str, names: str) -> tuple[str, ...]:
    return tuple(f"{section}.{name}" for name in names.split())


_STRICTER: dict[tuple[str, ...], Callable[[Any, Any], bool]] = {
    (
        *_keys("quality", "rows_low outage_coverage"),
        *_keys("development", "min_train_cohorts validation_cohorts oot_min_bads masked_copies"),
        *_keys("development", "selection_share selection monotone"),
        *_keys("validation", "auc_floor auc_amber oe_low masked_auc_floor masked_oe_low"),
        *_keys("validation", "heterogeneity_p decay_p oe_p jeffreys_red significance"),
        *_keys("fairness", "ratio_amber ratio_red significance gate"),
        *_keys("monitoring", "auc_amber auc_red decay_p decay_critical_p psi_alpha top_features"),
        *_keys("monitoring", "oe_p oe_critical_p jeffreys_amber jeffreys_red"),
        *_keys("rule", "critical_matured persistence recalibrate critical_stability recovery"),
        *_keys("materiality", "use"),
    ): _higher,
    (
        *_keys("quality", "max_quarantined_share max_nulled_share rows_high max_missing_rise"),
        *_keys("quality", "max_shift fence_reach max_outlier_rise max_unseen_share min_shown"),
        *_keys("development", "leakage_auc leakage_min_bads"),
        *_keys("validation", "auc_lower_slack range_red variation_amber decay_red oe_high"),
        *_keys("validation", "score_psi_red fit_gap_amber fit_gap_red rank_inversions_red"),
        *_keys("validation", "superiority_p noninferiority_margin masked_oe_high"),
        *_keys("fairness", "min_rows min_bads difference_amber difference_red"),
        *_keys("monitoring", "max_pooled_cohorts decay_amber decay_red decay_critical psi_amber"),
        *_keys("monitoring", "psi_red psi_critical csi_red csi_amber csi_red_share"),
        *_keys("monitoring", "anomaly_score max_anomalous_share"),
        *_keys("rule", "red_axes cool_down cause_days"),
        *_keys("promotion", "approval_days"),
        *_keys("governance", "override_months finding_days_high finding_days_medium"),
        *_keys("governance", "finding_days_low"),
        *_keys("materiality", "exposure_medium exposure_high complex_features tier_1 tier_2"),
        *_keys("scoring", "cutoff max_mass_point max_mean_jump max_distribution_jump"),
    ): _lower,
    _keys("rule", "max_model_age insufficient_months"): _sooner,
    _keys("monitoring", "oe_amber oe_red oe_critical"): _narrower,
    _keys("rule", "business"): _more,
    _keys("promotion", "mode"): _further("automatic", "four_eyes"),
    _keys("alerts", "watch recalibrate retrain contain blocked failed pending insufficient"): (
        _further("none", "info", "warning", "critical")
    ),
    tuple(f"quality.rules.{name}" for name in QualityRules.model_fields): (
        _further("info", "warn", "block")
    ),
}
