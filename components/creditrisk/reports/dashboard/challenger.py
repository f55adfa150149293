"""A challenger's judgement: its three windows and its gates."""

from collections.abc import Sequence

from creditrisk.number_text import interval, number
from creditrisk.records.validation import Validation
from creditrisk.records.version_files import brief
from creditrisk.reports.dashboard.blocks import Badge, Block, Fold, Lines, Section, Table
from creditrisk.reports.gate_title import gate_limit, gate_title, gate_value
from creditrisk.reports.month_summary import MonthSummary


def judgement(summary: MonthSummary) -> list[Section]:
    """The validation of a month's challenger; nothing where none was made."""
    judged = summary.challenge
    if judged is None:
        return []
    title = f"Challenger {brief(judged.version)}: {judged.verdict}, {summary.outcome}"
    failed = [
        Lines([f"{gate_title(gate.gate)}, {gate.window}: {gate.reason}" for gate in judged.failed])
    ]
    blocks: list[Block] = [*(failed if judged.failed else []), windows_table([judged])]
    return [Section(title, [*blocks, Fold(_counted(judged), _gates(judged))], printed=False)]


def _counted(judged: Validation) -> str:
    """`22 of 22 gates passed, 2 amber`."""
    passed = sum(gate.passed for gate in judged.gates)
    amber = sum(gate.state == "amber" for gate in judged.gates)
    return f"{passed} of {len(judged.gates)} gates passed" + (f", {amber} amber" if amber else "")


def windows_table(judged: Sequence[Validation]) -> Table:
    """The OOT windows of some versions; of one alone its name is that of the section."""
    rows = [
        (
            brief(challenge.version),
            ", ".join(f"{cohort:%Y-%m}" for cohort in window.cohorts),
            number(window.rows, 0),
            number(window.bads, 0),
            number(window.auc.auc),
            interval(window.auc.lower, window.auc.upper),
            number(window.ks),
            number(window.oe.ratio, 2),
            interval(window.oe.lower, window.oe.upper, ".2f"),
        )
        for challenge in judged
        for window in challenge.windows
    ]
    measured = ("AUC", "AUC 95%", "KS", "O/E", "O/E 95%")
    numbers = ("applications", "bad", *measured)
    columns = ("version", "OOT window", *numbers)
    caption = "Three out-of-time windows, read once"
    if len(judged) == 1:
        return Table(caption, columns[1:], [row[1:] for row in rows], numbers)
    return Table(caption, columns, rows, numbers)


def _gates(judged: Validation) -> Table:
    rows = [
        (
            gate_title(gate.gate),
            gate.window,
            gate_value(gate),
            gate_limit(gate),
            Badge(gate.state),
            gate.reason,
        )
        for gate in judged.gates
    ]
    columns = ("gate", "window", "value", "limit", "state", "reason")
    return Table("Gates it had to pass", columns, rows, ("value", "limit"))
