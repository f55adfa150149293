"""What happens next: how far the rule is from acting, what is due, what waits for people."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from creditrisk.calendar_month import add_months, months_between
from creditrisk.model.matured_loans import newest_matured
from creditrisk.records.approval_requests import Request
from creditrisk.records.decision import AXES
from creditrisk.records.version_files import brief
from creditrisk.reports.dashboard.blocks import Cell, Command, Facts
from creditrisk.reports.dashboard.reading import Reading
from creditrisk.reports.month_summary import MonthSummary

Fact = tuple[str, tuple[Cell, ...]]


def outlook(reading: Reading, summary: MonthSummary) -> Facts:
    """Of the newest month also what is open now."""
    facts = [*_rule(reading, summary), *_due(reading, summary)]
    if summary is reading.newest:
        facts += [*_people(reading), *_contained(reading)]
    return Facts("Next", facts, half=True)


def _rule(reading: Reading, summary: MonthSummary) -> Iterator[Fact]:
    rule = reading.policy_of(summary).rule
    red = [axis for axis in AXES if summary.states[axis] in ("red", "critical")]
    if summary.champion:
        named = f" ({', '.join(red)})" if red else ""
        yield (
            "Distance to the rule",
            (f"{len(red)} of {len(AXES)} axes red{named}; the rule retrains from {rule.red_axes}",),
        )
    yield "Automatic action", (_held(reading, summary),)
    since = _since(reading, summary.after)
    if since and rule.max_model_age:
        due, age = add_months(since, rule.max_model_age), months_between(since, summary.as_of)
        text = f"{age} of {rule.max_model_age} months; a successor is trained in {due:%B %Y}"
        yield "Age of the model", (text,)
    if summary.champion and (cohort := _next_cohort(reading, summary)):
        following = add_months(summary.as_of, 1)
        yield "Next month", (f"{following:%B %Y} measures the outcomes of cohort {cohort:%Y-%m}",)


def _held(reading: Reading, summary: MonthSummary) -> str:
    """Until when a cool-down or spent windows hold the next automatic action back."""
    cool_down, following = reading.policy_of(summary).rule.cool_down, add_months(summary.as_of, 1)
    until, why = following, ""
    for past in reading.story:
        judged = past.challenge
        if past.as_of > summary.as_of or judged is None or not judged.window_months:
            continue
        waits = [(add_months(past.as_of, judged.window_months), "its windows are spent")]
        if past.action != "none" and not _blind(past):
            waits.append((add_months(past.as_of, cool_down), f"cool-down of {cool_down} months"))
        latest, reason = max(waits)
        if latest > until:
            until, why = latest, f"{reason} after {_tried(past)} in {past.as_of:%B %Y}"
    return f"not before {until:%B %Y}: {why}" if why else f"possible in {until:%B %Y}"


def _blind(past: MonthSummary) -> bool:
    """A first model without enough evidence starts no cool-down."""
    return past.action == "initial" and past.outcome == "insufficient"


def _tried(past: MonthSummary) -> str:
    names = {"initial": "the first model", "none": "a challenger made by hand"}
    return names.get(past.action, f"the {past.action}")


def _since(reading: Reading, version: str) -> date | None:
    """When a version, or what it has its trees from, first became champion: these age on."""
    parents = {one.id: one.parent for one in reading.versions}
    alike = [version]
    while "-recalibrate-" in alike[-1] and parents.get(alike[-1]):
        alike.append(parents[alike[-1]])
    return min((one.since for one in reading.tenures if one.version in alike), default=None)


def _next_cohort(reading: Reading, summary: MonthSummary) -> date | None:
    """The one after this month's, where cohorts mature month by month."""
    outcome, taken = reading.policy_of(summary).outcome, summary.taken
    newest = newest_matured(summary.as_of, outcome.mob, outcome.reporting_lag)
    measured = taken.axes["calibration"].cohorts if taken and taken.axes else ()
    return add_months(newest, 1) if newest in measured else None


def _due(reading: Reading, summary: MonthSummary) -> Iterator[Fact]:
    days = reading.policy_of(summary).rule.cause_days
    causes = [name.removeprefix("red:") for name in summary.triggers if name.startswith("red:")]
    if causes:
        due = summary.as_of + timedelta(days=days)
        text = f"find why {' and '.join(causes)} is red by {due} ({days} days)"
        yield "Due", (text,)
    if summary.override:
        until = date.fromisoformat(summary.override.until)
        yield "Override", (f"by {summary.override.by}, holds until {until:%B %Y}",)


def _people(reading: Reading) -> Iterator[Fact]:
    for one in reading.open_findings:
        text = f"{one.severity}, {one.owner}, due {one.due}: {one.text}"
        yield f"Finding {one.id}", (text,)
    for request in reading.waiting:
        yield "Approval", (_waits(reading, request), Command(request.command))
    if not reading.waiting:
        yield "Approvals", ("nothing waits for approval",)


def _waits(reading: Reading, request: Request) -> str:
    days = reading.policy.promotion.approval_days
    expires = datetime.fromisoformat(request.requested_at) + timedelta(days=days)
    return (
        f"{brief(request.id)} waits for someone other than {request.requester},"
        f" until {expires:%Y-%m-%d}"
    )


def _contained(reading: Reading) -> Iterator[Fact]:
    for held in reading.contained:
        yield "Held back", (f"{held}", Command("creditrisk contain lift --reason ..."))
