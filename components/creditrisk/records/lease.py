"""One run at a time on a store: `lease.json`, taken and given back by compare-and-swap.

A task at work changes the lease of its run every ten seconds. Who wants one that another run holds
looks at it for as long as its holder may be silent: if it changes, the holder is alive and the
other is refused; if not, it is taken. No clock is compared, so one that is wrong by hours neither
steals nor keeps a lease. A run whose lease was taken ends at its next heartbeat.
"""

import os
import time
from collections.abc import Callable
from datetime import timedelta
from typing import ClassVar

from pydantic import Field

from creditrisk.errors import UserError
from creditrisk.records import layout
from creditrisk.records.document import Line, Moment, clock
from creditrisk.records.layout import asked
from creditrisk.storage import ConflictError, Store

BEAT = 10.0  # seconds between two signs of life of a task
SILENCE = 60.0  # seconds without one after which a run is dead: six beats
PODS = 900.0  # the same between two tasks on a cluster: a node, an image, a retry's 300 s
_LOOK = 1.0  # seconds between two looks at the lease of another run
BREAK = "creditrisk lease break --reason ..."


class LostLeaseError(UserError):
    """Another run took the lease, or a person did."""


class Lease(Line):
    """Who holds the store; an empty holder: nobody.

    `beat` grows with each sign of life. `silence`: seconds without one that mean the holder is
    dead; releases up to 0.1.0 gave none. `expires` (ISO 8601 with zone): when that would be, on
    the holder's clock; only those releases obey it. `lost_by`: the run it was last taken from.
    """

    what: ClassVar[str] = "a lease"
    remedy: ClassVar[str] = f"if no run is under way, free the store: {BREAK}"

    run_id: str
    expires: Moment
    lost_by: str = ""
    beat: int = Field(default=0, ge=0)
    silence: float = Field(default=PODS, gt=0, le=PODS)


def between_tasks() -> float:
    """Seconds that may pass before a run's next task begins."""
    return PODS if os.environ.get("KFP_POD_NAME") else SILENCE


def acquire(
    store: Store, run_id: str, now: str, pause: Callable[[float], None] = time.sleep
) -> Lease:
    """Take the lease, or renew one's own; a `UserError` while another run that is alive holds it.

    Takes as long as its holder may be silent where the holder is dead.
    """
    while True:
        tag, held = store.tag(layout.LEASE), read_lease(store)
        other = held is not None and held.run_id not in ("", run_id)
        if held and other and not _silent(store, tag, held.silence, pause):
            found = read_lease(store)
            if found and found.run_id == held.run_id:
                raise _held(store, found)
            continue
        try:
            lease = _put(store, run_id, now, between_tasks(), held, tag)
        except ConflictError:
            continue
        store.write(asked(run_id), b"")
        return lease


def renew(store: Store, run_id: str, now: str) -> None:
    """Before a task: its run holds the store, if it is one that does.

    One that gave its lease back and is retried takes it again. Where another run holds it, or
    took it: `UserError`.
    """
    held = read_lease(store)
    if held and held.run_id == run_id:
        beat(store, run_id, now, SILENCE)
    elif held and held.lost_by == run_id:
        raise _lost(store, run_id, held)
    elif store.tag(asked(run_id)) is not None:
        if held and held.run_id:
            raise _held(store, held)
        acquire(store, run_id, now)


def beat(store: Store, run_id: str, now: str, silence: float) -> None:
    """A sign of life; `LostLeaseError` where the run does not hold the store any more."""
    while True:
        tag, held = store.tag(layout.LEASE), read_lease(store)
        if held is None or held.run_id != run_id:
            raise _lost(store, run_id, held)
        try:
            _put(store, run_id, now, silence, held, tag)
        except ConflictError:
            continue  # another task of the run, beside this one
        return


def release(store: Store, run_id: str) -> None:
    """Give the lease back; nothing happens when the run does not hold it."""
    while True:
        tag, held = store.tag(layout.LEASE), read_lease(store)
        if held is None or held.run_id != run_id:
            return
        try:
            store.swap(layout.LEASE, held.replace(run_id="").encode(), tag)
        except ConflictError:
            continue  # another run was quicker, or a last sign of life
        return


def holder(store: Store) -> str:
    """The run that holds the store, in words where that cannot be read; empty if nobody does."""
    try:
        held = read_lease(store)
    except UserError:
        return "of a lease that cannot be read"
    return held.run_id if held else ""


def take_away(store: Store, now: str) -> None:
    """Free the store, whoever holds it; the run, if it is alive, ends at its next heartbeat."""
    while True:
        tag, lost_by = store.tag(layout.LEASE), holder(store)
        try:
            store.swap(layout.LEASE, Lease(run_id="", expires=now, lost_by=lost_by).encode(), tag)
        except ConflictError:
            continue
        return


def alive(store: Store, pause: Callable[[float], None] = time.sleep) -> bool:
    """Whether the holder gives a sign of life within two beats."""
    return not _silent(store, store.tag(layout.LEASE), 2 * BEAT, pause)


def read_lease(store: Store) -> Lease | None:
    """The lease as it is; None before the first run. A damaged one is a `GateError`."""
    return Lease.read(store, layout.LEASE)


def _put(
    store: Store, run_id: str, now: str, silence: float, held: Lease | None, tag: str | None
) -> Lease:
    taken_from = held.run_id if held and held.run_id != run_id else ""
    lease = Lease(
        run_id=run_id,
        expires=(clock(now) + timedelta(seconds=silence)).isoformat(),
        lost_by=taken_from or (held.lost_by if held else ""),
        beat=held.beat + 1 if held else 1,
        silence=silence,
    )
    store.swap(layout.LEASE, lease.encode(), tag)
    return lease


def _silent(store: Store, tag: str | None, seconds: float, pause: Callable[[float], None]) -> bool:
    """Whether the lease stays as it is; only looks that the store answered are counted."""
    for _ in range(round(seconds / _LOOK)):
        pause(_LOOK)
        if store.tag(layout.LEASE) != tag:
            return False
    return True


def _held(store: Store, held: Lease) -> UserError:
    return UserError(
        f"run {held.run_id} holds {store.uri} and is alive; wait for it, or end it and free the"
        f" store: {BREAK}"
    )


def _lost(store: Store, run_id: str, held: Lease | None) -> LostLeaseError:
    holder = f"run {held.run_id} has it now" if held and held.run_id else "nobody has it now"
    return LostLeaseError(
        f"the lease of run {run_id} on {store.uri} was taken from it, and {holder}; start it again"
    )
