"""What gets no score until a person lifts it: `contain`."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from creditrisk.cli.app import Json, Reason, StoreOption, acting, app, console, listed, stated
from creditrisk.records.format import open_store

if TYPE_CHECKING:
    pass


contain_app = typer.Typer(no_args_is_help=True, help="What gets no score until a person lifts it.")
app.add_typer(contain_app, name="contain")


@contain_app.command("lift")
def contain_lift(reason: Reason, store: StoreOption = "") -> None:
    """Publish again, from the month after the newest one on."""
    from creditrisk.stages.decision.containment import lift

    period, who = acting(store)
    for found in lift(period, stated(who, reason)):
        console.print(f"lifted by {who}: {found}", highlight=False, soft_wrap=True)


@contain_app.command("list")
def contain_list(store: StoreOption = "", as_json: Json = False) -> None:
    """What is contained, and what was."""
    from creditrisk.records.containment import containments

    opened = open_store(store or None)
    found = containments(opened)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], default=str))
        return
    lines = (
        f"{one}; " + (f"lifted, counts up to {one.until:%Y-%m}" if one.until else "in force")
        for one in found
    )
    listed(lines, f"nothing is contained in {opened.uri}, and nothing was")
