"""What `creditrisk` can do, and the group that loads a command when somebody calls it.

Help is asked for more often than anything else, and a command is asked alone: neither waits for
the imports of all the others.
"""

from importlib import import_module
from typing import Any

import typer.main
from typer.core import TyperCommand, TyperGroup

PANELS = {
    "Start": {
        "demo": "Simulate a lender whose new channel breaks the model.",
        "init": "Look at a lender's files and write a first portfolio file.",
        "doctor": "Check what a month needs, here or with --remote on the cluster.",
        "portfolio": "The lender's tables, described.",
        "policy": "The policy: every threshold, once.",
    },
    "Run": {
        "run": "Run one month here under kfp.local, or --remote on a cluster.",
        "backfill": "Build bronze, silver and gold of a range of months.",
        "schedule": "The monthly run: one, or none.",
        "deploy": "Make every pipeline's newest version this one, named by its content.",
    },
    "Look": {
        "status": "Champion, last decision, metrics, approvals, audit: ten lines.",
        "dashboard": "Serve the dashboard of a store, read-only.",
        "report": "Write a month's workbook for a committee (.xlsx).",
        "explain": "Why an application has its PD: stored reasons, model, delivered rows, what if.",
        "lineage": "Where a number comes from, or what a file went into.",
        "features": "The feature store.",
        "alerts": "Alerts: who gets them, what was sent.",
        "compliance": "Evidence of a month or a version, clause by clause.",
    },
    "Decide": {
        "registry": "Model versions.",
        "override": "A person's decision against the rule's.",
        "contain": "What gets no score until a person lifts it.",
        "findings": "What validators found wanting.",
    },
    "Try": {
        "backtest": "Replay past months in one process and one Spark session.",
        "simulate": "How often the policy acts, and how soon, in simulated books.",
        "challenge": "Train a challenger aside and hold it against the champion.",
    },
    "Keep": {
        "lake": "The tables: what is committed, and is it whole.",
        "audit": "The audit trail.",
        "lease": "The lease: which run holds the store.",
        "store": "The store: which format it has.",
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


def load(name: str) -> Any:  # noqa: ANN401 - typer's own
    """The command or group of that name; importing its module registers it."""
    import_module(f"creditrisk.cli.{name}")
    return every().commands[name]


def every() -> Any:  # noqa: ANN401 - typer's own
    """The whole group: what is loaded, and the first lines of what is not."""
    return typer.main.get_group(import_module("creditrisk.cli.app").app)
