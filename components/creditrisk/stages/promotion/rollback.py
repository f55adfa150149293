"""The previous champion again."""

from collections.abc import Sequence

from creditrisk.errors import UserError
from creditrisk.period import Period
from creditrisk.records.champion_pointer import Tenure, champion_history, change_champion
from creditrisk.records.promotions import ROLLED_BACK, record_of
from creditrisk.records.retirement import fallbacks
from creditrisk.records.version_files import read_files


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
