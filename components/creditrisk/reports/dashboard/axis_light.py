"""A metric's months with the light of its axis: what a marker shows, and why it is milder."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from creditrisk.policy import Monitoring
from creditrisk.policy.limits import limits_of
from creditrisk.reports import figures
from creditrisk.reports.dashboard.reading import Reading
from creditrisk.reports.drivers import reason
from creditrisk.reports.month_summary import Measured


def lit(reading: Reading, metric: str) -> pd.DataFrame:
    """A metric's series with `champion`, `light` (of its axis, where it is judged) and `remark`."""
    points = reading.series(metric)
    months = {summary.as_of: summary for summary in reading.summaries}
    champions, lights, remarks = [], [], []
    for row in points.to_dict("records"):
        summary = months[row["month"]]
        policy = reading.policy_of(summary).monitoring
        judged = bool(limits_of(metric, policy)) and row["state"] != "none"
        champions.append("" if metric.startswith("bad_rate") else summary.champion)  # no model's
        lights.append(summary.states.get(row["axis"], "none") if judged else "none")
        remarks.append(reason(metric, _measured(row), policy) if judged else "")
    return points.assign(champion=champions, light=lights, remark=remarks)


def _measured(row: Mapping[Hashable, Any]) -> Measured:
    p_value = None if pd.isna(row["p_value"]) else row["p_value"]
    return Measured(row["value"], p_value=p_value, state=row["state"], text=row["text"] or "")


def limits_drawn(metric: str, points: pd.DataFrame, policy: Monitoring) -> list[figures.Limit]:
    """Amber and red; critical where it was reached: it lies far off."""
    return [
        (limit.value, limit.state)
        for limit in limits_of(metric, policy)
        if limit.state != "critical" or points.value.map(limit.crossed).any()
    ]


def light_note(points: pd.DataFrame) -> str:
    judged = points[points.light != "none"]
    if judged.empty:
        return ""
    hollow = (judged.light != judged.state).any()
    note = " Markers: the light of the axis" + (
        ", hollow where another number drove it." if hollow else "."
    )
    last = points.iloc[-1]
    return note + (f" {last.month:%B %Y}: {last.remark}." if last.remark else "")
