"""One run at a time on a store: `lease.json`, taken and given back by compare-and-swap.

A holder that dies keeps the lease until it expires; then the next run takes it.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from creditrisk.errors import UserError
from creditrisk.storage import ConflictError, Store

LEASE_KEY = "lease.json"
HOURS = 6.0  # longer than any month takes, retraining and waiting for a cluster included


@dataclass(frozen=True)
class Lease:
    """Who holds the store until when (ISO 8601 with zone); an empty holder: nobody."""

    run_id: str
    expires: str

    def held_by_other(self, run_id: str, now: datetime) -> bool:
        """Whether another run holds the store."""
        return self.run_id not in ("", run_id) and datetime.fromisoformat(self.expires) > now


def acquire(store: Store, run_id: str, now: str, hours: float = HOURS) -> Lease:
    """Take the lease, or renew one's own, for some hours; held by another run: `UserError`."""
    clock = _clock(now)
    lease = Lease(run_id, (clock + timedelta(hours=hours)).isoformat())
    while True:
        tag, held = store.tag(LEASE_KEY), read_lease(store)
        if held and held.held_by_other(run_id, clock):
            raise UserError(
                f"run {held.run_id} holds {store.uri} until {held.expires}; wait for it, or, if"
                f" it is dead, remove {LEASE_KEY} there"
            )
        try:
            _put(store, lease, tag)
        except ConflictError:
            continue
        return lease


def renew(store: Store, run_id: str, now: str, hours: float = HOURS) -> Lease:
    """Hold on for some more hours; a run that lost the lease to another is told: `UserError`."""
    held = read_lease(store)
    if held is None or held.run_id != run_id:
        taken = f"run {held.run_id} has it" if held and held.run_id else "nobody has it"
        raise UserError(f"run {run_id} lost the lease on {store.uri}: {taken}; start it again")
    return acquire(store, run_id, now, hours)


def release(store: Store, run_id: str) -> None:
    """Give the lease back; nothing happens when the run does not hold it."""
    tag, held = store.tag(LEASE_KEY), read_lease(store)
    if held is None or held.run_id != run_id:
        return
    try:
        _put(store, Lease("", held.expires), tag)
    except ConflictError:
        return  # it had expired and another run was quicker


def read_lease(store: Store) -> Lease | None:
    """The lease as it is; None before the first run. A damaged one is a `UserError`."""
    try:
        lease = Lease(**json.loads(store.read(LEASE_KEY)))
        _clock(lease.expires)
    except KeyError:
        return None
    except (ValueError, TypeError):
        raise UserError(
            f"{store.uri}/{LEASE_KEY} is not a lease; if no run is under way, remove it"
        ) from None
    return lease


def _put(store: Store, lease: Lease, expected: str | None) -> None:
    store.swap(LEASE_KEY, json.dumps(asdict(lease), sort_keys=True).encode(), expected)


def _clock(text: str) -> datetime:
    clock = datetime.fromisoformat(text)
    if clock.tzinfo is None:
        raise ValueError(f"'{text}' has no time zone")
    return clock
