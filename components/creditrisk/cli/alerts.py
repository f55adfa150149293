"""Whom alerts reach: `alerts test`, `alerts list`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from creditrisk.cli import options
from creditrisk.cli.app import answer, console, group, styled
from creditrisk.cli.headed_table import headed_table
from creditrisk.cli.named_damage import named_damage
from creditrisk.cli.places import store_there
from creditrisk.errors import UserError
from creditrisk.policy import load_policy
from creditrisk.records.run import now

if TYPE_CHECKING:
    from creditrisk.records.alerts import AlertRecord

alerts_app = group("alerts")


@alerts_app.command()
def test() -> None:
    """Send a test message over every channel of the environment; exit code 1 if one is dead."""
    from creditrisk.records.alerts import Alert
    from creditrisk.reports.alerts.send import URLS, named_channels

    found = named_channels(load_policy().alerts.seconds)
    if not found:
        raise UserError(f"no channel: set {URLS}, see docs/alerts.md")
    alert = Alert("test", now()[:10], "info", "", "creditrisk: a test", ("Nothing has happened.",))
    dead = False
    for channel in found:
        why = channel.send(alert)
        dead = dead or bool(why)
        text = styled(why, "red") if why else styled("arrived", "green")
        console.print(f"{channel.name}:", text, soft_wrap=True)
    raise typer.Exit(int(dead))


@alerts_app.command("list")
def listing(store: options.Store = "", as_json: options.Json = False) -> None:
    """List every alert: what, since when, whom it reached and why not."""
    from creditrisk.records.alerts import read_records

    opened = store_there(store)
    with named_damage() as damage:
        _list(list(read_records(opened, damage)), opened.uri, as_json)


def _list(found: "Sequence[AlertRecord]", uri: str, as_json: bool) -> None:
    if as_json:
        answer(found)
        return
    table = headed_table("month", "event", "urgency", "since", "over", "reached", "not reached")
    for record in found:
        names = list(dict.fromkeys(sending.channel for sending in record.sent))
        last = {sending.channel: sending.why for sending in record.sent}
        reached = [name for name in names if record.reached(name)]
        table.add_row(
            record.alert.month[:7],
            " ".join((record.alert.event, record.alert.subject)).strip(),
            record.alert.urgency,
            record.since[:16],
            record.resolved[:16],
            ", ".join(reached),
            ", ".join(f"{name}: {last[name]}" for name in names if name not in reached),
        )
    console.print(table if found else f"no alert in {uri}", soft_wrap=True)
