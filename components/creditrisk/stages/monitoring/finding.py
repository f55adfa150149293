"""One number of the month, what it is judged to be, and why."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Literal

import pyarrow as pa

from creditrisk.contracts import FINDINGS, PARTITION, FindingAxis, FindingState
from creditrisk.metrics.estimates import Proportion

Mode = Literal["significant", "plain"]
_MILDEST_FIRST: tuple[FindingState, ...] = (
    "none",
    "insufficient",
    "green",
    "amber",
    "red",
    "critical",
)


@dataclass(frozen=True)
class Finding:
    """A row of the findings table, but for version and month; `state` none: not judged."""

    metric: str
    axis: FindingAxis
    value: float | None = None
    lower: float | None = None
    upper: float | None = None
    p_value: float | None = None
    rows: int = 0
    bads: int | None = None
    state: FindingState = "none"
    text: str = ""
    cohort: str = ""
    segment: str = "all"
    label_as_of: date | None = None

    def lacking(self, why: str) -> "Finding":
        """What it is without evidence: no number that could be taken for some, and the reason."""
        return replace(
            self, value=None, lower=None, upper=None, p_value=None, state="insufficient", text=why
        )


def alpha(limit: float, mode: Mode) -> float:
    """What a p-value must stay below; in plain mode every p-value does."""
    return limit if mode == "significant" else math.inf


def worst(states: Iterable[FindingState]) -> FindingState:
    """The worst of a family; what has no evidence counts only where nothing else has any."""
    return max(states, key=_MILDEST_FIRST.index, default="insufficient")


def share_finding(
    metric: str, share: Proportion, text: str, cohort: str = "", segment: str = "all"
) -> Finding:
    """A share of the portfolio; without a row to take it of there is no interval either."""
    return Finding(
        metric,
        "portfolio",
        value=share.value,
        lower=share.lower if share.total else None,
        upper=share.upper if share.total else None,
        rows=share.total,
        text=text,
        cohort=cohort,
        segment=segment,
    )


def axis_finding(
    axis: FindingAxis, state: FindingState, text: str, rows: int, bads: int | None
) -> Finding:
    """The line the 2/3 rule reads."""
    return Finding(f"axis:{axis}", axis, rows=rows, bads=bads, state=state, text=text)


def without_evidence(
    axis: FindingAxis, metrics: Sequence[str], why: str, rows: int, bads: int
) -> list[Finding]:
    """An axis and its metrics, all insufficient; without a row the axis alone."""
    none = Finding(f"axis:{axis}", axis, rows=rows, bads=bads).lacking(why)
    return [*(replace(none, metric=name) for name in metrics if rows), none]


def findings_table(findings: Sequence[Finding], version: str, as_of: date) -> pa.Table:
    extra = {"model_version": version, PARTITION: as_of}
    rows = [asdict(finding) | extra for finding in findings]
    return pa.Table.from_pylist(rows, schema=FINDINGS.arrow)
