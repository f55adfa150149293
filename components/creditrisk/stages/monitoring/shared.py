"""What loans of a pool share, and what the cohorts before them say of it.

Each month measures its cohorts and hands on those of the months before, so that the oldest
need not be read again.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from creditrisk.calendar_month import parse_month
from creditrisk.contracts import FindingAxis
from creditrisk.metrics.between_cohorts import Deviation
from creditrisk.metrics.estimates import Z_95
from creditrisk.metrics.level_change import LevelChange
from creditrisk.metrics.scored_rows import FloatArray, IntArray
from creditrisk.model.shared_shocks import SharedShocks, change_since, shared_shocks
from creditrisk.model.validated_states import ValidatedStates
from creditrisk.model.version import ModelVersion
from creditrisk.period import Period
from creditrisk.records.measured_window import KnownCohort
from creditrisk.stages.monitoring.finding import Finding
from creditrisk.stages.monitoring.handed_on import LEVEL, RANK, Row
from creditrisk.stages.monitoring.matured_cohorts import MaturedCohorts

_OF_COHORTS: Mapping[str, tuple[FindingAxis, str]] = {
    LEVEL: ("calibration", "outcomes above the PDs, in log odds"),
    RANK: ("discrimination", "AUC less the one the PDs promise"),
}


@dataclass(frozen=True, eq=False)
class Shared:
    """Shocks of a pool's `cohorts`; `cluster` numbers loans of one customer, None: nobody has two.

    `promised`: the AUC that the reference's PDs promise by themselves. `cost`: AUC that booking
    by the PD takes, by which a floor lies lower. `pds`: the loans' on the reference's scale, where
    a recalibration has left it. `change` of the book's level since the promotion; None: that is
    not asked of these loans.
    """

    shocks: SharedShocks
    cohorts: int = 1
    cluster: IntArray | None = None
    promised: float | None = None
    cost: float = 0.0
    pds: FloatArray | None = None
    change: LevelChange | None = None


def shared_of(
    period: Period,
    model: ModelVersion,
    pool: MaturedCohorts,
    own: Sequence[KnownCohort],
    earlier: Iterable[Row],
    validated: ValidatedStates,
) -> tuple[Shared, list[Finding]]:
    """For the tests of a pool; and the findings by cohort: `own` of this month and `earlier` ones.

    The pool's own cohorts are judged, so they are no evidence of shocks. Nor are those from the
    first one on with which the axis was red: a change in mid-tenure would pass for shocks, and be
    red no more once it had lasted.
    """
    rows = list(earlier)
    red = {name: _red(rows, name) for name in (LEVEL, RANK)}
    by_cohort = {one.cohort: one for one in (*known_before(rows), *own)}
    known = [by_cohort[cohort] for cohort in sorted(by_cohort)]
    older = [one for one in known if one.cohort not in pool.cohorts]
    kind, limits = model.card.kind, period.policy.shocks
    own_level, refitted = kind != "recalibrate", kind == "refit"
    shocks = shared_shocks(
        validated.known,
        before_red(older, red[LEVEL]),
        limits,
        ranked=before_red(older, red[RANK]),
        own_level=own_level,
        refitted=refitted,
    )
    change = change_since(validated.known, known, limits, own_level=own_level, refitted=refitted)
    shared = Shared(shocks, max(1, len(pool.cohorts)), pool.cluster, change=change)
    return shared, list(_findings(known, red))


def before_red(known: Sequence[KnownCohort], red: Collection[date]) -> list[KnownCohort]:
    """Those older than the first one with which an axis was red."""
    first = min(red, default=date.max)
    return [one for one in known if one.cohort < first]


def judged_red(
    cohorts: Iterable[Finding], axes: Iterable[Finding], pool: MaturedCohorts
) -> list[Finding]:
    """The findings by cohort; those of the pool say so where their axis is red."""
    red = {one.axis for one in axes if one.state in ("red", "critical")}
    mine = {f"{cohort:%Y-%m}" for cohort in pool.cohorts}
    return [
        replace(one, state="red") if one.axis in red and one.cohort in mine else one
        for one in cohorts
    ]


def _red(rows: Iterable[Row], metric: str) -> frozenset[date]:
    found = (row for row in rows if (row["metric"], row["state"]) == (metric, "red"))
    return frozenset(parse_month(str(row["cohort"]), "cohort") for row in found)


def known_before(rows: Iterable[Row]) -> list[KnownCohort]:
    """Cohorts that an earlier month has measured with the version, oldest first."""
    by_cohort: dict[str, dict[str, Deviation]] = {}
    for row in rows:
        if row["metric"] in (LEVEL, RANK):
            spread = (row["upper"] - row["lower"]) / (2 * Z_95)
            found = Deviation(row["value"], spread**2)
            by_cohort.setdefault(row["cohort"], {})[row["metric"]] = found
    return [
        KnownCohort(
            cohort=parse_month(cohort, "cohort"),
            part="monitored",
            level=found[LEVEL].value,
            level_variance=found[LEVEL].variance,
            rank=found[RANK].value if RANK in found else None,
            rank_variance=found[RANK].variance if RANK in found else None,
        )
        for cohort, found in sorted(by_cohort.items())
    ]


def _findings(
    known: Iterable[KnownCohort], red: Mapping[str, Collection[date]]
) -> Iterable[Finding]:
    for one in known:
        yield _finding(LEVEL, one, Deviation(one.level, one.level_variance), red)
        if one.rank is not None and one.rank_variance is not None:
            yield _finding(RANK, one, Deviation(one.rank, one.rank_variance), red)


def _finding(
    metric: str, one: KnownCohort, found: Deviation, red: Mapping[str, Collection[date]]
) -> Finding:
    margin = Z_95 * found.variance**0.5
    axis, text = _OF_COHORTS[metric]
    return Finding(
        metric,
        axis,
        value=found.value,
        lower=found.value - margin,
        upper=found.value + margin,
        state="red" if one.cohort in red[metric] else "none",
        text=text,
        cohort=f"{one.cohort:%Y-%m}",
        segment=f"cohort={one.cohort:%Y-%m}",
    )
