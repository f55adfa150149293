"""One run at a time on a store: `lease.json`, taken and given back by compare-and-swap.

Every task renews its run's lease, so that a run may take longer than one lasts. A holder that
dies keeps it until it expires; then the next run takes it, and a task of the first, should it
wake up, is told.
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
    """Who holds the store until when (ISO 8601 with zone); an empty holder: nobody.

    `lost_by`: the run whose expired lease was last taken over.
    """

    run_id: str
    expires: str
    lost_by: str = ""

    def held_by_other(self, run_id: str, now: datetime) -> bool:
        """Whether another run holds the store."""
        return self.run_id not in ("", run_id) and datetime.fromisoformat(self.expires) > now


def acquire(store: Store, run_id: str, now: str, hours: float = HOURS) -> Lease:
    """Take the lease, or renew one's own, for some hours; held by another run: `UserError`."""
    clock = _clock(now)
    while True:
        tag, held = store.tag(LEASE_KEY), read_lease(store)
        if held and held.held_by_other(run_id, clock):
            raise UserError(
                f"run {held.run_id} holds {store.uri} until {held.expires}; wait for it, or, if"
                f" it is dead, remove {LEASE_KEY} there"
            )
        expired = held.run_id if held and held.run_id != run_id else ""
        lost_by = expired or (held.lost_by if held else "")
        lease = Lease(run_id, (clock + timedelta(hours=hours)).isoformat(), lost_by)
        try:
            _put(store, lease, tag)
        except ConflictError:
            continue
        return lease


def renew(store: Store, run_id: str, now: str, hours: float = HOURS) -> None:
    """Hold on for some more hours, if the run holds the store at all.

    A run whose lease expired and was taken by another is told: `UserError`.
    """
    held = read_lease(store)
    if held and held.run_id == run_id:
        acquire(store, run_id, now, hours)
    elif held and held.lost_by == run_id:
        raise UserError(
            f"run {run_id} was longer than its lease on {store.uri}, which run"
            f" {held.run_id or 'that has ended'} took; start it again"
        )


def release(store: Store, run_id: str) -> None:
    """Give the lease back; nothing happens when the run does not hold it."""
    tag, held = store.tag(LEASE_KEY), read_lease(store)
    if held is None or held.run_id != run_id:
        return
    try:
        _put(store, Lease("", held.expires, held.lost_by), tag)
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
