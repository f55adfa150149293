"""The audit trail: append-only records, each holding the sha256 of the one before.

    records/<n>.json       the record, created under its number: two appenders cannot both be n
    events/<sha256>.json   index: an event and its id -> its record, so that a retry finds it
    anchors/<n>.json       the trail's head after record n: count and sha256

A record is created first, then indexed, then anchored; and nobody creates record n+1 before
n is indexed and anchored. So a crash leaves at most the newest record unfinished, the next
append finishes it, and an append that returned is anchored. A truncated or rewritten trail
no longer fits the anchors.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from creditrisk.errors import UserError
from creditrisk.records import layout
from creditrisk.records.audit_record import GENESIS, Record, canonical
from creditrisk.storage import ConflictError, Store

_READERS, _BATCH = 8, 1024  # while a trail is read: requests in flight, objects in memory


class Trail:
    """The records in an audit store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._seen = 0  # a record known to exist: the search for the newest starts there

    def records(self) -> Iterator[Record]:
        """All records, oldest first, unchecked."""
        yield from (Record(**json.loads(data)) for _, data in self.read(layout.AUDIT_RECORDS))

    def read(self, prefix: str) -> Iterator[tuple[str, bytes]]:
        """Keys and bytes below a folder, in order of key."""
        keys = list(self.store.keys(prefix))
        with ThreadPoolExecutor(_READERS) as pool:
            for start in range(0, len(keys), _BATCH):
                batch = keys[start : start + _BATCH]
                yield from zip(batch, pool.map(self.store.read, batch), strict=True)

    def count(self) -> int:
        """Number of the newest record, by doubling and halving: look-ups, never a listing."""
        low, step = (self._seen if self._holds(self._seen) else 0), 1
        while self._holds(low + step):
            low, step = low + step, step * 2
        while step > 1:
            step //= 2
            low += step if self._holds(low + step) else 0
        self._seen = low
        return low

    def head(self) -> Record | None:
        """The newest record."""
        count = self.count()
        return self._record(count) if count else None

    def append(self, event: str, actor: str, at: str, body: Mapping[str, Any], id: str) -> Record:
        """Append once; a second call with the same event, id and body returns the first.

        Another body under a known id is a `UserError`: what happened once did not happen otherwise.
        So is a trail that lost records its anchors know of, or was changed: it takes no more.
        """
        plain = json.loads(canonical(body))
        while True:
            head = self.head()
            if head:
                self._finish(head)
            if known := self._indexed(event, id):
                return self._same(known, plain)
            number = head.sequence + 1 if head else 1
            # in this order, so that an appender who is ahead of us does not pass for a loss
            if self.anchored(number) and not self._holds(number):
                raise self._broken(f"record {number} is gone, its anchor is there")
            previous = head.sha256 if head else GENESIS
            record = Record(number, previous, event, actor, at, id, plain)
            try:
                self.store.create(layout.audit_record(number), record.data())
            except ConflictError:
                continue  # someone else is this number, or the answer to our own PUT was lost
            self._finish(record)
            return record

    def find(self, event: str, id: str) -> Record | None:
        """The record of an event, if it was appended."""
        head = self.head()  # it may not be indexed yet
        return head if head and (head.event, head.id) == (event, id) else self._indexed(event, id)

    def anchor(self) -> tuple[int, str] | None:
        """Count and hash the trail had after the newest append."""
        keys = list(self.store.keys(layout.AUDIT_ANCHORS))
        return _parse_anchor(keys[-1], self.store.read(keys[-1])) if keys else None

    def anchored(self, count: int) -> str | None:
        """The hash that was anchored after a record."""
        key = layout.audit_anchor(count)
        try:
            return _parse_anchor(key, self.store.read(key))[1]
        except KeyError:
            return None

    def _holds(self, sequence: int) -> bool:
        return self.store.tag(layout.audit_record(sequence)) is not None

    def _record(self, sequence: int) -> Record:
        try:
            record = Record(**json.loads(self.store.read(layout.audit_record(sequence))))
        except (ValueError, TypeError, KeyError):
            record = None
        if record is None or record.sequence != sequence:
            raise self._broken(f"record {sequence} is gone, or is not that record")
        return record

    def _finish(self, record: Record) -> None:
        count, anchored = record.sequence, self.anchored(record.sequence)
        if anchored is None:
            anchor = {"count": count, "sha256": record.sha256}
            with suppress(ConflictError):  # another appender finishes the same record
                self.store.create(
                    _event_key(record.event, record.id), canonical({"sequence": count})
                )
            with suppress(ConflictError):
                self.store.create(layout.audit_anchor(count), canonical(anchor))
        elif anchored != record.sha256:
            raise self._broken(f"record {count} is not the one that was anchored")

    def _indexed(self, event: str, id: str) -> Record | None:
        key = _event_key(event, id)
        try:
            found = re.fullmatch(rb'{"sequence":(\d+)}', self.store.read(key))
        except KeyError:
            return None
        record = self._record(int(found[1]) if found else 0)
        if (record.event, record.id) != (event, id):
            raise self._broken(f"{key} points at record {record.sequence}, another event's")
        return record

    def _same(self, known: Record, body: Mapping[str, Any]) -> Record:
        """A record that is there, if it holds a body."""
        if canonical(known.body) == canonical(body):
            return known
        names = sorted({*known.body, *body})
        other = [name for name in names if known.body.get(name) != body.get(name)]
        raise UserError(
            f"{known.event} {known.id} is record {known.sequence} of the audit trail"
            f" {self.store.uri}, with another {', '.join(other)}; nothing happens twice: restore"
            " what was altered since"
        )

    def _broken(self, fault: str) -> UserError:
        return UserError(
            f"audit trail {self.store.uri}: {fault}; run `creditrisk audit verify`,"
            " then restore what was changed from a backup"
        )


