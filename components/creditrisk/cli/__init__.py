"""The `creditrisk` command.

Exit codes: 0 done, 1 failed, 2 wrong usage or bad input, 3 a policy gate refused, 128 and its
number where a signal stopped it.
"""

import os
import sys
from io import TextIOWrapper
from typing import NoReturn

import typer

from creditrisk.cli.absent_packages import absent_package
from creditrisk.cli.app import app
from creditrisk.errors import UserError, printable, system_refusals
from creditrisk.signals import exit_code, listen, stopped_by

_INTERRUPTED = 130  # what typer calls every interruption


def main() -> None:
    """Run the command; an error meant for a person is one line on stderr."""
    listen()
    if isinstance(sys.stdout, TextIOWrapper):  # a terminal may lack letters that a lender has
        sys.stdout.reconfigure(errors="replace")
    if os.environ.get("COLUMNS") == "0":  # a terminal without a size: nothing would be printed
        del os.environ["COLUMNS"]
    try:
        with system_refusals():
            try:
                app()
            finally:
                _let_out()
    except UserError as error:
        _leave(error)
    except ModuleNotFoundError as error:
        _leave(absent_package(error))
    except SystemExit as end:
        if end.code == _INTERRUPTED:
            typer.echo("creditrisk: stopped; no run was under way", err=True)
            sys.exit(exit_code(stopped_by()))
        raise


def _let_out() -> None:
    """Print what is held back; where it cannot be, drop it: Python would try again as it ends."""
    if not isinstance(sys.stdout, TextIOWrapper):
        return
    try:
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):  # else nobody reads it any more
            raise


def _leave(error: UserError) -> NoReturn:
    typer.echo(printable(f"creditrisk: {error}"), err=True)
    sys.exit(error.exit_code)
