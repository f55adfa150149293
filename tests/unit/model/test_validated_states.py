"""What a version may score, and what AUC to expect of it."""

from datetime import date

import numpy as np
import pytest

from creditrisk.metrics.estimates import AucEstimate
from creditrisk.model.mask_states import masked_features
from creditrisk.model.validated_states import ValidatedStates, files_behind, validated_states
from tests.builders.small_lender import small_period, small_portfolio
from tests.builders.trained_version import install

RECORD = ValidatedStates(
    masked=frozenset({"visits"}),
    pooled={
        "plain": AucEstimate(0.80, 0.02, 0.76, 0.84, 100, 900),
        "visits": AucEstimate(0.70, 0.02, 0.66, 0.74, 100, 900),
    },
)


def test_only_what_was_tested_and_passed_may_be_scored():
    states = np.array(["plain", "visits", "bureau", "visits,bureau"])
    assert RECORD.may_score(states).tolist() == [True, True, False, False]


def test_an_outage_lowers_the_auc_to_expect_by_its_share_of_rows():
    expected = RECORD.expected_auc(np.array(["plain", "plain", "plain", "visits"]))
    assert expected.auc == pytest.approx(0.775)
    assert expected.se < 0.02
    assert RECORD.expected_auc(np.array(["visits"])).auc == 0.70


def test_no_auc_is_expected_of_rows_nobody_measured():
    assert RECORD.expected_auc(np.array(["plain", "bureau"])) is None
    assert RECORD.expected_auc(np.array([], dtype=str)) is None


def test_a_version_without_a_record_has_passed_nothing(tmp_path):
    period = small_period(tmp_path, date(2024, 1, 1))
    record = validated_states(period.store, "2024-01-initial-12345678")
    assert (record.masked, record.pooled) == (frozenset(), {})


def test_windows_that_could_not_be_read_leave_no_auc(tmp_path):
    period = small_period(tmp_path, date(2024, 1, 1))
    version = install(period, masked_passed=None, pooled=False)
    assert validated_states(period.store, version).pooled == {}
    assert len(files_behind(period.store, version)) == 2


def test_the_evidence_of_an_events_source_goes_dark_with_it():
    masked = masked_features(small_portfolio(), "visits")
    assert {"visits_count", "visits_evidence"} <= masked
    assert not masked & {"income", "debt"}
    assert masked_features(small_portfolio(), "plain") == set()
