"""Months in the lake that would come out otherwise today: delivered again after they were used.

Nothing is rebuilt here. A month is compared by the content of its delivery, not by its file's
bytes or age; a file that has not been touched since is not even opened.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from creditrisk import advice, contracts
from creditrisk.calendar_month import month_range
from creditrisk.deliveries.landing import ASTRAY, NO_ROWS, Delivery, Landing
from creditrisk.period import Period
from creditrisk.records.quality import Check, load_report
from creditrisk.stages.etl.inputs import NO_FILE, Inputs
from creditrisk.stages.etl.quality.assessment import keep
from creditrisk.storage.parallel import in_parallel

logger = logging.getLogger("creditrisk.stages.etl")
RULE = "changed after use"
_PORTFOLIO = {"portfolio": "is described otherwise"}
_WHY = {
    **_PORTFOLIO,
    "outcome": "was built under another policy",
    "outage_coverage": "was built under another policy",
    "pii_key": "was built without the PII key, or with one that is gone",
    "quality": "",  # limits judge a month and do not change it
}
_RESTS = "rests on months that were built anew"
Reasons = Mapping[date, Sequence[str]]


def outdated(period: Period, landing: Landing, months: Sequence[date]) -> Reasons:
    """Of some committed months, those that are not what they would be now, and why."""
    inputs = Inputs(period, landing.deliveries(_arrived_again(period, landing, months)))
    found = {month: _reasons(inputs, month) for month in months}
    return {month: reasons for month, reasons in found.items() if reasons}


def warning(reasons: Reasons, end: date, landing: str) -> str:
    """One line: which months, why, and the command that builds them anew up to `end`."""
    by_reason: dict[str, list[date]] = {}
    for month, why in sorted(reasons.items()):
        for reason in why:
            by_reason.setdefault(reason, []).append(month)
    text = "; ".join(f"{_spans(months)} {reason}" for reason, months in by_reason.items())
    command = advice.backfill(min(reasons), end, landing)
    return f"{text}; what rests on it in the lake is as it was: {command}"


def note(period: Period, reasons: Reasons, text: str) -> None:
    """Let the month's quality report warn of earlier months, or no longer warn of them."""
    report = load_report(period.store, period.as_of)
    if report is None:
        return
    checks = [check for check in report.checks if check.rule != RULE]
    if reasons:
        count = len(reasons)
        checks.append(Check("gold", "features", RULE, "", count, count, 1.0, "warn", text))
    if tuple(checks) != report.checks:
        keep(period, report.replace(checks=tuple(checks)))


def _arrived_again(period: Period, landing: Landing, months: Sequence[date]) -> list[date]:
    """Months with a file of their own that came after the month was built."""
    arrived = {source: landing.arrived(spec) for source, spec in period.portfolio.sources.items()}
    known = in_parallel(lambda month: _arrivals(period, month), months)
    return [
        month
        for month, before in zip(months, known, strict=True)
        if any(when.get(month, "") != before.get(source, "") for source, when in arrived.items())
    ]


def _arrivals(period: Period, month: date) -> dict[str, str]:
    report = load_report(period.store, month)
    return {source: file.arrived for source, file in report.inputs.items()} if report else {}


def _reasons(inputs: Inputs, month: date) -> list[str]:
    sources = inputs.period.portfolio.sources.items()
    source_of = {contracts.bronze(source, spec).table: source for source, spec in sources}
    again: list[str] = []
    late: list[str] = []
    others: set[str] = set()
    for table, names in inputs.changed(month, by_known_recipe=True).items():
        source = source_of.get(table)
        if source is None:
            why = {_WHY[name] for name in names & _WHY.keys()} - {""}
            rests = {_RESTS} if names - _WHY.keys() else set()
            others |= why or rests
            continue
        others |= {_PORTFOLIO[name] for name in names & _PORTFOLIO.keys()}
        # rows of no known month pass on to the newest; the month they leave is what it was
        if names - {*_PORTFOLIO, ASTRAY} and _covers(inputs.deliveries[source], month):
            (late if NO_FILE in names else again).append(source)
    delivered = [("was delivered again", again), ("was delivered late", late)]
    text = [f"{what} ({', '.join(which)})" for what, which in delivered if which]
    return text + sorted(others)


def _covers(delivery: Delivery, month: date) -> bool:
    """Whether there is a delivery of the month: files that are cleared away change nothing."""
    return any(value != NO_ROWS for value in delivery.content(month).values())


def _spans(months: Iterable[date]) -> str:
    spans: list[list[date]] = []
    for month in months:
        if spans and list(month_range(spans[-1][-1], month))[1:] == [month]:
            spans[-1].append(month)
        else:
            spans.append([month])
    return ", ".join(f"{s[0]} to {s[-1]}" if len(s) > 1 else f"{s[0]}" for s in spans)
