"""The model card in plain words, Markdown."""

from collections.abc import Sequence
from datetime import date

from creditrisk.number_text import share
from creditrisk.records.card import Card, DatedLeakageScan, Label
from creditrisk.records.development import DevelopmentPart, Measured, Metrics
from creditrisk.records.fairness import Fairness, GroupFairness
from creditrisk.records.learning import FeatureSelection

_NEARLY_IN_SAMPLE = (
    "In-sample, or nearly: train fitted the trees, validation stopped and calibrated them. The"
    " out-of-time windows are judged in validation.html."
)
_NO_WINDOWS = (
    "Train fitted the trees; customers not seen are the same rows, scored by trees fitted on other"
    " customers. Neither says how the model does on newer cohorts."
)


def card_text(card: Card, metrics: Metrics, portfolio_name: str) -> str:
    return "\n".join(
        [
            f"# Model card: {card.kind} of {card.as_of:%Y-%m}",
            "",
            *_what(card, portfolio_name),
            *_unjudged(card),
            "",
            "## Data",
            *_data(card),
            "",
            "## Performance in development",
            *_performance(metrics, refit=card.kind == "refit"),
            "",
            "## By group",
            *_groups(card.fairness),
            "",
            "## Limits",
            *_limits(card),
            *_few(card, metrics),
            "",
            "## Features",
            *_selection(card.selection),
            "",
            "| feature | kind | source | PD as it rises | meaning |",
            "|---|---|---|---|---|",
            *(
                f"| {f.name} | {f.kind} | {f.source} | {f.monotone or 'free'} | {f.text} |"
                for f in card.features
            ),
            "",
        ]
    )


def _what(card: Card, portfolio_name: str) -> list[str]:
    parent = f" It follows {card.parent}." if card.parent else ""
    return [
        f"Estimates, for an application to {portfolio_name}, the probability of being bad:"
        f" {_bad(card.label)}.{parent}",
        "",
        "Use: ranking and pricing of new applications of this portfolio, with a person responsible"
        " for each refusal. Not for: other products, collections, customers already on book.",
        "",
        f"CatBoost, {card.parameters['trees']} trees, {card.tuned_trials} parameter sets"
        f" tried{' (the time budget cut the search)' if card.tuning_cut_by_time else ''};"
        f" seed {card.seed}, {card.threads} thread{'s' * (card.threads != 1)}.",
    ]


def _bad(label: Label) -> str:
    """What bad means; a lender without a panel has dates of default, no instalments."""
    missed = label.missed_instalments
    if missed is None:
        return f"a default within {label.mob} months of payout"
    full = "a full instalment" if missed == 1 else f"{missed} full instalments"
    return f"{full} or more missed within {label.mob} months on book"


def _data(card: Card) -> list[str]:
    return [
        f"- Train: cohorts {_span(card.train)}. Its newest cohort is"
        f" {card.train_age_months} months old at {card.as_of}.",
        *_held_out(card),
        f"- Data version: {len(card.data_version)} commits, listed with their digests in"
        " lineage.json.",
        f"- Labelled loans without features, left out: {card.unmatched_loans}.",
        f"- Set aside for their dates: {card.late_loans:,} loans that began before their"
        f" application, {card.restated_loans} with outcomes in two cohorts.",
        *_leakage(card.leakage),
    ]


def _held_out(card: Card) -> list[str]:
    if card.kind == "refit":
        return ["- Validation and out of time: no cohort is left."]
    windows = "; ".join(_span(window) for window in card.windows)
    return [
        f"- Validation (early stopping, calibration): {_span(card.validation)}.",
        f"- Out of time, not seen by any fit: {windows}.",
    ]


def _unjudged(card: Card) -> list[str]:
    """What a refit has to say of itself first."""
    if card.kind != "refit":
        return []
    return [
        "",
        f"**Not itself validated.** {card.parent} passed its three out-of-time windows; this"
        " version has its features, parameters and number of trees, fitted again on every cohort"
        " that had matured, those windows included. It is calibrated on customers its trees had"
        " not seen. Monitoring holds it to what was measured of its parent.",
    ]


def _performance(metrics: Metrics, *, refit: bool) -> list[str]:
    lines = ["| part | rows | bads | AUC (95%) | scorecard AUC | O/E | Brier |"]
    lines.append("|---|---|---|---|---|---|---|")
    names: dict[DevelopmentPart, str] = {
        "train": "train",
        "validation": "customers not seen" if refit else "validation",
    }
    own: dict[DevelopmentPart, Measured] = {
        "train": metrics.train,
        "validation": metrics.validation,
    }
    for part, name in names.items():
        lines.append(_line(name, own[part], f"{metrics.benchmark[part].auc:.3f}"))
    for source, parts in metrics.masked.items():
        lines += [_line(f"{names[p]}, {source} down", found, "") for p, found in parts.items()]
    lines += ["", _NO_WINDOWS if refit else _NEARLY_IN_SAMPLE]
    if metrics.validation.auc <= metrics.benchmark["validation"].auc:
        lines += ["", "**The scorecard ranks validation at least as well as this model.**"]
    return lines


