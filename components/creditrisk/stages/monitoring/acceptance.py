"""Whom the outcomes speak of: applications that were booked, of all that came through the door."""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from creditrisk.contracts import LABELS, PARTITION, features
from creditrisk.lake import Commit
from creditrisk.metrics.design_effect import clustered_variance, clusters
from creditrisk.metrics.estimates import Z_95
from creditrisk.metrics.frozen_bins import FrozenBins
from creditrisk.metrics.proportion import share_of
from creditrisk.metrics.ranking import weighted_delong
from creditrisk.metrics.scored_rows import FloatArray, IntArray
from creditrisk.metrics.stability import psi
from creditrisk.model.booking import booking_rates, effective
from creditrisk.model.mask_states import mask_states
from creditrisk.model.random_sample import drawn
from creditrisk.model.validated_states import ValidatedStates
from creditrisk.model.version import ModelVersion
from creditrisk.period import Period
from creditrisk.policy import Policy
from creditrisk.stages.monitoring.accepted import Scored
from creditrisk.stages.monitoring.calibration import LEAST_PD
from creditrisk.stages.monitoring.finding import Finding, share_finding
from creditrisk.stages.monitoring.matured_cohorts import MaturedCohorts

_OF_BOOKED = ("door_psi", "unseen_share")
_OF_SAMPLE = ("door_auc", "door_oe")


def through_the_door(
    period: Period, pool: MaturedCohorts, validated: ValidatedStates
) -> tuple[pd.DataFrame, tuple[Commit, ...]]:
    """Every application of the months that the pool's loans were applied for in.

    Gold features, sorted by application, with `bad` (NaN: not among the pool's loans) and
    `booked`: a loan of it is known, whatever became of it.
    """
    lake, contract = period.lake, features(period.portfolio)
    months = sorted(set(pool.rows[PARTITION])) if len(pool.rows) else []
    commits = [lake.need(contract.table, month) for month in months]
    frame: pd.DataFrame = lake.read_commits(contract, commits).to_pandas()
    if frame.empty:
        return frame.assign(bad=np.nan, booked=False), ()
    frame = frame[validated.may_score(mask_states(frame, period.portfolio))]
    frame = frame.sort_values("application_id", ignore_index=True)
    bad = pool.rows.drop_duplicates("application_id").set_index("application_id")["bad"]
    later = [m for m in lake.months(LABELS.table, upto=period.as_of) if m > months[0]]
    labels = [lake.need(LABELS.table, month) for month in later]
    loans = lake.read_commits(LABELS, labels)["application_id"].to_pandas()
    ids = frame["application_id"]
    frame = frame.assign(bad=bad.reindex(ids).to_numpy(dtype=float), booked=ids.isin(loans))
    return frame, (*commits, *labels)


def acceptance(
    period: Period, model: ModelVersion, frame: pd.DataFrame, cohort: str
) -> list[Finding]:
    """What the accepted sample says of all applications, and what it cannot say.

    `frame` as `through_the_door` has it. Nothing is judged.
    """
    if frame.empty:
        names = ("booked_share", *_OF_BOOKED, *_OF_SAMPLE)
        return _insufficient(names, "no application whose outcome can be known", 0)
    policy, pds = period.policy, model.predict(frame)
    ids, customers = (frame[n].to_numpy(dtype=object) for n in ("application_id", "customer_id"))
    bad = frame["bad"].to_numpy(dtype=float)
    booked = frame["booked"].to_numpy(dtype=np.bool_)
    cluster = clusters(customers)
    share = share_of(booked, cluster)
    text = f"{share.count:,} of {share.total:,} applications were booked"
    lottery = drawn(ids, policy.scoring.random_accept, policy.development.seed)
    found = [
        share_finding("booked_share", share, text),
        *_representative(pds, booked, cluster),
        *_of_everybody(Scored(ids, pds, bad, customers), lottery, policy),
    ]
    return [replace(finding, cohort=cohort) for finding in found]


