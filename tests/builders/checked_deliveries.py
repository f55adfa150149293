"""`creditrisk portfolio check` on a few good months of the small lender, spoiled by a test."""

import json
from pathlib import Path

from typer.testing import CliRunner

from creditrisk.cli import app
from tests.builders.deliveries import Delivery, Rows
from tests.builders.small_lender import PORTFOLIO

FORM, LEDGER = "application_form", "loan_ledger"


def check(root: Path, delivery: Delivery, portfolio: str = PORTFOLIO, *more: str):
    """Exit code, and what is found; each finding with the text of the line it points at."""
    description, landing = root / "mine.yaml", root / "landing"
    description.write_text(portfolio)
    if not landing.exists():
        delivery.write(landing)
    words = ["portfolio", "check", "--data", str(landing), "--portfolio", str(description)]
    done = CliRunner().invoke(app, [*words, *(more or ["--json"])])
    if more:
        return done.exit_code, done.output
    body = json.loads(done.stdout)
    assert body["usable"] == (done.exit_code == 0), done.output
    lines = portfolio.splitlines()
    for finding in body["findings"]:
        name, _, number = finding["place"].rpartition(":")
        assert name == str(description)
        finding["line"] = lines[int(number) - 1].strip()
    return done.exit_code, {(f["source"], f["column"]): f for f in body["findings"]}


def change(rows: Rows, column: str, spoil) -> None:
    for number, row in enumerate(rows):
        row[column] = spoil(row[column], number)
