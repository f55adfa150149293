"""A month as a committee reads it: verdict, axes, grades, groups, approvals as sheets."""

from collections.abc import Iterator, Sequence

from creditrisk.records.decision import AXES
from creditrisk.records.version_files import brief
from creditrisk.reports.committee.sheets import axes, grades, groups, numbers
from creditrisk.reports.dashboard.authority import authority
from creditrisk.reports.dashboard.blocks import Cell, Facts
from creditrisk.reports.dashboard.outlook import outlook
from creditrisk.reports.dashboard.reading import Reading
from creditrisk.reports.month_summary import MonthSummary
from creditrisk.reports.verdict import verdict
from creditrisk.reports.workbook import Columns, Grid, Kind, Sheet, texts

_TOTALS: tuple[tuple[str, str, Kind], ...] = (
    ("applications", "applications", "count"),
    ("approval rate", "approval_rate", "share"),
    ("mean PD", "mean_pd", "share"),
    ("expected loss", "expected_loss", "money"),
)


def committee(reading: Reading, summary: MonthSummary) -> list[Sheet]:
    """The sheets of a month, from what its page is drawn from."""
    champion = summary.champion
    validated = next((one for one in reading.challenges if one.version == champion), None)
    return [
        Sheet("Summary", list(_summary(reading, summary))),
        Sheet("Axes", [axes(reading, summary), numbers(reading, summary)]),
        Sheet("Grades", list(grades(reading, summary, validated))),
        Sheet("Fairness", [groups(validated)]),
        Sheet("Approvals", list(_approvals(reading, summary))),
        Sheet("Months", [_months(reading, summary)]),
    ]


def _summary(reading: Reading, summary: MonthSummary) -> Iterator[Grid]:
    judged = verdict(summary, reading.policy_of(summary))
    facts: list[tuple[str, str]] = [
        ("portfolio", reading.portfolio),
        ("month", f"{summary.as_of:%Y-%m}"),
        ("verdict", judged.headline),
        *(("", text) for text in judged.sentences),
        ("decision", summary.decision),
        ("action", summary.action),
        *(("reason", text) for text in summary.reasons),
        ("model measured", summary.champion or "none yet"),
        ("champion after the month", summary.after or "none"),
        ("policy", summary.policy),
        ("sources down", ", ".join(summary.outages) or "none"),
        ("audit trail", _trail(reading)),
    ]
    yield _named(f"{reading.portfolio}, {summary.as_of:%B %Y}", facts)
    yield _totals(reading, summary)


def _totals(reading: Reading, summary: MonthSummary) -> Grid:
    return Grid(
        "Key figures", _in_currency(reading), [[summary.value(metric) for _, metric, _ in _TOTALS]]
    )


def _in_currency(reading: Reading) -> Columns:
    """The columns of the totals; an amount names its currency."""
    unit = {"money": f" ({reading.currency})" if reading.currency else ""}
    return tuple((f"{title}{unit.get(kind, '')}", kind) for title, _, kind in _TOTALS)


def _trail(reading: Reading) -> str:
    faults = reading.audit.faults
    return f"{reading.audit.count:,} records, {f'faults: {faults[0]}' if faults else 'verified'}"


def _approvals(reading: Reading, summary: MonthSummary) -> Iterator[Grid]:
    yield _facts(authority(reading, summary))
    yield _facts(outlook(reading, summary))
    rows = [
        (one.version, one.since, one.by, one.reason, "yes" if one.rollback else "")
        for one in reading.tenures
    ]
    columns = texts("champion", "since", "by", "reason", "rollback")
    yield Grid("Changes of champion", columns, rows)


def _months(reading: Reading, summary: MonthSummary) -> Grid:
    """The months up to this one, the newest last."""
    measured = ("auc", "oe", "score_psi", *(metric for _, metric, _ in _TOTALS))
    rows = [
        (
            f"{one.as_of:%Y-%m}",
            one.decision,
            *(one.states[axis] for axis in AXES),
            brief(one.after),
            *(one.value(metric) for metric in measured),
        )
        for one in reading.story
        if one.as_of <= summary.as_of
    ]
    numbers: Columns = (("AUC", "number"), ("O/E", "ratio"), ("PSI of the score", "number"))
    columns = (
        *texts("month", "decision", *AXES, "champion after"),
        *numbers,
        *_in_currency(reading),
    )
    return Grid("Month by month", columns, rows)


def _facts(block: Facts) -> Grid:
    return _named(block.label, [(name, _words(cells)) for name, cells in block.facts])


def _words(cells: Sequence[Cell]) -> str:
    """Cells of a page as one text."""
    texts = (cell if isinstance(cell, str) else cell.text for cell in cells)
    return " ".join(filter(None, texts))


def _named(title: str, facts: Sequence[tuple[str, str]]) -> Grid:
    return Grid(title, texts("", ""), facts)
