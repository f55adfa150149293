"""A profile judged: what has moved since the month before by more than the policy allows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from creditrisk.number_text import percent
from creditrisk.policy import Quality
from creditrisk.portfolio import ColumnSpec, Portfolio, SourceSpec
from creditrisk.portfolio.column import NUMBERS
from creditrisk.records.quality import Check
from creditrisk.records.table_profile import ColumnChange, ColumnProfile, TableProfile
from creditrisk.stages.etl.quality.severity import severity


@dataclass(frozen=True)
class Move:
    """What moved: how many values of how many, and in words."""

    rule: str
    count: int
    rows: int
    text: str


def marked(profile: TableProfile, judged: Mapping[str, SourceSpec]) -> TableProfile:
    """The profile, its columns marked that are judged."""
    columns = (replace(column, judged=column.name in judged) for column in profile.columns)
    return replace(profile, columns=tuple(columns))


def moved(profile: TableProfile, sources: Mapping[str, SourceSpec], limits: Quality) -> list[Check]:
    """Findings on the columns marked; `sources` says of each which source it comes from.

    With fewer than `min_rows` rows in either month nothing is compared.
    """
    return [
        Check(
            layer=profile.layer,
            table=profile.table,
            rule=move.rule,
            column=column.name,
            count=move.count,
            rows=move.rows,
            share=move.count / move.rows,
            severity=severity(limits.rules, move.rule, sources[column.name], column.name),
            text=f"{profile.table}: {column.name} {move.text}",
        )
        for column in profile.columns
        if column.judged and column.change
        for move in _moves(column, column.change, limits)
    ]


def lies_together(column: ColumnSpec) -> bool:
    """Whether amounts of a column are of one size, whoever the customer: others are slips."""
    alike = column.type in NUMBERS and column.role in (None, "due", "balance")
    return alike and not (column.growing or column.pii)


def lying_apart(profile: TableProfile, source: SourceSpec) -> list[Check]:
    """Amounts of a silver table that lie apart from all others of the month."""
    specs = {source.name_of(delivered): spec for delivered, spec in source.columns.items()}
    return [
        Check(
            layer=profile.layer,
            table=profile.table,
            rule="apart",
            column=column.name,
            count=column.apart.count,
            rows=column.known,
            share=column.apart.count / column.known,
            severity="warn",
            text=f"{profile.table}: {column.apart.count:,} of {column.known:,} {column.name}"
            f" {column.apart.text}",
        )
        for column in profile.columns
        if column.apart and column.name in specs and lies_together(specs[column.name])
    ]


def silver_columns(source: SourceSpec) -> dict[str, SourceSpec]:
    """The columns of a source that are judged: values, that is no keys, dates or PII.

    What grows with calendar time moves every month, and so do the figures of loans with a role,
    as the portfolio ages: they are described, and not judged.
    """
    return {name: source for name, spec in source.values().items() if not spec.growing}


def gold_columns(portfolio: Portfolio, down: tuple[str, ...]) -> dict[str, SourceSpec]:
    """Of gold features those silver does not have: derived ones, of sources that are up."""
    silver = {name for source in portfolio.sources.values() for name in source.values()}
    return {
        feature.name: portfolio.sources[feature.source]
        for feature in portfolio.features
        if feature.name not in silver and feature.source not in down and not feature.grows
    }


def _moves(column: ColumnProfile, change: ColumnChange, limits: Quality) -> Iterator[Move]:
    if min(column.rows, change.rows) >= limits.min_rows:
        yield from _missing(column, change, limits)
    if min(column.known, change.known) >= limits.min_rows:
        yield from _shifted(column, change, limits)
        yield from _outliers(column, change, limits)
        yield from _unseen(column, change, limits)


def _missing(column: ColumnProfile, change: ColumnChange, limits: Quality) -> Iterator[Move]:
    now, then = column.missing_share, change.missing_share
    if now - then > limits.max_missing_rise:
        text = f"is missing in {now:.1%} of rows, {then:.1%} a month ago"
        more = f" (limit: {percent(limits.max_missing_rise)} more)"
        yield Move("missing more", column.missing, column.rows, text + more)


def _shifted(column: ColumnProfile, change: ColumnChange, limits: Quality) -> Iterator[Move]:
    now, then, shift = column.numbers, change.numbers, change.shift
    if now and then and shift is not None and abs(shift) > limits.max_shift:
        text = (
            f"has mean {now.mean:.4g}, {then.mean:.4g} a month ago:"
            f" {shift:+.2g} standard deviations (limit {limits.max_shift:g})"
        )
        yield Move("shift", column.known, column.known, text)


def _outliers(column: ColumnProfile, change: ColumnChange, limits: Quality) -> Iterator[Move]:
    rise = change.outlier_rise
    if change.outliers and rise is not None and rise > limits.max_outlier_rise:
        share = change.outliers / column.known
        text = (
            f"lies beyond the fences of a month ago in {share:.1%} of rows, {share - rise:.1%} then"
            f" (limit: {percent(limits.max_outlier_rise)} more)"
        )
        yield Move("outliers", change.outliers, column.known, text)


def _unseen(column: ColumnProfile, change: ColumnChange, limits: Quality) -> Iterator[Move]:
    share = change.unseen_rows / column.known
    if share > limits.max_unseen_share:
        text = (
            f"has categories unseen a month ago in {share:.1%} of rows"
            f" (limit {percent(limits.max_unseen_share)})"
        )
        yield Move("unseen values", change.unseen_rows, column.known, text)
