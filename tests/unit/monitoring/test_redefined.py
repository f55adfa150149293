"""The definition of bad changes: the champion is measured by its own until it is replaced."""

from datetime import date

import pandas as pd
import pyarrow as pa
import pytest

from creditrisk.contracts import CHAMPION_LABELS, FINDINGS, LABELS
from creditrisk.period import Period
from creditrisk.stages.monitoring.monitor import monitor
from tests.builders.small_lender import fill, small_period, small_policy
from tests.builders.trained_version import install
from tests.builders.versions import at_month

AS_OF = date(2024, 3, 1)
CHANGES = ("outcome: {mob: 2}", "outcome: {missed_instalments: 2}", "outcome: {mob: 4}")


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    """A month as it was measured before any change."""
    period = small_period(tmp_path_factory.mktemp("before"), AS_OF)
    fill(period)
    return measured(period, install(period))


def measured(period: Period, version: str) -> pd.DataFrame:
    found = period.lake.read_commits(FINDINGS, [monitor(period, version)]).to_pandas()
    return found[found["model_version"] == version].set_index(["metric", "segment"])


def redefined(root, change: str) -> tuple[Period, str]:
    """The same lender, whose months since January were built by another definition of bad."""
    period = small_period(root, AS_OF)
    fill(period)
    for month in (date(2024, 1, 1), date(2024, 2, 1), AS_OF):
        own = period.lake.read(LABELS, [month])
        period.lake.write(CHAMPION_LABELS, month, own, inputs={"t": "1"}, code="t")
        frame = own.to_pandas().query("mob == 3").assign(bad=1)  # nothing like the champion's
        other = pa.Table.from_pandas(frame, schema=LABELS.arrow, preserve_index=False)
        period.lake.write(LABELS, month, other, inputs={"t": "2"}, code="t")
    return at_month(period, AS_OF, small_policy(change)), install(period)


@pytest.mark.parametrize("change", CHANGES)
def test_both_matured_axes_go_on_as_they_were(tmp_path, before, change):
    found = measured(*redefined(tmp_path, change))
    for metric in ("auc", "auc_decay", "oe", "axis:discrimination", "axis:calibration"):
        now, then = found.loc[(metric, "all")], before.loc[(metric, "all")]
        assert now["value"] == pytest.approx(then["value"], nan_ok=True), metric
        assert (now["state"], now["bads"]) == (then["state"], then["bads"]), metric
    assert found.loc[("axis:calibration", "all"), "state"] != "insufficient"


def test_without_a_change_the_policys_outcomes_are_read(tmp_path):
    period, version = redefined(tmp_path, "{}")
    assert measured(period, version).loc[("oe", "all"), "bads"] >= 400  # all of them bad
