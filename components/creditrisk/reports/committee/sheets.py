"""The sheets of a committee's workbook: the three axes, outcomes by grade, groups of applicants."""

from collections.abc import Iterator, Sequence

from creditrisk.policy.limits import limits_of
from creditrisk.records.decision import AXES
from creditrisk.records.fairness import Fairness, GroupFairness
from creditrisk.records.measured_window import Window
from creditrisk.records.validation import Validation
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

_BACKTEST: Columns = (
    ("grade", "text"),
    ("loans", "count"),
    ("defaults", "count"),
    ("default rate", "share"),
    ("95% from", "share"),
    ("to", "share"),
    ("p-value, Holm", "p"),
    ("most prudent PD", "share"),
    ("state", "text"),
    ("text", "text"),
)
_WINDOW: Columns = (
    ("grade", "text"),
    ("loans", "count"),
    ("defaults", "count"),
    ("mean PD", "share"),
    ("default rate", "share"),
    ("Jeffreys p", "p"),
    ("p-value, Holm", "p"),
)
_GROUPS: Columns = (
    ("column", "text"),
    ("protected", "text"),
    ("group", "text"),
    ("rows", "count"),
    ("defaults", "count"),
    ("approved", "share"),
    ("approval ratio", "ratio"),
    ("95% from", "ratio"),
    ("to", "ratio"),
    ("p-value", "p"),
    ("AUC", "number"),
    ("O/E", "ratio"),
    ("signal", "text"),
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


def grades(reading: Reading, summary: MonthSummary, validated: Validation | None) -> Iterator[Grid]:
    """The month's backtest of each grade, then those of the model's validation."""
    prudent = reading.family("prudent_pd", summary.as_of).set_index("name").value.to_dict()
    rows: list[Sequence[Value]] = [
        (
            one["name"],
            one["rows"],
            one["bads"],
            one["value"],
            one["lower"],
            one["upper"],
            one["p_value"],
            prudent.get(one["name"]),
            one["state"],
            one["text"],
        )
        for one in reading.family("jeffreys_grade", summary.as_of).to_dict("records")
    ]
    title = f"Outcomes by grade, {summary.as_of:%Y-%m}{'' if rows else ': none measured'}"
    yield Grid(title, _BACKTEST, rows)
    for window in validated.windows if validated else ():
        yield _window(window, summary.champion)


def _window(window: Window, version: str) -> Grid:
    rows = [
        (
            f"{n}",
            one.rows,
            one.defaults,
            one.pd,
            one.defaults / one.rows if one.rows else None,
            one.p_value,
            one.adjusted,
        )
        for n, one in enumerate(window.grades, start=1)
    ]
    return Grid(f"Validation of {brief(version)}, window {window.name}", _WINDOW, rows)


def groups(validated: Validation | None) -> Grid:
    """Every group of every compared column, as the model's validation found it."""
    compared = validated.fairness if validated else ()
    rows = [_group(column, group) for column in compared for group in column.groups]
    title = (
        f"Groups at validation of {brief(validated.version)}" if validated else "Groups: no model"
    )
    return Grid(title, _GROUPS, rows)


def _group(column: Fairness, group: GroupFairness) -> Sequence[Value]:
    ratio = group.approval_ratio
    return (
        column.feature,
        "yes" if column.protected else "no",
        group.group,
        group.rows,
        group.bads,
        group.approved.value,
        *((ratio.value, ratio.lower, ratio.upper) if ratio else (None, None, None)),
        group.p_value,
        group.auc.auc if group.auc else None,
        group.oe.ratio if group.oe else None,
        group.signal,
    )
