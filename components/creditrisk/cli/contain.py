"""What gets no score until a person lifts it: `contain`."""

from collections.abc import Set
from typing import TYPE_CHECKING

from creditrisk.cli import options
from creditrisk.cli.app import acting, answer, console, group, listed
from creditrisk.cli.named_damage import named_damage
from creditrisk.cli.places import store_there

if TYPE_CHECKING:
    from creditrisk.records.containment import Containment

contain_app = group("contain")


@contain_app.command("lift")
def contain_lift(reason: options.Reason, store: options.Store = "") -> None:
    """Publish again, from the month after the newest one on."""
    from creditrisk.records.containment import lift

    period, statement = acting(store, reason)
    for found in lift(period, statement):
        console.print(f"lifted by {statement.who}: {found.shown}", soft_wrap=True)


@contain_app.command("list")
def contain_list(store: options.Store = "", as_json: options.Json = False) -> None:
    """List what is held back, and what was."""
    from creditrisk.records.containment import containments, in_force

    opened = store_there(store)
    with named_damage() as damage:
        found = containments(opened, damage)
        if as_json:
            answer(found)
            return
        now = {one.decision for one in in_force(opened, damage)}
        listed(
            (f"{one.shown}; {_standing(one, now)}" for one in found),
            f"nothing is contained in {opened.uri}, and nothing was",
        )


def _standing(one: "Containment", now: Set[str]) -> str:
    if one.until:
        return f"lifted, counts up to {one.until:%Y-%m}"
    return "in force" if one.decision in now else "another one is champion"
