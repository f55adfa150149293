"""The search for parameters: what it tells those who wait."""

import logging
import sys
from dataclasses import replace

import numpy as np
import pytest

from creditrisk.calendar_month import add_months
from creditrisk.stages.training.fit import shape_of
from creditrisk.stages.training.tune import tune
from tests.builders.small_lender import small_policy, small_portfolio
from tests.unit.training.test_base_margin import FEATURES, rows

DEV = small_policy("development: {tuning_trials: 3, max_trees: 5}").development


@pytest.fixture(scope="module")
def train():
    """Four cohorts."""
    one = rows(n=400)
    cohorts = [add_months(one.cohort[0], n // 100) for n in range(400)]
    return replace(one, cohort=np.array(cohorts, dtype=object))


def test_a_log_has_a_line_per_trial_and_a_terminal_a_bar(train, monkeypatch, caplog, capsys):
    shape = shape_of(train, FEATURES, small_portfolio())
    with caplog.at_level(logging.INFO, "creditrisk.stages.training.tune"):
        found = tune(train, shape, DEV)
    assert [line.split(":")[0] for line in caplog.messages] == [
        f"trial {n} of 3" for n in (1, 2, 3)
    ]
    assert "3/3" not in capsys.readouterr().err
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert tune(train, shape, DEV) == found
    assert "3/3" in capsys.readouterr().err
