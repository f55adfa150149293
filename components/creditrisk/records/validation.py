"""What validation found out about a version, as scoring and monitoring rely on it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from creditrisk.errors import UserError
from creditrisk.metrics.discrimination import AucEstimate
from creditrisk.model.matrix import ALL_SOURCES_UP
from creditrisk.model.version import SUMS, VERSIONS
from creditrisk.records import layout
from creditrisk.records.audit import Trail
from creditrisk.storage import Store

RECORD = "validation.json"
Z_95 = 1.959964  # two-sided 95 % of the normal distribution


@dataclass(frozen=True)
class ValidationRecord:
    """`masked`: mask states the version passed; `pooled`: AUC over the OOT windows by state."""

    masked: frozenset[str]
    pooled: Mapping[str, AucEstimate]

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
        weights = counts / counts.sum()
        each = [self.pooled[str(state)] for state in found]
        auc = float(weights @ [estimate.auc for estimate in each])
        se = float(np.linalg.norm(weights * [estimate.se for estimate in each]))
        bads, goods = sum(e.bads for e in each), sum(e.goods for e in each)
        return AucEstimate(auc, se, auc - Z_95 * se, auc + Z_95 * se, bads, goods)


def load_validation(store: Store, version: str) -> ValidationRecord:
    """Read `validation.json` of a version; without one nothing was measured or has passed.

    A refit was not validated itself: its parent speaks for it.
    """
    try:
        content = json.loads(store.read(f"{VERSIONS}/{_judged(store, version)}/{RECORD}"))
    except KeyError:
        content = {}
    masked = content.get("masked") or {}
    measured = {state: (test.get("pooled") or {}).get("auc") for state, test in masked.items()}
    measured[ALL_SOURCES_UP] = content.get("pooled")
    return ValidationRecord(
        masked=frozenset(state for state, test in masked.items() if test.get("passed") is True),
        pooled={state: AucEstimate(**raw) for state, raw in measured.items() if raw},
    )


def files_behind(store: Store, version: str) -> dict[str, str]:
    """What a number computed with a version depends on: key -> sha256 of its sums and record."""
    judged = _judged(store, version)
    keys = (f"{VERSIONS}/{version}/{SUMS}", f"{VERSIONS}/{judged}/{RECORD}")
    found = {*store.keys(f"{VERSIONS}/{version}/"), *store.keys(f"{VERSIONS}/{judged}/")}
    return {key: sha256(store.read(key)).hexdigest() for key in keys if key in found}


def _judged(store: Store, version: str) -> str:
    """The version whose windows were read: a refit's parent, else itself."""
    if "-refit-" not in version:
        return version
    return str(json.loads(store.read(f"{VERSIONS}/{version}/card.json"))["parent"])


def refuse_altered(trail: Trail, store: Store, version: str) -> bytes:
    """`validation.json`, a `UserError` where it is not the one on the audit trail, or is gone.

    Empty where the trail knows of no validation.
    """
    record, key = trail.find("validated", version), layout.version(version, RECORD)
    if record is None:
        return b""
    data = store.read(key) if store.tag(key) else b""
    if record.body["sha256"] != sha256(data).hexdigest():
        raise UserError(f"{key} is not the one on the audit trail: it was altered; restore it")
    return data
