"""Event history that grows with the calendar is no drift of the applicants."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from creditrisk import contracts
from creditrisk.calendar_month import add_months
from creditrisk.stages.monitoring.event_window import last_months
from tests.builders.monitored_lender import AS_OF, found, lender
from tests.builders.small_lender import START


def write_history(period, months, per_customer):
    """Commit `months` of visits history; the same figures for every customer of `as_of`."""
    contract = contracts.history(period.portfolio.events[0])
    customers = period.lake.read(contracts.features(period.portfolio), [period.as_of])
    for month in months:
        frame = pd.DataFrame({"customer_id": customers["customer_id"].to_pylist()})
        frame = frame.assign(snapshot_date=month, **per_customer)
        table = pa.Table.from_pandas(frame, schema=contract.arrow, preserve_index=False)
        period.lake.write(contract, month, table, inputs={"test": "1"}, code="test")


def test_history_that_only_grew_older_is_no_drift(tmp_path):
    period, version = lender(tmp_path)
    usual = found(period, version)
    contract = contracts.features(period.portfolio)
    grown = {"visits_count": 40, "visits_pages_sum": 200.0, "visits_noise_sum": -8.0}
    # 15 months of history against the profile's 11: all that was there before month 4 comes off
    write_history(period, [add_months(START, number) for number in range(15)], grown)
    frame = period.lake.read(contract, [AS_OF]).to_pandas()
    for name, value in grown.items():
        frame[name] += value
    table = pa.Table.from_pandas(frame, schema=contract.arrow, preserve_index=False)
    period.lake.write(contract, AS_OF, table, inputs={"test": "2"}, code="test")
    findings = found(period, version)
    for metric in ("csi:visits_count", "csi:visits_evidence", "score_psi"):
        assert findings.loc[metric, "value"] == pytest.approx(usual.loc[metric, "value"])


def test_events_are_cut_to_the_last_months_of_a_length(tmp_path):
    period, _ = lender(tmp_path)
    frame = period.lake.read(contracts.features(period.portfolio), [AS_OF]).to_pandas()
    months = [add_months(AS_OF, -3), add_months(AS_OF, -1), AS_OF]  # one month was never committed
    past = {"visits_count": 2, "visits_pages_sum": 1.5, "visits_noise_sum": 0.0}
    write_history(period, months, past)
    cut, read = last_months(period, frame, {"visits": 2})
    assert [commit.month for commit in read] == [months[0].isoformat()]
    assert (frame["visits_count"] - cut["visits_count"] == 2).all()
    np.testing.assert_allclose(frame["visits_pages_sum"] - cut["visits_pages_sum"], 1.5)
    for length in (0, 3, 9):
        same, read = last_months(period, frame, {"visits": length})
        pd.testing.assert_frame_equal(same, frame)
        assert not read
