"""Axes on loans that share shocks, customers and histories; what cohorts hand on month by month."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from creditrisk.calendar_month import add_months
from creditrisk.contracts import FINDINGS
from creditrisk.metrics.discrimination import delong
from creditrisk.metrics.ranking import promised_auc
from creditrisk.model.shared_shocks import known_cohorts, shared_shocks
from creditrisk.policy import load_policy
from creditrisk.stages.monitoring.calibration import calibration_axis
from creditrisk.stages.monitoring.discrimination import discrimination_axis
from creditrisk.stages.monitoring.handed_on import LEVEL, RANK
from creditrisk.stages.monitoring.monitor import monitor
from creditrisk.stages.monitoring.shared import Shared, before_red
from tests.builders.known_cohorts import CALM, START, cohort, history, loans
from tests.builders.small_lender import fill, small_period, small_policy
from tests.builders.trained_version import install

POLICY = load_policy()
LIMITS = POLICY.monitoring
UNSEEN_FROM = date(2023, 10, 1)  # the first cohort after development


def shared(levels, monitored=(), stance="through_the_cycle", **more):
    limits = POLICY.shocks.model_copy(update={"stance": stance})
    return Shared(shared_shocks(history(levels), list(monitored), limits), **more)


def state(findings):
    return findings[-1].state


SHAKEN = [0.3, -0.25, 0.2, -0.3, 0.05] * 3


def test_an_excess_that_cohorts_show_anyway_is_amber_and_critical_where_they_are_calm():
    bad, pds = loans(np.random.default_rng(1), 20_000, odds=1.35)
    found = [
        calibration_axis(bad, pds, LIMITS, "significant", known)
        for known in (None, shared(CALM), shared(SHAKEN))
    ]
    assert [state(each) for each in found] == ["red", "red", "amber"]
    oe = [each[0] for each in found]
    assert oe[0].p_value < oe[1].p_value < oe[2].p_value
    assert oe[0].upper < oe[1].upper < oe[2].upper


def test_a_refit_is_held_to_what_all_its_cohorts_showed_and_not_to_its_parents_windows():
    parents = [*history([0.0] * 9, "train"), *history([0.0, 0.0], "validation")]
    parents += history([0.5, 0.5, 0.5])  # outcomes rose in the windows
    own, refit = (
        shared_shocks(parents, [], POLICY.shocks, refitted=refitted) for refitted in (False, True)
    )
    assert (own.level.centre, own.level.cohorts) == (pytest.approx(0.3), 5)
    assert (refit.level.centre, refit.level.cohorts) == (0.0, 14)
    assert refit.of_level == own.of_level


def test_pds_that_are_to_foresee_shocks_are_held_to_it():
    bad, pds = loans(np.random.default_rng(1), 20_000, odds=1.35)
    pit = shared(SHAKEN, stance="point_in_time")
    assert state(calibration_axis(bad, pds, LIMITS, "significant", pit)) == "red"


def test_a_level_that_monitored_cohorts_have_left_is_not_taken_for_shocks():
    bad, pds = loans(np.random.default_rng(2), 20_000, odds=1.5)
    risen = [cohort(20 + n, 0.4, "monitored") for n in range(6)]
    found = calibration_axis(bad, pds, LIMITS, "significant", shared(CALM, risen))
    assert state(found) in ("red", "critical")


@pytest.mark.parametrize("levels", [[], [0.1]])
def test_no_matured_cohort_or_one_leaves_the_prior(levels):
    known = shared(levels).shocks
    assert known.of_level.variance == pytest.approx(0.01)
    assert known.level.cohorts == 1


def test_pds_of_zero_that_default_are_still_critical():
    bad = np.array([1] * 200 + [0] * 200)
    found = calibration_axis(bad, np.zeros(400), LIMITS, "significant", shared(SHAKEN))
    assert state(found) == "critical"


def test_loans_of_one_customer_count_as_what_they_are_worth():
    bad, pds = loans(np.random.default_rng(4), 1_200, odds=1.5)
    once = calibration_axis(bad, pds, LIMITS, "plain", shared(SHAKEN))
    bad, pds, customer = np.repeat(bad, 4), np.repeat(pds, 4), np.repeat(np.arange(1_200), 4)
    known = calibration_axis(bad, pds, LIMITS, "plain", shared(SHAKEN, cluster=customer))
    for first, again in zip(once[:2], known[:2], strict=True):
        assert again.p_value == pytest.approx(first.p_value)
        assert (again.value, again.state) == (pytest.approx(first.value), first.state)
    assert (known[0].lower, known[0].upper) == pytest.approx((once[0].lower, once[0].upper))
    ranks = [
        discrimination_axis(bad, pds, None, LIMITS, "plain", shared(CALM, cluster=each))[0]
        for each in (None, customer)
    ]
    assert ranks[1].upper - ranks[1].lower > 1.8 * (ranks[0].upper - ranks[0].lower)


def ranking(rng, loss):
    """The axis of a cohort whose longer history lets PDs promise .933, against windows of .900."""
    bad, pds = loans(rng, 9_000, 0.900, 0.28)
    windows = delong(bad, pds)
    known = shared(CALM, promised=promised_auc(pds))
    auc = 0.933
    y, now = loans(rng, 9_000, auc, 0.28)
    if loss:
        # outcomes that know less of the PDs: a share of them is drawn as if nothing was known
        left = (auc - loss - 0.5) / (auc - 0.5)
        y = np.where(rng.random(len(y)) < left, y, rng.permutation(y))
    return discrimination_axis(y, now, windows, LIMITS, "significant", known)


def test_a_loss_under_a_longer_history_is_seen():
    rng = np.random.default_rng(6)
    lost = [state(ranking(rng, 0.036)) for _ in range(20)]
    assert sum(found in ("amber", "red", "critical") for found in lost) >= 18
    more = [state(ranking(rng, 0.064)) for _ in range(20)]
    assert sum(found in ("red", "critical") for found in more) >= 18


def test_a_longer_history_alone_is_no_loss_and_the_text_names_what_is_expected():
    rng = np.random.default_rng(7)
    found = [ranking(rng, 0) for _ in range(20)]
    assert {state(each) for each in found} == {"green"}
    assert "for PDs like these" in found[0][1].text


def test_a_month_hands_on_the_cohorts_of_the_months_before(tmp_path):
    last = small_period(tmp_path, date(2024, 3, 1), small_policy("monitoring: {min_bads: 20}"))
    fill(last)
    version = install(last)
    seen = []
    for number in range(3):
        period = replace(last, as_of=add_months(last.as_of, number - 2))
        rows = period.lake.read_commits(FINDINGS, [monitor(period, version)]).to_pylist()
        seen.append({r["cohort"]: r["value"] for r in rows if r["metric"] == LEVEL})
        ranks = {r["cohort"] for r in rows if r["metric"] == RANK}
        assert ranks == {*seen[-1]}
    assert [len(one) for one in seen] == [1, 2, 3]
    assert seen[0].items() <= seen[2].items()


def test_a_cohort_of_one_class_has_a_level_and_no_rank():
    pds = np.array([0.1, 0.2, 0.3, 0.2])
    months = [START] * 4
    for bad in (np.zeros(4, dtype=int), np.ones(4, dtype=int)):
        (found,) = known_cohorts(months, list("abcd"), bad, pds, "monitored")
        assert np.isfinite(found.level)
        assert found.rank is None
    assert known_cohorts(months, list("abcd"), np.ones(4, dtype=int), np.ones(4), "window") == ()
    assert known_cohorts([], [], np.empty(0, dtype=int), np.empty(0), "window") == ()


def test_what_was_judged_red_is_no_evidence_of_shocks_and_neither_is_what_follows():
    known = history([0.0, 0.02, 0.9, 0.8, 0.85], "monitored")
    kept = before_red(known, [known[2].cohort])
    assert [one.cohort for one in kept] == [one.cohort for one in known[:2]]
    assert before_red(known, []) == known
