"""Concentration of the month's applications over grades and groups, against validation."""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from creditrisk.metrics.grade_migration import concentration
from creditrisk.model.groups import groups_of
from creditrisk.number_text import p_text
from creditrisk.policy import Policy
from creditrisk.portfolio import Portfolio
from creditrisk.records.validation import Validation
from creditrisk.stages.monitoring.finding import Finding


def of_grades(scores: pd.DataFrame, validated: Validation | None, policy: Policy) -> Finding:
    """Of the scored applications over the grades; at first: the loans of the OOT windows."""
    groups = len(policy.development.grades) + 1
    grades = scores["grade"].dropna().astype(int)
    now = np.bincount(grades, minlength=groups + 1)[1:].tolist()
    windows = validated.windows if validated else ()
    same = bool(windows) and all(len(window.grades) == groups for window in windows)
    first = (
        np.sum([[g.rows for g in window.grades] for window in windows], axis=0) if same else None
    )
    return _finding("concentration:grades", now, None if first is None else first.tolist())


def of_groups(
    frame: pd.DataFrame, reference: pd.DataFrame, portfolio: Portfolio
) -> Iterator[Finding]:
    """Over the groups that the portfolio asks to compare; at first: the newest OOT window."""
    for feature in portfolio.features:
        if not feature.fairness or not (feature.kind == "category" or feature.bands):
            continue
        now = Counter(groups_of(frame[feature.name], feature).tolist())
        known = feature.name in reference
        first = Counter(groups_of(reference[feature.name], feature).tolist() if known else ())
        names = sorted({*now, *first})
        counts = [[rows[name] for name in names] for rows in (now, first)]
        yield _finding(f"concentration:{feature.name}", counts[0], counts[1] if first else None)


def _finding(metric: str, now: Sequence[int], first: Sequence[int] | None) -> Finding:
    rows = sum(now)
    if len(now) < 2 or not rows:
        text = "no application to place" if not rows else "all are of one group"
        return Finding(metric, "portfolio", rows=rows).lacking(text)
    found = concentration(now, first if first and sum(first) else None)
    text = f"Herfindahl {found.herfindahl:.3f} over {len(now)} groups, CV {found.variation:.2f}"
    if found.p_value is not None:
        text += f"; {p_text(found.p_value)} that it is no more concentrated than at validation"
    return Finding(
        metric, "portfolio", value=found.index, p_value=found.p_value, rows=rows, text=text
    )
