"""What gets no score until a person lifts it: `contain`."""

from creditrisk.cli.app import Json, Reason, StoreOption, acting, answer, console, group, listed
from creditrisk.cli.places import store_there

contain_app = group("contain")


@contain_app.command("lift")
def contain_lift(reason: Reason, store: StoreOption = "") -> None:
    """Publish again, from the month after the newest one on."""
    from creditrisk.records.containment import lift

    period, statement = acting(store, reason)
    for found in lift(period, statement):
        console.print(f"lifted by {statement.who}: {found}", soft_wrap=True)


@contain_app.command("list")
def contain_list(store: StoreOption = "", as_json: Json = False) -> None:
    """What is contained, and what was."""
    from creditrisk.records.containment import containments, in_force

    opened = store_there(store)
    found = containments(opened)
    if as_json:
        answer(found)
        return
    now = {one.decision for one in in_force(opened)}
    lines = (
        f"{one}; "
        + (f"lifted, counts up to {one.until:%Y-%m}" if one.until else "")
        + ("in force" if one.decision in now else "" if one.until else "another one is champion")
        for one in found
    )
    listed(lines, f"nothing is contained in {opened.uri}, and nothing was")
