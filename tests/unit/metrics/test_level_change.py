"""A change of level, told from shocks by every cohort known."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import chi2, multivariate_normal, norm

from creditrisk.metrics.between_cohorts import Deviation
from creditrisk.metrics.level_change import (
    DRIFT,
    FROM_THE_START,
    MONTHLY,
    SDS,
    SIZES,
    WORTH,
    level_change,
)

LEVEL_SD, CHANCE = 0.10, 0.002


def deviations(values, variance=CHANCE):
    return [Deviation(float(value), variance) for value in values]


def path(rng, months, sd, correlation=0.0, changed=0.0, since=12):
    """Deviations month by month."""
    shocks = rng.standard_normal(months)
    for month in range(1, months):
        kept = correlation * shocks[month - 1]
        shocks[month] = kept + np.sqrt(1 - correlation**2) * shocks[month]
    values = sd * shocks + np.sqrt(CHANCE) * rng.standard_normal(months)
    values[since:] += changed
    return values


def judged(values, since=12):
    return level_change([], deviations(values[:since]), deviations(values[since:]), LEVEL_SD)


def by_hand(values, known):
    """Both ratios, from densities of neighbours' differences: they know no level."""
    months = len(values) - known
    edges = [0.0, *((a + b) / 2 for a, b in pairwise(SDS)), SDS[-1] + 1]
    # a scaled inverse chi-squared variance, as a density of its root
    density = [
        chi2.pdf(WORTH / max(sd, 0.1) ** 2, WORTH) * 2 * WORTH / max(sd, 0.1) ** 3 for sd in SDS
    ]
    weights = np.array(density) * np.diff(edges)
    weights /= weights.sum()
    lag = np.abs(np.subtract.outer(np.arange(len(values)), np.arange(len(values))))
    none, changed = 0.0, np.zeros(2)
    for sd, weight in zip(SDS, weights, strict=True):
        for correlation, share in DRIFT.items():
            alike = np.where(lag == 0, 1.0, correlation**lag)
            whole = (sd * LEVEL_SD) ** 2 * alike + CHANCE * np.eye(len(values))
            normal = multivariate_normal(cov=np.diff(np.diff(whole, axis=0), axis=1))
            same = normal.pdf(np.diff(values))
            none += weight * share * same
            if correlation:
                continue
            never = 1.0
            for month in range(months):
                when = (1 - FROM_THE_START) * MONTHLY * (1 - MONTHLY) ** month
                when += FROM_THE_START * (month == 0)
                never -= when
                later = np.arange(len(values)) >= known + month
                for n, sign in enumerate((1, -1)):
                    found, _ = quad(
                        lambda size, sign=sign, later=later, normal=normal: (
                            normal.pdf(np.diff(values - sign * size * later))
                            * sum(share * norm.pdf(size, by, sd) for by, sd, share in SIZES)
                        ),
                        -2.5,
                        4.5,
                        points=[0.0, 0.4, 1.0],
                    )
                    changed[n] += weight * when * found
            changed += weight * never * same
    return np.log(changed / none)


def test_the_ratios_are_those_of_densities_integrated_by_hand():
    values = np.array([0.05, -0.1, 0.02, 0.12, -0.04, 0.3, 0.22])
    found = judged(values, since=5)
    assert [found.higher, found.lower] == pytest.approx(by_hand(values, 5), abs=1e-6)


def test_before_a_cohort_is_monitored_nothing_can_have_changed():
    found = judged(path(np.random.default_rng(1), 12, 0.1))
    assert (found.p_above, found.p_two_sided) == (1.0, 1.0)


def test_a_change_upwards_is_one_and_downwards_is_none_above():
    up, down = (judged(path(np.random.default_rng(2), 18, 0.1, 0, d)) for d in (0.5, -0.5))
    assert up.p_two_sided < 0.05 and up.p_above <= up.p_two_sided
    assert down.p_above > 0.1 and down.p_two_sided < 0.05


def test_the_same_height_reached_step_by_step_is_a_weaker_sign_than_at_once():
    rng = np.random.default_rng(3)
    before, noise = rng.normal(0, 0.05, 12), rng.normal(0, 0.05, 6)
    at_once = judged(np.append(before, 0.4 + noise))
    drifting = np.append(np.linspace(-0.4, 0.0, 12) + before, np.linspace(0.05, 0.4, 6) + noise)
    assert judged(drifting).p_above > 10 * at_once.p_above


@pytest.mark.parametrize(("sd", "correlation"), [(0.1, 0.0), (0.2, 0.0), (0.2, 0.8)])
def test_a_right_level_is_hardly_ever_called_changed_whenever_one_looks(sd, correlation):
    rng, ever = np.random.default_rng(4), []
    for _ in range(60):
        values = path(rng, 36, sd, correlation)
        looks = [judged(values[: 12 + months]).p_two_sided for months in range(1, 25, 2)]
        ever.append(min(looks) < 0.12)
    assert np.mean(ever) <= 0.12


def test_cohorts_with_a_level_of_their_own_tell_of_shocks_and_not_of_the_level():
    values = path(np.random.default_rng(5), 18, 0.1)
    own, learnt, since = values[:7], values[7:12], values[12:]
    one, other = (
        level_change(deviations(own + by), deviations(learnt), deviations(since), LEVEL_SD)
        for by in (0.0, 0.7)
    )
    assert one.higher == pytest.approx(other.higher) and one.lower == pytest.approx(other.lower)


@pytest.mark.parametrize("chance", [0.015, 0.002])
@pytest.mark.parametrize("months", [1, 3])
def test_the_further_off_cohorts_are_the_surer_is_the_change(chance, months):
    known = deviations(np.random.default_rng(6).normal(0, chance**0.5, 9), chance)
    levels = [0.2, 0.4, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0]
    higher = [
        level_change([], known, deviations([level] * months, chance), LEVEL_SD).higher
        for level in levels
    ]
    assert higher == sorted(higher)
