"""The audit trail: `audit`."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from creditrisk.cli import options
from creditrisk.cli.app import answer, console, group, listed
from creditrisk.cli.headed_table import print_named
from creditrisk.errors import GateError, UserError, printable
from creditrisk.records.audit import Trail
from creditrisk.records.audit_record import Record
from creditrisk.records.format import open_store, there
from creditrisk.storage import Store, open_audit_store

if TYPE_CHECKING:
    from creditrisk.records.timestamp import Stamped

audit_app = group("audit")
_REST_OF_HASH = re.compile("([0-9a-f]{8})[0-9a-f]{24,}")


@audit_app.command("verify")
def audit_verify(
    store: options.Store = "",
    head: Annotated[
        list[str] | None,
        typer.Option(help="A head known from elsewhere, COUNT:SHA256 (alerts, KFP's metrics)."),
    ] = None,
    authorities: Annotated[
        Path | None,
        typer.Option(
            "--timestamp-ca",
            parser=options.path_here,
            metavar="FILE",
            help="Certificates (PEM) of the timestamp authority: its tokens are held against it.",
        ),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Hold every record, and every document of the store, against the audit trail.

    Exit code 3 names each fault. The heads that the months' reports name count as anchors do.
    """
    from creditrisk.records.store_check import check_store

    opened = _whose_trail(store)
    found = check_store(opened, dict(map(_head, head or ())))
    stamps = _stamps(opened, authorities) if authorities else []
    lacking = [one.fault for one in stamps if one.fault]
    found = replace(found, faults=(*found.faults, *lacking))
    if as_json:
        answer({"records": found.count, "head": found.head, "faults": found.faults})
    if found.faults:
        more = () if as_json else found.faults[1:]
        listed(more, "") if more else None
        raise GateError(f"audit trail: {found.faults[0]}")
    if as_json:
        return
    kept = open_audit_store(opened)
    text = f"{found.count:,} records, whole; head {found.head}"
    listed([text] if found.count else [], f"{kept.uri} holds no record")
    if authorities:
        listed(_newest(stamps), f"{kept.uri} holds no timestamp")


@audit_app.command("stamp")
def audit_stamp(
    store: options.Store = "",
    url: Annotated[
        str, typer.Option(envvar="CREDITRISK_TIMESTAMP_URL", help="The authority's address.")
    ] = "",
) -> None:
    """Have a timestamp authority (RFC 3161) sign the head of the audit trail.

    Closing a month does the same where CREDITRISK_TIMESTAMP_URL is set.
    """
    from creditrisk.records.timestamp import stamp

    kept = open_audit_store(_whose_trail(store))
    if not url:
        raise UserError("no timestamp authority: give --url, or set CREDITRISK_TIMESTAMP_URL")
    listed([f"{kept.uri}/{stamp(Trail(kept), url)}"], "")


def _stamps(store: Store, authorities: Path) -> "list[Stamped]":
    from creditrisk.records.timestamp import stamped

    if not authorities.is_file():
        raise UserError(f"{authorities} is no file; --timestamp-ca names one of certificates")
    return list(stamped(Trail(open_audit_store(store)), authorities))


def _newest(stamps: "list[Stamped]") -> Iterator[str]:
    """What the newest timestamp shows, and whether it will for long; nothing without one."""
    from creditrisk.records.run import now

    for one in stamps[-1:]:
        yield f"{len(stamps)} timestamps; record {one.count} was there {one.at:%Y-%m-%d %H:%M} UTC"
        if one.until and one.until < datetime.fromisoformat(now()):
            yield (
                f"its authority's certificate has expired since, on {one.until:%Y-%m-%d}: stamp"
                " again (creditrisk audit stamp); the head holds all before it"
            )


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
def audit_list(store: options.Store = "", as_json: options.Json = False) -> None:
    """List every record, oldest first: what, who, and why.

    With `--json` one line per record, as it is stored: the next one holds its sha256.
    """
    kept = open_audit_store(_whose_trail(store))
    records = Trail(kept).records()
    if as_json:
        for record in records:
            typer.echo(printable(record.data().decode()))
        return
    lines = [line for one in records for line in _lines(one)]
    print_named(lines or [("", f"{kept.uri} holds no record")])


def _lines(record: Record) -> list[tuple[str, str]]:
    """What a record says: in a terminal who and why below it, in a log on its line."""
    at, number = record.at[:16].replace("T", " "), f"{record.sequence}"
    what = f"{at}  {record.event}  {_subject(record)}"
    who = f"by {record.author}" + f": {record.why}" * bool(record.why)
    return [(number, what), ("", who)] if console.is_terminal else [(number, f"{what}  {who}")]


def _subject(record: Record) -> str:
    """What a record is about: its id, and the version where the id does not name it."""
    version = str(record.body.get("version", ""))
    whole = record.id if version in record.id else f"{record.id}: {version}"
    return _REST_OF_HASH.sub(r"\1", whole)
