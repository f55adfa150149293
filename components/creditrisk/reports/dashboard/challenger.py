"""A challenger's judgement: its three windows and its gates."""

from collections.abc import Sequence

from creditrisk.records.validation import Validation
from creditrisk.reports.dashboard.blocks import Badge, Section, Table, interval, number
from creditrisk.reports.dashboard.reading import Reading


def newest_challenger(reading: Reading) -> list[Section]:
    """The validation of the newest challenger."""
    found = next((s for s in reversed(reading.summaries) if s.challenge), None)
    if found is None or found.challenge is None:
        return []
    judged = found.challenge
    which = "Challenger" if found.as_of == reading.newest.as_of else "Newest challenger"
    title = f"{which} {judged.version}: {judged.verdict}, {found.outcome}"
    return [Section(title, [windows_table([judged]), _gates(judged)])]


def windows_table(judged: Sequence[Validation]) -> Table:
    """The OOT windows of some versions."""
    rows = [
        (
            challenge.version,
            ", ".join(f"{cohort:%Y-%m}" for cohort in window.cohorts),
            number(window.rows, 0),
            number(window.bads, 0),
            number(window.auc.auc),
            interval(window.auc.lower, window.auc.upper),
            number(window.ks),
            number(window.oe.ratio, 2),
            interval(window.oe.lower, window.oe.upper, 2),
        )
        for challenge in judged
        for window in challenge.windows
    ]
    measured = ("AUC", "AUC 95 %", "KS", "O/E", "O/E 95 %")
    numbers = ("applications", "bad", *measured)
    columns = ("version", "OOT window", *numbers)
    return Table("Three out-of-time windows, read once", columns, rows, numbers)


def _gates(judged: Validation) -> Table:
    rows = [
        (
            gate.gate,
            gate.window,
            number(gate.value) if isinstance(gate.value, float) else str(gate.value or ""),
            f"{gate.limit:g}",
            Badge(gate.state),
            gate.reason,
        )
        for gate in judged.gates
    ]
    columns = ("gate", "window", "value", "limit", "state", "reason")
    return Table("Gates it had to pass", columns, rows, ("value", "limit"))
