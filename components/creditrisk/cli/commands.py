"""What `creditrisk` can do, and the group that loads a command when somebody calls it.

Help is asked for more often than anything else, and a command is asked alone: neither waits for
the imports of all the others.
"""

from functools import cache
from importlib import import_module
from typing import Any

import typer.main
from typer.core import TyperCommand, TyperGroup

PANELS = {
    "Start": {
        "demo": "Simulate a lender whose new channel breaks the model.",
        "init": "Look at a lender's files and write a first portfolio file.",
        "doctor": "Check what a month needs, here or with --remote on the cluster.",
        "portfolio": "Check a lender's files against their description.",
        "policy": "Explain, compare and change the policy: every threshold.",
    },
    "Run": {
        "run": "Run one month here under kfp.local, or --remote on a cluster.",
        "backfill": "Build bronze, silver and gold of a range of months.",
        "schedule": "Apply, pause and remove the monthly run on a cluster.",
        "deploy": "Upload every pipeline of this release to a cluster.",
    },
    "Look": {
        "status": "Show champion, last decision, metrics, approvals and audit trail.",
        "dashboard": "Serve the dashboard of a store, read-only.",
        "report": "Write a month's workbook for a committee (.xlsx).",
        "explain": "Explain an application's PD: stored reasons, model, delivered rows, what if.",
        "lineage": "Trace a number to its files, or a file to what it went into.",
        "features": "Read what training at a month may see.",
        "alerts": "List alerts, and test the channels they go by.",
        "compliance": "Show the evidence of a month or a version, clause by clause.",
    },
    "Decide": {
        "registry": "List, compare, approve, promote and retire model versions.",
        "override": "Decide a month otherwise than the rule did.",
        "contain": "List PDs that are held back, and publish them again.",
        "findings": "Open, close and list what validators found wanting.",
    },
    "Try": {
        "backtest": "Replay past months in one process and one Spark session.",
        "simulate": "Simulate how often, and how soon, the policy acts.",
        "challenge": "Train a challenger aside and hold it against the champion.",
    },
    "Keep": {
        "lake": "List, verify and tidy the tables.",
        "audit": "Verify, stamp and list the audit trail.",
        "lease": "Show which run holds the store, and free it.",
        "store": "Show the store's format, and migrate it.",
    },
}
HELP = {name: text for commands in PANELS.values() for name, text in commands.items()}


class OnDemand(TyperGroup):
    """Knows every command's first line; imports `creditrisk.cli.<name>` when `<name>` is called."""

    def __init__(self, **words: Any) -> None:  # noqa: ANN401 - typer's own
        super().__init__(**words)
        loaded = dict(self.commands)
        self.commands: dict[str, Any] = {
            name: loaded.get(name) or TyperCommand(name, help=text) for name, text in HELP.items()
        }
        for panel, commands in PANELS.items():
            for name in commands:
                self.commands[name].rich_help_panel = panel

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 - typer's own
        if args and args[0] in self.commands:
            self.commands[args[0]] = load(args[0])
        return super().resolve_command(ctx, args)


@cache
def load(name: str) -> Any:  # noqa: ANN401 - typer's own
    """The command or group of that name; importing its module registers it."""
    import_module(f"creditrisk.cli.{name}")
    return every().commands[name]


def every() -> Any:  # noqa: ANN401 - typer's own
    """The whole group: what is loaded, and the first lines of what is not."""
    return typer.main.get_group(import_module("creditrisk.cli.app").app)
