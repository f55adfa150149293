"""What was learnt from: which columns, and with which parameters of the learner."""

from collections.abc import Mapping

from creditrisk.records.document import Part

Parameters = Mapping[str, bool | int | float | str]  # of the learner, by CatBoost's names


class FeatureSelection(Part):
    """`stability`: share of folds in which a feature beat noise; `dropped`: those that did not."""

    folds: int = 0
    stability: Mapping[str, float] = {}
    dropped: Mapping[str, float] = {}


class LeakageScan(Part):
    """AUC of each delivered column alone, and of each events source's out-of-fold `evidence`.

    `columns` is empty where train holds too few `bads`; `excused`: column above the `limit` -> why.
    """

    limit: float = 0.0
    bads: int = 0
    columns: Mapping[str, float] = {}
    excused: Mapping[str, str] = {}
    evidence: Mapping[str, float] = {}
