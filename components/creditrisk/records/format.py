"""`format.json` at the root of a store: the format of what is stored there.

The number counts stored formats, not releases: it grows with a change that an older release would
misread. A store with runs and no `format.json` has format 1: releases up to 0.1.0 wrote none.
"""

from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from creditrisk import storage
from creditrisk.errors import GateError, UserError
from creditrisk.records import layout
from creditrisk.storage import ConflictError, Store

FIRST = 1
RELEASE = version("creditrisk")


class StoreFormat(BaseModel):
    """The format a store has, the release that gave it, and when (UTC, ISO 8601).

    `migrating_from`: the format it had before, while a migration is not finished.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")  # a newer release may say more

    format: int = Field(ge=FIRST)
    release: str
    at: str
    migrating_from: int | None = None


class Migration(NamedTuple):
    """From one format to the next; `apply` rewrites a store's objects.

    `apply` may be killed and called again: it leaves alone what it has rewritten before.
    """

    start: int
    end: int
    title: str
    apply: Callable[[Store], None]


MIGRATIONS: tuple[Migration, ...] = ()  # in order, from format 1 on without a gap
_known: dict[str, StoreFormat] = {}  # by URI: a process asks a store once


def current() -> int:
    """The format this release writes; it reads this one and every older one."""
    return MIGRATIONS[-1].end if MIGRATIONS else FIRST


def migrations_since(format: int) -> list[Migration]:
    """What leads from a format to this release's."""
    return [migration for migration in MIGRATIONS if migration.start >= format]


def open_store(uri: str | None = None) -> Store:
    """Open a lender's store; one of a format this release cannot read is a `UserError`."""
    store = storage.open_store(uri)
    if store.uri not in _known:
        check_format(store)
    return store


def there(store: Store) -> Store:
    """The store itself; a `UserError` where nothing is: no folder, no bucket."""
    if not store.exists():
        raise UserError(
            f"there is no store at {store.uri}; name another with --store, or fill it:"
            " creditrisk run, make demo"
        )
    return store


def check_format(store: Store) -> None:
    """`UserError` where a store is newer than this release, or half migrated."""
    found = read_format(store)
    if found is None:
        return
    refuse_newer(store, found)
    if found.migrating_from:
        raise UserError(
            f"{store.uri}: its migration from format {found.migrating_from} to {found.format} is"
            " not finished; call `creditrisk store migrate --apply` again"
        )
    _known[store.uri] = found


def refuse_newer(store: Store, found: StoreFormat) -> None:
    """`UserError` where a store's format is one this release does not know."""
    if found.format > current():
        raise UserError(
            f"{store.uri} has format {found.format}, written by creditrisk {found.release}; this"
            f" is creditrisk {RELEASE}, which reads up to format {current()}: upgrade creditrisk"
        )


def require_current(store: Store) -> None:
    """`UserError` where a store has an older format than the one this release writes."""
    if (had := format_of(store)) < current():
        raise UserError(
            f"{store.uri} has format {had}, and creditrisk {RELEASE} writes format {current()};"
            " look at `creditrisk store migrate`, then --apply it"
        )


def begin(store: Store, at: str) -> None:
    """What a run does first: say which format the store has, where nothing says it yet."""
    require_current(store)
    if store.uri not in _known:
        with suppress(ConflictError):  # another run has created it, perhaps at this moment
            put_format(store, StoreFormat(format=current(), release=RELEASE, at=at), None)


def format_of(store: Store) -> int:
    """The format a store has; one that holds no run yet will have this release's."""
    if found := _known.get(store.uri) or read_format(store):
        return found.format
    return FIRST if holds_runs(store) else current()


def holds_runs(store: Store) -> bool:
    """Whether a run has left a record in a store."""
    return any(True for _ in store.keys("runs/"))


def read_format(store: Store) -> StoreFormat | None:
    """What `format.json` says now; None where there is none. A damaged one is a `GateError`."""
    try:
        return StoreFormat.model_validate_json(store.read(layout.FORMAT))
    except KeyError:
        return None
    except ValidationError:
        raise GateError(
            f"{store.uri}/{layout.FORMAT} does not say a format; restore it from a backup"
        ) from None


def put_format(store: Store, new: StoreFormat, expected: str | None) -> None:
    """Write `format.json` whose tag is `expected` (None: there is none), or `ConflictError`."""
    store.swap(layout.FORMAT, new.model_dump_json(exclude_none=True).encode(), expected)
    _known.pop(store.uri, None)
