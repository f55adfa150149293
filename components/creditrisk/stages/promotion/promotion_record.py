"""A change of champion, forward or back: the pointer first, then the audit trail."""

import time
from collections.abc import Sequence

from creditrisk.errors import GateError, UserError
from creditrisk.period import Period
from creditrisk.records import layout
from creditrisk.records.champion_pointer import (
    Tenure,
    champion_history,
    champions_in_force,
    change_champion,
)
from creditrisk.records.identity import Statement
from creditrisk.records.promotions import PROMOTED, ROLLED_BACK, record_of, spent_on
from creditrisk.records.retirement import fallbacks
from creditrisk.records.version_files import read_files, sums_sha256
from creditrisk.stages.promotion.passed_validation import Evidence

_LOOKS, _PAUSE = 50, 0.1  # seconds: of two who promote at once, the first is not cut off


def set_champion(period: Period, evidence: Evidence, statement: Statement) -> None:
    """Make a version champion from the month after `as_of` on; a repetition changes nothing."""

    def propose(history: Sequence[Tenure]) -> Tenure | None:
        if _settled(history, period, evidence.version):
            return None
        _refuse_spent(history, period, evidence.version)
        return Tenure(
            version=evidence.version,
            since=period.as_of,
            by=statement.who.name,
            at=statement.at,
            reason=statement.reason,
            identity=statement.who.vouched_by,
        )

    made = _tenure(change_champion(period.store, propose), period, evidence.version)
    if record_of(period.trail.find, made):
        return
    who = statement.who
    if (made.by, made.identity, made.reason) != (who.name, who.vouched_by, statement.reason):
        if _recorded_soon(period, made):
            return
        raise GateError(
            f"{layout.CHAMPION}: entry {made.sequence}, {made.version} by {made.by}, has no record"
            f" on the audit trail, and {who.name} did not make it: if {made.by} was cut off there"
            " they promote it again for the same reason, else restore the pointer"
        )
    body = {
        "version": made.version,
        "as_of": made.since.isoformat(),
        "validated": evidence.validated,
        "evidence": evidence.sha256,
        "sums": sums_sha256(period.store, made.version),
        "policy": period.policy.sha,
        "reason": made.reason,
        "sequence": made.sequence,
    }
    if made.identity:
        body["identity"] = made.identity
    period.trail.append(PROMOTED, made.by, made.at, body, str(made.sequence))


def _recorded_soon(period: Period, made: Tenure) -> bool:
    """Whether who made an entry is only about to put it on record."""
    for _ in range(_LOOKS):
        if record_of(period.trail.find, made):
            return True
        time.sleep(_PAUSE)
    return False


def _tenure(history: Sequence[Tenure], period: Period, version: str) -> Tenure:
    """The one of this month's promotion, else the version's newest; whoever was first counts."""
    own = [tenure for tenure in history if tenure.version == version]
    return next((t for t in own if t.since == period.as_of and not t.rollback), own[-1])


def _refuse_spent(history: Sequence[Tenure], period: Period, version: str) -> None:
    """`GateError` where four eyes agreed to another promotion of a version, not to this one."""
    guarded = period.policy.promotion.mode == "four_eyes"
    if guarded and (spent := spent_on(period.trail.find, history, version)):
        raise GateError(
            f"{version} was approved once, to be champion as of {spent.since}, and was replaced"
            " since; an approval counts once: train a new version"
        )


def _settled(history: Sequence[Tenure], period: Period, version: str) -> bool:
    """Whether this month's run, or an earlier one, has made the version champion already."""
    champions = champions_in_force(history)
    if champions and champions[-1] == version:
        return True
    same = (version, period.as_of, False)
    if not any((tenure.version, tenure.since, tenure.rollback) == same for tenure in history):
        return False
    if version not in champions:
        raise GateError(
            f"{version} became champion as of {period.as_of} and was rolled back;"
            " promote it in a later month, or train a new version"
        )
    return True


def rollback(period: Period, reason: str, actor: str, *, at: str = "") -> str:
    """Put the champion before the current one back, as a new entry; returns its id.

    Counts from the month after `as_of`. What was rolled back or retired is never fallen back
    on. Without a reason or a previous champion a `UserError`, as for a damaged previous one.
    """
    if not reason.strip():
        raise UserError("a rollback needs a reason")

    def propose(history: Sequence[Tenure]) -> Tenure:
        usable = fallbacks(period, history)
        if not usable:
            now = history[-1].version if history else "the first"
            raise UserError(
                f"there is no champion before {now}; train and promote another version instead"
            )
        previous = usable[-1]
        read_files(period.store, previous)
        return Tenure(
            version=previous, since=period.as_of, by=actor, at=at, reason=reason, rollback=True
        )

    *_, left, now = _cut_off(period, reason, actor) or change_champion(period.store, propose)
    body = {
        "version": now.version,
        "left": left.version,
        "as_of": period.as_of.isoformat(),
        "reason": reason,
        "sequence": now.sequence,
    }
    period.trail.append(ROLLED_BACK, actor, now.at, body, str(now.sequence))
    return now.version


def _cut_off(period: Period, reason: str, actor: str) -> list[Tenure]:
    """The history, where this very rollback was cut off before its record; else nothing."""
    history = champion_history(period.store)
    if not history or not history[-1].rollback:
        return []
    last = history[-1]
    same = (last.by, last.reason, last.since) == (actor, reason, period.as_of)
    return history if same and record_of(period.trail.find, last) is None else []
