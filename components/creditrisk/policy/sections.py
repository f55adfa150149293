"""The parts of the policy, key by key; their values stand in `policy.yaml`."""

import hashlib
import json
from typing import Literal

from pydantic import model_validator

from creditrisk.policy.key import (
    LONGEST,
    Count,
    Days,
    Folds,
    Months,
    NotNegative,
    PolicySection,
    Positive,
    Share,
    Span,
    Threads,
    Trees,
    either,
    higher,
    lower,
    more,
    require_around_one,
    sooner,
)


class Outcome(PolicySection):
    """What bad means and when it is known."""

    mob: Span = either(
        "bad: a full instalment missed (30+ days), or a default, within this many months on book"
    )
    early_mob: Span = either("the early outcome, watched before the first one matures")
    missed_instalments: Count = either("counted in instalments: a short February changes nothing")
    reporting_lag: Months = either("months until the servicer's snapshot is complete")

    @model_validator(mode="after")
    def _early_is_early(self) -> "Outcome":
        if self.early_mob > self.mob:
            raise ValueError(f"early_mob {self.early_mob} is later than mob {self.mob}")
        return self

    @property
    def sha(self) -> str:
        """By which outcomes say what they were built by."""
        content = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()


class Development(PolicySection):
    """How a challenger is built."""

    min_train_cohorts: Span = higher("matured cohorts to train on, fewer is not enough evidence")
    validation_cohorts: Span = higher("between train and windows: stopping, tuning, calibration")
    oot_windows: Literal[3] = either("out-of-time windows, the newest matured cohorts")
    oot_months: Span = either("a window is widened month by month until it holds oot_min_bads")
    oot_max_months: Span = either("a window is not widened further")
    oot_min_bads: Count = higher("of each window, which is widened for them")
    oot_least_bads: Count = higher("of the widest window, fewer is not enough evidence")
    min_bads: Count = higher("of train, and of validation, which takes in older cohorts for them")
    seed: int = either("of everything that draws lots in training", ge=0, lt=2**31)
    threads: Threads = either("part of a model's identity: another count, other bytes")
    tuning_trials: Count = either("parameter sets tried at most")
    tuning_seconds: Positive = either("and no longer than this")
    tuning_folds: Folds = either("temporal, inside train")
    max_trees: Trees = either("before early stopping")
    early_stopping_rounds: Trees = either("trees without gain on validation")
    masked_copies: Share = higher("share of rows copied once more with each optional source masked")
    grades: tuple[Share, ...] = either("upper PD bound of each grade but the last")
    refit_after_pass: bool = either("after a pass fit all matured cohorts, as a version of its own")
    selection: bool = higher("drop features that are no better than shuffled ones")
    selection_folds: Folds = either("temporal, inside train")
    selection_share: Share = higher("of these folds in which a feature must beat the shuffled ones")
    monotone: bool = higher("hold the PD to the directions the portfolio names")
    leakage_auc: Share = lower("a column or ratio that alone ranks train better knows the outcome")
    leakage_min_bads: Count = lower("bads (and goods) in train, fewer judge no column")
    max_set_aside_share: Share = lower("of loans with wrong dates; more of a kind stop training")

    @model_validator(mode="after")
    def _grades_rise(self) -> "Development":
        if list(self.grades) != sorted(set(self.grades)):
            raise ValueError("grades must rise from grade to grade")
        return self

    def widest(self, months: int) -> bool:
        """Whether an OOT window of so many months is not widened further."""
        return months + self.oot_months > self.oot_max_months

    def needed_bads(self, months: int) -> int:
        """Bads that an OOT window of so many months holds at least."""
        most = self.oot_min_bads
        return min(self.oot_least_bads, most) if self.widest(months) else most