def _representative(
    pds: FloatArray, booked: NDArray[np.bool_], cluster: IntArray | None
) -> list[Finding]:
    """How the PDs of the booked lie among all, and how many had one at which nobody was booked."""
    if booked.all() or not booked.any():
        which = "every application" if booked.all() else "no application"
        return _insufficient(_OF_BOOKED, f"{which} was booked: nothing tells who is", len(pds))
    bins = FrozenBins.numeric(pds)
    apart = psi(bins.counts(pds), bins.counts(pds[booked]))
    rates = booking_rates(pds, booked)
    unseen = share_of(rates.of(pds) == 0, cluster)
    return [
        Finding(
            "door_psi",
            "portfolio",
            value=apart,
            rows=len(pds),
            text=f"PSI {apart:.3f} of the PDs of the booked against those of all applications",
        ),
        share_finding(
            "unseen_share",
            unseen,
            f"{unseen.count:,} of {unseen.total:,} applications had a PD at which nobody was"
            " booked: no outcome says how the model ranks them, or whether their PDs are right",
        ),
    ]


def _of_everybody(door: Scored, lottery: NDArray[np.bool_], policy: Policy) -> list[Finding]:
    """AUC and O/E of all applications, from booked ones weighted by one over their chance.

    Hajek's ratio (1971) with the chance learnt by band of PD. Above the cut-off the lottery's
    loans count alone: what people chose to book there stands for nobody else.
    """
    rows, share = len(door.pds), policy.scoring.random_accept
    if not share:
        text = "scoring.random_accept is 0: nobody is booked to learn of those declined"
        return _insufficient(_OF_SAMPLE, text, rows)
    chosen = door.known & ((door.pds <= policy.scoring.cutoff) | lottery)
    if not chosen.any():
        return _insufficient(_OF_SAMPLE, "no outcome is known of the random sample", rows)
    rates = booking_rates(door.pds, chosen)
    unseen = int((rates.of(door.pds) == 0).sum())
    weights = 1 / rates.of(door.pds[chosen])
    bad, pds = door.bad[chosen].astype(np.int64), door.pds[chosen]
    cluster = door.cluster(chosen)
    worth = effective(weights[bad == 1], None if cluster is None else cluster[bad == 1])
    needed = policy.monitoring.min_reference_bads
    if unseen or worth < needed or not (bad == 0).any():
        text = f"{worth:,.0f} effective bads, {needed} needed"
        text += f"; {unseen:,} applications had a PD at which none was booked" if unseen else ""
        return _insufficient(_OF_SAMPLE, text, rows)
    return list(_weighted(bad, pds, weights, cluster, int(lottery[chosen].sum())))


def _weighted(
    bad: IntArray, pds: FloatArray, weights: FloatArray, cluster: IntArray | None, taken: int
) -> Iterator[Finding]:
    rows, bads = len(bad), int(bad.sum())
    text = (
        f"of all applications, by {rows:,} loans weighted by one over their chance, {taken} drawn"
    )
    base = Finding("door_auc", "portfolio", rows=rows, bads=bads, text=text)
    area = weighted_delong(bad, pds, weights, cluster)
    yield replace(base, value=area.auc, lower=area.lower, upper=area.upper)
    expected = float(weights @ np.maximum(pds, LEAST_PD))
    ratio = float(weights @ bad) / expected
    surplus = weights * (bad - ratio * pds)
    variance = clustered_variance(surplus, cluster) * rows / max(1, rows - 1)
    margin = Z_95 * math.sqrt(variance) / expected
    yield replace(
        base, metric="door_oe", value=ratio, lower=max(0.0, ratio - margin), upper=ratio + margin
    )


def _insufficient(metrics: tuple[str, ...], text: str, rows: int) -> list[Finding]:
    return [Finding(metric, "portfolio", rows=rows).lacking(text) for metric in metrics]
