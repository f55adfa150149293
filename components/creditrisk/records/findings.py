"""The register of validation findings: what people found wanting in a model, and until when.

registry/findings/<id>/opened.json
registry/findings/<id>/closed.json   what was done about it
escalations/E-<month>.json           opened by the rule, which had nothing left to try
"""

from datetime import date, datetime, timedelta
from functools import partial
from itertools import count
from typing import Literal, get_args

from creditrisk.errors import GateError, UserError
from creditrisk.period import Period
from creditrisk.records import layout
from creditrisk.records.acts import Closable, create_once, put_on_record, read_closable
from creditrisk.records.damage import STRICT, Strict
from creditrisk.records.decision import Decision
from creditrisk.records.document import Day
from creditrisk.records.identity import Statement
from creditrisk.records.version_files import read_files
from creditrisk.storage import Store

Severity = Literal["high", "medium", "low"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)


class ValidationFinding(Closable):
    """A finding on a version; `due`: last day to close it, `resolution`: what was done about it."""

    id: str
    version: str
    severity: Severity
    text: str
    owner: str
    due: Day
    by: str
    identity: str
    at: str
    resolution: str = ""

    def overdue(self, today: date) -> bool:
        """Open after its last day."""
        return not self.closed and today > date.fromisoformat(self.due)


def read_validation_findings(store: Store, damage: Strict = STRICT) -> list[ValidationFinding]:
    """Every finding, the first one first, then those the rule opened."""
    opened = read_closable(store, layout.FINDINGS, ValidationFinding, damage)
    return [*opened, *escalations(store, damage)]


def escalations(store: Store, damage: Strict = STRICT) -> list[ValidationFinding]:
    """Findings that the rule opened, oldest first, with what people decided."""

    def whole(key: str) -> ValidationFinding:
        end = layout.finding(layout.name_of(key), "closed")
        later = store.read(end) if store.tag(end) else b"{}"
        return ValidationFinding.parse(store.read(key), key, later)

    keys = sorted(store.keys(layout.ESCALATIONS))
    found = (damage.read(key, partial(whole, key), None) for key in keys)
    return [one for one in found if one]


def escalate(period: Period, decision: Decision, at: str) -> None:
    """Open the finding of a decision that leaves it to a person; an earlier one stays open."""
    mine = [one for one in escalations(period.store) if one.version == decision.champion]
    month = date.fromisoformat(decision.as_of)
    id = f"E-{month:%Y-%m}"
    if any(not one.closed and one.id != id for one in mine):
        return
    opened = ValidationFinding(
        id=id,
        version=decision.champion,
        severity="high",
        text="; ".join((decision.reasons[0], *decision.options)),
        owner="model owner",
        due=(month + timedelta(days=period.policy.governance.finding_days_high)).isoformat(),
        by="pipeline",
        identity="the rule",
        at=at,
    )
    # a run that was cut off may have come this far
    key = layout.escalation(id)
    found = create_once(period.store, key, opened)
    if found.replace(at=at) != opened and period.trail.find("finding_opened", id) is None:
        raise GateError(
            f"{key} has no record on the audit trail, and is not what decision {decision.id} leaves"
            " to a person: nobody opened it; remove it"
        )
    period.trail.append("finding_opened", found.by, found.at, found.body(), found.id)


def answered(store: Store, version: str) -> date | None:
    """The newest month whose escalation of a champion a person has decided on."""
    closed = [one.id for one in escalations(store) if one.version == version and one.closed]
    return max((date.fromisoformat(f"{id.removeprefix('E-')}-01") for id in closed), default=None)


def open_finding(
    period: Period,
    version: str,
    severity: Severity,
    owner: str,
    due: date | None,
    statement: Statement,
) -> ValidationFinding:
    """Put a finding (`statement.reason`) on record; without `due`, the policy's days from now.

    One that was cut off before its record is finished by who opens it again, as it was begun. An
    unknown version, no owner or no text is a `UserError`.
    """
    read_files(period.store, version)
    act = statement.record()
    text = act.pop("reason")
    if not owner.strip():
        raise UserError("a finding needs an owner: who is to close it")
    today = datetime.fromisoformat(statement.at).date()
    if due and due < today:
        raise UserError(f"{due} is over: a finding is due today ({today}) or later")
    days = int(getattr(period.policy.governance, f"finding_days_{severity}"))
    asked = ValidationFinding(
        id="",
        version=version,
        severity=severity,
        text=text,
        owner=owner,
        due=(due or today + timedelta(days=days)).isoformat(),
        **act,
    )
    found = _cut_off(period, asked, due) or _numbered(period.store, asked)
    period.trail.append("finding_opened", found.by, found.at, found.body(), found.id)
    return found


def _cut_off(
    period: Period, asked: ValidationFinding, due: date | None
) -> ValidationFinding | None:
    """The same finding, where whoever opened it was cut off before its record."""
    but = {"id", "due", "at", "closed", "resolution"}
    wanted = asked.model_dump(exclude=but)
    for one in read_closable(period.store, layout.FINDINGS, ValidationFinding):
        same = one.model_dump(exclude=but) == wanted and (due is None or one.due == asked.due)
        if same and period.trail.find("finding_opened", one.id) is None:
            return one
    return None


def _numbered(store: Store, asked: ValidationFinding) -> ValidationFinding:
    """A finding under the next number that nobody has taken."""
    for number in count(len(read_validation_findings(store)) + 1):
        found = asked.model_copy(update={"id": f"F-{number:04d}"})
        if create_once(store, layout.finding(found.id, "opened"), found) is found:
            break
    return found


def close_finding(period: Period, id: str, statement: Statement) -> None:
    """Close a finding with what was done about it (`statement.reason`)."""
    found = next((one for one in read_validation_findings(period.store) if one.id == id), None)
    if found is None or (found.closed and period.trail.find("finding_closed", id)):
        raise UserError(f"there is no open finding {id}; see creditrisk findings list")
    act = statement.record()
    closed = {"closed": statement.at[:10], "resolution": statement.reason}
    ended = found.model_copy(update=closed)
    put_on_record(period, "finding_closed", id, layout.finding(id, "closed"), ended, act)
