"""The audit trail: append-only records, each holding the sha256 of the one before.

    records/<n>.json       the record, created under its number: two appenders cannot both be n
    events/<sha256>.json   index: an event and its id -> its record, so that a retry finds it
    anchors/<n>.json       the trail's head after record n: count and sha256

A record is created first, then indexed, then anchored; and nobody creates record n+1 before
n is indexed and anchored. So a crash leaves at most the newest record unfinished, the next
append finishes it, and an append that returned is anchored. A truncated or rewritten trail
no longer fits the anchors.

Whoever may create objects there can create an index or an anchor before its record. An index that
does not lead to its event is not followed. Where the server's versions show that an anchor is older
than its record, or has none, it does not count: the record's own is anchors/<n>-<sha>.json.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from creditrisk.errors import GateError, UserError
from creditrisk.json_value import json_value
from creditrisk.records import layout
from creditrisk.records.audit_record import GENESIS, Find, Record, canonical
from creditrisk.storage import ConflictError, ObjectVersion, Store
from creditrisk.storage.parallel import in_batches, in_parallel


class Trail:
    """The records in an audit store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._seen = 0  # a record known to exist: the search for the newest starts there

    def records(self) -> Iterator[Record]:
        """All records, oldest first, unchecked; one that is none is a `GateError`."""
        for key, data in self.read(layout.AUDIT_RECORDS):
            try:
                yield Record.parse(data)
            except ValueError as error:
                raise self._broken(f"{key}: {error}") from None

    def read(self, prefix: str) -> Iterator[tuple[str, bytes]]:
        """Keys and bytes below a folder, in order of key."""
        keys = list(self.store.keys(prefix))
        yield from zip(keys, in_batches(self.store.read, keys), strict=True)

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

    def numbered(self, numbers: Iterable[int]) -> list[Record]:
        """The records of some numbers; one that is gone is a `GateError`."""
        found = in_parallel(self._record, numbers)
        self._seen = max([self._seen, *(record.sequence for record in found)])
        return found

    def head(self) -> Record | None:
        """The newest record."""
        count = self.count()
        return self._record(count) if count else None

    def witness(self) -> str:
        """The head as `audit verify --head` takes it, COUNT:SHA256; empty without a record."""
        head = self.head()
        return f"{head.sequence}:{head.sha256}" if head else ""

    def append(self, event: str, actor: str, at: str, body: Mapping[str, Any], id: str) -> Record:
        """Append once; a second call with the same event, id and body returns the first.

        Another body under a known id is a `GateError`: what happened once did not happen otherwise.
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
            if self.anchored(number) and not self._holds(number) and not self.never_held(number):
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
        return self.finder()(event, id)

    def finder(self) -> Find:
        """`find` for many events at one moment: the newest record is looked up once."""
        head = self.head()  # it may not be indexed yet
        newest = (head.event, head.id) if head else None
        return lambda event, id: head if (event, id) == newest else self._indexed(event, id)

    def anchor(self) -> tuple[int, str] | None:
        """Count and hash the trail had after the newest append."""
        keys = list(self.store.keys(layout.AUDIT_ANCHORS))
        return parse_anchor(keys[-1], self.store.read(keys[-1])) if keys else None

    def anchored(self, count: int) -> str | None:
        """The hash that was anchored after a record."""
        key = layout.audit_anchor(count)
        try:
            return parse_anchor(key, self.store.read(key))[1]
        except KeyError:
            return None

    def _holds(self, sequence: int) -> bool:
        return self.store.tag(layout.audit_record(sequence)) is not None

    def _record(self, sequence: int) -> Record:
        try:
            record = Record.parse(self.store.read(layout.audit_record(sequence)))
        except (ValueError, KeyError):
            record = None
        if record is None or record.sequence != sequence:
            raise self._broken(f"record {sequence} is gone, or is not that record")
        return record

    def kept_since(self, record: Record) -> datetime | None:
        """When the server first had a record, by its own clock; None where it keeps no versions."""
        versions = self._versions(layout.audit_record(record.sequence))
        return versions[0].at if versions else None

    def never_held(self, number: int) -> bool:
        """Whether the server vouches that there never was a record of a number.

        Then its anchor was made by somebody who may create objects there, and no record was lost.
        A store that keeps no versions cannot tell.
        """
        versions = self._versions(layout.audit_record(number))
        return versions is not None and not versions

    def _versions(self, key: str) -> list[ObjectVersion] | None:
        """Of one key, not of others that begin so; None where the server keeps none."""
        found = self.store.versions(key)
        return found and [one for one in found if one.key == key]

    def _finish(self, record: Record) -> None:
        count, anchored = record.sequence, self.anchored(record.sequence)
        if anchored == record.sha256:
            return
        if anchored and not self._anchored_before(count):
            raise self._broken(f"record {count} is not the one that was anchored")
        own = layout.audit_anchor(count, record.sha256 if anchored else "")
        anchor = {"count": count, "sha256": record.sha256}
        index = event_key(record.event, record.id)
        for key, content in ((index, {"sequence": count}), (own, anchor)):
            with suppress(ConflictError):  # another appender finishes the same record
                self.store.create(key, canonical(content))

    def _anchored_before(self, count: int) -> bool:
        """Whether the server vouches that a number's anchor is older than its only record.

        Somebody who may create objects put it there. Where no server says which was first, the
        anchor is taken for the record's own.
        """
        record = self._versions(layout.audit_record(count))
        anchor = self._versions(layout.audit_anchor(count))
        first = record[0].at if record and len(record) == 1 else None
        return bool(first and anchor and anchor[0].at <= first)

    def _indexed(self, event: str, id: str) -> Record | None:
        try:
            found = re.fullmatch(rb'{"sequence":(\d{1,10})}', self.store.read(event_key(event, id)))
        except KeyError:
            return None
        with suppress(UserError):
            record = self._record(int(found[1]) if found else 0)
            if (record.event, record.id) == (event, id):
                return record
        # the index is not this event's: somebody made it before, or changed it
        return next((r for r in self.records() if (r.event, r.id) == (event, id)), None)

    def _same(self, known: Record, body: Mapping[str, Any]) -> Record:
        """A record that is there, if it holds a body."""
        if canonical(known.body) == canonical(body):
            return known
        names = sorted({*known.body, *body})
        other = [name for name in names if known.body.get(name) != body.get(name)]
        raise GateError(
            f"{known.event} {known.id} is record {known.sequence} of the audit trail"
            f" {self.store.uri}, with another {', '.join(other)}; nothing happens twice: restore"
            " what was altered since"
        )

    def _broken(self, fault: str) -> GateError:
        return GateError(
            f"audit trail {self.store.uri}: {fault}; run `creditrisk audit verify`,"
            " then restore what was changed from a backup"
        )


def parse_anchor(key: str, data: bytes) -> tuple[int, str]:
    """Count and hash of an anchor; a `GateError` where it is none, or not the one of its key."""
    try:
        raw = json_value(data)
        count, sha256 = int(raw["count"]), str(raw["sha256"])
    except (ValueError, TypeError, KeyError, OverflowError):  # the last: of an infinite count
        count, sha256 = -1, ""
    if key not in (layout.audit_anchor(count), layout.audit_anchor(count, sha256)):
        raise GateError(f"audit {key} is not readable; restore it from a backup")
    return count, sha256


def event_key(event: str, id: str) -> str:
    """Where the index of an event lies."""
    return layout.audit_event(hashlib.sha256(canonical([event, id])).hexdigest())
