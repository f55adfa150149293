"""Score bands: how the month's applications spread over the grades, and who changed grade.

An application is scored once, so nothing of it migrates by itself. Two things do: an application
of the month before that a new champion scored again (`rescored=true`, the model moved), and a
customer who applies again (`rescored=false`, the customer moved; one version scored both).
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from creditrisk.calendar_month import add_months, month_range
from creditrisk.contracts import SCORES
from creditrisk.metrics.design_effect import clusters, independent
from creditrisk.metrics.grade_migration import matrix_weighted_bandwidth, neighbour_tests
from creditrisk.metrics.proportion import share_of
from creditrisk.metrics.scored_rows import IntArray
from creditrisk.period import Period
from creditrisk.policy import Policy
from creditrisk.records.champion_pointer import champion_history
from creditrisk.stages.monitoring.finding import Finding, share_finding


def grade_shares(scores: pd.DataFrame, policy: Policy) -> list[Finding]:
    """The share of published scores in each grade; `scores` are one version's rows."""
    graded = scores.dropna(subset="grade")
    grades, cluster = graded["grade"].to_numpy(dtype=int), clusters(graded["customer_id"])
    if not len(grades):
        return []
    shares = (
        (grade, share_of(grades == grade, cluster))
        for grade in range(1, len(policy.development.grades) + 2)
    )
    return [
        share_finding(
            f"grade:{grade}", share, f"{share.count:,} of {share.total:,} scored applications"
        )
        for grade, share in shares
    ]


def migration(period: Period, version: str, scores: pd.DataFrame) -> list[Finding]:
    """Moves between grades; `scores` are the version's rows of the month, its scores of record."""
    before = add_months(period.as_of, -1)
    grades = len(period.policy.development.grades) + 1
    twice = _scored_twice(period.lake.read(SCORES, [before]).to_pandas(), version)
    again = _applied_again(period, version, scores)
    return [
        *_moves(twice, "rescored=true", f"{before:%Y-%m}", grades),
        *_moves(again, "rescored=false", f"{period.as_of:%Y-%m}", grades),
    ]


def _scored_twice(scores: pd.DataFrame, version: str) -> pd.DataFrame:
    """`then` by the champion of the month, `now` by the version promoted in it."""
    rescored = scores["rescored"].astype(bool)
    first = scores[~rescored & (scores["model_version"] != version)]
    second = scores[rescored & (scores["model_version"] == version)]
    return _pairs(first, second, "application_id")


def _applied_again(period: Period, version: str, scores: pd.DataFrame) -> pd.DataFrame:
    """`then` at the customer's newest earlier application that the version scored."""
    back = add_months(period.as_of, -period.policy.monitoring.migration_months)
    tenures = [r.since for r in champion_history(period.store) if r.version == version]
    # before its first tenure a version scored nothing
    start = max(back, min(tenures, default=back))
    waiting, found = scores, []
    for month in reversed(list(month_range(start, add_months(period.as_of, -1)))):
        table = period.lake.read(SCORES, [month])
        earlier = table.filter(pc.equal(table["model_version"], version)).to_pandas()
        pairs = _pairs(earlier, waiting, "customer_id")
        waiting = waiting[~waiting["customer_id"].isin(earlier["customer_id"])]
        found.append(pairs)
    return (
        pd.concat(found, ignore_index=True) if found else _pairs(scores, scores[:0], "customer_id")
    )


def _pairs(then: pd.DataFrame, now: pd.DataFrame, key: str) -> pd.DataFrame:
    """Grades `then` and `now` of what both sides graded."""
    sides = (
        side.sort_values("application_id").drop_duplicates(key, keep="last") for side in (then, now)
    )
    first, second = (side.dropna(subset="grade") for side in sides)
    columns = [*dict.fromkeys((key, "customer_id")), "grade"]
    both = first[columns].merge(second[[key, "grade"]], on=key, suffixes=("_then", "_now"))
    return pd.DataFrame(
        {
            "then": both["grade_then"].astype(int),
            "now": both["grade_now"].astype(int),
            "customer_id": both["customer_id"],
        }
    )


def _moves(pairs: pd.DataFrame, segment: str, cohort: str, grades: int) -> Iterator[Finding]:
    """The share of those in a grade who are in another, or the same, now, and how far all moved.

    The p of a move is that of the template's z: small where it is commoner than the move one
    grade shorter.
    """
    if pairs.empty:
        return
    moves = np.zeros((grades, grades), dtype=np.int64)
    np.add.at(moves, (pairs["then"] - 1, pairs["now"] - 1), 1)
    cluster = clusters(pairs["customer_id"])
    z, p_values = neighbour_tests(moves, _worth(pairs, cluster, grades))
    for then, now in zip(*np.nonzero(moves), strict=True):
        mine = (pairs["then"] == then + 1).to_numpy()
        there = (pairs["now"] == now + 1).to_numpy()[mine]
        share = share_of(there, None if cluster is None else cluster[mine])
        text = f"{share.count:,} of {share.total:,} in grade {then + 1} before"
        found = share_finding(f"migration:{then + 1}>{now + 1}", share, text, cohort, segment)
        if np.isfinite(z[then, now]):
            text += f"; z {z[then, now]:.2f} against the move one grade shorter"
            found = replace(found, text=text, p_value=float(p_values[then, now]))
        yield found
    width = matrix_weighted_bandwidth(moves)
    for metric, value, side in (
        ("mwb_upper", width.upper, "riskier"),
        ("mwb_lower", width.lower, "better"),
    ):
        yield Finding(
            metric,
            "portfolio",
            value=value,
            rows=len(pairs),
            text=f"matrix weighted bandwidth of moves to {side} grades"
            if value is not None
            else f"nobody moved to a {side} grade",
            cohort=cohort,
            segment=segment,
        )


def _worth(pairs: pd.DataFrame, cluster: IntArray | None, grades: int) -> list[float]:
    """Independent rows of each grade before, at most: a customer's may all be one move."""
    each = ((pairs["then"] == grade).to_numpy() for grade in range(1, grades + 1))
    return [
        independent(None if cluster is None else cluster[mine], int(mine.sum())) for mine in each
    ]
