"""A person's decision against the rule's: `override`."""

from typing import TYPE_CHECKING, Annotated

import typer

from creditrisk.calendar_month import parse_month
from creditrisk.cli import options
from creditrisk.cli.app import acting, answer, console, group, listed
from creditrisk.cli.named_damage import named_damage
from creditrisk.cli.places import store_there
from creditrisk.errors import UserError
from creditrisk.records.identity import signed

if TYPE_CHECKING:
    from creditrisk.records.decision import DecisionKind


override_app = group("override")
Month = Annotated[str, typer.Argument(help="The newest decided month, as 2024-09.")]


@override_app.command("give")
def override_give(
    month: Month,
    decision: Annotated[str, typer.Option(help="keep, watch, recalibrate, retrain or contain.")],
    reason: options.Reason,
    until: Annotated[str, typer.Option(help="Last month of a keep or watch, as 2024-09.")] = "",
    store: options.Store = "",
) -> None:
    """Decide otherwise than the rule did; run the month with --supersede to act on it."""
    from creditrisk.records.overrides import give

    period, statement = acting(store, reason)
    last = parse_month(until, "--until") if until else None
    given = give(period, parse_month(month, "month"), _kind(decision), last, statement)
    console.print(
        f"override {given.id}: {given.decision} instead of {given.recommended} until"
        f" {given.until}, by {statement.who}; now run {given.as_of} with --supersede",
        soft_wrap=True,
    )


@override_app.command("close")
def override_close(
    month: Month,
    outcome: Annotated[str, typer.Option(help="What came of it; goes on the audit trail.")],
    store: options.Store = "",
) -> None:
    """Record what came of an override; it holds no longer."""
    from creditrisk.records.overrides import close

    period, statement = acting(store, outcome)
    id = close(period, parse_month(month, "month"), statement)
    listed([f"override {id} closed by {statement.who}: {outcome}"], "")


@override_app.command("list")
def override_list(store: options.Store = "", as_json: options.Json = False) -> None:
    """List every override: what the rule decided, what the person decided, and the outcome."""
    from creditrisk.records.overrides import overrides

    opened = store_there(store)
    with named_damage() as damage:
        found = overrides(opened, damage)
        if as_json:
            answer(found)
            return
        lines = (
            f"{one.id}  {one.decision} instead of {one.recommended}, until {one.until[:7]},"
            f" by {signed(one.by, one.identity)}: {one.reason};"
            f" {f'closed: {one.outcome}' if one.closed else 'open'}"
            for one in found
        )
        listed(lines, f"no override in {opened.uri}: every decision is the rule's")


def _kind(text: str) -> "DecisionKind":
    from creditrisk.records.overrides import ACTIONS

    found = next((kind for kind in ACTIONS if kind == text), None)
    if found is None:
        raise UserError(f"--decision '{text}' is none of {', '.join(ACTIONS)}")
    return found
