"""Score the month's applications: PD, grade and reasons, one row per application and version.

Published rows are never altered. Scoring again adds only what is missing, so the same version on
the same month gives the same digest; a second version's rows are added beside the first's.
"""

from collections.abc import Sequence
from importlib.util import find_spec

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy.special import expit, logit

from creditrisk.calendar_month import add_months
from creditrisk.contracts import ALL_SOURCES_UP, RANDOM_SAMPLE, SCORES, features
from creditrisk.lake import Commit
from creditrisk.metrics.scored_rows import FloatArray
from creditrisk.model.anomalies import anomalies
from creditrisk.model.grade import grades_of
from creditrisk.model.mask_states import mask_states
from creditrisk.model.random_sample import drawn
from creditrisk.model.validated_states import ValidatedStates, files_behind, validated_states
from creditrisk.model.version import ModelVersion, load_version
from creditrisk.period import Period
from creditrisk.policy import Policy
from creditrisk.records.containment import Containment, contained_in
from creditrisk.stages.scoring.publication import (
    ScoredMonth,
    check_applications,
    check_publication,
    covered,
    record_publication,
    refuse_blocked,
)
from creditrisk.stages.scoring.reason_codes import COLUMNS, Reasons

CHUNK = 100_000  # applications explained at once: 60 features of them are 48 MB of SHAP values


def score(period: Period, version: str, rescored: bool = False) -> Commit:
    """Publish the scores of `as_of` by a version, and the random sample of the policy."""
    commit = _publish(period, version, rescored)
    publish_sample(period, commit)
    return commit


def _publish(period: Period, version: str, rescored: bool) -> Commit:
    """The scores; "" (no champion) publishes none.

    An application whose source is down gets a PD only where the version passed validation
    without that source; otherwise it is held back, as are those of a contained segment. Raises
    `GateError`, with nothing published, where a check blocks; the checks, and why rows were held
    back, are in `months/<as_of>/publication.json` either way.
    """
    contract, lake = features(period.portfolio), period.lake
    gold = lake.need(contract.table, period.as_of)
    before = lake.commit(SCORES.table, period.as_of)
    there = lake.read_commits(SCORES, [before] if before else [])
    inputs = {gold.key: gold.digest} | (dict(before.inputs) if before else {})
    if not version:
        return before or _write(period, there, inputs)

    frame = lake.read_commits(contract, [gold]).to_pandas()
    own = there.filter(pc.equal(there["model_version"], version)).to_pandas()
    fresh = frame[~frame["application_id"].isin(own["application_id"])]
    if before and len(own) and fresh.empty:
        return before

    model = load_version(period.store, version)
    contained = contained_in(period.store, period.as_of, version)
    validated = validated_states(period.store, version)
    rows = _scored(period, gold, frame, model, validated, contained)
    rows["rescored"] = rescored
    added = rows[rows["application_id"].isin(fresh["application_id"])]
    # an unchanged frame first: concatenation with an empty one would lose its types
    published = added if own.empty else pd.concat([own, added], ignore_index=True)
    checks = check_publication(
        published, frame["application_id"], _previous(period, version), period.policy.scoring
    )
    anomalous = anomalies(frame, period.portfolio, period.policy, gold)
    checks.append(check_applications(anomalous, period.policy.monitoring.max_anomalous_share))
    record_publication(period, ScoredMonth(version, rescored, published, contained), checks)
    refuse_blocked(period, version, checks)
    inputs |= {gold.key: gold.digest, "policy": period.policy.sha}
    inputs |= files_behind(period.store, version)
    return _write(period, pa.concat_tables([there, _table(added)]), inputs)


def _scored(
    period: Period,
    gold: Commit,
    frame: pd.DataFrame,
    model: ModelVersion,
    validated: ValidatedStates,
    contained: Sequence[Containment],
) -> pd.DataFrame:
    """Every row of `gold` scored: here, or in Spark where they are many and it is installed."""
    policy = period.policy
    if len(frame) <= policy.scoring.spark_rows or find_spec("pyspark") is None:
        return score_rows(model, frame, validated, policy, contained)
    from creditrisk.stages.scoring.in_spark import Scoring, score_in_spark  # noqa: PLC0415 - Spark

    sent = Scoring(model.id, model.files, validated, policy, contained)
    return score_in_spark(period, gold, sent, frame["application_id"])


