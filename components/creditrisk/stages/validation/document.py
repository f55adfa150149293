"""What was found on the windows of a version, as it is stored."""

from collections.abc import Mapping, Sequence
from datetime import date

from creditrisk.metrics.discrimination import gini
from creditrisk.metrics.estimates import PairedAuc
from creditrisk.metrics.ranking import RocCurve
from creditrisk.records.measured_window import AucInterval, Bands, OeInterval, Window
from creditrisk.records.oot_ledger import WindowReading
from creditrisk.records.validation import BenchmarkTest, RocPoints, Validation
from creditrisk.stages.validation.examine import Examination
from creditrisk.stages.validation.gate import reasons, verdict_of
from creditrisk.stages.validation.measures import Measures

Limits = Mapping[str, int | float]


def document(
    reading: WindowReading, found: Examination, limits: Limits, data_version: Mapping[str, str]
) -> Validation:
    """Everything found; `limits`: the policy's in force, `data_version`: what was opened."""
    pooled = found.pooled
    return Validation(
        version=reading.version,
        as_of=reading.as_of,
        policy=reading.policy,
        champion=reading.champion,
        verdict=verdict_of(found.gates, reading.champion),
        reasons=reasons(found.gates),
        cohorts=reading.windows,
        windows=tuple(
            _window(measured, cohorts)
            for measured, cohorts in zip(found.windows, reading.windows, strict=False)
        ),
        pooled=pooled.auc if pooled else None,
        pooled_oe=OeInterval.of(pooled.oe) if pooled else None,
        masked=found.masked,
        benchmark=_benchmark(found.benchmark, limits) if found.benchmark else None,
        comparison=found.comparison,
        fairness=found.fairness,
        gates=found.gates,
        limits=limits,
        roc=_points(pooled.roc) if pooled else None,
        confusion=pooled.confusion if pooled else None,
        data_version=data_version,
        known=found.known,
        promised=found.promised,
    )


def spent(reading: WindowReading, reason: str) -> Validation:
    """Of a version whose windows may not be read: nothing found, never a pass."""
    return Validation(
        version=reading.version,
        as_of=reading.as_of,
        policy=reading.policy,
        champion=reading.champion,
        verdict="insufficient",
        reasons=(reason,),
        cohorts=reading.windows,
    )


def _window(measured: Measures, cohorts: Sequence[date]) -> Window:
    order, cutoff = measured.order, measured.cutoff
    return Window(
        name=measured.name,
        cohorts=tuple(cohorts),
        rows=measured.rows,
        bads=measured.bads,
        auc=AucInterval.of(measured.auc),
        gini=gini(measured.auc.auc),
        ks=measured.ks,
        oe=OeInterval.of(measured.oe),
        jeffreys=measured.jeffreys,
        grades=measured.grades,
        brier=measured.brier,
        ece=measured.ece,
        score_psi=measured.shift.psi,
        score_psi_critical=measured.shift.critical,
        inversions=order.inversions,
        significant_inversions=order.significant,
        bands=Bands(rows=order.rows, bads=order.bads),
        precision=cutoff.precision,
        recall=cutoff.recall,
    )


def _benchmark(pair: PairedAuc, limits: Limits) -> BenchmarkTest:
    return BenchmarkTest(
        auc=pair.auc_a,
        benchmark_auc=pair.auc_b,
        auc_difference=pair.difference,
        lower=pair.lower,
        upper=pair.upper,
        p_value=pair.p_superior,
        better=pair.p_superior < limits["superiority_p"],
    )


def _points(curve: RocCurve) -> RocPoints:
    return RocPoints(
        fpr=curve.fpr.tolist(), tpr=curve.tpr.tolist(), thresholds=curve.thresholds.tolist()
    )
