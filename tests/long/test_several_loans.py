"""A lender whose customers have several loans: what the card says of its development sample."""

import pandas as pd
import pytest

from creditrisk.calendar_month import month_range
from creditrisk.contracts import LABELS, features
from creditrisk.metrics.calibration import observed_expected
from creditrisk.metrics.design_effect import clusters
from creditrisk.metrics.discrimination import delong
from creditrisk.model.version import load_version
from creditrisk.stages.training.dataset import load_dataset
from creditrisk.stages.training.train import train
from tests.builders.small_lender import START, fill, rewrite, small_period
from tests.builders.trained_version import TRAINED_AT


def of_four(rows: pd.DataFrame) -> pd.DataFrame:
    """Four loans of a month are one customer's."""
    number = rows["customer_id"].str[-5:].astype(int) // 4
    return rows.assign(customer_id=rows["customer_id"].str[:4] + number.astype(str))


@pytest.fixture(scope="module")
def version(tmp_path_factory):
    period = small_period(tmp_path_factory.mktemp("several"), TRAINED_AT)
    fill(period)
    for table in (features(period.portfolio), LABELS):
        rewrite(period, table, month_range(START, TRAINED_AT), of_four)
    return period, load_version(period.store, train(period, "initial", ""))


def test_its_intervals_are_those_of_customers(version):
    period, model = version
    rows = load_dataset(period).validation
    bad, pds, who = rows["bad"].to_numpy(), model.predict(rows), clusters(rows["customer_id"])
    found = model.metrics.validation
    assert who is not None
    area, ratio = delong(bad, pds, cluster=who), observed_expected(bad, pds, cluster=who)
    assert (found.auc_lower, found.auc_upper) == pytest.approx((area.lower, area.upper))
    assert (found.oe_lower, found.oe_upper) == pytest.approx((ratio.lower, ratio.upper))
    assert (
        f"{found.auc:.3f} ({found.auc_lower:.3f} to {found.auc_upper:.3f})" in model.card_markdown
    )
    down = model.metrics.masked["visits"]["validation"]
    assert (down.rows, down.bads) == (found.rows, found.bads)
