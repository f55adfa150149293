"""A month as pages are told of it, whole but for what a test says."""

from datetime import date

from creditrisk.records.decision import AXES
from creditrisk.reports.month_summary import Measured, MonthSummary

AUGUST = date(2025, 8, 1)


def summary(as_of: date = AUGUST, **facts) -> MonthSummary:
    """A healthy month of the version `old`."""
    usual = {
        "as_of": as_of, "decision": "keep", "action": "none",
        "states": dict.fromkeys(AXES, "green"), "texts": dict.fromkeys(AXES, ""), "reasons": (),
        "triggers": (), "champion": "old", "outcome": "", "challenge": None, "promoted": None,
        "run": None, "values": healthy(), "outages": (), "checks": (), "policy": "", "numbered": 1,
    }  # fmt: skip
    return MonthSummary(**usual | facts)


def healthy(**changed: Measured) -> dict[str, Measured]:
    """What was measured on it; `changed` by metric, with `_` for a colon."""
    usual = {
        "auc": Measured(0.82, 0.79, 0.85, 1.0, 1000, 200, "green"),
        "auc_decay": Measured(-0.01, -0.05, 0.03, 0.7, 1000, 200, "green"),
        "score_psi": Measured(0.03, rows=1000, state="green"),
        "csi_share": Measured(0.0, rows=1000, state="green"),
        "csi:income": Measured(0.02, rows=1000, state="green"),
        "csi:debt": Measured(0.01, rows=1000, state="green"),
        "oe": Measured(1.0, 0.9, 1.1, 1.0, 1000, 200, "green"),
        "jeffreys": Measured(0.5, rows=1000, bads=200, state="green"),
    }
    return usual | {name.replace("csi_of_", "csi:"): found for name, found in changed.items()}
