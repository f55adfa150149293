"""What must hold before a month's scores are published, and which of its applications get none."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from creditrisk.contracts import ALL_SOURCES_UP
from creditrisk.errors import GateError
from creditrisk.metrics.design_effect import clusters
from creditrisk.metrics.frozen_bins import FrozenBins
from creditrisk.metrics.proportion import share_of
from creditrisk.metrics.scored_rows import FloatArray, IntArray
from creditrisk.metrics.stability import psi
from creditrisk.model.mask_states import segment_of
from creditrisk.model.version import NAMED
from creditrisk.number_text import percent
from creditrisk.period import Period
from creditrisk.policy import Scoring
from creditrisk.records.containment import EVERYTHING, Containment
from creditrisk.records.publication import (
    Publication,
    ScoreCheck,
    keep_publication,
    publications_key,
)
from creditrisk.records.quality import Anomalies


def covered(held: Iterable[Containment], states: NDArray[np.str_]) -> NDArray[np.bool_]:
    """Rows, by their mask states, that get no score."""
    segments = {segment for each in held for segment in each.segments}
    if EVERYTHING in segments:
        return np.ones(len(states), dtype=bool)
    return np.isin(states, [state for state in np.unique(states) if segment_of(state) in segments])


def check_publication(
    rows: pd.DataFrame, applications: pd.Series, previous: FloatArray, scoring: Scoring
) -> list[ScoreCheck]:
    """Every check of `rows` (one version's scores of a month) against the month's application ids.

    `previous` holds the PDs the same version published for the month before; empty: none did.
    """
    scored = rows[~rows["held_back"].astype(bool)]
    pds = scored["pd"].to_numpy(dtype=float)
    finite = np.isfinite(pds)
    usable, customers = pds[finite], clusters(scored["customer_id"][finite])
    return [
        _complete(rows["application_id"], applications),
        _unique(rows["application_id"]),
        _finite(pds, scored["application_id"]),
        _mass_point(usable, scoring.max_mass_point, customers),
        _mean_jump(usable, previous, scoring.max_mean_jump),
        _distribution_jump(usable, previous, scoring.max_distribution_jump),
    ]


def check_applications(found: Anomalies, allowed: float) -> ScoreCheck:
    """Whether more than a share of the month's applications are unlike the others."""
    if not found.examined:
        return ScoreCheck("anomalous", "none", None, allowed, found.text)
    share = found.above / found.examined
    return ScoreCheck("anomalous", "warn" if share > allowed else "ok", share, allowed, found.text)


@dataclass(frozen=True)
class ScoredMonth:
    """All rows of a version for a month, and what they fell under."""

    version: str
    rescored: bool
    rows: pd.DataFrame
    contained: Sequence[Containment]

    def held_because(self) -> dict[str, int]:
        """Rows without a PD by what held them back."""
        held = self.rows[self.rows["held_back"].astype(bool)]
        counts = held["source_masked"].value_counts()
        return {self._because(str(masked)): int(count) for masked, count in counts.items()}

    def _because(self, masked: str) -> str:
        state = np.array([masked or ALL_SOURCES_UP])
        contained = "; ".join(str(each) for each in self.contained if covered([each], state)[0])
        return contained or f"not validated without {masked}"


def record_publication(period: Period, scored: ScoredMonth, checks: Sequence[ScoreCheck]) -> None:
    """Keep the checks, and why rows were held back."""
    publication = Publication(
        model_version=scored.version,
        rescored=scored.rescored,
        rows=len(scored.rows),
        held_back=int(scored.rows["held_back"].astype(bool).sum()),
        held_because=scored.held_because(),
        checks=tuple(checks),
    )
    keep_publication(period.store, period.as_of, publication)


def refuse_blocked(period: Period, version: str, checks: list[ScoreCheck]) -> None:
    """`GateError` that names what blocks; nothing of the version is published."""
    reasons = [check.text for check in checks if check.state == "block"]
    if reasons:
        raise GateError(
            f"scores of {period.as_of:%Y-%m} by {version} are not published: {'; '.join(reasons)};"
            f" see {publications_key(period.as_of)}"
        )


def _complete(scored: pd.Series, applications: pd.Series) -> ScoreCheck:
    absent = len(set(applications) - set(scored))
    text = f"{absent:,} of {len(applications):,} applications have no score row"
    return ScoreCheck("complete", "block" if absent else "ok", float(absent), 0.0, text)


def _unique(scored: pd.Series) -> ScoreCheck:
    twice = int(scored.duplicated().sum())
    text = f"{twice} score rows repeat an application"
    return ScoreCheck("unique", "block" if twice else "ok", float(twice), 0.0, text)


def _finite(pds: FloatArray, ids: pd.Series) -> ScoreCheck:
    strange = ids[~((pds >= 0) & (pds <= 1))]
    wrong, named = len(strange), ", ".join(map(str, strange.head(NAMED)))
    text = f"{wrong:,} of {len(pds):,} PDs are not a number from 0 to 1" + (named and f": {named}")
    return ScoreCheck("probabilities", "block" if wrong else "ok", float(wrong), 0.0, text)


def _mass_point(pds: FloatArray, limit: float, customers: IntArray | None) -> ScoreCheck:
    if not len(pds):
        return ScoreCheck("mass_point", "none", None, limit, "no PD is published")
    values, counts = np.unique(pds, return_counts=True)
    commonest = values[counts.argmax()]
    share = share_of(pds == commonest, customers)
    text = f"{share.count:,} of {len(pds):,} PDs are {percent(commonest)}, limit {percent(limit)}"
    # the lower bound: two applicants who agree are no mass point, nor is one who applied often
    return ScoreCheck(
        "mass_point", "block" if share.lower > limit else "ok", share.value, limit, text
    )


def _mean_jump(pds: FloatArray, previous: FloatArray, limit: float) -> ScoreCheck:
    if not len(pds) or not len(previous):
        return ScoreCheck(
            "mean_jump", "none", None, limit, "no scores of the month before to compare"
        )
    jump = float(pds.mean() - previous.mean())
    text = f"mean PD went from {previous.mean():.1%} to {pds.mean():.1%}, limit {percent(limit)}"
    return ScoreCheck("mean_jump", "warn" if abs(jump) > limit else "ok", jump, limit, text)


def _distribution_jump(pds: FloatArray, previous: FloatArray, limit: float) -> ScoreCheck:
    name = "distribution_jump"
    if not len(pds) or not len(previous):
        return ScoreCheck(name, "none", None, limit, "no scores of the month before to compare")
    bins = FrozenBins.numeric(previous)
    value = psi(bins.counts(previous), bins.counts(pds))
    text = f"PSI against the month before is {value:.3f}, limit {limit:g}"
    return ScoreCheck(name, "warn" if value > limit else "ok", value, limit, text)
