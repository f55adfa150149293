"""What the system says: scores of applications, findings of monitoring."""

from typing import Literal, get_args

from creditrisk.contracts.contract import PARTITION, Column, Contract

ALL_SOURCES_UP = "plain"  # the mask state of a row whose optional sources were all up
FindingState = Literal[
    "green", "amber", "red", "critical", "insufficient", "none"
]  # none: not judged
FindingAxis = Literal[
    "discrimination", "stability", "calibration", "portfolio", "quality", "system"
]

SCORES = Contract(
    "scores",
    "applications",
    "one row per application, month and model version",
    ("application_id", "model_version"),
    (
        Column("application_id", "string"),
        Column("customer_id", "string", required=True),
        Column(PARTITION, "date", required=True),
        Column("model_version", "string"),
        Column(
            "pd", "double", "calibrated probability of default; null when held back", low=0, high=1
        ),
        Column("grade", "long", "1 is best; null when held back", low=1),
        Column("reason_1", "string", "what raised the PD most, in plain words"),
        Column("reason_2", "string"),
        Column("reason_3", "string"),
        Column("reason_4", "string"),
        Column("source_masked", "string", "optional sources that were down, comma separated"),
        Column(
            "held_back", "boolean", "no PD: not validated with sources down, or contained", True
        ),
        Column("rescored", "boolean", "a second score of the month, after a promotion", True),
    ),
)

RANDOM_SAMPLE = Contract(
    "scores",
    "random_sample",
    "one row per application above the cut-off that is to be booked by lot",
    ("application_id",),
    (
        Column("application_id", "string"),
        Column("customer_id", "string", required=True),
        Column(PARTITION, "date", required=True),
        Column("model_version", "string", required=True),
        Column("pd", "double", "of record, above the cut-off", required=True, low=0, high=1),
    ),
)

FINDINGS = Contract(
    "monitoring",
    "findings",
    "one row per metric, cohort, segment and model version",
    ("metric", "cohort", "segment", "model_version"),
    (
        Column("metric", "string"),
        Column(
            "axis", "string", "what it is about", required=True, categories=get_args(FindingAxis)
        ),
        Column("cohort", "string", "first and last cohort measured, as 2024-01..2024-03"),
        Column("segment", "string", "all, or column=value"),
        Column("model_version", "string"),
        Column("value", "double"),
        Column("lower", "double", "95% interval"),
        Column("upper", "double"),
        Column("p_value", "double", low=0, high=1),
        Column("rows", "long", low=0),
        Column("bads", "long", low=0),
        Column(
            "state", "string", "none: not judged", required=True, categories=get_args(FindingState)
        ),
        Column("text", "string"),
        Column("label_as_of", "date", "newest outcome used; null where none is"),
        Column(PARTITION, "date", "as_of", required=True),
    ),
)
