"""The `creditrisk` command.

Exit codes: 0 done, 1 failed, 2 wrong usage or bad input, 3 a policy gate said no.
"""

import sys

from creditrisk.cli import (
    backtest,
    demo,
    features,
    lake,
    life,
    portfolio,
    records,
    registry,
)  # importing registers their commands
from creditrisk.cli.app import app
from creditrisk.errors import UserError


def main() -> None:
    """Run the command; an error meant for a person is one line on stderr."""
    try:
        app()
    except UserError as error:
        sys.stderr.write(f"creditrisk: {error}\n")
        sys.exit(error.exit_code)


__all__ = [
    "app",
    "backtest",
    "demo",
    "features",
    "lake",
    "life",
    "main",
    "portfolio",
    "records",
    "registry",
]
