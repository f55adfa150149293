"""Months there is something to tell of."""

from datetime import date

from creditrisk.records import layout
from creditrisk.records.approval_requests import ChallengerRequest, submit
from creditrisk.records.decision import Axis
from tests.builders import documents

MARCH, APRIL = date(2024, 3, 1), date(2024, 4, 1)
AT, AGAIN, LATER = (f"2024-0{month}-02T08:00:00.000+00:00" for month in (4, 5, 6))
SECRET = "T0pquiet"  # noqa: S105 - what must not come out
QUICK = "alerts: {seconds: 3}"


def closed_month(period, decision="keep", status="ok", tasks=(), triggers=()):
    """What decide and close leave of a month."""
    axes = {
        "discrimination": Axis("red", text="AUC 0.641 (0.602 to 0.680), floor 0.7"),
        "stability": Axis("green", text="score PSI 0.031"),
        "calibration": Axis("red", text="O/E 1.52 (1.31 to 1.75)"),
    }
    found = documents.decision(
        period.as_of, decision=decision, triggers=triggers, axes=axes,
        reasons=["two of three axes are red"], champion="2023-12-initial-1",
    )  # fmt: skip
    period.store.write(f"decisions/{found.id}.json", found.encode())
    documents.ran(period.store, period.as_of, *tasks, run_id="run", status=status)


def waits(period, version="2024-03-retrain-1"):
    """A challenger that waits for a second person; the key of its request."""
    asked = {"version": version, "as_of": "2024-03-01", "requested_by": "pipeline"}
    asked |= {"requested_at": AT, "evidence": "0" * 64}
    submit(period, ChallengerRequest.model_validate(asked))
    return layout.pending(version)
