"""The parts of the policy, typed and frozen: `policy.yaml` says what each threshold does."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]
Months = Annotated[int, Field(ge=0, le=600)]
Positive = Annotated[float, Field(gt=0)]
Band = tuple[Positive, Positive]
Severity = Literal["info", "warn", "block"]


class Section(BaseModel):
    """A part of the policy; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Outcome(Section):
    """What bad means and when it is known."""

    mob: Count
    early_mob: Count
    missed_instalments: Count
    reporting_lag: Months

    @model_validator(mode="after")
    def _early_is_early(self) -> "Outcome":
        if self.early_mob > self.mob:
            raise ValueError(f"early_mob {self.early_mob} is later than mob {self.mob}")
        return self


class QualityRules(Section):
    """What a finding beyond its limit does to the month; within it, it informs."""

    empty: Severity
    declared_missing: Severity
    unreadable: Severity
    out_of_range: Severity
    unknown_category: Severity
    before_the_start: Severity
    after_its_delivery: Severity
    unknown_member: Severity
    stripped: Severity
    moved: Severity
    respelt: Severity
    extra_column: Severity
    unreadable_row: Severity
    of_another_month: Severity
    no_key: Severity
    conflicting_duplicate: Severity
    equal_duplicate: Severity
    set_aside: Severity
    too_few_rows: Severity
    too_many_rows: Severity
    outage: Severity
    missing_more: Severity
    shift: Severity
    outliers: Severity
    unseen_values: Severity
    anomalies: Literal["info", "warn"]  # found once the month's data is committed


class Quality(Section):
    """When data is worth a word, and which findings block a month."""

    max_quarantined_share: Share
    max_nulled_share: Share
    rows_low: Share
    rows_high: Positive
    outage_coverage: Share
    min_rows: Count
    max_missing_rise: Share
    max_shift: Positive
    fence_reach: Positive
    max_outlier_rise: Share
    max_unseen_share: Share
    min_shown: Count
    rules: QualityRules


class Development(Section):
    """How a challenger is built."""

    min_train_cohorts: Count
    validation_cohorts: Count
    oot_windows: Literal[3]
    oot_months: Count
    oot_max_months: Count
    oot_min_bads: Count
    seed: int
    threads: Count
    tuning_trials: Count
    tuning_seconds: Positive
    tuning_folds: Count
    max_trees: Count
    early_stopping_rounds: Count
    masked_copies: Share
    grades: tuple[Share, ...]
    refit_after_pass: bool
    selection: bool
    selection_folds: Count
    selection_share: Share
    monotone: bool
    leakage_auc: Share
    leakage_min_bads: Count

    @model_validator(mode="after")
    def _grades_rise(self) -> "Development":
        if list(self.grades) != sorted(set(self.grades)):
            raise ValueError("grades must rise from grade to grade")
        return self


class Validation(Section):
    """The gates on three OOT windows."""

    auc_floor: Share
    auc_amber: Share
    auc_lower_slack: Share
    range_red: Share
    heterogeneity_p: Share
    variation_amber: Share
    decay_red: Share
    decay_p: Share
    oe_low: Positive
    oe_high: Positive
    oe_p: Share
    jeffreys_red: Share
    score_psi_red: Positive
    fit_gap_amber: Share
    fit_gap_red: Share
    rank_inversions_red: Count
    superiority_p: Share
    noninferiority_margin: Share
    significance: Share
    masked_auc_floor: Share
    masked_oe_low: Positive
    masked_oe_high: Positive


class Fairness(Section):
    """When groups differ enough for a person to look."""

    min_rows: Count
    min_bads: Count
    ratio_amber: Share
    ratio_red: Share
    difference_amber: Positive
    difference_red: Positive
    significance: Share
    gate: bool


class Monitoring(Section):
    """Limits of the three axes."""

    max_pooled_cohorts: Count
    min_bads: Count
    min_goods: Count
    min_rows_stability: Count
    auc_amber: Share
    auc_red: Share
    decay_amber: Share
    decay_red: Share
    decay_critical: Share
    decay_p: Share
    decay_critical_p: Share
    psi_amber: Positive
    psi_red: Positive
    psi_critical: Positive
    psi_alpha: Share
    csi_red: Positive
    csi_amber: Positive
    csi_red_share: Share
    top_features: Count
    oe_amber: Band
    oe_red: Band
    oe_critical: Band
    oe_p: Share
    oe_critical_p: Share
    jeffreys_amber: Share
    jeffreys_red: Share
    anomaly_trees: Count
    anomaly_rows: Count
    anomaly_score: Share
    anomalies_listed: Count
    max_anomalous_share: Share
    reports: bool
    report_rows: Annotated[int, Field(ge=1, le=100_000)]
    min_segment_rows: Count
    domain_rows: Count
    domain_trees: Count
    domain_folds: Annotated[int, Field(ge=2)]
    vintage_cohorts: Count
    migration_months: Count
    close_days: Count
    service_months: Count


class Rule(Section):
    """The 2/3 rule and what is added to it."""

    mode: Literal["significant", "plain"]
    red_axes: Annotated[int, Field(ge=1, le=3)]
    critical_matured: bool
    persistence: bool
    recalibrate: bool
    critical_stability: bool
    max_model_age: Months
    cool_down: Months
    recovery: Months
    insufficient_months: Months
    cause_days: Count
    business: tuple[str, ...]


class Promotion(Section):
    """Who promotes."""

    mode: Literal["automatic", "four_eyes"]
    approval_days: Count


class Scoring(Section):
    """What is published, and what holds it back."""

    cutoff: Share
    reason_codes: Annotated[int, Field(ge=0, le=4)]
    max_mass_point: Share
    max_mean_jump: Share
    max_distribution_jump: Positive


class Economics(Section):
    """Loss given default (share) and exposure at default (portfolio currency)."""

    lgd: Share
    ead: Positive
