"""From a store's format to this release's. A kill at any point is mended by a second call.

    lease.json    taken: no run is under way, and none begins
    format.json   the new format, `migrating_from` the old one: every command refuses the store
                  the objects are rewritten
    audit trail   store_migrated
    format.json   the new format

A store that does not say its format is marked: `store_migrated`, then `format.json`.
"""

from creditrisk.errors import UserError
from creditrisk.records.audit import Trail
from creditrisk.records.format import (
    FIRST,
    RELEASE,
    Migration,
    StoreFormat,
    holds_runs,
    migrations_since,
    put_format,
    read_format,
    refuse_newer,
)
from creditrisk.records.heartbeat import heartbeat
from creditrisk.records.identity import Statement
from creditrisk.records.layout import FORMAT
from creditrisk.records.lease import acquire, release
from creditrisk.storage import ConflictError, Store

MIGRATED = "store_migrated"
_MARK = Migration(FIRST, FIRST, f"write {FORMAT}", lambda _: None)
_HOLDER = "store-migrate"  # a second call holds the lease of one that was killed


def plan(store: Store) -> list[Migration]:
    """What there is to do, in order; a store newer than this release is a `UserError`."""
    found = read_format(store)
    if found is None:
        return [_MARK, *migrations_since(FIRST)] if holds_runs(store) else []
    refuse_newer(store, found)
    return migrations_since(found.migrating_from or found.format)


def migrate(store: Store, trail: Trail, statement: Statement) -> list[Migration]:
    """Do what there is to do, each with a record on the trail; returns what was done."""
    statement.record()  # without a reason it is refused before anything is touched
    done = plan(store)
    try:
        if done:
            acquire(store, _HOLDER, statement.at)
            done = plan(store)  # once more: the run before us may have marked the store
        with heartbeat(store, _HOLDER, lambda: statement.at):
            for migration in done:
                _take(migration, store, trail, statement)
    finally:
        release(store, _HOLDER)  # also of a call that was killed when all was done
    return done


def _take(migration: Migration, store: Store, trail: Trail, statement: Statement) -> None:
    start, end, title, apply = migration
    reached = StoreFormat(format=end, release=RELEASE, at=statement.at)
    if start != end:
        _put(store, reached.model_copy(update={"migrating_from": start}))
    apply(store)
    body = {"from": start, "to": end, "title": title, "release": RELEASE} | statement.record()
    if trail.find(MIGRATED, id := f"{start}-{end}") is None:  # else by a call that was killed
        trail.append(MIGRATED, statement.who.name, statement.at, body, id)
    _put(store, reached)


def _put(store: Store, new: StoreFormat) -> None:
    try:
        put_format(store, new, store.tag(FORMAT))
    except ConflictError:
        raise UserError(
            f"{store.uri}/{FORMAT} changed meanwhile; look again: creditrisk store format"
        ) from None
