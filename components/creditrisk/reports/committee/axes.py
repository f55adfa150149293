"""The three axes: what drove each, and every judged number beside its thresholds."""

from collections.abc import Sequence

from creditrisk.policy.limits import limits_of
from creditrisk.records.decision import AXES
from creditrisk.records.version_files import brief
from creditrisk.reports.dashboard.reading import Reading
from creditrisk.reports.drivers import JUDGED, driver, reason
from creditrisk.reports.month_summary import MonthSummary
from creditrisk.reports.workbook import Columns, Grid, Value, texts

_BEGINS = ("amber below", "amber from", "red below", "red from", "critical below", "critical from")
_JUDGED: Columns = (
    ("axis", "text"),
    ("number", "text"),
    ("state", "text"),
    ("value", "number"),
    ("95% from", "number"),
    ("to", "number"),
    ("p-value", "p"),
    ("rows", "count"),
    ("defaults", "count"),
    *((name, "number") for name in _BEGINS),
    ("remark", "text"),
)


def axes(reading: Reading, summary: MonthSummary) -> Grid:
    limits = reading.policy_of(summary).monitoring
    found = [(axis, driver(summary, axis, limits)) for axis in AXES]
    rows = [(axis, summary.states[axis], one.figure, one.note) for axis, one in found]
    columns = texts("axis", "state", "what drove it", "evidence")
    return Grid(f"The three axes of {brief(summary.champion) or 'no model'}", columns, rows)


def numbers(reading: Reading, summary: MonthSummary) -> Grid:
    """Each judged number, its interval, and where each state begins."""
    policy = reading.policy_of(summary).monitoring
    rows: list[Sequence[Value]] = []
    for axis, metric, title in _judged():
        found = summary.values.get(metric)
        if found is None or found.value is None:
            continue
        begins = {
            f"{one.state} {'below' if one.side == 'below' else 'from'}": one.value
            for one in limits_of(metric, policy)
        }
        rows.append(
            (
                axis,
                title,
                found.state,
                found.value,
                found.lower,
                found.upper,
                found.p_value,
                found.rows,
                found.bads,
                *(begins.get(name) for name in _BEGINS),
                reason(metric, found, policy),
            )
        )
    return Grid("Numbers and thresholds", _JUDGED, rows)


def _judged() -> list[tuple[str, str, str]]:
    return [(axis, name, title) for axis in AXES for name, title in JUDGED[axis].items()]
