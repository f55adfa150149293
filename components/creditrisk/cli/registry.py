"""Model versions: looking at them, and what a person may do to them."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.table import Table

from creditrisk.cli.app import Json, Reason, StoreOption, acting, app, console, progress
from creditrisk.runs import now
from creditrisk.storage import Store, open_store

if TYPE_CHECKING:
    from creditrisk.period import Period

registry_app = typer.Typer(no_args_is_help=True, help="Model versions.")
app.add_typer(registry_app, name="registry")
Version = Annotated[str, typer.Argument(help="As `registry list` prints it.")]


@registry_app.command("list")
def list_(store: StoreOption = "", as_json: Json = False) -> None:
    """Every version, what became of it, and since when."""
    from creditrisk.registry.inventory import list_versions

    versions = list_versions(open_store(store or None))
    if as_json:
        typer.echo(json.dumps(versions))
        return
    columns = ("id", "kind", "as_of", "verdict", "state", "tier")
    table = _table("version", *(name.replace("_", " ") for name in columns[1:]))
    for version in versions:
        table.add_row(*(str(version[name]) for name in columns))
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
        "tier": f"{found['tier']}, {found['materiality']}",
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
def uses(version: Version, store: StoreOption = "", as_json: Json = False) -> None:
    """Every use of a version: months it scored, decisions on it, comparisons it was part of."""
    from creditrisk.registry.uses import uses as used

    found = used(open_store(store or None), version)
    if as_json:
        typer.echo(json.dumps(found))
        return
    for kind, rows in found.items():
        for row in rows:
            said = ", ".join(f"{name} {value}" for name, value in row.items() if value != "")
            console.print(f"{kind:<12}{said}", highlight=False, soft_wrap=True)


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

    period, who = acting(store)
    approve_version(period, version, who.name, reason, at=now(), identity=who.vouched_by)
    _say(period.store, f"{version} approved by {who}")
    _tell(period)


@registry_app.command()
def reject(version: Version, reason: Reason, store: StoreOption = "") -> None:
    """Refuse a challenger that waits, for good."""
    from creditrisk.registry.approval import reject as reject_version

    period, who = acting(store)
    reject_version(period, version, who.name, reason, at=now(), identity=who.vouched_by)
    _say(period.store, f"{version} rejected by {who}")
    _tell(period)


@registry_app.command()
def promote(version: Version, store: StoreOption = "") -> None:
    """Promote a version that passed; under four eyes, ask for its approval."""
    from creditrisk.registry.promote import promote as promote_version

    period, who = acting(store)
    outcome = promote_version(period, version, who.name, at=now())
    _say(period.store, f"{version}: {outcome}, asked for by {who}")
    _tell(period)


@registry_app.command()
def rollback(reason: Reason, store: StoreOption = "") -> None:
    """The champion before the current one, again."""
    from creditrisk.registry.rollback import rollback as roll_back

    period, who = acting(store)
    version = roll_back(period, reason, str(who), at=now())
    _say(period.store, f"rolled back to {version} by {who}")


@registry_app.command()
def retire(version: Version, reason: Reason, store: StoreOption = "") -> None:
    """Take a version out of use for good; it stays readable."""
    from creditrisk.registry.retirement import retire as retire_version

    period, who = acting(store)
    retire_version(period, version, reason, str(who), at=now())
    _say(period.store, f"{version} retired by {who}")


@registry_app.command()
def reproduce(version: Version, store: StoreOption = "", as_json: Json = False) -> None:
    """Build a version again from its lineage; exit code 3: the bytes differ."""
    from creditrisk.training.reproduce import reproduce as build_again

    with progress.status(f"building {version} again"):
        found = build_again(open_store(store or None), version)
    if as_json:
        typer.echo(json.dumps(asdict(found) | {"same": found.same}))
    else:
        for name, same in found.files.items():
            console.print(f"{name:<18}{'same' if same else '[red]differs[/]'}", highlight=False)
        for name, (then, now_) in found.surroundings.items():
            console.print(f"{name}: {then} then, {now_} now", highlight=False, soft_wrap=True)
        if found.cut and not found.same:
            console.print("its search for parameters was cut by the clock: it may end elsewhere")
        said = "the same bytes" if found.same else "other bytes"
        console.print(f"{version}: {said}", highlight=False)
    if not found.same:
        raise typer.Exit(3)


def _tell(period: "Period") -> None:
    """Who waited for approval, and no longer does."""
    from creditrisk.reporting.alerts.tell import tell

    tell(period, at=now())


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
    if not months:
        return "no"  # a refit has neither validation nor windows
    return months[0][:7] if len(months) == 1 else f"{months[0][:7]}..{months[-1][:7]}"


def _act(act: Mapping[str, Any] | None, by: str, at: str) -> str:
    if act is None:
        return ""
    said = " ".join(str(act[k]) for k in ("decision", "reason") if k in act)
    return f"{said} by {act[by]} at {act[at][:19]}".strip()
