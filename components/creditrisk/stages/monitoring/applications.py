"""What needs applications only: the month's against the version's frozen reference."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from creditrisk.contracts import ALL_SOURCES_UP, features
from creditrisk.lake import Commit
from creditrisk.metrics.design_effect import clusters, independent
from creditrisk.metrics.scored_rows import IntArray
from creditrisk.model.mask_states import mask_states, masked_features
from creditrisk.model.random_sample import sampled
from creditrisk.model.version import ModelVersion
from creditrisk.period import Period
from creditrisk.records.development import Reference
from creditrisk.stages.monitoring import domain_classifier
from creditrisk.stages.monitoring.concentration import of_groups
from creditrisk.stages.monitoring.event_window import last_months
from creditrisk.stages.monitoring.finding import Finding
from creditrisk.stages.monitoring.reference import ReferenceRows
from creditrisk.stages.monitoring.stability import Scores, outage, stability_axis, top_features
from creditrisk.stages.monitoring.stress import sensitivity


def measure_applications(
    period: Period, model: ModelVersion, gold: Commit, reference: ReferenceRows
) -> tuple[list[Finding], Sequence[Commit]]:
    """Findings on the applications of `gold`, and the event histories read for them."""
    frame = period.lake.read_commits(features(period.portfolio), [gold]).to_pandas()
    frame, histories = last_months(period, frame, model.profile.events_length)
    states = mask_states(frame, period.portfolio)
    pds = model.predict(frame) if len(frame) else np.empty(0)
    cluster = clusters(frame["customer_id"])
    scores = [
        Scores(
            str(state),
            pds[states == state],
            _score_reference(model, str(state)),
            _worth(cluster, states == state),
        )
        for state in np.unique(states)
    ]
    references = {name: model.profile.features[name] for name in model.feature_names}
    found = stability_axis(
        scores,
        _columns(period, model, frame),
        references,
        period.policy.monitoring,
        period.policy.rule.mode,
        _worth(cluster, np.ones(len(frame), dtype=np.bool_)),
    )
    down = {
        source: int(np.count_nonzero(~frame[f"{source}_available"].eq(True)))
        for source in period.portfolio.optional_sources
    }
    outages = [outage(source, rows, len(frame)) for source, rows in down.items() if rows]
    apart = _domain_auc(period, model, frame, states, reference)
    spread = of_groups(frame, reference.frame, period.portfolio) if len(frame) else ()
    top = sorted(top_features(references, period.policy.monitoring.top_features))
    few = sampled(
        frame, period.policy.monitoring.domain_rows, period.policy.development.seed % 2**32
    )
    return [*found, *outages, apart, *spread, *sensitivity(model, few, top)], histories


def _worth(cluster: IntArray | None, rows: NDArray[np.bool_]) -> float:
    """Independent applications over all of some rows; 1 where nobody has two."""
    if cluster is None or not rows.any():
        return 1.0
    return independent(cluster[rows], int(rows.sum())) / int(rows.sum())


def _domain_auc(
    period: Period,
    model: ModelVersion,
    frame: pd.DataFrame,
    states: NDArray[np.str_],
    reference: ReferenceRows,
) -> Finding:
    """Of the larger part of the month, on what was up for it; the reference likewise."""
    if reference.lacking or frame.empty:
        return domain_classifier.not_measured(
            reference.lacking or "no application to compare", len(frame)
        )
    found, counts = np.unique(states, return_counts=True)
    state = str(found[counts.argmax()])
    hidden = masked_features(period.portfolio, state) | period.portfolio.growing
    names = [name for name in model.feature_names if name not in hidden]
    policy = period.policy
    most, seed = policy.monitoring.domain_rows, policy.development.seed % 2**32
    current = sampled(frame[states == state], most, seed)
    comparable = np.isin(mask_states(reference.frame, model.portfolio), [ALL_SOURCES_UP, state])
    then = reference.frame[comparable]
    cluster = clusters(pd.concat([then["customer_id"], current["customer_id"]]))
    return domain_classifier.domain_auc(
        model.matrix(current)[names], model.matrix(then)[names], policy, cluster
    )


def _score_reference(model: ModelVersion, state: str) -> Reference | None:
    if state == ALL_SOURCES_UP:
        return model.profile.score
    return model.profile.masked_score.get(state)


def _columns(
    period: Period, model: ModelVersion, frame: pd.DataFrame
) -> dict[str, "pd.Series[float]"]:
    """Each model feature on the rows for which every source it rests on was up.

    Not those that grow with calendar time by construction: growth is no drift.
    """
    if frame.empty:
        return {}
    matrix, portfolio = model.matrix(frame), period.portfolio
    states = mask_states(frame, portfolio)
    masked = {str(state): masked_features(portfolio, str(state)) for state in np.unique(states)}
    hidden = {n: [state for state in masked if n in masked[state]] for n in model.feature_names}
    return {
        name: matrix[name][~np.isin(states, hidden[name])] if hidden[name] else matrix[name]
        for name in model.feature_names
        if name not in portfolio.growing
    }
