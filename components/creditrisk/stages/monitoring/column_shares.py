"""How a column's current rows fall on the frozen bins: missing, never seen, and bin by bin.

Counted once with the CSI; nothing here is judged, for each share is a bin of it.
"""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from creditrisk.model.matrix import MISSING
from creditrisk.records.development import Reference, by_label
from creditrisk.stages.monitoring.finding import Finding

_NONE, _UNSEEN = "(missing)", "(unseen)"


def missing(
    name: str, values: "pd.Series[Any]", reference: Reference, counts: Sequence[int]
) -> Finding:
    """Share of rows without a value, now and in the reference."""
    now = _missing(values, reference, counts) / max(1, sum(counts))
    then = _counted_missing(reference, reference.counts) / max(1, sum(reference.counts))
    text = f"{now:.1%} of {name} missing, {then:.1%} in the reference"
    return Finding(f"missing:{name}", "stability", value=now, rows=sum(counts), text=text)


def unseen(
    name: str, values: "pd.Series[Any]", reference: Reference, counts: Sequence[int]
) -> list[Finding]:
    """Of categories: share of rows whose category the reference does not hold at all."""
    if reference.bins.kind != "categorical":
        return []
    known = MISSING in (*reference.bins.categories, *reference.bins.others)
    new = by_label(reference.bins, counts)[_UNSEEN] - (0 if known else _text_missing(values))
    text = f"{new:,} rows hold a {name} the reference never saw"
    share = new / max(1, sum(counts))
    return [Finding(f"unseen:{name}", "stability", value=share, rows=sum(counts), text=text)]


def shares(name: str, reference: Reference, counts: Sequence[int]) -> list[Finding]:
    """A row per bin, `segment` its label: the share now; `Reference.shares` has the other side."""
    total = max(1, sum(counts))
    return [
        Finding(f"share:{name}", "stability", value=count / total, rows=count, segment=label)
        for label, count in by_label(reference.bins, counts).items()
    ]


def _missing(values: "pd.Series[Any]", reference: Reference, counts: Sequence[int]) -> int:
    found = _counted_missing(reference, counts)
    if reference.bins.kind == "numeric" or MISSING in reference.bins.categories:
        return found
    return found + _text_missing(values)


def _counted_missing(reference: Reference, counts: Sequence[int]) -> int:
    rows = by_label(reference.bins, counts)
    # a matrix says MISSING where a category is missing: there it is a category of its own
    return rows[_NONE] + rows.get(MISSING, 0)


def _text_missing(values: "pd.Series[Any]") -> int:
    return int((values == MISSING).sum())
