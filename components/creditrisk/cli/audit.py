"""The audit trail: `audit`."""

import re
from typing import Annotated

import typer

from creditrisk.cli.app import (
    Json,
    StoreOption,
    app,
    listed,
)
from creditrisk.errors import GateError, UserError, printable
from creditrisk.records.audit import Trail
from creditrisk.records.format import open_store, there
from creditrisk.storage import Store, open_audit_store

audit_app = typer.Typer(no_args_is_help=True, help="The audit trail.")
app.add_typer(audit_app, name="audit")


@audit_app.command("verify")
def audit_verify(
    store: StoreOption = "",
    head: Annotated[
        list[str] | None,
        typer.Option(help="A head known from elsewhere, COUNT:SHA256 (alerts, KFP's metrics)."),
    ] = None,
) -> None:
    """Hold every record, and every document of the store, against the audit trail.

    Exit code 3 names each fault. The heads that the months' reports name count as anchors do.
    """
    from creditrisk.records.store_check import check_store

    opened = _whose_trail(store)
    found = check_store(opened, dict(map(_head, head or ())))
    if found.faults:
        more = found.faults[1:]
        listed(found.faults[1:], "") if more else None
        raise GateError(f"audit trail: {found.faults[0]}")
    kept = open_audit_store(opened)
    text = f"{found.count} records, whole; head {found.head}"
    listed([text] if found.count else [], f"{kept.uri} holds no record")


def _whose_trail(uri: str) -> Store:
    """A store that is there, or that left its trail: a lost store's is read, too."""
    opened = open_store(uri or None)
    return opened if open_audit_store(opened).exists() else there(opened)


def _head(text: str) -> tuple[int, str]:
    count, _, sha256 = text.partition(":")
    if not count.isdecimal() or not re.fullmatch("[0-9a-f]{64}", sha256):
        raise UserError(f"--head '{text}' is not COUNT:SHA256, as `audit verify` prints a head")
    return int(count), sha256


@audit_app.command("list")
def audit_list(store: StoreOption = "", as_json: Json = False) -> None:
    """Every record, oldest first: what, who, and why.

    With `--json` one line per record, as it is stored: the next one holds its sha256.
    """
    kept = open_audit_store(_whose_trail(store))
    records = Trail(kept).records()
    if as_json:
        for record in records:
            typer.echo(printable(record.data().decode()))
        return
    lines = (
        f"{one.sequence:5d} {one.at[:19]} {one.event:<20} {one.id}  by {one.author}"
        + (f": {one.why}" if one.why else "")
        for one in records
    )
    listed(lines, f"{kept.uri} holds no record")