def score_rows(
    model: ModelVersion,
    frame: pd.DataFrame,
    validated: ValidatedStates,
    policy: Policy,
    contained: Sequence[Containment] = (),
) -> pd.DataFrame:
    """Rows of the scores table (but `rescored`) for rows of gold features, in their order."""
    states = mask_states(frame, model.portfolio)
    scored = validated.may_score(states) & ~covered(contained, states)
    pds = np.full(len(frame), np.nan)
    reasons = np.full((len(frame), len(COLUMNS)), None, dtype=object)
    for state in np.unique(states[scored]):
        group = np.flatnonzero(states == state)
        matrix = model.matrix(frame.iloc[group])
        best = model.scorer.pd(matrix, states[group])  # without any margin
        pds[group] = conservative(best, policy.scoring.margin_of_conservatism)
        reasons[group] = _explain(
            Reasons(model, str(state), policy.scoring.reason_codes), frame.iloc[group], matrix
        )
    rows = frame[["application_id", "customer_id", "snapshot_date"]].reset_index(drop=True)
    rows["model_version"] = model.id
    rows["pd"] = pds
    rows["grade"] = grades(pds, policy)
    rows[list(COLUMNS)] = reasons
    rows["source_masked"] = np.where(states == ALL_SOURCES_UP, "", states)
    rows["held_back"] = ~scored
    return rows


def conservative(pds: FloatArray, margin: float) -> FloatArray:
    """PDs with the policy's margin of conservatism, log odds, on top (EBA/GL/2017/16)."""
    return np.asarray(expit(logit(pds) + margin)) if margin else pds


def grades(pds: FloatArray, policy: Policy) -> pd.api.extensions.ExtensionArray:
    """Rows without a PD have no grade (NA)."""
    found = pd.array(grades_of(pds, policy.development.grades), "Int64")
    found[np.isnan(pds)] = pd.NA
    return found


def _explain(reasons: Reasons, frame: pd.DataFrame, matrix: pd.DataFrame) -> NDArray[np.object_]:
    """Reasons (rows, 4), chunk by chunk."""
    codes = np.full((len(matrix), len(COLUMNS)), None, dtype=object)
    for start in range(0, len(matrix) if reasons.most else 0, CHUNK):
        part = slice(start, start + CHUNK)
        codes[part] = reasons.of(frame.iloc[part], matrix.iloc[part])
    return codes


def _previous(period: Period, version: str) -> FloatArray:
    """PDs the version published for the month before."""
    rows = period.lake.read(SCORES, [add_months(period.as_of, -1)])
    own = rows.filter(pc.equal(rows["model_version"], version))
    return np.asarray(own["pd"].drop_null().to_numpy())


def _table(rows: pd.DataFrame) -> pa.Table:
    # from_pandas turns NaN into null: a row held back has no PD
    return pa.Table.from_pandas(rows[list(SCORES.names)], SCORES.arrow, preserve_index=False)


def _write(period: Period, table: pa.Table, inputs: dict[str, str]) -> Commit:
    return period.lake.write(SCORES, period.as_of, table, inputs=inputs, code=period.code)


def publish_sample(period: Period, scores: Commit) -> None:
    """Commit the month's sample beside its scores; nothing where the policy draws none."""
    limits, seed = period.policy.scoring, period.policy.development.seed
    if not limits.random_accept:
        return
    rows = period.lake.read_commits(SCORES, [scores]).to_pandas()
    of_record = rows[~rows["rescored"].astype(bool) & (rows["pd"] > limits.cutoff)]
    chosen = of_record[drawn(of_record["application_id"], limits.random_accept, seed)]
    table = pa.Table.from_pandas(
        chosen[list(RANDOM_SAMPLE.names)], RANDOM_SAMPLE.arrow, preserve_index=False
    )
    inputs = {scores.key: scores.digest, "policy": period.policy.sha}
    period.lake.write(RANDOM_SAMPLE, period.as_of, table, inputs=inputs, code=period.code)
