"""The command's groups, and what all of them share."""

import os
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer
from rich.console import Console
from rich.text import Text

from creditrisk.cli.commands import HELP, OnDemand
from creditrisk.errors import UserError, printable

if TYPE_CHECKING:  # no command waits for what another one needs
    from creditrisk.period import Period
    from creditrisk.policy import Policy
    from creditrisk.records.identity import Statement
    from creditrisk.storage import Store

app = typer.Typer(cls=OnDemand, no_args_is_help=True, pretty_exceptions_enable=False)


def _show_release(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version as release  # each command would wait for it

        console.print(f"creditrisk {release('creditrisk')}")
        raise typer.Exit


@app.callback()
def creditrisk(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_show_release, help="The release.")
    ] = False,
) -> None:
    """The monthly life cycle of a credit-risk model, on a laptop or on Kubeflow."""


def group(name: str) -> typer.Typer:
    """The commands of `creditrisk <name>`, none so far."""
    made = typer.Typer(no_args_is_help=True, help=HELP[name])
    app.add_typer(made, name=name)
    return made


_WIDE = 150  # a table in a log or a file is not cut to a terminal that is not there


class _Terminal(Console):
    """Shows brackets and control characters in a text, and obeys none; colour has `styled`."""

    def __init__(self, stream: TextIO | None, file: TextIO | None = None) -> None:
        width = None if stream and stream.isatty() else _WIDE
        super().__init__(file=file, width=width, markup=False, highlight=False, emoji=False)

    def render_str(self, text: str, **options: Any) -> Text:  # noqa: ANN401 - rich's own
        return super().render_str(printable(text), **options)


console = _Terminal(sys.stdout)
# bound to the real stderr: while kfp.local runs, sys.stderr is its log
progress = _Terminal(sys.stderr, file=sys.stderr)


def opened(uri: str, policy: Path | None, portfolio: Path | None) -> "tuple[Store, str]":
    """The store, and policy and portfolio frozen in it."""
    from creditrisk.cli.places import to_fill
    from creditrisk.period import freeze
    from creditrisk.portfolio import load_portfolio
    from creditrisk.records.format import open_store, require_current

    read = sound_policy(policy)
    store = to_fill(open_store(uri or None))
    require_current(store)
    os.environ["CREDITRISK_STORE"] = store.uri
    for name, path in (("CREDITRISK_POLICY", policy), ("CREDITRISK_PORTFOLIO", portfolio)):
        if path:  # a command that an error advises names the files of this one
            os.environ[name] = str(path.absolute())
        else:
            os.environ.pop(name, None)
    return store, freeze(store, read, load_portfolio(portfolio))


def acting(store: str, reason: str) -> "tuple[Period, Statement]":
    """The month whose policy is in force; who is at the keyboard, why and when."""
    from creditrisk.cli.places import store_there
    from creditrisk.records.format import require_current
    from creditrisk.records.identity import Statement, caller
    from creditrisk.records.resolved import newest_period
    from creditrisk.records.run import now

    opened = store_there(store)
    require_current(opened)
    return newest_period(opened), Statement(caller(opened), reason, now())


def alert_who_waits(period: "Period") -> None:
    """Send alerts for what waits for approval, and end those for what no longer does."""
    from creditrisk.records.run import now
    from creditrisk.reports.alerts.send import send_alerts

    send_alerts(period, at=now())


def listed(lines: Iterable[str], otherwise: str) -> None:
    """Print each line; `otherwise` if none."""
    empty = True
    for line in lines:
        empty = False
        console.print(line, soft_wrap=True)
    if empty:
        console.print(otherwise, soft_wrap=True)


def styled(text: str, style: str = "") -> Text:
    """A text as a console shows it, in a colour."""
    return Text(printable(text), style)


def document(text: str) -> None:
    """Print a text of many lines, for a file."""
    for line in text.removesuffix("\n").split("\n"):
        typer.echo(printable(line))


def answer(value: object) -> None:
    """Print a value as one line of JSON in ASCII: no text in it reaches a terminal as it is.

    Of models and dataclasses their fields, dates as ISO 8601; a number that is none is null.
    """
    import json

    from pydantic_core import to_jsonable_python

    text = json.dumps(to_jsonable_python(value))
    typer.echo(json.dumps(json.loads(text, parse_constant=lambda _: None)))


def sound_policy(path: Path | None) -> "Policy":
    """The policy, its business rules parsed: a rule that cannot be read stops nothing halfway."""
    from creditrisk.policy import load_policy
    from creditrisk.stages.decision.business_rules import check

    policy = load_policy(path)
    for rule in policy.rule.business:
        check(rule)
    return policy


def span(start: str, end: str) -> tuple[date, date]:
    """First and last month of a range, in order."""
    from creditrisk.calendar_month import parse_month

    first, last = parse_month(start, "--from"), parse_month(end, "--to")
    if first > last:
        raise UserError(f"--from {first} is later than --to {last}; swap them")
    return first, last
