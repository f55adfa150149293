"""The model card: what a version is, what it rests on and where it stops, as data and in words."""

from importlib import resources

import jinja2
import numpy as np

from creditrisk.calendar_month import months_between, span
from creditrisk.metrics.design_effect import by_group, clusters, independent
from creditrisk.metrics.low_default import upper_bounds
from creditrisk.model.fairness import fairness
from creditrisk.model.grade import grades_of
from creditrisk.number_text import share
from creditrisk.period import Period
from creditrisk.records.card import Benchmark, Card, DatedLeakageScan, Kind, Label, PrudentGrade
from creditrisk.records.development import Metrics
from creditrisk.records.fairness import Fairness
from creditrisk.stages.training.dataset import Dataset
from creditrisk.stages.training.learn import Learned


def card_of(
    period: Period, kind: Kind, parent: str | None, learned: Learned, data: Dataset
) -> Card:
    """The card of a version just learned."""
    dev, newest = period.policy.development, max(learned.train)
    metrics, scorer = learned.metrics, learned.scorer
    windows = () if kind == "refit" else data.split.windows  # a refit has learned from them
    fitted = (*learned.train, *learned.validation)
    return Card(
        kind=kind,
        as_of=period.as_of,
        parent=parent,
        label=_label(period),
        train=learned.train,
        validation=learned.validation,
        windows=windows,
        newest_train_cohort=newest,
        newest_fitted_cohort=max(fitted),
        # the windows chose nothing, but they let it through: monitoring starts after them
        newest_development_cohort=max(*fitted, *(month for window in windows for month in window)),
        train_age_months=months_between(newest, period.as_of),
        features=scorer.features,
        left_out=tuple(f.name for f in scorer.portfolio.features if f.protected),
        benchmark=Benchmark(
            kind="logistic scorecard on bins, evidence of events as it is",
            train_auc=metrics.benchmark["train"].auc,
            validation_auc=metrics.benchmark["validation"].auc,
        ),
        calibration={state: chosen.method for state, chosen in metrics.calibration.items()},
        masked_sources_trained=scorer.portfolio.optional_sources if dev.masked_copies else (),
        data_version=data.data_version,
        seed=dev.seed,
        threads=dev.threads,
        parameters=learned.parameters,
        tuned_trials=len(metrics.tuning.trials),
        tuning_cut_by_time=metrics.tuning.cut,
        unmatched_loans=data.unmatched,
        late_loans=data.late,
        restated_loans=data.restated,
        selection=metrics.selection,
        leakage=DatedLeakageScan(**dict(metrics.leakage), months_dated=data.dated),
        fairness=_by_group(period, learned, data),
        prudent=_prudent(period, learned, data),
    )


def _prudent(period: Period, learned: Learned, data: Dataset) -> tuple[PrudentGrade, ...]:
    """Of validation rows whose bads are few; else none."""
    rows = data.validation
    if rows.empty:
        return ()
    limits = period.policy.low_default
    customers = clusters(rows["customer_id"][rows["bad"] == 1])
    if independent(customers, int(rows["bad"].sum())) >= limits.few_bads:
        return ()
    bounds = period.policy.development.grades
    pds, bad = learned.scorer.predict(rows), rows["bad"].to_numpy(dtype=np.int64)
    grade = grades_of(pds, bounds) - 1
    counts = np.bincount(grade, minlength=len(bounds) + 1).tolist()
    bads = np.bincount(grade[bad == 1], minlength=len(counts)).tolist()
    effects = np.array(by_group(bad - pds, grade, len(counts), clusters(rows["customer_id"])))
    worth_bads, worth = (np.divide(count, effects).tolist() for count in (bads, counts))
    most = upper_bounds(worth_bads, worth, limits.confidence, limits.asset_correlation)
    return tuple(map(PrudentGrade, counts, bads, most))


def _label(period: Period) -> Label:
    outcome, has_panel = period.policy.outcome, period.portfolio.by_role("performance")
    return Label(
        mob=outcome.mob, missed_instalments=outcome.missed_instalments if has_panel else None
    )


def _by_group(period: Period, learned: Learned, data: Dataset) -> tuple[Fairness, ...]:
    """How groups fare on validation rows; the windows are left to validation."""
    rows, scorer = data.validation, learned.scorer
    if rows.empty:
        return ()
    bad = rows["bad"].to_numpy(dtype=np.int64)
    return fairness(rows, bad, scorer.predict(rows), scorer.portfolio, period.policy)


_ENVIRONMENT = jinja2.Environment(
    autoescape=False,  # noqa: S701 - Markdown; its page escapes it
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    undefined=jinja2.StrictUndefined,
)
_ENVIRONMENT.filters["f"] = format
_CARD = _ENVIRONMENT.from_string(
    resources.files(__package__).joinpath("card.md").read_text("utf-8")
)


def card_text(card: Card, metrics: Metrics, portfolio_name: str) -> str:
    columns = card.leakage.columns
    return _CARD.render(
        card=card,
        metrics={"train": metrics.train, "validation": metrics.validation}
        | {"benchmark": metrics.benchmark, "masked": metrics.masked},
        portfolio=portfolio_name,
        refit=card.kind == "refit",
        worst=max(columns, key=lambda name: columns[name], default=""),
        bad=_bad,
        span=span,
        share=share,
    )


def _bad(label: Label) -> str:
    """What bad means; a lender without a panel has dates of default, no instalments."""
    missed = label.missed_instalments
    if missed is None:
        return f"a default within {label.mob} months of payout"
    full = "a full instalment" if missed == 1 else f"{missed} full instalments"
    return f"{full} or more missed within {label.mob} months on book"
