"""The lenders on the page of keys: what the check says of them, and what the ETL makes of them."""

import csv
import json
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from pyspark.sql import SparkSession
from typer.testing import CliRunner

from creditrisk import contracts
from creditrisk.cli import app
from creditrisk.period import Period, freeze
from creditrisk.portfolio import Portfolio, parse_portfolio
from creditrisk.portfolio.reference import Lender, examples
from creditrisk.records.quality import load_report
from creditrisk.stages.etl.month import build_month
from creditrisk.storage import open_store
from tests.builders.deliveries import POLICY, table

AS_OF = date(2023, 4, 1)


def delivered(folder: Path, lender: Lender) -> str:
    folder.mkdir()
    for name, rows in lender.files.items():
        with (folder / f"{name}.csv").open("w", newline="") as file:
            csv.writer(file).writerows(rows)
    return str(folder)


def description(lender: Lender) -> str:
    below = "\n".join(f"  {line}" for line in lender.sources.splitlines())
    return f"name: example\ncurrency: EUR\nsources:\n{below}\n"


def built(root: Path, portfolio: Portfolio, landing: str) -> Period:
    store = open_store(str(root / "store"))
    freeze(store, POLICY, portfolio)
    period = Period(AS_OF, POLICY, portfolio, store, "run")
    build_month(period, landing)
    return period


def rows_of(period: Period, name: str, columns: tuple[str, ...]) -> list[tuple[str, ...]]:
    named = {c.name: c for c in contracts.all_contracts(period.portfolio) if c.layer == "gold"}
    found = table(period, named[name])
    if name == "labels":
        found = found[found.mob == POLICY.outcome.mob]
    cells = found[list(columns)].astype(object)
    texts = cells.where(pd.notna(cells), "").astype(str).replace(r"^(\d+)\.0$", r"\1", regex=True)
    return sorted(texts.itertuples(index=False, name=None))


@pytest.mark.parametrize("lender", examples().lenders, ids=lambda lender: lender.title)
def test_a_lender_on_the_page_is_usable_and_becomes_what_stands_there(
    lender: Lender, tmp_path: Path, spark: SparkSession
) -> None:
    text, landing = description(lender), delivered(tmp_path / "landing", lender)
    (tmp_path / "mine.yaml").write_text(text)
    words = ["portfolio", "check", "--data", landing, "--portfolio", str(tmp_path / "mine.yaml")]
    checked = CliRunner().invoke(app, [*words, "--json"])
    assert checked.exit_code == 0, checked.output
    assert [f["what"] for f in json.loads(checked.stdout)["findings"]] == []
    period = built(tmp_path, parse_portfolio(text, "mine.yaml"), landing)
    for name, (columns, *rows) in lender.becomes.items():
        assert rows_of(period, name, columns) == sorted(rows), name


def test_statements_of_a_card_that_nobody_applied_for_are_counted(
    tmp_path: Path, spark: SparkSession
) -> None:
    lender = next(one for one in examples().lenders if "statements" in one.files)
    stray = ("X", "Xen", f"{AS_OF:%Y-%m}-25", "10", "5", "0", "0")
    files = lender.files | {"statements": (*lender.files["statements"], stray)}
    lender = lender.model_copy(update={"files": files})
    landing = delivered(tmp_path / "landing", lender)
    period = built(tmp_path, parse_portfolio(description(lender), "mine.yaml"), landing)
    report = load_report(period.store, AS_OF)
    assert report is not None
    (found,) = (check for check in report.checks if check.rule == "no start")
    assert (found.count, found.rows) == (1, 4)
    assert "1 of 4 rows are in no loan month, as no application by then" in found.text
    loans = table(period, contracts.LOAN_MONTHS)
    assert set(loans.loan_id) == {"A", "B", "C"}
