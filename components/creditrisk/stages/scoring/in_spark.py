"""Scoring in Spark: the month's features by tasks, each by the function that scores them here.

A row's score is its own and no other row's, so that batches give the rows that the whole would.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import SparkSession

from creditrisk.contracts import SCORES, features
from creditrisk.lake import Commit
from creditrisk.model.validated_states import ValidatedStates
from creditrisk.model.version import ModelVersion
from creditrisk.period import Period
from creditrisk.policy import Policy
from creditrisk.records.containment import Containment
from creditrisk.stages.etl.executors import by_executors
from creditrisk.stages.etl.frames import table
from creditrisk.stages.scoring.score import score_rows

SCORED = replace(SCORES, columns=tuple(c for c in SCORES.columns if c.name != "rescored"))


@dataclass(frozen=True)
class Scoring:
    """A version as its files, and what its scores depend on: all that a task is sent."""

    version: str
    files: Mapping[str, bytes]
    validated: ValidatedStates
    policy: Policy
    contained: Sequence[Containment]

    def batches(self, given: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Rows of the scores table (but `rescored`) for rows of gold features."""
        model = ModelVersion(self.version, self.files)
        for batch in given:
            rows = score_rows(model, batch.to_pandas(), self.validated, self.policy, self.contained)
            found = pa.Table.from_pandas(rows, SCORED.arrow, preserve_index=False)
            yield from found.to_batches()


def score_in_spark(
    period: Period, gold: Commit, scoring: Scoring, ids: "pd.Series[str]"
) -> pd.DataFrame:
    """What `score_rows` gives for the rows of `gold`; `ids`: its applications, in their order."""
    work = partial(_scored, period=period, gold=gold, scoring=scoring)
    found = by_executors(work, period.store, rows=gold.rows)
    places = pc.index_in(pa.array(ids), value_set=found["application_id"])
    rows: pd.DataFrame = found.take(places).to_pandas()
    return rows


def _scored(spark: SparkSession, period: Period, gold: Commit, scoring: Scoring) -> pa.Table:
    uris = period.lake.spark_uris([gold])
    rows = table(spark, features(period.portfolio), uris)
    return rows.mapInArrow(scoring.batches, SCORED.ddl).toArrow()
