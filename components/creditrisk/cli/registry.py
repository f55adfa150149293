"""Model versions: looking at them, and what a person may do to them."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.table import Table

from creditrisk.cli.app import Json, StoreOption, app, console
from creditrisk.runs import now
from creditrisk.storage import Store, open_store

if TYPE_CHECKING:
    from creditrisk.period import Period
    from creditrisk.registry.identity import Identity

registry_app = typer.Typer(no_args_is_help=True, help="Model versions.")
app.add_typer(registry_app, name="registry")
Version = Annotated[str, typer.Argument(help="As `registry list` prints it.")]
Reason = Annotated[str, typer.Option("--reason", help="Goes on the audit trail.")]


@registry_app.command("list")
def list_(store: StoreOption = "", as_json: Json = False) -> None:
    """Every version, what became of it, and since when."""
    from creditrisk.registry.inventory import list_versions

    versions = list_versions(open_store(store or None))
    if as_json:
        typer.echo(json.dumps(versions))
        return
    table = _table("version", "kind", "as of", "verdict", "state")
    for version in versions:
        table.add_row(*(str(version[k]) for k in ("id", "kind", "as_of", "verdict", "state")))
    console.print(table)


@registry_app.command()
def show(version: Version, store: StoreOption = "", as_json: Json = False) -> None:
    """One version: numbers, gates it failed, who decided on it, every use of it."""
    from creditrisk.registry.dossier import dossier

    found = dossier(open_store(store or None), version)
    if as_json:
        typer.echo(json.dumps(found))
        return
    card = found["card"]
    lines = {
        "version": f"{version}, files whole",
        "state": f"{found['state']}, verdict {found['verdict'] or 'not validated'}",
        "trained": f"as of {card['as_of']}, {card['kind']} of {card['parent'] or 'none'}",
        "cohorts": f"{_span(card['train'])} train, {_span(card['validation'])} validation, "
        + ", ".join(map(_span, card["windows"]))
        + " out of time",
        "gates": f"{found['gates'] - len(found['failed'])} of {found['gates']} passed",
        "code": found["lineage"]["code"],
        "request": _act(found["request"], "requested_by", "requested_at"),
        "approval": _act(found["approval"], "by", "at"),
        "retirement": _act(found["retirement"], "by", "at"),
        "used in": ", ".join(f"{u['month'][:7]} ({u['rows']} rows)" for u in found["uses"]),
    }
    for name, text in lines.items():
        if text:
            console.print(f"{name:<12}{text}", highlight=False, soft_wrap=True)
    for gate in found["failed"]:
        console.print(f"failed      {gate['gate']} {gate['window']}: {gate['reason']}")
    console.print(_numbers({name: [value] for name, value in found["numbers"].items()}, [version]))


@registry_app.command()
def compare(
    version: Version, other: Version, store: StoreOption = "", as_json: Json = False
) -> None:
    """Two versions side by side: numbers, features, lineage."""
    from creditrisk.registry.dossier import compare as compared

    found = compared(open_store(store or None), version, other)
    if as_json:
        typer.echo(json.dumps(found))
        return
    console.print(_numbers(found["numbers"], found["versions"]))
    for id, windows in zip(found["versions"], found["windows"], strict=True):
        console.print(f"{id}: windows {', '.join(map(_span, windows))}", highlight=False)
    if contest := found["contest"]:
        console.print(
            f"on equal rows ({contest['rows']}, {contest['bads']} bad) {contest['challenger']}"
            f" was {contest['outcome']}: AUC {contest['pooled']['difference']:+.4f}"
            f" ({contest['pooled']['lower']:+.4f} to {contest['pooled']['upper']:+.4f})",
            highlight=False,
            soft_wrap=True,
        )
    for place, id in (("only_in_first", version), ("only_in_second", other)):
        if found[place]:
            console.print(f"features only in {id}: {', '.join(found[place])}", highlight=False)
    for name, (one, two) in found["lineage"].items():
        console.print(f"{name}: {one} | {two}", highlight=False, soft_wrap=True)


@registry_app.command()
def approve(version: Version, reason: Reason, store: StoreOption = "") -> None:
    """Approve a challenger that waits (four eyes): it becomes champion."""
    from creditrisk.registry.approval import approve as approve_version

    period, who = _acting(store)
    approve_version(period, version, who.name, reason, at=now(), identity=who.vouched_by)
    _say(period.store, f"{version} approved by {who}")


@registry_app.command()
def reject(version: Version, reason: Reason, store: StoreOption = "") -> None:
    """Refuse a challenger that waits, for good."""
    from creditrisk.registry.approval import reject as reject_version

    period, who = _acting(store)
    reject_version(period, version, who.name, reason, at=now(), identity=who.vouched_by)
    _say(period.store, f"{version} rejected by {who}")


@registry_app.command()
def promote(version: Version, store: StoreOption = "") -> None:
    """Promote a version that passed; under four eyes, ask for its approval."""
    from creditrisk.registry.promote import promote as promote_version

    period, who = _acting(store)
    outcome = promote_version(period, version, who.name, at=now())
    _say(period.store, f"{version}: {outcome}, asked for by {who}")


@registry_app.command()
def rollback(reason: Reason, store: StoreOption = "") -> None:
    """The champion before the current one, again."""
    from creditrisk.registry.rollback import rollback as roll_back

    period, who = _acting(store)
    version = roll_back(period, reason, str(who), at=now())
    _say(period.store, f"rolled back to {version} by {who}")


@registry_app.command()
def retire(version: Version, reason: Reason, store: StoreOption = "") -> None:
    """Take a version out of use for good; it stays readable."""
    from creditrisk.registry.retirement import retire as retire_version

    period, who = _acting(store)
    retire_version(period, version, reason, str(who), at=now())
    _say(period.store, f"{version} retired by {who}")


def _acting(store: str) -> "tuple[Period, Identity]":
    """The month whose policy is in force, and who is at the keyboard."""
    from creditrisk.governance.resolve import newest_period
    from creditrisk.registry.identity import caller

    opened = open_store(store or None)
    return newest_period(opened), caller(opened)


def _say(store: Store, done: str) -> None:
    from creditrisk.model.champion import current_champion

    console.print(f"{done}; champion {current_champion(store) or 'none'}", highlight=False)


def _table(*headings: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(heading, no_wrap=True)
    return table


def _numbers(values: Mapping[str, list[float | None]], versions: list[str]) -> Table:
    table = _table("", *versions)
    for name, each in values.items():
        table.add_row(name, *("" if value is None else f"{value:.4g}" for value in each))
    return table


def _span(months: list[str]) -> str:
    return months[0][:7] if len(months) == 1 else f"{months[0][:7]}..{months[-1][:7]}"


def _act(act: Mapping[str, Any] | None, by: str, at: str) -> str:
    if act is None:
        return ""
    said = " ".join(str(act[k]) for k in ("decision", "reason") if k in act)
    return f"{said} by {act[by]} at {act[at][:19]}".strip()
