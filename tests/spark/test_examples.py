"""Every example of docs/portfolio.md, delivered: the check and the ETL read it as the page says."""

import gzip
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from pyspark.sql import SparkSession

from creditrisk import contracts
from creditrisk.policy import YamlText
from creditrisk.portfolio import Portfolio, parse_portfolio
from creditrisk.portfolio.reference import Example, examples
from creditrisk.quality.portfolio_check.cell import read
from creditrisk.quality.portfolio_check.survey import survey
from creditrisk.stages.etl.month import build_month
from creditrisk.storage import open_store
from tests.builders.deliveries import Delivery, period_at, table
from tests.builders.small_lender import PORTFOLIO, small_policy

FORM = "form"
EXAMPLES = examples().columns
LENIENT = small_policy("quality: {max_nulled_share: 1}")


def file_columns(example: Example) -> list[str]:
    """The columns of the file that an example reads."""
    described = YamlText(example.columns, example.title).content
    return sorted({str(keys.get("column", name)) for name, keys in described.items()})


def lender() -> Portfolio:
    lines = [line for example in EXAMPLES for line in example.columns.splitlines()]
    there = PORTFOLIO.splitlines()
    text = "".join(f"      {line}\n" for line in lines if f"      {line}" not in there)
    described = PORTFOLIO.replace("      home:", f"{text}      home:", 1)
    (table,) = (example.table for example in EXAMPLES if example.table)
    name = "    table: application_form\n"
    return parse_portfolio(described.replace(name, f"{name}    {table}\n"), "examples")


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One month of the small lender with a column for each example."""
    delivery = Delivery(1)
    for number, row in enumerate(delivery.tables["application_form"]):
        for example in EXAMPLES:
            (column,) = file_columns(example)
            row[column] = example.delivered[number % len(example.delivered)]
    folder = Path(delivery.write(tmp_path_factory.mktemp("examples") / "landing"))
    path = folder / "application_form.csv.gz"
    text = gzip.decompress(path.read_bytes()).decode()
    path.write_bytes(gzip.compress(text.encode(lender().sources[FORM].encoding)))
    return folder


@pytest.fixture(scope="module")
def silver(
    landing: Path, tmp_path_factory: pytest.TempPathFactory, spark: SparkSession
) -> pd.DataFrame:
    period = period_at(tmp_path_factory.mktemp("lake"), 0)
    period = replace(period, portfolio=lender(), policy=LENIENT)
    build_month(period, str(landing))
    found = table(period, contracts.silver(FORM, period.portfolio.sources[FORM]))
    return found.sort_values("customer_id", ignore_index=True)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_an_example_becomes_what_the_page_says(example: Example, silver: pd.DataFrame) -> None:
    for name, values in example.becomes.items():
        expected = [values[number % len(values)] for number in range(len(silver))]
        assert [shown(value) for value in silver[name]] == expected


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_a_check_reads_an_example_as_the_etl_does(example: Example) -> None:
    spec = lender().sources[FORM]
    by_name = {spec.name_of(column): column_spec for column, column_spec in spec.columns.items()}
    for name, values in example.becomes.items():
        found = [read(text, by_name[name])[0] for text in example.delivered]
        assert [shown(value) for value in found] == list(values)


def test_a_check_of_the_files_counts_what_the_examples_lose(landing: Path) -> None:
    found = survey(open_store(str(landing)), lender(), LENIENT.quality)
    assert found.usable
    lost = {name for e in EXAMPLES for name, values in e.becomes.items() if "" in values}
    assert {remark.column for remark in found.remarks if remark.column} == lost


def shown(value: object) -> str:
    if value is None or pd.isna(value):
        return ""
    return f"{value:.0f}" if isinstance(value, float) and value.is_integer() else f"{value}"
