"""`portfolio check` and the ETL judge alike: each case goes through both."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from creditrisk.deliveries.landing import Landing
from creditrisk.period import Period, freeze
from creditrisk.portfolio import Portfolio, parse_portfolio
from creditrisk.quality.portfolio_check.survey import survey
from creditrisk.stages.etl.inputs import Inputs
from creditrisk.stages.etl.layers import Run, clean_source
from creditrisk.stages.etl.quality.tally import judged
from creditrisk.storage import open_store
from tests.builders.deliveries import POLICY, Rows, month
from tests.builders.verdicts import CASES, GOOD, LENDER, Case


@dataclass(frozen=True)
class Table:
    """A table, each of its months a case, and the ETL's verdict on each month."""

    source: str
    portfolio: Portfolio
    folder: Path  # a folder per case
    blocked: Mapping[str, bool]

    def usable(self, case: Case) -> bool:
        """The check's verdict on a case alone."""
        store = open_store(str(self.folder / case.what))
        found = survey(store, self.portfolio, POLICY.quality).remarks
        return not any(r.level == "unusable" and r.source == self.source for r in found)


def written(rows: Rows, case: Case) -> str:
    text = io.StringIO()
    rows = case.rows(rows)
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return case.text(text.getvalue())


def deliver(root: Path, portfolio: Portfolio, source: str) -> None:
    """Every case as a month of a folder, and alone in a folder of its own."""
    for number, case in enumerate(CASES[source]):
        for name, spec in portfolio.sources.items():
            data = written(GOOD[name](number), case if name == source else CASES[name][0])
            for place in (f"all/{spec.table}/{month(number)}", f"{case.what}/{spec.table}"):
                path = root / f"{place}.csv"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(data, newline="")


def built(root: Path, spark: SparkSession, source: str) -> Table:
    """All cases of a table, cleaned by one Spark job."""
    portfolio = parse_portfolio(LENDER, source)
    deliver(root, portfolio, source)
    months = [month(number) for number in range(len(CASES[source]))]
    store = open_store(str(root / "store"))
    freeze(store, POLICY, portfolio)
    period = Period(months[-1], POLICY, portfolio, store, "run")
    landing = Landing(open_store(str(root / "all")), portfolio)
    run = Run(period, spark, Inputs(period, landing.deliveries(months)), months)
    return Table(source, portfolio, root, _blocked(run, source, CASES[source]))


def _blocked(run: Run, source: str, cases: tuple[Case, ...]) -> dict[str, bool]:
    _, tallies = clean_source(run, source)
    delivery = {source: run.inputs.deliveries[source]}

    def blocks(of: date) -> bool:
        found = [tally for at, tally in tallies if at == of]
        return any(c.severity == "block" for c in judged(of, found, {}, POLICY.quality, delivery))

    return {case.what: blocks(at) for case, at in zip(cases, run.months, strict=True)}


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory, spark: SparkSession) -> dict[str, Table]:
    return {source: built(tmp_path_factory.mktemp(source), spark, source) for source in CASES}


@pytest.mark.parametrize(
    ("source", "case"),
    [
        pytest.param(source, case, id=f"{source}: {case.what}")
        for source, cases in CASES.items()
        for case in cases
    ],
)
def test_a_delivery_is_judged_alike(tables: dict[str, Table], source: str, case: Case) -> None:
    assert tables[source].blocked[case.what] is case.blocked
    assert tables[source].usable(case) is not case.blocked
