"""The policy: every threshold, typed, frozen, versioned by its content.

The sha256 of the canonical form (JSON, sorted keys) is the policy's version: two
files that differ only in comments or order are the same policy.
"""

import hashlib
import json
from difflib import get_close_matches
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from creditrisk.errors import UserError

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
    business: tuple[str, ...]


class Promotion(Section):
    """Who promotes."""

    mode: Literal["automatic", "four_eyes"]
    approval_days: Count


class Scoring(Section):
    """What is published, and what holds it back."""

    cutoff: Share
    reason_codes: Annotated[int, Field(ge=0, le=4)]
    spark_above_rows: Count
    max_mass_point: Share
    max_mean_jump: Share
    max_distribution_jump: Positive


class Economics(Section):
    """Loss given default (share) and exposure at default (portfolio currency)."""

    lgd: Share
    ead: Positive


class Policy(Section):
    """The whole policy."""

    outcome: Outcome
    quality: Quality
    development: Development
    validation: Validation
    fairness: Fairness
    monitoring: Monitoring
    rule: Rule
    promotion: Promotion
    scoring: Scoring
    economics: Economics

    @property
    def sha(self) -> str:
        """sha256 of the canonical form, the policy's version."""
        return hashlib.sha256(self.canonical()).hexdigest()

    def canonical(self) -> bytes:
        """JSON with sorted keys and no spaces."""
        return json.dumps(
            self.model_dump(mode="json"), sort_keys=True, separators=(",", ":")
        ).encode()


def parse_policy(text: str, where: str) -> Policy:
    """Read a policy from YAML; every unknown or wrong key is named in one `UserError`."""
    try:
        return Policy.model_validate(merge(_default(), yaml.safe_load(text) or {}))
    except yaml.YAMLError as error:
        raise UserError(f"{where} is not YAML: {' '.join(str(error).split())}") from None
    except ValidationError as error:
        raise UserError(f"{where}: {explain(error)}") from None


def load_policy(path: Path | None = None) -> Policy:
    """The default policy, or a file whose keys replace the default's (the rest stands)."""
    if path is None:
        return parse_policy("", "policy.yaml")
    try:
        return parse_policy(path.read_text("utf-8"), str(path))
    except OSError as error:
        raise UserError(f"policy {path} cannot be read: {error.strerror}") from None


def merge(base: object, over: object) -> object:
    """`over` laid on `base`, mapping by mapping; anything else is replaced."""
    if isinstance(base, dict) and isinstance(over, dict):
        return base | {key: merge(base.get(key), value) for key, value in over.items()}
    return over


def explain(error: ValidationError) -> str:
    """The errors of a pydantic model in one line: key, what is wrong with it."""
    found = (f"{'.'.join(path) or 'top level'}: {what}" for path, what in faults(error, Policy))
    return "; ".join(found)


def faults(error: ValidationError, model: type[BaseModel]) -> list[tuple[tuple[str, ...], str]]:
    """The errors of a pydantic model one by one: where, and what is wrong there."""
    said = {"missing": "missing"}
    found = []
    for item in error.errors():
        what = said.get(item["type"], item["msg"].removeprefix("Value error, "))
        if item["type"] == "extra_forbidden":
            what = "unknown key"
            near = get_close_matches(str(item["loc"][-1]), _known(model, item["loc"][:-1]), 1)
            what += f"; did you mean {near[0]}?" if near else ""
        if item["type"] == "string_type" and isinstance(item["input"], bool | int | float):
            what += f"; YAML reads a {type(item['input']).__name__} here: quote it"
        found.append((tuple(map(str, item["loc"])), what))
    return found


def _known(model: object, path: tuple[int | str, ...]) -> list[str]:
    """The keys a model takes at a path: of a field by its name, of a mapping by what it holds."""
    for part in path:
        if isinstance(model, type) and issubclass(model, BaseModel):
            model = model.model_fields[str(part)].annotation
        else:
            model = get_args(model)[-1]
    return list(model.model_fields) if isinstance(model, type(BaseModel)) else []


def _default() -> object:
    return yaml.safe_load(resources.files("creditrisk").joinpath("policy.yaml").read_text("utf-8"))
