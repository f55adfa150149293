"""Who holds a store, and how a person frees one: `lease`."""

from creditrisk.cli import options
from creditrisk.cli.app import answer, console, group, progress
from creditrisk.cli.places import store_there
from creditrisk.errors import UserError
from creditrisk.records.audit import Trail
from creditrisk.records.identity import Statement, caller
from creditrisk.records.lease import BEAT, alive, holder, read_lease, take_away
from creditrisk.records.run import now
from creditrisk.storage import open_audit_store

lease_app = group("lease")


@lease_app.command("show")
def lease_show(store: options.Store = "", as_json: options.Json = False) -> None:
    """Show which run holds the store, and whether it gives a sign of life within 20 seconds."""
    opened = store_there(store)
    held = read_lease(opened)
    if held is None or not held.run_id:
        if as_json:
            answer({"store": opened.uri, "run": None, "alive": False})
            return
        console.print(f"{opened.uri}: no run holds it", soft_wrap=True)
        return
    progress.print(f"run {held.run_id} holds {opened.uri}; waiting for a sign of life")
    lives = alive(opened)
    if as_json:
        answer({"store": opened.uri, "run": held.run_id, "alive": lives})
        return
    if lives:
        says = "it is alive"
    else:
        says = (
            f"no sign of life within {2 * BEAT:.0f} s; the next run takes the lease after"
            f" {held.silence:.0f} s of silence by itself"
        )
    console.print(f"{opened.uri}: run {held.run_id}: {says}", soft_wrap=True)


@lease_app.command("break")
def lease_break(reason: options.Reason, store: options.Store = "") -> None:
    """Free the store; a run that is alive ends at its next heartbeat. Goes on the audit trail."""
    opened = store_there(store)
    statement = Statement(caller(opened), reason, now())
    act = statement.record()
    audit = open_audit_store(opened)
    left = [one.uri for one in (opened, audit) if one.unlock()]
    run = holder(opened) or ", ".join(f"that left a lock in {uri}" for uri in left)
    if not run:
        raise UserError(f"{opened.uri}: no run holds it")
    body = {"run_id": run} | act
    Trail(audit).append("lease_broken", statement.who.name, statement.at, body, statement.at)
    take_away(opened, statement.at)
    console.print(
        f"{opened.uri} is free, by {statement.who}: run {run}, if it is alive, ends within"
        f" {BEAT:.0f} s",
        soft_wrap=True,
    )
