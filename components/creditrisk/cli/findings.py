"""Validation findings: `findings open | list | close`."""

from datetime import date
from typing import Annotated

import typer

from creditrisk.cli import options
from creditrisk.cli.app import acting, answer, console, group, listed
from creditrisk.cli.named_damage import named_damage
from creditrisk.cli.places import store_there
from creditrisk.errors import UserError
from creditrisk.records.findings import (
    SEVERITIES,
    ValidationFinding,
    close_finding,
    open_finding,
    read_validation_findings,
)
from creditrisk.records.run import now
from creditrisk.records.version_files import version_called

findings_app = group("findings")


@findings_app.command("open")
def findings_open(
    version: Annotated[str, typer.Argument(help="As a page or `registry list` names it.")],
    text: Annotated[str, typer.Option(help="What is wanting.")],
    owner: Annotated[str, typer.Option(help="Who is to close it.")],
    severity: Annotated[str, typer.Option(help="high, medium or low.")] = "medium",
    due: Annotated[str, typer.Option(help="Last day, YYYY-MM-DD; the policy's if not given.")] = "",
    store: options.Store = "",
) -> None:
    """Record a finding on a version."""
    period, statement = acting(store, text)
    weight = next((one for one in SEVERITIES if one == severity), None)
    if weight is None:
        raise UserError(f"--severity '{severity}' is none of {', '.join(SEVERITIES)}")
    if not text.strip():
        raise UserError("a finding needs a --text: what is wanting")
    version = version_called(period.store, version)
    found = open_finding(period, version, weight, owner, _day(due), statement)
    console.print(f"{found.id} opened by {statement.who}, due {found.due}")


@findings_app.command("close")
def findings_close(
    id: Annotated[str, typer.Argument(help="As F-0001.")],
    reason: options.Reason,
    store: options.Store = "",
) -> None:
    """Close a finding; the reason says what was done."""
    period, statement = acting(store, reason)
    close_finding(period, id, statement)
    console.print(f"{id} closed by {statement.who}")


@findings_app.command("list")
def findings_list(store: options.Store = "", as_json: options.Json = False) -> None:
    """List every finding; open ones past their day are marked."""
    opened, today = store_there(store), date.fromisoformat(now()[:10])
    with named_damage() as damage:
        found = read_validation_findings(opened, damage)
        if as_json:
            answer([one.model_dump() | {"overdue": one.overdue(today)} for one in found])
            return
        listed((_line(one, today) for one in found), f"no validation finding in {opened.uri}")


def _line(one: ValidationFinding, today: date) -> str:
    state = f"closed {one.closed}: {one.resolution}" if one.closed else f"due {one.due}"
    mark = " OVERDUE" if one.overdue(today) else ""
    return f"{one.id}  {one.severity:<6}  {one.version}  {state}{mark}  {one.owner}: {one.text}"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UserError(f"--due '{text}' is not a day; write it as YYYY-MM-DD") from None
