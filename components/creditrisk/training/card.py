"""The model card: what a version is, what it rests on and where it stops."""

from dataclasses import asdict
from datetime import date
from typing import Any

from creditrisk.month import months_between
from creditrisk.period import Period
from creditrisk.training.dataset import Dataset
from creditrisk.training.learn import Learned


def card_of(
    period: Period, kind: str, parent: str | None, learned: Learned, data: Dataset
) -> dict[str, Any]:
    """The card as data. Cohorts are ISO months, ages are in months at `as_of`."""
    dev, newest = period.policy.development, max(learned.train)
    tuning, scorer = learned.metrics["tuning"], learned.scorer
    return {
        "kind": kind,
        "as_of": period.as_of.isoformat(),
        "parent": parent,
        "label": {
            "mob": period.policy.outcome.mob,
            "missed_instalments": period.policy.outcome.missed_instalments
            if period.portfolio.by_role("performance")
            else None,
        },
        "train": _iso(learned.train),
        "validation": _iso(learned.validation),
        "windows": [_iso(window) for window in data.split.windows],
        "newest_train_cohort": newest.isoformat(),
        "newest_fitted_cohort": max(*learned.train, *learned.validation).isoformat(),
        # the windows chose nothing, but they let it through: monitoring starts after them
        "newest_development_cohort": max(max(window) for window in data.split.windows).isoformat(),
        "train_age_months": months_between(newest, period.as_of),
        "features": [asdict(feature) for feature in scorer.features],
        "left_out": [f.name for f in scorer.portfolio.features if f.protected],
        "benchmark": {
            "kind": "logistic scorecard on weight of evidence",
            "train_auc": learned.metrics["benchmark"]["train"]["auc"],
            "validation_auc": learned.metrics["benchmark"]["validation"]["auc"],
        },
        "calibration": {s: c["method"] for s, c in learned.metrics["calibration"].items()},
        "masked_sources_trained": list(scorer.portfolio.optional_sources)
        if dev.masked_copies
        else [],
        "data_version": dict(data.data_version),
        "seed": dev.seed,
        "threads": dev.threads,
        "parameters": dict(learned.parameters),
        "tuned_trials": len(tuning["trials"]),
        "tuning_cut_by_time": tuning["cut"],
        "unmatched_loans": data.unmatched,
        "selection": learned.metrics["selection"],
        "leakage": dict(learned.metrics["leakage"]) | {"months_dated": data.dated},
    }


def card_text(card: dict[str, Any], metrics: dict[str, Any], portfolio_name: str) -> str:
    """The card in plain words, Markdown."""
    return "\n".join(
        [
            f"# Model card: {card['kind']} of {card['as_of'][:7]}",
            "",
            *_what(card, portfolio_name),
            "",
            "## Data",
            *_data(card),
            "",
            "## Performance in development",
            *_performance(metrics),
            "",
            "## Limits",
            *_limits(card),
            "",
            "## Features",
            *_selection(card["selection"]),
            "",
            "| feature | kind | source | PD as it rises | meaning |",
            "|---|---|---|---|---|",
            *(
                f"| {f['name']} | {f['kind']} | {f['source']} | {f['monotone'] or 'free'} |"
                f" {f['text']} |"
                for f in card["features"]
            ),
            "",
        ]
    )


def _what(card: dict[str, Any], portfolio_name: str) -> list[str]:
    parent = f" It follows {card['parent']}." if card["parent"] else ""
    return [
        f"Estimates, for an application to {portfolio_name}, the probability of being bad:"
        f" {_bad(**card['label'])}.{parent}",
        "",
        "Use: ranking and pricing of new applications of this portfolio, with a person responsible"
        " for each refusal. Not for: other products, collections, customers already on book.",
        "",
        f"CatBoost, {card['parameters']['trees']} trees, {card['tuned_trials']} parameter sets"
        f" tried{' (the time budget cut the search)' if card['tuning_cut_by_time'] else ''};"
        f" seed {card['seed']}, {card['threads']} threads.",
    ]


def _bad(mob: int, missed_instalments: int | None) -> str:
    """What bad means; a lender without a panel (None) tells dates of default, no instalments."""
    if missed_instalments is None:
        return f"a default within {mob} months of payout"
    return f"{missed_instalments} full instalment(s) or more missed within {mob} months on book"