class Validation(PolicySection):
    """The gates on three OOT windows."""

    auc_floor: Share = higher("of each window; below, and significantly, fails")
    auc_amber: Share = higher("below this the floor is near: recorded")
    auc_lower_slack: Share = lower("the 95% lower bound may lie this far below the floor")
    range_red: Share = lower("best minus worst window")
    heterogeneity_p: Share = higher("of Cochran's Q over the windows, with range_red")
    variation_amber: Share = lower("sd over mean of the windows' AUC, recorded")
    decay_red: Share = lower("first to third window")
    decay_p: Share = higher("at .05 this gate alone refuses one honest model in twenty")
    oe_low: Positive = higher("observed over expected bads of a window, below fails if significant")
    oe_high: Positive = lower("above fails if significant")
    oe_p: Share = higher("exact, two-sided, Holm over the windows")
    jeffreys_red: Share = higher("of a grade's PD too low, Holm over grades; in two windows fails")
    score_psi_red: Positive = lower("window against validation scores, above fails beyond chance")
    fit_gap_amber: Share = lower("AUC on train minus AUC on the windows")
    fit_gap_red: Share = lower("above fails if significant")
    rank_inversions_red: Count = lower("significant inversions of ten score bands, as many fail")
    superiority_p: Share = lower(
        "one-sided, that the challenger's AUC is higher, or its PDs truer; rule.error_budget"
        " bounds it"
    )
    noninferiority_margin: Share = lower("AUC the challenger may lie below, if it gains elsewhere")
    significance: Share = higher("of AUC below its floor, fit gap, benchmark")
    masked_auc_floor: Share = higher("below this, applications whose source is down get no PD")
    masked_oe_low: Positive = higher("with a source down, below no PD is published")
    masked_oe_high: Positive = lower("with a source down, above no PD is published")

    @model_validator(mode="after")
    def _bands_hold_one(self) -> "Validation":
        require_around_one(self.oe_low, self.oe_high)
        require_around_one(self.masked_oe_low, self.masked_oe_high)
        return self


class Fairness(PolicySection):
    """When groups differ enough for a person to look: a screening signal, no legal test."""

    min_rows: Count = lower("of a group, smaller ones are joined by size")
    min_bads: Count = lower("and goods, fewer give no AUC and no O/E")
    ratio_amber: Share = higher("approval rate over the highest group's")
    ratio_red: Share = higher("and significant (Fisher, exact)")
    difference_amber: Positive = lower("mean PD above the highest group's, in standard deviations")
    difference_red: Positive = lower("and significant")
    significance: Share = higher("of Fisher's test and of the difference")
    gate: bool = higher("true: a red signal fails validation")


class Rule(PolicySection):
    """The 2/3 rule and what is added to it."""

    mode: Literal["significant", "plain"] = either("or plain: thresholds alone")
    red_axes: int = lower("of three: the 2/3 rule", ge=1, le=3)
    critical_matured: bool = higher("one critical matured axis retrains")
    persistence: bool = higher("a matured axis red in two months without a common cohort retrains")
    recalibrate: bool = higher("only calibration red: recalibrate")
    critical_stability: bool = higher("critical stability contains, unless PDs are known right")
    contain_critical: bool = higher("a critical matured axis contains until another champion")
    max_model_age: Months = sooner(
        "months since promotion, 0 switches it off; a challenger that is as good renews the model"
    )
    definition_changed: bool = higher("bad means something else than to the champion: retrain")
    refresh: Months = sooner(
        "months between challengers on schedule, promoted only if superior; 0: none"
    )
    max_refusals: int = sooner(
        "challengers refused, not judged or trained under one champion, then a person decides"
        " (escalate); 0: never",
        ge=0,
        le=LONGEST,
    )
    max_overlay: NotNegative = lower("log odds a margin of conservatism may be, so an overlay too")
    error_budget: Share = lower("chance of a false act in a tenure: looks and attempts spend it")
    look_budget: Share = lower("of it, what each month's look spends")
    cool_down: Months = lower("months after an action")
    recovery: Months = higher("months below amber before red is left behind, 0 switches it off")
    insufficient_months: Months = sooner("two axes without evidence this long: escalate; 0: never")
    cause_days: Days = lower("to find out why an axis is red")
    business: tuple[str, ...] = more('e.g. "bad_rate_mob3 > 0.25"')


class Promotion(PolicySection):
    """Who promotes."""

    mode: Literal["automatic", "four_eyes"] = higher("or four_eyes")
    approval_days: Days = lower("a request older than this has expired")


class Scoring(PolicySection):
    """What is published, and what holds it back."""

    margin_of_conservatism: NotNegative = higher(
        "log odds added to every published PD; tests judge the PDs before it"
    )
    cutoff: Share = lower("PD above which an application is declined in simulation")
    random_accept: Share = either(
        "of the applications above the cut-off, drawn to be booked all the same: their outcomes"
        " say what the model does there"
    )
    reason_codes: int = either("per application, at most four", ge=0, le=4)
    spark_rows: int = either(
        "applications of a month; more are scored in Spark where it is installed, with equal"
        " results",
        ge=0,
    )
    max_mass_point: Share = lower("share of one PD value")
    max_mean_jump: Share = lower("absolute change of mean PD against the previous month")
    max_distribution_jump: Positive = lower("PSI against the previous month's scores")


class Economics(PolicySection):
    """Loss given default (share) and exposure at default (portfolio currency)."""

    lgd: Share = either("loss given default, a share of the exposure")
    ead: Positive = either("exposure at default, in the portfolio's currency")
