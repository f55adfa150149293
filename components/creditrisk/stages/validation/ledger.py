"""The OOT ledger: a window is spent by reading it, and each reading is on record before it."""

from collections.abc import Sequence
from datetime import date

from creditrisk.period import Period
from creditrisk.records.audit import Trail
from creditrisk.records.oot_ledger import WindowVerdict, verdicts

Windows = Sequence[Sequence[date]]


def may_read(period: Period, windows: Windows, kind: str) -> str:
    """Empty when a challenger of a kind may be judged on some windows, else why not.

    After a refusal the newest window must be wholly new: judging one attempt after another on
    the same outcomes ends in a pass by chance.
    """
    refused = _newest_refused(period.trail, kind, period.as_of)
    if refused is None or wholly_new_window(period.trail, windows, kind, period.as_of):
        return ""
    last = max(refused.cohorts)
    return (
        f"the newest window is spent: {refused.version} was refused on cohorts up to"
        f" {last:%Y-%m}; wait until a window after {last:%Y-%m} has matured"
    )


def wholly_new_window(trail: Trail, windows: Windows, kind: str, as_of: date) -> bool:
    """Whether no refused challenger of a kind has read any cohort of the newest window."""
    if not windows:
        return False
    refused = _newest_refused(trail, kind, as_of)
    return refused is None or min(windows[-1]) > max(refused.cohorts)


def _newest_refused(trail: Trail, kind: str, as_of: date) -> WindowVerdict | None:
    """The refusal that reached furthest; what a later month will refuse is not known yet."""
    refused = [
        found
        for found in verdicts(trail)
        if found.verdict == "fail" and found.kind == kind and found.as_of <= as_of
    ]
    return max(refused, key=lambda found: max(found.cohorts), default=None)
