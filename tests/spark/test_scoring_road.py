"""A month scored in Spark is the month scored here, byte for byte."""

from datetime import date

import pytest

from creditrisk.contracts import SCORES
from creditrisk.stages.scoring import in_spark
from creditrisk.stages.scoring.score import score
from tests.builders.small_lender import Scenario, fill, small_period, small_policy
from tests.builders.trained_version import UNSEEN, install

AS_OF = date(2024, 1, 1)


@pytest.mark.parametrize("down", [False, True], ids=["every source up", "a source down"])
def test_scores_of_either_road_are_the_same_bytes(tmp_path, spark, monkeypatch, down):
    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", "37")
    roads = []
    by_executors = in_spark.by_executors
    monkeypatch.setattr(
        in_spark,
        "by_executors",
        lambda *given, **rows: roads.append(rows) or by_executors(*given, **rows),
    )
    files = {}
    for name, most in (("here", 5_000_000), ("spark", 0)):
        policy = small_policy(f"scoring: {{spark_rows: {most}}}")
        period = small_period(tmp_path / name, AS_OF, policy)
        fill(period, {UNSEEN: Scenario(visits_down=down)})
        score(period, install(period))
        commit = period.lake.need(SCORES.table, AS_OF)
        (file,) = commit.files
        files[name] = (commit.digest, commit.rows, period.store.read(file.key))
    assert files["here"] == files["spark"]
    assert [one["rows"] for one in roads] == [files["here"][1]]
