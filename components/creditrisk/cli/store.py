"""The format of a store: `store format`, `store migrate`."""

from typing import Annotated

import typer

from creditrisk.cli import options
from creditrisk.cli.app import answer, console, group, listed
from creditrisk.records.audit import Trail
from creditrisk.records.format import (
    FIRST,
    RELEASE,
    Migration,
    current,
    holds_runs,
    read_format,
    there,
)
from creditrisk.records.identity import Statement, caller
from creditrisk.records.layout import FORMAT
from creditrisk.records.run import now
from creditrisk.storage import Store, open_audit_store, open_store

store_app = group("store")


@store_app.command("format")
def store_format(store: options.Store = "", as_json: options.Json = False) -> None:
    """Show the store's format, and those that this release reads and writes."""
    opened = there(open_store(store or None))  # not refused, whatever its format: here one looks
    if as_json:
        found = read_format(opened)
        known = {"reads": [FIRST, current()], "writes": current(), "release": RELEASE}
        answer({"store": opened.uri, "format": found, **known})
        return
    reads = f"format {FIRST}" if current() == FIRST else f"formats {FIRST} to {current()}"
    listed(
        [
            f"{opened.uri}: {_format(opened)}",
            f"creditrisk {RELEASE}: reads {reads}, writes format {current()}",
        ],
        "",
    )


@store_app.command("migrate")
def store_migrate(
    apply: Annotated[bool, typer.Option("--apply", help="Do it; else it is only printed.")] = False,
    reason: Annotated[str, typer.Option("--reason", help="Goes on the audit trail.")] = "",
    store: options.Store = "",
) -> None:
    """Bring a store to the format this release writes, while no run is under way."""
    from creditrisk.records.format_migration import migrate, plan

    opened = there(open_store(store or None))  # a migration that was killed is finished here
    if not apply:
        steps = plan(opened)
        listed(map(_step, steps), f"nothing to do: {opened.uri}: {_format(opened)}")
        if steps:
            console.print("nothing was changed; --apply --reason WHY does it")
        return
    who = caller(opened)
    done = migrate(opened, Trail(open_audit_store(opened)), Statement(who, reason, now()))
    listed((f"{_step(one)}: done, by {who}" for one in done), f"nothing to do: {_format(opened)}")


def _format(store: Store) -> str:
    found = read_format(store)
    if found is None:
        return f"format {FIRST}, without {FORMAT}" if holds_runs(store) else "no run yet"
    text = f"format {found.format}, by creditrisk {found.release} at {found.at}"
    unfinished = f"; its migration from format {found.migrating_from} is not finished"
    return text + (unfinished if found.migrating_from else "")


def _step(one: Migration) -> str:
    numbers = f"{one.start}" if one.start == one.end else f"{one.start} to {one.end}"
    return f"format {numbers}: {one.title}"
