"""Model versions: looking at them, and what a person may do to them."""

from dataclasses import asdict
from typing import Annotated

import typer

from creditrisk.cli import options
from creditrisk.cli.app import (
    acting,
    alert_who_waits,
    answer,
    console,
    group,
    listed,
    progress,
    styled,
)
from creditrisk.cli.headed_table import headed_table, print_named
from creditrisk.cli.named_damage import named_damage
from creditrisk.cli.places import store_there
from creditrisk.cli.version_format import act, differing, on_one_line, side_by_side, span
from creditrisk.errors import GateError, UserError
from creditrisk.records.version_files import brief, version_called
from creditrisk.storage import Store

registry_app = group("registry")
Version = Annotated[str, typer.Argument(help="As a page or `registry list` names it.")]


@registry_app.command("list")
def list_(store: options.Store = "", as_json: options.Json = False) -> None:
    """List every version, what became of it, and since when."""
    from creditrisk.governance.inventory import list_versions

    opened = store_there(store)
    with named_damage() as damage:
        versions = list_versions(opened, damage)
        if as_json:
            answer(versions)
            return
        columns = ("as_of", "verdict", "state", "since", "tier")
        headings = ("version", *(name.replace("_", " ") for name in columns))
        shown = headed_table(*headings)
        for version in versions:
            shown.add_row(brief(version["id"]), *(str(version[name]) for name in columns))
        console.print(shown if versions else f"no model version in {opened.uri}")


@registry_app.command()
def show(version: Version, store: options.Store = "", as_json: options.Json = False) -> None:
    """Show one version: numbers, gates it failed, who decided on it, every use of it."""
    from creditrisk.governance.dossier import dossier

    opened = store_there(store)
    version = version_called(opened, version)
    found = dossier(opened, version)
    if as_json:
        answer(found)
        return
    card = found["card"]
    lines = {
        "version": f"{version}, files whole",
        "state": f"{found['state']}, verdict {found['verdict'] or 'not validated'}",
        "tier": f"{found['tier']}, {found['materiality']}",
        "trained": f"as of {card['as_of']}, {card['kind']}"
        + (f" of {card['parent']}" if card["parent"] else ""),
        "cohorts": f"{span(card['train'])} train, {span(card['validation'])} validation, "
        + ", ".join(map(span, card["windows"]))
        + " out of time",
        "gates": f"{found['gates'] - len(found['failed'])} of {found['gates']} passed",
        "code": found["lineage"]["code"],
        "request": act(found["request"], "requested_by", "requested_at"),
        "approval": act(found["approval"], "by", "at"),
        "retirement": act(found["retirement"], "by", "at"),
        "used in": ", ".join(f"{u['month'][:7]} ({u['rows']} rows)" for u in found["uses"]),
    }
    failed = (("failed", f"{g['gate']} {g['window']}: {g['reason']}") for g in found["failed"])
    print_named([*((name, text) for name, text in lines.items() if text), *failed])
    console.print(
        side_by_side({name: [value] for name, value in found["numbers"].items()}, [version])
    )


@registry_app.command()
def uses(version: Version, store: options.Store = "", as_json: options.Json = False) -> None:
    """List every use of a version: months it scored, decisions and comparisons with it."""
    from creditrisk.governance.dossier import uses as used

    opened = store_there(store)
    found = used(opened, version_called(opened, version))
    if as_json:
        answer(found)
        return
    listed(
        (f"{kind:<12}{on_one_line(row)}" for kind, rows in found.items() for row in rows),
        f"{version} was used for nothing yet",
    )


@registry_app.command()
def compare(
    version: Version, other: Version, store: options.Store = "", as_json: options.Json = False
) -> None:
    """Compare two versions: numbers, features, lineage."""
    from creditrisk.governance.dossier import compare as compared

    opened = store_there(store)
    version, other = version_called(opened, version), version_called(opened, other)
    found = compared(opened, version, other)
    if as_json:
        answer(found)
        return
    console.print(side_by_side(found["numbers"], found["versions"]))
    for id, windows in zip(found["versions"], found["windows"], strict=True):
        console.print(f"{id}: windows {', '.join(map(span, windows))}")
    if contest := found["contest"]:
        console.print(
            f"on equal rows ({contest['rows']:,}, {contest['bads']:,} bad) {contest['challenger']}"
            f" was {contest['outcome']}: AUC {contest['pooled']['difference']:+.3f}"
            f" ({contest['pooled']['lower']:+.3f} to {contest['pooled']['upper']:+.3f})",
            soft_wrap=True,
        )
    for place, id in (("only_in_first", version), ("only_in_second", other)):
        if found[place]:
            console.print(f"features only in {id}: {', '.join(found[place])}")
    for name, (one, two) in found["lineage"].items():
        listed(differing(name, one, two), "")


