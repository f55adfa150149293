"""A table that comes every so many months has nothing between them, but for stray rows."""

import pytest

from creditrisk.deliveries.landing import Landing
from creditrisk.errors import UserError
from creditrisk.portfolio import parse_portfolio
from creditrisk.stages.etl.arrivals import refuse_gaps
from creditrisk.storage import open_store
from tests.builders.deliveries import Delivery, month
from tests.builders.small_lender import PORTFOLIO

MONTHS = [month(number) for number in range(7)]
EVERY_3 = PORTFOLIO.replace("    role: performance\n", "    role: performance\n    every: 3\n")


@pytest.fixture
def arrived(tmp_path):
    def refused(delivery: Delivery, monthly: bool = False) -> None:
        folder = delivery.write(tmp_path / "landing", monthly=monthly)
        landing = Landing(open_store(folder), parse_portfolio(EVERY_3, "mine.yaml"))
        refuse_gaps(landing, landing.deliveries(MONTHS), MONTHS, {})

    return refused


@pytest.mark.parametrize("monthly", [False, True])
def test_a_table_that_comes_more_often_than_it_says_is_refused(arrived, monthly):
    with pytest.raises(UserError) as error:
        arrived(Delivery(7), monthly)
    assert str(error.value) == (
        "loan_ledger has rows of 2023-02-01, and comes every 3 months: write every: 1 under"
        " sources.ledger, or the months there are"
    )


def test_a_stray_row_between_two_snapshots_is_none(arrived):
    delivery = Delivery(7)
    (stray,) = delivery.of("loan_ledger", 1)[:1]
    ledger = delivery.tables["loan_ledger"]
    ledger[:] = [row for n in (0, 3, 6) for row in delivery.of("loan_ledger", n)]
    arrived(delivery)
    ledger.append(stray)
    arrived(delivery)
