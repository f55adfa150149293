"""The audit trail: `audit`."""

import typer

from creditrisk.cli.app import (
    Json,
    StoreOption,
    app,
    listed,
)
from creditrisk.errors import GateError, printable
from creditrisk.records import layout
from creditrisk.records.audit import Trail, verify
from creditrisk.records.format import open_store
from creditrisk.storage import open_audit_store

audit_app = typer.Typer(no_args_is_help=True, help="The audit trail.")
app.add_typer(audit_app, name="audit")


@audit_app.command("verify")
def audit_verify(store: StoreOption = "") -> None:
    """Find any changed, removed, reordered or truncated record; exit code 3 if there is one.

    The heads that the months' reports name count as anchors do.
    """
    from creditrisk.governance.compliance.report import heads

    opened = open_store(store or None)
    kept = open_audit_store(opened)
    trail = Trail(kept)
    if not any(kept.keys(layout.AUDIT_RECORDS)) and any(opened.keys(layout.DECISIONS)):
        raise GateError(
            f"audit trail: {kept.uri} holds no record, and {opened.uri} has decided months: it is"
            " gone, or CREDITRISK_AUDIT_STORE names another place"
        )
    faults = verify(trail, heads(opened))
    if faults:
        raise GateError(f"audit trail: {faults[0]}")
    count, head = trail.anchor() or (0, "")
    listed([f"{count} records, whole; head {head}"] if count else [], f"{kept.uri} holds no record")


@audit_app.command("list")
def audit_list(store: StoreOption = "", as_json: Json = False) -> None:
    """Every record, oldest first."""
    kept = open_audit_store(open_store(store or None))
    records = Trail(kept).records()
    if as_json:
        for record in records:
            typer.echo(printable(record.data().decode()))
        return
    lines = (
        f"{one.sequence:5d} {one.at[:19]} {one.event:<20} {one.id}  by {one.author}"
        for one in records
    )
    listed(lines, f"{kept.uri} holds no record")
