"""A change of the book in a champion's tenure, month by month."""

from datetime import date

from creditrisk.calendar_month import add_months, month_range
from creditrisk.contracts import FINDINGS
from creditrisk.records.validation import read_validation, validation_key
from creditrisk.stages.monitoring.handed_on import LEVEL
from creditrisk.stages.monitoring.monitor import monitor
from tests.builders.known_cohorts import CALM, history
from tests.builders.small_lender import Scenario, fill, small_period, small_policy
from tests.builders.trained_version import install
from tests.builders.versions import at_month

UNSEEN_FROM = date(2023, 10, 1)  # the first cohort after development


def test_a_change_in_mid_tenure_stays_red_for_as_long_as_it_lasts(tmp_path):
    last = add_months(UNSEEN_FROM, 14)
    period = small_period(tmp_path, last, small_policy())
    fill(period, {11: Scenario(odds=2.4)})
    version, states = install(period), []
    calm = read_validation(period.store, version).replace(known=tuple(history(CALM, "train")))
    period.store.write(validation_key(version), calm.encode())
    for month in month_range(add_months(UNSEEN_FROM, 4), last):
        now = at_month(period, month)
        found = now.lake.read_commits(FINDINGS, [monitor(now, version)]).to_pandas()
        axis = found[(found.metric == "axis:calibration") & (found.segment == "all")]
        states.append(axis.iloc[0]["state"])
    first = next(n for n, state in enumerate(states) if state in ("red", "critical"))
    assert states[first:].count("red") + states[first:].count("critical") >= len(states) - first - 1
    assert len(states) - first >= 7
    marked = found[(found.metric == LEVEL) & (found.state == "red")]
    assert len(marked) >= 6
