"""How much of a trail is read, and of the store that is held against it, before a month acts."""

from collections.abc import Mapping
from datetime import date

from creditrisk.records.audit import Trail
from creditrisk.records.audit_record import Record
from creditrisk.records.binding import Binding
from creditrisk.records.compliance import read_month_report
from creditrisk.records.decision import decided_months
from creditrisk.records.month import CLOSED
from creditrisk.records.settled import HELD, Listing, Unsettled
from creditrisk.records.trail_check import verify, verify_since
from creditrisk.storage import Store

Acts = dict[tuple[str, str], Record]  # by event and id


def held_against(store: Store, trail: Trail, as_of: date) -> tuple[list[date], list[str], Binding]:
    """The newest month decided before `as_of`, if any; faults of the trail; the store to be held.

    Where the servers vouch that no record before that month's report, and no document that was
    held against the trail by its end, was changed or removed, those are not read.
    """
    listing = Listing.of(store)
    newest = [month for month in decided_months(store, upto=as_of) if month < as_of][-1:]
    report = read_month_report(store, newest[0]) if newest else None
    heads = report.heads if report else {}
    faults = verify_since(trail, heads) if listing and heads else None
    if listing and faults is not None:
        fresh = _unsettled(store, trail, listing, max(heads))
        return newest, faults, Binding.of(store, trail, fresh)
    acts: Acts = {}
    faults = verify(trail, heads, lambda record: keep(acts, record), past=False)
    return newest, faults, whole(store, trail, acts)


def keep(acts: Acts, record: Record) -> None:
    acts[record.event, record.id] = record


def whole(store: Store, trail: Trail, acts: Acts) -> Binding:
    """A store, and all records of its trail."""

    def find(event: str, id: str) -> Record | None:
        return acts.get((event, id))

    return Binding(store, store, find, acts.values, trail.kept_since, whole=True)


def _unsettled(store: Store, trail: Trail, listing: Listing, known: int) -> Store:
    """A store without what the end of a month's run found to be as the trail says.

    `known`: the head that the month's report names; that end is no older.
    """
    ends = (one for one in trail.numbered(range(known, trail.count() + 1)) if one.event == CLOSED)
    record = next((one for one in reversed([*ends]) if HELD in one.body), None)
    said = record.body[HELD] if record else None
    if not record or not isinstance(said, Mapping):
        return store
    count = said.get("records")
    if not isinstance(count, int) or not 0 <= count < record.sequence:
        return store
    since = trail.numbered(range(count + 1, trail.count() + 1))
    return Unsettled(store, listing.settled(said, since))
