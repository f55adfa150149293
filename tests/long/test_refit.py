"""`refit_after_pass`: the frozen recipe on all matured cohorts, and what it must own up to."""

from datetime import date

import numpy as np
import pytest

from creditrisk.calendar_month import add_months
from creditrisk.contracts import ALL_SOURCES_UP
from creditrisk.errors import GateError, UserError
from creditrisk.metrics.calibration import observed_expected
from creditrisk.model.validated_states import validated_states
from creditrisk.model.version import load_version
from creditrisk.records.champion_pointer import current_champion
from creditrisk.records.version_files import list_versions
from creditrisk.stages.promotion.promote import promote
from creditrisk.stages.training.reproduce import reproduce
from creditrisk.stages.training.train import refit_after_pass, train
from creditrisk.stages.validation.validate import validate
from creditrisk.stages.validation.window_rows import read_rows
from tests.builders.small_lender import fill, small_period, small_policy
from tests.builders.versions import at_month

AS_OF = date(2024, 1, 1)
AT = "2024-01-02T08:00:00+00:00"
ON = small_policy("development: {refit_after_pass: true}")


@pytest.fixture(scope="module")
def lender(tmp_path_factory):
    """A version that passed, and its refit."""
    period = small_period(tmp_path_factory.mktemp("refit"), add_months(AS_OF, 6), ON)
    fill(period)
    period = at_month(period, AS_OF)
    version = train(period, "initial", "", at=AT)
    assert validate(period, version, "", at=AT) == "pass"
    return period, version, refit_after_pass(period, version, at=AT)


def test_by_default_what_was_judged_is_what_is_promoted(lender):
    period, version, _ = lender
    before = list_versions(period.store)
    usual = at_month(period, AS_OF, small_policy())
    assert refit_after_pass(usual, version, at=AT) == version
    assert list_versions(period.store) == before


def test_a_refit_is_a_version_of_its_own_with_all_that_was_judged_frozen(lender):
    period, version, refit = lender
    assert refit.startswith("2024-01-refit-")
    judged, again = (load_version(period.store, id) for id in (version, refit))
    assert again.card.parent == version
    assert again.card.parameters == judged.card.parameters
    assert again.card.features == judged.card.features
    trees = [model.scorer.model.tree_count_ for model in (judged, again)]
    assert trees[0] == trees[1] == judged.card.parameters["trees"]


def test_it_has_learned_from_every_matured_cohort(lender):
    period, version, refit = lender
    judged, again = (load_version(period.store, id).card for id in (version, refit))
    assert again.train == (*judged.train, *judged.validation, *judged.out_of_time)
    assert (again.validation, again.windows) == ((), ())
    card = load_version(period.store, refit).card
    assert card.newest_development_cohort == max(judged.out_of_time)
    assert card.train_age_months == period.policy.outcome.mob


def test_the_card_says_that_it_was_not_itself_validated(lender):
    period, version, refit = lender
    text = load_version(period.store, refit).card_markdown
    assert f"**Not itself validated.** {version} passed" in text
    assert "| customers not seen |" in text and "Out of time, not seen" not in text
    assert "Not itself validated" not in load_version(period.store, version).card_markdown


def test_it_is_not_judged_on_what_it_learned(lender):
    period, version, refit = lender
    with pytest.raises(UserError, match=f"{version}, which it was fitted after, was validated"):
        validate(period, refit, "", at=AT)


def test_its_pds_hold_on_cohorts_that_came_later(lender):
    period, _, refit = lender
    later = at_month(period, add_months(AS_OF, 6))
    cohorts = [add_months(AS_OF, number) for number in (-2, -1, 0, 1)]
    rows = read_rows(later, cohorts, period.policy.outcome.mob)
    pds = load_version(period.store, refit).predict(rows.frame)
    ratio = observed_expected(rows.bad, pds)
    assert ratio.lower <= 1 <= ratio.upper
    assert ratio.rows > 1500


def test_its_parent_speaks_for_it_in_scoring_and_monitoring(lender):
    period, version, refit = lender
    own, parents = validated_states(period.store, refit), validated_states(period.store, version)
    assert own == parents and own.masked == {"visits"}
    assert own.may_score(np.array([ALL_SOURCES_UP, "visits"])).all()


def test_it_is_promoted_on_its_parents_pass_and_only_where_the_policy_asks_for_it(lender):
    period, version, refit = lender
    with pytest.raises(GateError, match=f"{refit} is a refit and was not validated itself"):
        promote(at_month(period, AS_OF, small_policy()), refit, "pipeline", at=AT)
    assert promote(period, refit, "pipeline", at=AT) == "promoted"
    assert current_champion(period.store) == refit
    assert period.trail.find("promoted", "1").body["validated"] == version


def test_a_recalibration_has_no_trees_to_fit_again(lender):
    period, _, refit = lender
    later = at_month(period, add_months(AS_OF, 6))
    recalibrated = train(later, "recalibrate", refit, at=AT)
    assert refit_after_pass(later, recalibrated, at=AT) == recalibrated


def test_it_can_be_reproduced(lender):
    period, _, refit = lender
    assert reproduce(period.store, refit).same
