"""A person's decision against the rule's: given for a month, with a reason and an end.

    registry/overrides/<as_of>/<n>/given.json
    registry/overrides/<as_of>/<n>/closed.json   what came of it

The newest override of a month counts, up to its last month.
"""

from collections.abc import Mapping
from datetime import date

from creditrisk.calendar_month import add_months
from creditrisk.errors import UserError
from creditrisk.period import Period
from creditrisk.records import layout
from creditrisk.records.acts import Closable, Signed, put_on_record, read_closable
from creditrisk.records.damage import STRICT, Strict
from creditrisk.records.decision import Action, Decision, DecisionKind, State, last_decision
from creditrisk.records.document import Day
from creditrisk.records.identity import Statement
from creditrisk.storage import Store

ACTIONS: dict[DecisionKind, Action] = {
    "keep": "none",
    "watch": "none",
    "recalibrate": "recalibrate",
    "retrain": "retrain",
    "contain": "none",
}
LASTING: tuple[DecisionKind, ...] = ("keep", "watch")


class Override(Closable, Signed):
    """What a person decided on month `as_of`, up to month `until`, against `recommended`.

    `states`: of the axes when it was given. `closed`: the newest month when it was closed, it does
    not count after. `outcome`: what came of it.
    """

    as_of: str
    n: int
    decision: DecisionKind
    recommended: DecisionKind
    states: Mapping[str, State]
    record: str
    until: Day
    outcome: str = ""

    @property
    def id(self) -> str:
        """How records and the audit trail call it."""
        return f"{self.as_of}/{self.n:04d}"

    def counts(self, as_of: date) -> bool:
        """Whether it holds in a month."""
        month = as_of.isoformat()
        return self.as_of <= month <= min(self.until, self.closed or self.until)


def overrides(store: Store, damage: Strict = STRICT) -> list[Override]:
    """Every one there was, oldest month first."""
    return read_closable(store, layout.OVERRIDES, Override, damage)


def override_in_force(store: Store, as_of: date) -> Override | None:
    """The one that holds in a month, if any: the newest."""
    return next((one for one in reversed(overrides(store)) if one.counts(as_of)), None)


def give(
    period: Period, month: date, decision: DecisionKind, until: date | None, statement: Statement
) -> Override:
    """Override the newest decided month, up to month `until` (None: that month alone).

    `UserError` where there is nothing to override, no reason, or no end within the policy's.
    """
    decided = _overridable(period.store, month)
    end = until or month
    _require_end(period, month, decision, end)
    act = statement.record()
    before = [one for one in overrides(period.store) if one.as_of == decided.as_of]
    # one that was cut off before its record is given again, under its number
    cut_off = bool(before) and period.trail.find("overridden", before[-1].id) is None
    given = Override(
        as_of=decided.as_of,
        n=len(before) + (not cut_off),
        decision=decision,
        recommended=(decided.recommended or decided).decision,
        states={name: axis.state for name, axis in decided.axes.items()},
        record=layout.decision(decided.id),
        until=end.isoformat(),
        **act,
    )
    put_on_record(period, "overridden", given.id, layout.override(given.id, "given"), given, act)
    return given


def close(period: Period, month: date, statement: Statement) -> str:
    """Record what came of a month's newest override (`statement.reason`); it holds no longer.

    It counts up to `as_of`, the newest month that was run. Returns the override's id.
    """
    found = [one for one in overrides(period.store) if one.as_of == month.isoformat()]
    ended = bool(found and found[-1].closed)
    if not found or (ended and period.trail.find("override_closed", found[-1].id)):
        raise UserError(
            f"{month:%Y-%m} has no open override; see creditrisk override list for those there are"
        )
    id, act = found[-1].id, statement.record()
    closed = {"closed": period.as_of.isoformat(), "outcome": statement.reason}
    end = found[-1].model_copy(update=closed)
    put_on_record(period, "override_closed", id, layout.override(id, "closed"), end, act)
    return id


def _overridable(store: Store, month: date) -> Decision:
    newest = last_decision(store)
    if newest is None or newest.as_of != month.isoformat():
        which = f"{newest.as_of[:7]} is" if newest else "no month is yet"
        raise UserError(
            f"{month:%Y-%m} cannot be overridden: {which} the newest decided month, and what came"
            " before it has been acted on"
        )
    if newest.decision in ("blocked", "wait") or not newest.champion:
        raise UserError(
            f"{month:%Y-%m} is decided {newest.decision} without"
            f" {'data' if newest.champion else 'a champion'}: there is nothing to override"
        )
    return newest


def _require_end(period: Period, month: date, decision: DecisionKind, end: date) -> None:
    if decision not in LASTING and end != month:
        raise UserError(f"{decision} is done once, in {month:%Y-%m}: give no --until")
    last = add_months(month, period.policy.governance.override_months)
    if not month <= end <= last:
        raise UserError(
            f"--until {end} is not between {month} and {last}"
            f" (governance.override_months: {period.policy.governance.override_months})"
        )
