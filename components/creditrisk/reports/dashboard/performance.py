"""Does the model still rank?"""

from collections.abc import Sequence

import pandas as pd

from creditrisk.records.validation import Validation
from creditrisk.records.version_files import brief
from creditrisk.reports import figures
from creditrisk.reports.dashboard.blocks import (
    Block,
    Chart,
    Page,
    Section,
    Table,
)
from creditrisk.reports.dashboard.challenger import windows_table
from creditrisk.reports.dashboard.measured import (
    axis_page,
    by_cohort,
    by_month,
    by_segment,
    drawn,
    forest,
    nothing_matured,
    now,
)
from creditrisk.reports.dashboard.reading import Reading

_NOW = (
    ("auc", "AUC"),
    ("auc_decay", "AUC lost since validation"),
    ("ks", "KS"),
    ("precision", "Precision at the cut-off"),
    ("recall", "Recall at the cut-off"),
)


def performance(reading: Reading) -> Page:
    """AUC, Gini and KS on matured cohorts, by segment, and on the windows of validation."""
    auc = by_month(
        reading,
        "auc",
        "Does it still rank?",
        "AUC on matured cohorts, with its 95% interval; Gini is 2 AUC - 1.",
    )
    decay = by_month(
        reading,
        "auc_decay",
        "How much has it lost?",
        "AUC lost against what validation promises for such PDs, with its 95% interval.",
    )
    ks = by_month(reading, "ks", "How far apart do bads and goods lie?", "KS of the PDs.")
    return axis_page(
        reading,
        "discrimination",
        nothing_matured(reading),
        [
            *now(reading, _NOW),
            Section("Month by month", drawn(auc, decay, ks)),
            *by_segment(reading, "auc", "Where does it rank worst?", "AUC by segment"),
            *by_cohort(reading, "auc", "Which cohorts does it rank?", "AUC by cohort"),
            Section("Out-of-time windows of each version", _windows(reading)),
        ],
    )


def _windows(reading: Reading) -> list[Block]:
    judged = [challenge for challenge in reading.challenges if challenge.windows]
    if not judged:
        return [Table("No version was validated yet", ("version",), [])]
    points = pd.DataFrame(
        [
            (window.auc.auc, window.auc.lower, window.auc.upper)
            for challenge in judged
            for window in challenge.windows
        ],
        columns=["value", "lower", "upper"],
    )
    note = "AUC of each of the three windows, with its 95% interval; dotted: the floor."
    figure = forest(_window_names(judged), points)
    figure.add_vline(
        x=reading.policy.validation.auc_floor,
        line={"color": figures.STATE_COLOURS["red"], "dash": "dot", "width": 1.5},
    )
    table = windows_table(judged)
    title = "What did validation see?"
    return [Chart("oot-windows", title, note, figure, table, wide=True)]


def _window_names(judged: Sequence[Validation]) -> list[str]:
    return [
        f"{brief(challenge.version)}  {', '.join(f'{cohort:%Y-%m}' for cohort in window.cohorts)}"
        for challenge in judged
        for window in challenge.windows
    ]
