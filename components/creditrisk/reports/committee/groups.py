"""How groups of applicants fared at the model's validation."""

from collections.abc import Sequence

from creditrisk.records.fairness import Fairness, GroupFairness
from creditrisk.records.validation import Validation
from creditrisk.records.version_files import brief
from creditrisk.reports.workbook import Columns, Grid, Value

_GROUPS: Columns = (
    ("column", "text"),
    ("protected", "text"),
    ("group", "text"),
    ("rows", "count"),
    ("defaults", "count"),
    ("approved", "share"),
    ("approval ratio", "ratio"),
    ("95% from", "ratio"),
    ("to", "ratio"),
    ("p-value", "p"),
    ("AUC", "number"),
    ("O/E", "ratio"),
    ("signal", "text"),
)


def groups(validated: Validation | None) -> Grid:
    """Every group of every compared column, as the model's validation found it."""
    compared = validated.fairness if validated else ()
    rows = [_group(column, group) for column in compared for group in column.groups]
    title = (
        f"Groups at validation of {brief(validated.version)}" if validated else "Groups: no model"
    )
    return Grid(title, _GROUPS, rows)


def _group(column: Fairness, group: GroupFairness) -> Sequence[Value]:
    ratio = group.approval_ratio
    return (
        column.feature,
        "yes" if column.protected else "no",
        group.group,
        group.rows,
        group.bads,
        group.approved.value,
        *((ratio.value, ratio.lower, ratio.upper) if ratio else (None, None, None)),
        group.p_value,
        group.auc.auc if group.auc else None,
        group.oe.ratio if group.oe else None,
        group.signal,
    )