def _line(part: str, found: Measured, benchmark: str) -> str:
    area = f"{found.auc:.3f} ({found.auc_lower:.3f} to {found.auc_upper:.3f})"
    return (
        f"| {part} | {found.rows:,} | {found.bads:,} | {area} | {benchmark} |"
        f" {found.oe:.2f} | {found.brier:.4f} |"
    )


def _groups(columns: Sequence[Fairness]) -> list[str]:
    if not columns:
        return ["No group is compared: the portfolio names none, or no validation rows are left."]
    lines = [
        "On validation rows: how each group is ranked, whether its PDs hold, and how many of it are"
        " approved at the policy's cut-off. A screening signal, no legal test; intervals, and the"
        " windows, are in validation.html.",
        "",
        "| group | rows | bads | AUC | O/E | approved | of the highest rate | PD apart, sd |"
        " signal |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for column in columns:
        lines += [_group(f"{column.text}: {found.group}", found) for found in column.groups]
    return lines


def _group(name: str, found: GroupFairness) -> str:
    numbers = (
        f"{found.auc.auc:.3f}" if found.auc else "",
        f"{found.oe.ratio:.2f}" if found.oe else "",
        share(found.approved.value),
        f"{found.approval_ratio.value:.2f}" if found.approval_ratio else "",
        f"{found.difference.value:+.2f}" if found.difference else "",
    )
    cells = (name, f"{found.rows:,}", f"{found.bads:,}", *numbers, found.signal)
    return f"| {' | '.join(map(str, cells))} |"


def _limits(card: Card) -> list[str]:
    sources = ", ".join(card.masked_sources_trained)
    masked = (
        f"Trained to score without {sources}, one source down at a time; with more than one down"
        " it takes the most cautious of their calibrations, which nothing has validated."
        if sources
        else "Not trained to score with a source down."
    )
    return [
        f"- It has seen no loan that began after {card.newest_fitted_cohort:%Y-%m}.",
        f"- {masked}",
        f"- Left out as protected: {', '.join(card.left_out) or 'none'}. Leaving an attribute"
        " out does not prove equal treatment.",
        "- Learned from booked loans only: what refused applicants would have done is unknown.",
    ]


def _few(card: Card, metrics: Metrics) -> list[str]:
    """What few outcomes leave open; nothing where there are enough."""
    if not card.prudent:
        return []
    on, of = metrics.validation, metrics.train
    months = max(len(window) for window in card.windows) if card.windows else 0
    return [
        f"- Few outcomes: {of.bads:,} bads taught it, {on.bads:,} calibrated it. On validation its"
        f" AUC is {on.auc:.3f}, {on.auc_lower:.3f} to {on.auc_upper:.3f}; its level may be"
        f" off by a factor of {on.oe_lower:.2f} to {on.oe_upper:.2f}. A window pools up to"
        f" {months} months: what changes within one cannot be seen.",
        "- Whether a grade's PD is right is not known. The largest that validation's bads do not"
        " contradict, if the grades are ranked rightly (Pluto and Tasche 2005):",
        "",
        "| grade | rows | bads | most prudent PD |",
        "|---|---|---|---|",
        *(
            f"| {number} | {grade.rows:,} | {grade.bads:,} | {grade.most:.1%} |"
            for number, grade in enumerate(card.prudent, start=1)
        ),
    ]


def _selection(found: FeatureSelection) -> list[str]:
    if not found.stability:
        return ["All features; none was selected against noise."]
    dropped = ", ".join(f"{name} ({share:.0%})" for name, share in found.dropped.items())
    return [
        f"Held against shuffled copies of themselves in {found.folds} temporal folds inside"
        f" train. Dropped, with the share of folds in which they ranked better than noise:"
        f" {dropped or 'none'}."
    ]


def _leakage(scan: DatedLeakageScan) -> list[str]:
    if not scan.columns:
        return [f"- Leakage: {scan.bads:,} bads in train, too few to judge single columns."]
    worst = max(scan.columns, key=lambda name: scan.columns[name])
    excused = "".join(f" {name} is above it: {why}." for name, why in scan.excused.items())
    evidence = "".join(
        f" {name} evidence, fitted on outcomes, ranks {area:.3f} out of fold."
        for name, area in scan.evidence.items()
    )
    if evidence:
        evidence += f" Event counts agree with their history in {scan.months_dated} months."
    return [
        f"- Leakage: of {len(scan.columns)} columns and ratios {worst} ranks train best alone,"
        f" AUC {scan.columns[worst]:.3f} (limit {scan.limit:.2f}).{excused}{evidence}"
    ]


def _span(months: Sequence[date]) -> str:
    first, last = f"{months[0]:%Y-%m}", f"{months[-1]:%Y-%m}"
    return first if len(months) == 1 else f"{first} to {last}"
