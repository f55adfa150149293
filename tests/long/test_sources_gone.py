"""A source that is gone for good: gates compare in equal mask states, and see what is lost."""

from datetime import date
from functools import cache

import pytest

from creditrisk.records.validation import read_validation
from creditrisk.stages.training.train import train
from creditrisk.stages.validation.validate import validate
from tests.builders.small_lender import Scenario, fill, small_period
from tests.builders.versions import AT

AS_OF = date(2024, 4, 1)
WINDOWS = (10, 11, 12)  # months after the first one, of the three windows


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """What validation finds where a scenario begins in a month; each is trained once."""

    @cache
    def found(*scenarios):
        period = small_period(tmp_path_factory.mktemp("lender"), AS_OF)
        fill(period, dict(scenarios), seed=1)
        version = train(period, "initial", "")
        validate(period, version, "", at=AT)
        return read_validation(period.store, version)

    return found


def gate(found, name, window="all windows"):
    return next(g for g in found.gates if (g.gate, g.window) == (name, window))


@pytest.mark.parametrize("gone", WINDOWS)
def test_a_challenger_passes_in_whichever_month_events_have_gone(judged, gone):
    found = judged((gone, Scenario(visits_down=True)))
    assert found.verdict == "pass", found.reasons
    assert all(g.state != "red" for g in found.gates)


def test_a_source_that_came_back_is_no_gain_and_no_loss(judged):
    found = judged((10, Scenario(visits_down=True)), (11, Scenario()))
    assert found.verdict == "pass", found.reasons


def test_the_windows_are_compared_without_what_one_of_them_lacks(judged):
    found = judged((12, Scenario(visits_down=True)))
    first, last = found.windows[0], found.windows[-1]
    lost = first.auc.auc - last.auc.auc
    assert gate(found, "decay").value < lost - 0.01  # what the outage costs is not in it
    down = found.masked["visits"].windows
    assert gate(found, "decay").value == pytest.approx(down[0].auc.auc - down[-1].auc.auc)


def test_scores_are_held_against_validation_without_the_source(judged):
    found = judged((12, Scenario(visits_down=True)))
    assert found.windows[-1].score_psi < found.windows[-1].score_psi_critical


def test_what_is_lost_beside_the_source_is_still_seen(judged):
    found = judged((12, Scenario(visits_down=True, signal=0)))
    assert found.verdict == "fail"
    assert gate(found, "decay").state == "red"


def test_applicants_that_changed_beside_the_source_are_still_seen(judged):
    found = judged((12, Scenario(visits_down=True, shift=-6)))
    assert gate(found, "score_psi", found.windows[-1].name).state == "red"