@registry_app.command()
def approve(version: Version, reason: options.Reason, store: options.Store = "") -> None:
    """Approve a challenger that waits (four eyes): it becomes champion."""
    from creditrisk.stages.promotion.promote import approve as approve_version

    period, statement = acting(store, reason)
    version = version_called(period.store, version)
    approve_version(period, version, statement)
    _say(period.store, f"{version} approved by {statement.who}")
    alert_who_waits(period)


@registry_app.command()
def reject(version: Version, reason: options.Reason, store: options.Store = "") -> None:
    """Refuse a challenger that waits, for good."""
    from creditrisk.records.approval_answers import reject as reject_request
    from creditrisk.records.approval_requests import ChallengerRequest

    period, statement = acting(store, reason)
    version = version_called(period.store, version)
    reject_request(period, version, ChallengerRequest, statement)
    _say(period.store, f"{version} rejected by {statement.who}")
    alert_who_waits(period)


@registry_app.command()
def promote(version: Version, reason: options.Reason, store: options.Store = "") -> None:
    """Promote a version that passed; under four eyes, ask for its approval."""
    from creditrisk.records.champion_pointer import current_champion
    from creditrisk.stages.promotion.promote import promote as promote_version

    period, statement = acting(store, reason)
    version = version_called(period.store, version)
    if current_champion(period.store) == version:
        raise UserError(f"{version} is champion already; nothing to promote")
    who = statement.who
    outcome = promote_version(
        period, version, who.name, reason, at=statement.at, identity=who.vouched_by
    )
    followed = current_champion(period.store)
    if outcome == "promoted" and followed != version:
        raise GateError(
            f"{version} became champion as of {period.as_of} and {followed} followed it;"
            " `creditrisk registry rollback` goes back"
        )
    _say(period.store, f"{version}: {outcome}, asked for by {statement.who}")
    alert_who_waits(period)


@registry_app.command()
def rollback(reason: options.Reason, store: options.Store = "") -> None:
    """Make the champion before the current one champion again."""
    from creditrisk.stages.promotion.promotion_record import rollback as roll_back

    period, statement = acting(store, reason)
    version = roll_back(period, reason, str(statement.who), at=statement.at)
    _say(period.store, f"rolled back to {version} by {statement.who}")


@registry_app.command()
def retire(version: Version, reason: options.Reason, store: options.Store = "") -> None:
    """Take a version out of use for good; it stays readable."""
    from creditrisk.records.retirement import retire as retire_version

    period, statement = acting(store, reason)
    version = version_called(period.store, version)
    retire_version(period, version, statement)
    _say(period.store, f"{version} retired by {statement.who}")


@registry_app.command()
def reproduce(version: Version, store: options.Store = "", as_json: options.Json = False) -> None:
    """Build a version again from its lineage; exit code 3: it is another."""
    from creditrisk.stages.training.reproduce import reproduce as build_again

    progress.print(f"building {version} again")  # the search for parameters has a bar
    opened = store_there(store)
    version = version_called(opened, version)
    found = build_again(opened, version)
    if as_json:
        answer(asdict(found) | {"same": found.same})
    else:
        for name, same in found.files.items():
            kind = "same to five digits" if name in found.rounded else "same"
            console.print(f"{name:<17}", kind if same else styled("differs", "red"))
        for name, (then, now_) in found.surroundings.items():
            console.print(f"{name}: {then} then, {now_} now", soft_wrap=True)
        if found.cut and not found.same:
            console.print("its search for parameters was cut by the clock: it may end elsewhere")
        outcome = "the same to five digits; another processor rounds otherwise"
        if not (found.same and found.rounded):
            outcome = "the same bytes" if found.same else "other bytes"
        console.print(f"{version}: {outcome}")
    if not found.same:
        raise typer.Exit(3)


def _say(store: Store, done: str) -> None:
    from creditrisk.records.champion_pointer import current_champion

    console.print(f"{done}; champion {current_champion(store) or 'none'}")
