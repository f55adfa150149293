"""What a decision means in money: expected loss of the month's applications under each choice.

Expected loss = sum over those approved of PD x LGD x EAD (Basel CRE35 form, without a stay). LGD,
EAD and the cut-off are the policy's. Each choice is priced by its own PDs, and by the other's:
two models that price themselves are no comparison.
"""

import numpy as np
import pyarrow.compute as pc

from creditrisk.contracts import SCORES, features
from creditrisk.metrics.scored_rows import FloatArray
from creditrisk.model.version import load_version
from creditrisk.period import Period
from creditrisk.records.compliance import Effect


def effects(period: Period, champion: str, challenger: str) -> list[Effect]:
    """Keeping the champion, and promoting the challenger if there is one ("": none)."""
    choices = {"keep the champion": champion, "promote the challenger": challenger}
    named = {choice: version for choice, version in choices.items() if version}
    pds = {version: _pds(period, version) for version in named.values()}
    found = []
    for choice, version in named.items():
        other = next((pds[one] for one in pds if one != version), None)
        found.append(_effect(period, choice, version, pds[version], other))
    return found


def _effect(
    period: Period, choice: str, version: str, pds: FloatArray, other: FloatArray | None
) -> Effect:
    economics = period.policy.economics
    approved = pds <= period.policy.scoring.cutoff  # held back (NaN): not approved
    loss = economics.lgd * economics.ead
    return Effect(
        choice=choice,
        version=version,
        applications=len(pds),
        approved=int(approved.sum()),
        exposure=float(approved.sum() * economics.ead),
        expected_loss=float(pds[approved].sum() * loss),
        by_other=None if other is None else float(np.nansum(other[approved]) * loss),
    )


def _pds(period: Period, version: str) -> FloatArray:
    """PDs in the order of the month's applications: as published, else by the version."""
    contract = features(period.portfolio)
    frame = period.lake.read(contract, [period.as_of]).to_pandas()
    rows = period.lake.read(SCORES, [period.as_of])
    own = rows.filter(pc.equal(rows["model_version"], version)).to_pandas()
    if own.empty and len(frame):
        return load_version(period.store, version).predict(frame)
    published = own.set_index("application_id")["pd"].reindex(frame["application_id"])
    return np.asarray(published, dtype=float)
