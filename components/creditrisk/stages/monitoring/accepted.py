"""Like with like where a lender books by the score: what validation lets one expect of his loans.

Outcomes exist for what was booked. The loans of the windows are weighted as the judged loans were
selected: by the share of applications booked at each PD now, over that of then. The same champion
on the same applications then shows no decay, however low the cut-off.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from creditrisk.contracts import ALL_SOURCES_UP
from creditrisk.metrics.design_effect import clusters
from creditrisk.metrics.discrimination import auc
from creditrisk.metrics.estimates import AucEstimate
from creditrisk.metrics.ranking import mean_auc, promised_auc, weighted_delong
from creditrisk.metrics.scored_rows import FloatArray, IntArray
from creditrisk.model.booking import booking_rates, effective, selection_weights
from creditrisk.model.mask_states import mask_states, masked
from creditrisk.model.version import ModelVersion


@dataclass(frozen=True, eq=False)
class Scored:
    """Applications: ids, PDs, and whether they turned bad (NaN: no outcome is known).

    Without `customers` (ids) nobody has two.
    """

    ids: NDArray[np.object_]
    pds: FloatArray
    bad: FloatArray
    customers: NDArray[np.object_] | None = None

    def cluster(self, rows: NDArray[np.bool_]) -> IntArray | None:
        """A number for each customer of some rows; None: nobody has two."""
        return None if self.customers is None else clusters(self.customers[rows])

    @property
    def known(self) -> NDArray[np.bool_]:
        return ~np.isnan(self.bad)


@dataclass(frozen=True, eq=False)
class Expected:
    """What validation lets one expect of some loans.

    `cost`: AUC that selection alone takes, which a floor has to allow for. `comparable`: the
    applications at whose PD validation knew outcomes (None: all). `lacking` says why there is no
    AUC. `by_pd`: then or now, who was booked depended on the PD. `promised`: the AUC that the PDs
    behind `auc` promise by themselves.
    """

    auc: AucEstimate | None = None
    cost: float = 0.0
    comparable: frozenset[str] | None = None
    lacking: str = ""
    by_pd: bool = False
    promised: float | None = None


def expected_where_booked(reference: Scored, now: Scored, least_bads: float) -> Expected:
    """Of the applications of `now` that an outcome is known of; both sides hold applications.

    `least_bads`: effective bads of the reference below which nothing is compared.
    """
    then = booking_rates(reference.pds, reference.known)
    today = booking_rates(now.pds, now.known)
    comparable = frozenset(now.ids[now.known & (then.of(now.pds) > 0)])
    by_pd = then.selective or today.selective
    pds = reference.pds[reference.known]
    weights = selection_weights(then, today, pds)
    found, lacking = _restricted(reference, weights, least_bads)
    if found is None:
        return Expected(comparable=comparable, lacking=lacking, by_pd=by_pd)
    whole = auc(reference.bad[reference.known].astype(int), pds)
    cost, promise = max(0.0, whole - found.auc), promised_auc(pds, weights)
    return Expected(found, cost, comparable, by_pd=by_pd, promised=promise)


def expected_of_frames(
    model: ModelVersion, reference: pd.DataFrame, now: pd.DataFrame, least_bads: float
) -> Expected | None:
    """The same of gold features with `bad`; None where nobody was selected by PD, or nobody at all.

    An outage costs AUC, which is no decay: the applications of each mask state are held against
    the reference without the sources that were down.
    """
    states = mask_states(now, model.portfolio)
    known = states[now["bad"].notna()]
    found = {
        state: expected_where_booked(then, _scored(model, now[states == state]), least_bads)
        for state, then in _by_state(model, reference, known)
    }
    each = list(found.values())
    if not any(one.by_pd for one in each):
        return None
    comparable = frozenset[str]().union(*(one.comparable or () for one in each))
    return _mean(each, [float((known == state).mean()) for state in found], comparable)


def _mean(
    each: Sequence[Expected], shares: Sequence[float], comparable: frozenset[str]
) -> Expected:
    """Over the loans' states, as `ValidatedStates.expected_auc` has it."""
    aucs = [one.auc for one in each if one.auc]
    if len(aucs) < len(each):
        lacking = next(one.lacking for one in each if one.auc is None)
        return Expected(comparable=comparable, lacking=lacking)
    promises = [one.promised for one in each if one.promised is not None]
    return Expected(
        mean_auc(aucs, shares),
        float(np.dot(shares, [one.cost for one in each])),
        comparable,
        promised=float(np.dot(shares, promises)) if len(promises) == len(each) else None,
    )


def _scored(model: ModelVersion, frame: pd.DataFrame) -> Scored:
    ids = frame["application_id"].to_numpy(dtype=object)
    bad, customers = frame["bad"].to_numpy(dtype=float), frame["customer_id"].to_numpy(dtype=object)
    return Scored(ids, model.predict(frame), bad, customers)


def _by_state(
    model: ModelVersion, reference: pd.DataFrame, states: NDArray[np.str_]
) -> Iterator[tuple[str, Scored]]:
    for state in np.unique(states).tolist():
        rows = reference
        for source in state.split(",") if state != ALL_SOURCES_UP else []:
            rows = masked(rows, source, model.portfolio)
        yield state, _scored(model, rows)


def _restricted(
    reference: Scored, weights: FloatArray, least_bads: float
) -> tuple[AucEstimate | None, str]:
    """AUC of the reference's loans as they would have been selected now, or why there is none."""
    pds, bad = reference.pds[reference.known], reference.bad[reference.known].astype(int)
    cluster = reference.cluster(reference.known)
    bads = effective(weights[bad == 1], None if cluster is None else cluster[bad == 1])
    if bads < least_bads or not weights[bad == 0].any():
        return None, (
            f"at the PDs that are booked now validation knew {bads:.0f} bads, {least_bads:g} needed"
        )
    return weighted_delong(bad, pds, weights, cluster), ""
