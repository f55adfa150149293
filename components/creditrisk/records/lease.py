"""One run at a time on a store: `lease.json`, taken and given back by compare-and-swap.

Every task renews its run's lease, so that a run may take longer than one lasts. A holder that
dies keeps it until it expires; then the next run takes it, and a task of the first, should it
wake up, is refused.
"""

from datetime import datetime, timedelta
from typing import ClassVar

from pydantic import field_validator

from creditrisk.errors import UserError
from creditrisk.records import layout
from creditrisk.records.document import Line
from creditrisk.records.layout import asked
from creditrisk.storage import ConflictError, Store

HOURS = 6.0  # longer than any month takes, retraining and waiting for a cluster included


class Lease(Line):
    """Who holds the store until when (ISO 8601 with zone); an empty holder: nobody.

    `lost_by`: the run whose expired lease was last taken over.
    """

    what: ClassVar[str] = "a lease"
    remedy: ClassVar[str] = "if no run is under way, remove it"

    run_id: str
    expires: str
    lost_by: str = ""

    @field_validator("expires")
    @classmethod
    def _has_a_zone(cls, text: str) -> str:
        _clock(text)
        return text

    def held_by_other(self, run_id: str, now: datetime) -> bool:
        """Whether another run holds the store."""
        return self.run_id not in ("", run_id) and datetime.fromisoformat(self.expires) > now


def acquire(store: Store, run_id: str, now: str, hours: float = HOURS) -> Lease:
    """Take the lease, or renew one's own, for some hours; held by another run: `UserError`."""
    lease = _take(store, run_id, now, hours)
    store.write(asked(run_id), b"")
    return lease


def _take(store: Store, run_id: str, now: str, hours: float) -> Lease:
    clock = _clock(now)
    while True:
        tag, held = store.tag(layout.LEASE), read_lease(store)
        if held and held.held_by_other(run_id, clock):
            raise UserError(
                f"run {held.run_id} holds {store.uri} until {held.expires}; wait for it, or, if"
                f" it is dead, remove {layout.LEASE} there"
            )
        expired = held.run_id if held and held.run_id != run_id else ""
        lost_by = expired or (held.lost_by if held else "")
        expires = (clock + timedelta(hours=hours)).isoformat()
        lease = Lease(run_id=run_id, expires=expires, lost_by=lost_by)
        try:
            _put(store, lease, tag)
        except ConflictError:
            continue
        return lease


def renew(store: Store, run_id: str, now: str, hours: float = HOURS) -> None:
    """Hold on for some more hours, if the run is one that holds the store.

    One that gave its lease back and is retried takes it again. Where another run holds it, or
    took it when it had expired: `UserError`.
    """
    held = read_lease(store)
    if held and held.run_id == run_id:
        _take(store, run_id, now, hours)
    elif held and held.lost_by == run_id:
        raise UserError(
            f"run {run_id} was longer than its lease on {store.uri}, which run"
            f" {held.run_id or 'that has ended'} took; start it again"
        )
    elif store.tag(asked(run_id)) is not None:
        _take(store, run_id, now, hours)


def release(store: Store, run_id: str) -> None:
    """Give the lease back; nothing happens when the run does not hold it."""
    tag, held = store.tag(layout.LEASE), read_lease(store)
    if held is None or held.run_id != run_id:
        return
    try:
        _put(store, held.model_copy(update={"run_id": ""}), tag)
    except ConflictError:
        return  # it had expired and another run was quicker


def read_lease(store: Store) -> Lease | None:
    """The lease as it is; None before the first run. A damaged one is a `UserError`."""
    return Lease.read(store, layout.LEASE)


def _put(store: Store, lease: Lease, expected: str | None) -> None:
    store.swap(layout.LEASE, lease.encode(), expected)


def _clock(text: str) -> datetime:
    clock = datetime.fromisoformat(text)
    if clock.tzinfo is None:
        raise ValueError(f"'{text}' has no time zone")
    return clock