def verify(trail: Trail, witnesses: Mapping[int, str] | None = None) -> list[str]:
    """What is wrong with a trail, the first bad record named first; empty when it is whole.

    `witnesses`: heads known from elsewhere (monthly reports), count -> sha256. Finds changed,
    removed, inserted, reordered, truncated records and a trail rewritten whole, given an intact
    anchor or witness. It cannot find an event never appended, a record appended in due form by
    someone who may append, nor a rewrite of trail, anchors and witnesses together.
    """
    known = dict(witnesses or {})
    try:
        anchor = trail.anchor()  # before the records: appends go on meanwhile
        known = ({anchor[0]: anchor[1]} if anchor else {}) | known
        hashes, fault = _chain(trail)
        if fault or _misfit(hashes, known):
            anchors = trail.read(layout.AUDIT_ANCHORS)
            known = dict(_parse_anchor(key, data) for key, data in anchors) | known
            return [_first_bad(hashes, known, fault)]
        # the newest record may wait for its anchor (an append in flight, a crash), no other
        if len(hashes) > 2 and not trail.anchored(len(hashes) - 2):
            return [f"record {max(known, default=0) + 1} was added past the anchor"]
    except UserError as error:
        return [str(error)]
    return []


def _chain(trail: Trail) -> tuple[dict[int, str], str | None]:
    """Hashes by record number up to the first that does not follow, and what is wrong with it."""
    hashes, events = {0: GENESIS}, dict[tuple[str, str], int]()
    for key, data in trail.read(layout.AUDIT_RECORDS):
        number = len(hashes)
        if key != layout.audit_record(number):
            return hashes, f"record {number} is missing: {key} is in its place"
        try:
            record = Record(**json.loads(data))
            as_written = record.data() == data and record.sequence == number
        except (ValueError, TypeError):
            as_written = False
        if not as_written:
            return hashes, f"record {number} was changed: it is not as it was written"
        if record.previous != hashes[number - 1]:
            return hashes, f"record {number} does not follow record {number - 1}"
        first = events.setdefault((record.event, record.id), number)
        if first != number:
            return hashes, f"record {number} repeats record {first}: its index was removed"
        hashes[number] = hashlib.sha256(data).hexdigest()
    return hashes, None


def _misfit(hashes: Mapping[int, str], known: Mapping[int, str]) -> int | None:
    """The first count at which the trail has not the hash it is known to have had."""
    return next((n for n in sorted(known) if hashes.get(n) != known[n]), None)


def _first_bad(hashes: Mapping[int, str], known: Mapping[int, str], fault: str | None) -> str:
    misfit = _misfit(hashes, known)
    if misfit and misfit < len(hashes):
        return f"record {misfit} was changed: it is not the one that was anchored"
    return fault or f"record {len(hashes)} is missing: the anchor knows {max(known)}, truncated"


def _parse_anchor(key: str, data: bytes) -> tuple[int, str]:
    try:
        raw = json.loads(data)
        count, sha256 = int(raw["count"]), str(raw["sha256"])
    except (ValueError, TypeError, KeyError):
        count, sha256 = -1, ""
    if key != layout.audit_anchor(count):
        raise UserError(f"audit {key} is not readable; restore it from a backup")
    return count, sha256


def _event_key(event: str, id: str) -> str:
    return layout.audit_event(hashlib.sha256(canonical([event, id])).hexdigest())
