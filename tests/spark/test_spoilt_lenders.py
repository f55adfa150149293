"""Spoilt deliveries through bronze, silver and gold: no row is lost, and no outcome is."""

from pathlib import Path

import pandas as pd
import pytest
from pyspark.sql import SparkSession

from creditrisk import contracts
from creditrisk.period import Period, freeze
from creditrisk.portfolio import parse_portfolio
from creditrisk.stages.etl.month import build_month
from creditrisk.storage import open_store
from tests.builders.deliveries import POLICY, table
from tests.builders.quiet_lender import LOANS, MONTHS, is_bad, month
from tests.builders.spoilt_lenders import SPOILT, deliver

TAKEN = ("a footer of totals", "a subtotal of each month in the panel")


@pytest.mark.parametrize("name", TAKEN)
def test_what_is_no_row_is_set_aside_and_the_rest_is_as_if_it_were_not_there(
    name: str, tmp_path: Path, spark: SparkSession
) -> None:
    spoilt, landing = SPOILT[name], tmp_path / "landing"
    landing.mkdir()
    deliver(landing, spoilt.files())
    portfolio = parse_portfolio(spoilt.text, "mine.yaml")
    store = open_store(f"{tmp_path / 'store'}")
    freeze(store, POLICY, portfolio)
    period = Period(month(MONTHS - 1), POLICY, portfolio, store, "run")
    build_month(period, str(landing))
    rows = {layer: _rows(period, layer) for layer in ("bronze", "silver")}
    aside = len(table(period, contracts.QUARANTINE))
    assert aside > 0
    assert rows["bronze"] == rows["silver"] + aside
    labels = table(period, contracts.LABELS)
    found = labels[labels.mob == POLICY.outcome.mob].set_index("loan_id")["bad"]
    truth = {
        f"L{cohort:02}{loan:03}": int(is_bad(cohort, loan))
        for cohort in range(MONTHS - POLICY.outcome.mob)
        for loan in range(LOANS)
    }
    pd.testing.assert_series_equal(
        found.sort_index(), pd.Series(truth).sort_index(), check_names=False, check_dtype=False
    )


def _rows(period: Period, layer: str) -> int:
    of_layer = {"bronze": contracts.bronze, "silver": contracts.silver}[layer]
    sources = period.portfolio.sources.items()
    return sum(len(table(period, of_layer(name, spec))) for name, spec in sources)
