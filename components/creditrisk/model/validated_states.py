"""What validation found out about a version, as scoring and monitoring rely on it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from creditrisk.contracts import ALL_SOURCES_UP
from creditrisk.metrics.between_cohorts import level_deviation
from creditrisk.metrics.estimates import AucEstimate
from creditrisk.metrics.ranking import mean_auc
from creditrisk.records import layout
from creditrisk.records.card import validated_version
from creditrisk.records.measured_window import KnownCohort, Window
from creditrisk.records.validation import read_validation, validation_key
from creditrisk.storage import Store


@dataclass(frozen=True)
class ValidatedStates:
    """`masked`: mask states the version passed; `pooled`: AUC over the OOT windows by state.

    `promised`: the AUC that the PDs behind `pooled` promise by themselves. `known`: what the
    version's development cohorts show of shocks.
    """

    masked: frozenset[str]
    pooled: Mapping[str, AucEstimate]
    promised: Mapping[str, float] = field(default_factory=dict)
    known: tuple[KnownCohort, ...] = ()

    def may_score(self, states: NDArray[np.str_]) -> NDArray[np.bool_]:
        """Rows (by `mask_states`) the version may give a PD; what was not tested did not pass.

        Two sources down at once are a state of their own, with evidence of its own or none.
        """
        return np.isin(states, [ALL_SOURCES_UP, *self.masked])

    def expected_auc(self, states: NDArray[np.str_]) -> AucEstimate | None:
        """AUC validation lets one expect of rows in these states: the mean of what each had.

        Exact where all rows share a state. An outage costs AUC, which is no decay. None where
        a state was not measured, or there are no rows.
        """
        found, counts = np.unique(states, return_counts=True)
        if not len(found) or not set(found) <= set(self.pooled):
            return None
        each = [self.pooled[str(state)] for state in found]
        return mean_auc(each, (counts / counts.sum()).tolist())

    def expected_promise(self, states: NDArray[np.str_]) -> float | None:
        """The AUC that the PDs behind `expected_auc` promised; None where that is not known."""
        found, counts = np.unique(states, return_counts=True)
        if not len(found) or not set(found) <= set(self.promised):
            return None
        return float(counts @ [self.promised[str(state)] for state in found] / counts.sum())


def validated_states(store: Store, version: str) -> ValidatedStates:
    """Of a version; without a validation nothing was measured or has passed.

    A refit was not validated itself: its parent speaks for it.
    """
    found = read_validation(store, validated_version(store, version))
    if found is None:
        return ValidatedStates(frozenset(), {})
    measured = {state: test.pooled.auc for state, test in found.masked.items() if test.pooled}
    return ValidatedStates(
        masked=frozenset(state for state, test in found.masked.items() if test.passed),
        pooled=measured | ({ALL_SOURCES_UP: found.pooled} if found.pooled else {}),
        promised={
            state: promise
            for state, promise in (
                (ALL_SOURCES_UP, found.promised),
                *((state, test.promised) for state, test in found.masked.items()),
            )
            if promise is not None
        },
        known=found.known or tuple(map(_known, found.windows)),
    )


def _known(window: Window) -> KnownCohort:
    """Of a validation that kept no cohorts, a window by its O/E."""
    expected = window.bads / window.oe.ratio if window.oe.ratio else 0.5
    level = level_deviation(window.bads, expected, expected * (1 - expected / window.rows))
    return KnownCohort(
        cohort=window.cohorts[0], part="window", level=level.value, level_variance=level.variance
    )


def files_behind(store: Store, version: str) -> dict[str, str]:
    """What a number computed with a version depends on: key -> sha256 of its sums and record."""
    keys = (layout.version(version, layout.SUMS), validation_key(validated_version(store, version)))
    found = {key: store.read(key) for key in keys if store.tag(key) is not None}
    return {key: sha256(data).hexdigest() for key, data in found.items()}