def _data(card: dict[str, Any]) -> list[str]:
    windows = "; ".join(_span(window) for window in card["windows"])
    return [
        f"- Train: cohorts {_span(card['train'])}. Its newest cohort is"
        f" {card['train_age_months']} months old at {card['as_of']}.",
        f"- Validation (early stopping, calibration): {_span(card['validation'])}.",
        f"- Out of time, not seen by any fit: {windows}.",
        f"- Data version: {len(card['data_version'])} commits, listed with their digests in"
        " lineage.json.",
        f"- Labelled loans without features, left out: {card['unmatched_loans']}.",
        *_leakage(card["leakage"]),
    ]


def _performance(metrics: dict[str, Any]) -> list[str]:
    lines = ["| part | rows | bads | AUC (95 %) | scorecard AUC | O/E | Brier |"]
    lines.append("|---|---|---|---|---|---|---|")
    for part in ("train", "validation"):
        benchmark = metrics["benchmark"][part]["auc"]
        lines.append(_line(part, metrics[part], f"{benchmark:.3f}"))
    for source, parts in metrics["masked"].items():
        lines += [_line(f"{part}, {source} down", found, "") for part, found in parts.items()]
    lines += ["", "In-sample, or nearly: train fitted the trees, validation stopped and calibrated"]
    lines.append("them. The out-of-time windows are judged in validation.html.")
    if metrics["validation"]["auc"] <= metrics["benchmark"]["validation"]["auc"]:
        lines += ["", "**The scorecard ranks validation at least as well as this model.**"]
    return lines


def _line(part: str, found: dict[str, Any], benchmark: str) -> str:
    area = f"{found['auc']:.3f} ({found['auc_lower']:.3f} to {found['auc_upper']:.3f})"
    return (
        f"| {part} | {found['rows']} | {found['bads']} | {area} | {benchmark} |"
        f" {found['oe']:.2f} | {found['brier']:.4f} |"
    )


def _limits(card: dict[str, Any]) -> list[str]:
    sources = ", ".join(card["masked_sources_trained"])
    masked = (
        f"Trained to score without {sources}, one source down at a time; with more than one down"
        " it takes the most cautious of their calibrations, which nothing has validated."
        if sources
        else "Not trained to score with a source down."
    )
    return [
        f"- It has seen no loan that began after {card['newest_fitted_cohort'][:7]}.",
        f"- {masked}",
        f"- Left out as protected: {', '.join(card['left_out']) or 'none'}. Leaving an attribute"
        " out does not prove equal treatment.",
        "- Learned from booked loans only: what refused applicants would have done is unknown.",
    ]


def _selection(found: dict[str, Any]) -> list[str]:
    if not found["stability"]:
        return ["All features; none was selected against noise."]
    dropped = ", ".join(f"{name} ({share:.0%})" for name, share in found["dropped"].items())
    return [
        f"Held against shuffled copies of themselves in {found['folds']} temporal folds inside"
        f" train. Dropped, with the share of folds in which they told more than noise:"
        f" {dropped or 'none'}."
    ]


def _leakage(scan: dict[str, Any]) -> list[str]:
    if not scan["columns"]:
        return [f"- Leakage: {scan['bads']} bads in train, too few to judge single columns."]
    worst = max(scan["columns"], key=lambda name: scan["columns"][name])
    excused = "".join(f" {name} is above it: {why}." for name, why in scan["excused"].items())
    evidence = "".join(
        f" {name} evidence, fitted on outcomes, ranks {area:.3f} out of fold."
        for name, area in scan["evidence"].items()
    )
    if evidence:
        evidence += f" Event counts agree with their history in {scan['months_dated']} months."
    return [
        f"- Leakage: of {len(scan['columns'])} delivered columns {worst} ranks train best alone,"
        f" AUC {scan['columns'][worst]:.3f} (limit {scan['limit']:.2f}).{excused}{evidence}"
    ]


def _span(months: list[str]) -> str:
    return months[0][:7] if len(months) == 1 else f"{months[0][:7]} to {months[-1][:7]}"


def _iso(months: tuple[date, ...]) -> list[str]:
    return [month.isoformat() for month in months]
