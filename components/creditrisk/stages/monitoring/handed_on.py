"""What a month hands on to the next: its counts by cohort, so that none need be read again."""

from collections.abc import Mapping
from typing import Any

import pyarrow.compute as pc

from creditrisk.calendar_month import add_months
from creditrisk.contracts import FINDINGS
from creditrisk.lake import Commit
from creditrisk.model.version import ModelVersion
from creditrisk.period import Period

Row = Mapping[str, Any]
LEVEL, RANK = "cohort_level", "cohort_rank"
COUNTED, WORTH = "grade_cohort:", "grade_worth:"  # and the grade
_BY_COHORT = f"^({LEVEL}|{RANK}|{COUNTED}|{WORTH})"


def handed_on(period: Period, model: ModelVersion) -> tuple[list[Row], list[Commit]]:
    """Findings by cohort of the newest earlier month that measured the version; what was read."""
    months = period.lake.months(FINDINGS.table, upto=add_months(period.as_of, -1))
    for month in reversed([m for m in months if m >= model.card.as_of]):
        commit = period.lake.need(FINDINGS.table, month)
        table = period.lake.read_commits(FINDINGS, [commit])
        mine = pc.and_(
            pc.equal(table["model_version"], model.id),
            pc.match_substring_regex(table["metric"], _BY_COHORT),
        )
        if rows := table.filter(mine).to_pylist():
            return rows, [commit]
    return [], []
