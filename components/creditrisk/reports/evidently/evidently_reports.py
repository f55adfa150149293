"""Drift, summary and classification as Evidently draws them, on methods and limits of ours.

Evidently's own PSI cuts both samples into bins of equal width, drops what is missing and so
hardly sees a shift of incomes. The PSI on these pages is the one of the findings: on the
version's frozen bins, missing values a bin of their own.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time

import pandas as pd
from evidently import BinaryClassification, DataDefinition, Dataset, Report
from evidently.legacy.calculations.stattests import StatTest, register_stattest
from evidently.legacy.core import ColumnType
from evidently.presets import ClassificationPreset, DataDriftPreset, DataSummaryPreset

from creditrisk.policy import Monitoring
from creditrisk.reports.evidently.page import SCORE, TARGET, Kind, Snapshot

_METHOD = "psi on frozen bins: {}"


def drift(
    frames: tuple[pd.DataFrame, pd.DataFrame],
    kinds: Mapping[str, Kind],
    psi: Mapping[str, float],
    limits: Monitoring,
    as_of: date,
) -> Snapshot:
    """`psi` of the columns in `kinds`, drawn on the month's rows and the reference's."""
    for name in kinds:
        _register(name, psi[name])
    preset = DataDriftPreset(
        columns=list(kinds),
        per_column_method={name: _METHOD.format(name) for name in kinds},
        per_column_threshold={
            name: limits.psi_amber if name == SCORE else limits.csi_amber for name in kinds
        },
        drift_share=limits.csi_red_share,
    )
    current, reference = (_dataset(frame, kinds) for frame in frames)
    return _run(preset, current, reference, as_of)


def summary(
    current: pd.DataFrame, reference: pd.DataFrame | None, kinds: Mapping[str, Kind], as_of: date
) -> Snapshot:
    """Counts, ranges and distributions of the month's rows, beside the reference's."""
    then = None if reference is None else _dataset(reference, kinds)
    return _run(DataSummaryPreset(columns=list(kinds)), _dataset(current, kinds), then, as_of)


def classification(rows: pd.DataFrame, cutoff: float, as_of: date) -> Snapshot:
    """How well `pd` (rows,) foretold `bad` (rows,); declined is a PD above `cutoff`."""
    task = BinaryClassification(target=TARGET, prediction_probas=SCORE, pos_label=1)
    definition = DataDefinition(
        classification=[task], categorical_columns=[TARGET], numerical_columns=[SCORE]
    )
    data = Dataset.from_pandas(rows[[TARGET, SCORE]], data_definition=definition)
    return _run(ClassificationPreset(probas_threshold=cutoff), data, None, as_of)


def _run(preset: object, current: Dataset, reference: Dataset | None, as_of: date) -> Snapshot:
    # tests of its own would judge by limits nobody has set
    report = Report([preset], include_tests=False)
    snapshot: Snapshot = report.run(
        current, reference, timestamp=datetime.combine(as_of, time()), name=f"{as_of:%Y-%m}"
    )
    return snapshot


def _dataset(frame: pd.DataFrame, kinds: Mapping[str, Kind]) -> Dataset:
    definition = DataDefinition(
        numerical_columns=_of(kinds, "number"), categorical_columns=_of(kinds, "category")
    )
    return Dataset.from_pandas(frame[list(kinds)], data_definition=definition)


def _of(kinds: Mapping[str, Kind], kind: Kind) -> Sequence[str]:
    return [name for name, found in kinds.items() if found == kind]


def _register(column: str, psi: float) -> None:
    """Evidently asks a method for its number column by column; ours knows it already."""
    method = StatTest(
        name=_METHOD.format(column),
        display_name="PSI on the version's bins",
        allowed_feature_types=[ColumnType.Numerical, ColumnType.Categorical],
        default_threshold=0.1,
    )

    def known(_: object, __: object, ___: object, threshold: float) -> tuple[float, bool]:
        return psi, psi >= threshold

    register_stattest(method, known)
