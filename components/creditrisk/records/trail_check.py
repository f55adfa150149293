"""Whether an audit trail is as it was written.

Found: changed, removed, inserted, reordered, truncated records, a trail rewritten whole, given
an intact anchor or witness; where the store keeps versions, any object that was written twice or
removed. Not found: an event never appended, a record appended in due form by someone who may
append; on a store without versions, a rewrite of trail, anchors and witnesses together.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby

from creditrisk.errors import AbsentError, UserError
from creditrisk.records import layout
from creditrisk.records.audit import Trail, event_key, parse_anchor
from creditrisk.records.audit_record import GENESIS, Record
from creditrisk.storage import Store

_ONCE = (layout.AUDIT_RECORDS, layout.AUDIT_EVENTS, layout.AUDIT_ANCHORS, layout.AUDIT_STAMPS)


def verify(
    trail: Trail,
    witnesses: Mapping[int, str] | None = None,
    seen: Callable[[Record], None] | None = None,
    *,
    past: bool = True,
) -> list[str]:
    """What is wrong with a trail, the first bad record named first; empty when it is whole.

    `witnesses`: heads known from elsewhere (monthly reports), count -> sha256. `seen` is shown
    every record that follows the one before, oldest first. `past`: also what was written again,
    be it right by now, and what lies there that no record follows from.
    """
    try:
        anchor = trail.anchor()  # before the records: appends go on meanwhile
        known = ({anchor[0]: anchor[1]} if anchor else {}) | dict(witnesses or {})
        hashes, events, fault = _chain(trail, seen)
        names = [layout.name_of(key) for key in trail.store.keys(layout.AUDIT_ANCHORS)]
        strays: list[str] = []
        # some record found its anchor's name taken, and got one with its hash in the name
        doubly = any("-" in name for name in names)
        if fault or _misfit(hashes, known) or doubly:
            anchored, strays = _anchors(trail, hashes)
            known = anchored | dict(witnesses or {})
            if fault or _misfit(hashes, known):
                return [_first_bad(hashes, known, fault)]
        # the newest record may wait for index and anchor (an append in flight, a crash), no other
        before, anchored_too = range(1, len(hashes) - 1), {name[:10] for name in names}
        if lost := next((n for n in before if f"{n:010d}" not in anchored_too), 0):
            if max(known, default=0) >= lost:
                return [f"{layout.audit_anchor(lost)} is gone; restore it from a backup"]
            return [f"record {max(known, default=0) + 1} was added past the anchor"]
        if not past:
            return []
        return [*strays, *rewritten(trail.store, _ONCE), *_unindexed(trail, events, before)]
    except (UserError, AbsentError) as error:  # the second was listed: a link to nothing, a pipe
        return [str(error.refusal() if isinstance(error, AbsentError) else error)]


def verify_since(trail: Trail, heads: Mapping[int, str]) -> list[str] | None:
    """What is wrong with the records as they are, from the newest of some known heads on.

    None where the server does not vouch for those before, or no head is known: read it whole.
    """
    versions = trail.store.versions(layout.AUDIT_RECORDS) if heads else None
    if versions is None:
        return None
    faults = rewritten(trail.store, (layout.AUDIT_RECORDS,), past=False)
    keys, known = sorted({one.key for one in versions}), max(heads)
    numbers = range(known, len(keys) + 1)
    if faults or keys[known - 1 :] != [*map(layout.audit_record, numbers)]:
        return faults or None
    previous = heads[known]
    for number, record in zip(numbers, trail.numbered(numbers), strict=True):
        if number > known and record.previous != previous:
            return [f"record {number} does not follow record {number - 1}"]
        if number == known and record.sha256 != previous:
            return [f"record {number} was changed: it is not the one a report knew"]
        previous = record.sha256
    return []


def rewritten(store: Store, prefixes: Iterable[str], *, past: bool = True) -> list[str]:
    """Objects that were to be created once, and were written again or removed, and when.

    Without `past` only those that are not by now what they were at first.
    """
    faults = []
    for prefix in prefixes:
        versions = store.versions(prefix) or ()
        for key, found in groupby(versions, key=lambda one: one.key):
            first, *later = found
            if later and (past or later[-1].tag != first.tag):
                done = "removed" if later[0].deleted else "written again"
                at = later[0].at.isoformat(timespec="seconds")
                faults.append(f"{key} was {done} at {at}: it is created once, see its versions")
    return faults


def _anchors(trail: Trail, hashes: Mapping[int, str]) -> tuple[dict[int, str], list[str]]:
    """The anchors that count, by number, and what is said of those that do not."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for key, data in trail.read(layout.AUDIT_ANCHORS):
        count, sha256 = parse_anchor(key, data)
        found[count][sha256] = key
    known: dict[int, str] = {}
    strays: list[str] = []
    for count, keys in found.items():
        own = hashes.get(count, "")
        if own in keys or (count not in hashes and trail.never_held(count)):
            strays += [
                f"{key} anchors no record: whoever may create objects there put it there"
                for sha256, key in keys.items()
                if sha256 != own
            ]
            known |= {count: own} if own in keys else {}
        else:
            known[count] = next(iter(keys))
    return known, strays


def _unindexed(trail: Trail, events: Mapping[str, int], numbers: range) -> Iterator[str]:
    """Indexes of records that are gone: the event could be appended again."""
    keys = {*trail.store.keys(layout.AUDIT_EVENTS)}
    for key, number in events.items():
        if number in numbers and key not in keys:
            yield f"{key} is gone, the index of record {number}; restore it from a backup"


def _chain(
    trail: Trail, seen: Callable[[Record], None] | None
) -> tuple[dict[int, str], dict[str, int], str | None]:
    """Hashes by record number, and numbers by index, up to the first that does not follow.

    And what is wrong with it.
    """
    hashes, events = {0: GENESIS}, dict[str, int]()
    for key, data in trail.read(layout.AUDIT_RECORDS):
        number = len(hashes)
        if key != layout.audit_record(number):
            return hashes, events, f"record {number} is missing: {key} is in its place"
        try:
            record = Record.parse(data)
            as_written = record.data() == data and record.sequence == number
        except ValueError:
            as_written = False
        if not as_written:
            return hashes, events, f"record {number} was changed: it is not as it was written"
        if record.previous != hashes[number - 1]:
            return hashes, events, f"record {number} does not follow record {number - 1}"
        first = events.setdefault(event_key(record.event, record.id), number)
        if first != number:
            return hashes, events, f"record {number} repeats record {first}: its index was removed"
        hashes[number] = hashlib.sha256(data).hexdigest()
        if seen:
            seen(record)
    return hashes, events, None


def _misfit(hashes: Mapping[int, str], known: Mapping[int, str]) -> int | None:
    """The first count at which the trail has not the hash it is known to have had."""
    return next((n for n in sorted(known) if hashes.get(n) != known[n]), None)


def _first_bad(hashes: Mapping[int, str], known: Mapping[int, str], fault: str | None) -> str:
    misfit = _misfit(hashes, known)
    if misfit and misfit < len(hashes):
        return f"record {misfit} was changed: it is not the one that was anchored"
    return fault or f"record {len(hashes)} is missing: the anchor knows {max(known)}, truncated"
