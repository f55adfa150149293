"""The parts of the policy on what a month measures.

Where its numbers turn amber, red or critical; how far cohorts may differ with nothing wrong; grades
in which few loans default; what a downturn would do to the PDs.
"""

from typing import Literal

from creditrisk.policy.key import (
    Band,
    Count,
    Days,
    PolicySection,
    Positive,
    Share,
    Span,
    Trees,
    Within,
    either,
    higher,
    lower,
    more,
    narrower,
)


class Monitoring(PolicySection):
    """Limits of the three axes."""

    max_pooled_cohorts: Span = lower("newest matured cohorts, pooled until they hold min_bads")
    min_bads: Count = either("of a pool, fewer is insufficient")
    min_goods: Count = either("of a pool, fewer cannot be ranked")
    min_reference_bads: Count = either(
        "effective bads of validation at the PDs booked now, fewer compare nothing; of a random"
        " sample, and of the early outcome, likewise"
    )
    min_rows_stability: Count = either("applications a PSI needs")
    auc_amber: Share = higher("below")
    auc_red: Share = higher("below, and significantly (decay_p)")
    decay_amber: Share = lower("AUC lost since validation")
    decay_red: Share = lower("lost, and significantly (decay_p)")
    decay_critical: Share = lower("lost, and significantly (decay_critical_p)")
    decay_p: Share = higher("one-sided")
    decay_critical_p: Share = higher("one-sided")
    psi_amber: Positive = lower("score PSI")
    psi_red: Positive = lower("and beyond chance (psi_alpha)")
    psi_critical: Positive = lower("and beyond chance (psi_alpha)")
    psi_alpha: Share = higher("of the chi-squared critical value a red PSI must exceed")
    csi_red: Positive = lower("of any top feature")
    csi_amber: Positive = lower("of any feature, and beyond chance")
    csi_red_share: Share = lower("of all features above csi_amber")
    top_features: Count = higher("by mean absolute SHAP")
    oe_amber: Band = narrower("observed over expected bads, outside")
    oe_red: Band = narrower("outside, and significantly (oe_p)")
    oe_critical: Band = narrower("outside, and significantly (oe_critical_p)")
    oe_p: Share = higher("exact, two-sided; of a change of level it is change_p")
    oe_critical_p: Share = higher("likewise")
    change_p: Share = higher(
        "chance that a right level is ever called changed under a version, in all months together"
    )
    jeffreys_amber: Share = higher("one-sided p that the PDs are too low, with O/E above oe_amber")
    jeffreys_red: Share = higher("likewise")
    anomaly_trees: Trees = either(
        "of the isolation forest (Liu, Ting, Zhou 2008), seeded by development.seed"
    )
    anomaly_rows: Count = either("more applications are sampled")
    anomaly_score: Share = lower(
        "0.5 is ordinary, 1 is certain; above this an application is anomalous (same paper)"
    )
    anomalies_listed: Count = either("in the report, the oddest first")
    max_anomalous_share: Share = lower("of applications")
    reports: bool = either("draw Evidently's pages of the month; a backtest never does")
    report_rows: int = either(
        "at most 100000; more are sampled, seeded by development.seed", ge=1, le=100_000
    )
    min_segment_rows: Count = either("loans of a cohort or segment; fewer are not measured alone")
    domain_rows: Count = either("applications on each side of the classifier; more are sampled")
    domain_trees: Trees = either("of the domain classifier")
    domain_folds: int = either(
        "an application is judged by trees that did not see it", ge=2, le=100
    )
    vintage_cohorts: Span = either("newest cohorts with a vintage curve")
    migration_months: Span = either("between two applications of one customer, at most")
    close_days: Days = either("after its schedule a month must be closed, or it is late")
    service_months: Span = either("looked back on for months closed on time")


class Shocks(PolicySection):
    """Cohorts share shocks, and levels are estimates: what every test of O/E and AUC carries.

    Their variance is estimated from the matured cohorts that are known and shrunk to the prior.
    """

    stance: Literal["through_the_cycle", "point_in_time"] = higher(
        "of the PDs: the shock of a cohort is chance around their level; or point_in_time: PDs"
        " are to foresee it, and only their level is an estimate"
    )
    level_sd: Share = lower("prior: sd of a cohort's log odds around the PDs' level")
    auc_sd: Share = lower("prior: sd of a cohort's AUC around the one its PDs promise")
    prior_cohorts: Count = either("matured cohorts the prior of level_sd is worth")
    auc_prior_cohorts: Count = either(
        "the same of auc_sd; more, as chance in a cohort's AUC hides its shock"
    )


class LowDefault(PolicySection):
    """What is said of grades whose defaults are few: the most prudent PD not contradicted."""

    confidence: Within = higher("of a grade's most prudent PD (Pluto, Tasche 2005)")
    asset_correlation: float = higher(
        "of two loans' assets, by one factor; 0: independent loans", ge=0, lt=1
    )
    few_bads: Count = higher("of validation rows; with fewer, the card says what is not known")
    backtest_cohorts: Span = either("newest matured cohorts pooled by a grade's monthly backtest")


class Stress(PolicySection):
    """Macro shocks of the monthly stress table."""

    shocks: tuple[Positive, ...] = more("each added to the log odds of every published PD")
