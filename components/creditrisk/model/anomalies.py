"""Applications unlike the others, seen as a whole: an isolation forest on the month's features.

Liu, Ting and Zhou, Isolation Forest (ICDM 2008): what few random splits set apart is odd.
Nothing is decided by it; protected columns are not looked at.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
from sklearn.ensemble import IsolationForest

from creditrisk.lake import Commit
from creditrisk.metrics.scored_rows import FloatArray
from creditrisk.model.random_sample import sampled
from creditrisk.number_text import percent
from creditrisk.policy import Policy
from creditrisk.portfolio import Portfolio
from creditrisk.records.quality import Anomalies, Odd

_NAMED = 3  # columns of an odd application
_GAPS = "values missing"


def anomalies(frame: pd.DataFrame, portfolio: Portfolio, policy: Policy, gold: Commit) -> Anomalies:
    """The odd ones among the month's applications; `frame` holds the rows of `gold`."""
    limits, seed = policy.monitoring, policy.development.seed % 2**32
    needed = policy.quality.min_rows
    chosen = sampled(frame, limits.anomaly_rows, seed) if len(frame) >= needed else frame.iloc[:0]
    oddest: tuple[Odd, ...] = ()
    above, text = 0, f"{len(frame):,} applications, {needed} needed to say which are odd"
    if len(chosen):
        matrix = odd_matrix(chosen, portfolio)
        forest = IsolationForest(n_estimators=limits.anomaly_trees, random_state=seed)
        scores = _scores(forest.fit(matrix.to_numpy()), matrix.to_numpy())
        ids = chosen["application_id"].tolist()
        oddest = _oddest(forest, ids, matrix, scores, limits.anomalies_listed)
        above = int(np.count_nonzero(scores > limits.anomaly_score))
        text = (
            f"{above:,} of {len(chosen):,} applications ({above / len(chosen):.1%}) score above"
            f" {limits.anomaly_score:g} (limit {percent(limits.max_anomalous_share)})"
        )
        if len(chosen) < len(frame):
            text += f"; a sample of {len(frame)}"
    beyond = above > limits.max_anomalous_share * len(chosen)
    return Anomalies(
        as_of=date.fromisoformat(gold.month),
        gold=gold.digest,
        applications=len(frame),
        examined=len(chosen),
        seed=seed,
        trees=limits.anomaly_trees,
        limit=limits.anomaly_score,
        above=above,
        severity=policy.quality.rules.anomalies if beyond else "info",
        text=text,
        oddest=oddest,
    )


def odd_matrix(frame: pd.DataFrame, portfolio: Portfolio) -> pd.DataFrame:
    """What the forest sees: numbers, each event column per record, how common a category is.

    A gap is filled with the month's median, and how many gaps a row has is a column of its own;
    who has no event records has no gap.
    """
    numbers = pd.DataFrame(index=frame.index)
    for feature in portfolio.features:
        if not feature.protected:
            values = frame[feature.name]
            if feature.kind == "category":
                shares = values.map(values.value_counts(normalize=True))
                numbers[f"frequency of {feature.name}"] = shares.astype(float)
            else:
                numbers[feature.name] = values.astype(float)
    numbers = _finite(numbers)
    gaps = numbers.isna().sum(axis="columns").astype(float)
    for events in portfolio.events:
        records = frame[events.count].astype(float)
        numbers[events.count] = records
        for name in events.sums:
            per_record = frame[name].astype(float) / records.where(records > 0)
            numbers[f"{name} per record"] = per_record
    numbers = _finite(numbers)
    return numbers.fillna(numbers.median()).assign(**{_GAPS: gaps})


def _finite(numbers: pd.DataFrame) -> pd.DataFrame:
    """Without infinities, and without the columns nobody has."""
    return numbers.replace([np.inf, -np.inf], np.nan).dropna(axis="columns", how="all")


def _scores(forest: IsolationForest, rows: FloatArray) -> FloatArray:
    """The paper's score: near 1 odd, 0.5 and below ordinary."""
    return -np.asarray(forest.score_samples(rows), dtype=np.float64)


def _oddest(
    forest: IsolationForest,
    ids: Sequence[str],
    matrix: pd.DataFrame,
    scores: FloatArray,
    listed: int,
) -> tuple[Odd, ...]:
    """The highest scores, each with the columns whose median would lower it most."""
    middle = matrix.median().to_numpy()
    found = []
    for place in np.argsort(-scores, kind="stable")[:listed]:
        row = matrix.iloc[place].to_numpy()
        others = np.tile(row, (len(row), 1))
        np.fill_diagonal(others, middle)
        falls = scores[place] - _scores(forest, others)
        named = [j for j in np.argsort(-falls, kind="stable")[:_NAMED] if falls[j] > 0]
        columns = tuple(_direction(matrix.columns[j], row[j], middle[j]) for j in named)
        score = round(float(scores[place]), 4)
        found.append(Odd(application_id=str(ids[place]), score=score, columns=columns))
    return tuple(found)


def _direction(column: str, value: float, middle: float) -> str:
    """In which direction a column is odd; never its value."""
    return f"{column} {'high' if value > middle else 'low'}"
