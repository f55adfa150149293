"""What loans of a pool share, and what the cohorts before them say of it.

Each month measures its cohorts and hands on those of the months before, so that the oldest
need not be read again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyarrow.compute as pc

from creditrisk.calendar_month import add_months, parse_month
from creditrisk.contracts import FINDINGS
from creditrisk.lake import Commit
from creditrisk.metrics.between_cohorts import Deviation
from creditrisk.metrics.proportion import Z_95
from creditrisk.metrics.scored_rows import FloatArray, IntArray
from creditrisk.model.shared_shocks import SharedShocks, known_cohorts, shared_shocks
from creditrisk.model.validated_states import ValidatedStates
from creditrisk.model.version import ModelVersion
from creditrisk.period import Period
from creditrisk.records.measured_window import KnownCohort
from creditrisk.stages.monitoring.finding import Finding
from creditrisk.stages.monitoring.matured_cohorts import MaturedCohorts

LEVEL, RANK = "cohort_level", "cohort_rank"


@dataclass(frozen=True, eq=False)
class Shared:
    """Shocks of a pool's `cohorts`; `cluster` numbers loans of one customer, None: nobody has two.

    `promised`: the AUC that the reference's PDs promise by themselves. `cost`: AUC that booking
    by the PD takes, by which a floor lies lower. `pds`: the loans' on the reference's scale, where
    a recalibration has left it.
    """

    shocks: SharedShocks
    cohorts: int = 1
    cluster: IntArray | None = None
    promised: float | None = None
    cost: float = 0.0
    pds: FloatArray | None = None


def shared_of(
    period: Period,
    model: ModelVersion,
    pool: MaturedCohorts,
    pds: FloatArray,
    validated: ValidatedStates,
) -> tuple[Shared, list[Finding], list[Commit]]:
    """For the tests of a pool; what was measured by cohort, with the months before; what was read.

    The pool's own cohorts are judged, so they are no evidence of shocks.
    """
    earlier, read = _earlier(period, model)
    own = (
        known_cohorts(pool.rows["cohort"], pool.rows["customer_id"], pool.bad, pds, "monitored")
        if len(pool.rows)
        else ()
    )
    older = [one for one in earlier if one.cohort not in pool.cohorts]
    kind = model.card.kind
    shocks = shared_shocks(
        validated.known,
        older,
        period.policy.shocks,
        own_level=kind != "recalibrate",
        refitted=kind == "refit",
    )
    shared = Shared(shocks, max(1, len(pool.cohorts)), pool.cluster)
    return shared, list(_findings([*older, *own])), read


def _earlier(period: Period, model: ModelVersion) -> tuple[list[KnownCohort], list[Commit]]:
    """Cohorts a month before has measured with the version, oldest first."""
    months = period.lake.months(FINDINGS.table, upto=add_months(period.as_of, -1))
    for month in reversed([m for m in months if m >= model.card.as_of]):
        commit = period.lake.need(FINDINGS.table, month)
        table = period.lake.read_commits(FINDINGS, [commit])
        mine = pc.and_(
            pc.equal(table["model_version"], model.id),
            pc.is_in(table["metric"], value_set=pc.cast([LEVEL, RANK], "string")),
        )
        if rows := table.filter(mine).to_pylist():
            return _known(rows), [commit]
    return [], []


def _known(rows: Iterable[dict[str, object]]) -> list[KnownCohort]:
    by_cohort: dict[str, dict[str, Deviation]] = {}
    for row in rows:
        spread = (float(str(row["upper"])) - float(str(row["lower"]))) / (2 * Z_95)
        found = Deviation(float(str(row["value"])), spread**2)
        by_cohort.setdefault(str(row["cohort"]), {})[str(row["metric"])] = found
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


def _findings(known: Sequence[KnownCohort]) -> Iterable[Finding]:
    for one in known:
        text = "outcomes above the PDs, in log odds"
        yield _finding(LEVEL, one, Deviation(one.level, one.level_variance), text)
        if one.rank is not None and one.rank_variance is not None:
            text = "AUC less the one the PDs promise"
            yield _finding(RANK, one, Deviation(one.rank, one.rank_variance), text)


def _finding(metric: str, one: KnownCohort, found: Deviation, text: str) -> Finding:
    margin = Z_95 * found.variance**0.5
    return Finding(
        metric,
        "calibration" if metric == LEVEL else "discrimination",
        value=found.value,
        lower=found.value - margin,
        upper=found.value + margin,
        text=text,
        cohort=f"{one.cohort:%Y-%m}",
        segment=f"cohort={one.cohort:%Y-%m}",
    )
