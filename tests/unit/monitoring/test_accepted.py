"""Lending by the score: like is compared with like, and what outcomes cannot say is said."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from creditrisk.calendar_month import add_months
from creditrisk.contracts import FINDINGS, LABELS, features
from creditrisk.metrics.discrimination import decay_test, delong
from creditrisk.model.random_sample import drawn
from creditrisk.model.version import load_version
from creditrisk.stages.monitoring.accepted import Scored, expected_where_booked
from creditrisk.stages.monitoring.monitor import monitor
from tests.builders.small_lender import START, fill, rewrite, small_period, small_policy
from tests.builders.trained_version import UNSEEN, install

AS_OF = date(2024, 3, 1)
POLICY = "monitoring: {min_bads: 60, min_reference_bads: 20}"
CUT = 0.30


def book(n=6000, seed=1):
    """PDs that are right, outcomes, ids."""
    rng = np.random.default_rng(seed)
    pds = 1 / (1 + np.exp(-rng.normal(-1.5, 1.5, n)))
    return np.arange(n).astype(str).astype(object), pds, (rng.random(n) < pds).astype(float)


def booked_only(bad, known):
    return np.where(known, bad, np.nan)


@pytest.mark.parametrize("cut", [0.15, 0.3, 0.5])
def test_the_same_champion_on_the_same_loans_shows_no_decay_when_they_are_cut(cut):
    ids, pds, bad = book()
    now = pds < cut
    found = expected_where_booked(
        Scored(ids, pds, bad), Scored(ids, pds, booked_only(bad, now)), 30
    )
    current = delong(bad[now].astype(int), pds[now])
    assert found.auc.auc == pytest.approx(current.auc, abs=1e-9)
    whole = delong(bad.astype(int), pds)
    assert decay_test(whole, current).p_value < 1e-4  # what was compared before
    assert found.cost == pytest.approx(whole.auc - current.auc)


def test_overrides_and_a_lottery_above_the_cut_off_are_weighted_not_taken_for_the_whole():
    losses = []
    for seed in range(40):
        ids, pds, bad = book(seed=seed)
        _, new_pds, new_bad = book(seed=seed + 1000)
        now = (new_pds < CUT) | (np.random.default_rng(seed).random(len(new_pds)) < 0.05)
        found = expected_where_booked(
            Scored(ids, pds, bad), Scored(ids, new_pds, booked_only(new_bad, now)), 30
        )
        current = delong(new_bad[now].astype(int), new_pds[now])
        losses.append((found.auc.auc - current.auc) / np.hypot(found.auc.se, current.se))
    assert abs(np.mean(losses)) < 0.5
    assert 0.6 < np.std(losses) < 1.4


def test_a_real_loss_among_the_booked_is_still_found():
    ids, pds, bad = book(20_000)
    shuffled = pds * np.random.default_rng(3).lognormal(0, 1.5, len(pds))
    shuffled = np.clip(shuffled, 0, 0.99)
    now = shuffled < CUT
    found = expected_where_booked(
        Scored(ids, pds, bad), Scored(ids, shuffled, booked_only(bad, now)), 30
    )
    current = delong(bad[now].astype(int), shuffled[now])
    assert decay_test(found.auc, current).p_value < 0.001


def test_a_reference_that_was_itself_selected_is_undone_where_it_can_be():
    ids, pds, bad = book()
    then, now = pds < 0.4, pds < 0.6
    found = expected_where_booked(
        Scored(ids, pds, booked_only(bad, then)), Scored(ids, pds, booked_only(bad, now)), 30
    )
    assert found.comparable == frozenset(ids[then])
    assert found.auc.auc == pytest.approx(delong(bad[then].astype(int), pds[then]).auc)


def test_regions_that_do_not_meet_compare_nothing():
    ids, pds, bad = book()
    found = expected_where_booked(
        Scored(ids, pds, booked_only(bad, pds > 0.5)),
        Scored(ids, pds, booked_only(bad, pds < 0.2)),
        30,
    )
    assert found.auc is None
    assert found.comparable == frozenset()
    assert found.lacking == "at the PDs that are booked now validation knew 0 bads, 30 needed"


def everybody(pds):
    return pds >= 0


def below_the_cut(pds):
    return pds < CUT


def lender(folder, booked=everybody, policy=POLICY):
    """A lender who from October 2023 on books what `booked` says of the PDs."""
    period = small_period(folder, AS_OF, small_policy(policy))
    fill(period)
    version = install(period)
    model, taken = load_version(period.store, version), {}
    for number in range(UNSEEN, 12):
        month = add_months(START, number)
        frame = period.lake.read(features(period.portfolio), [month]).to_pandas()
        pds = pd.Series(model.predict(frame), index=frame["application_id"])
        taken[month] = set(pds.index[booked(pds)])

    def keep(rows):
        pairs = zip(rows["application_id"], rows["cohort"], strict=True)
        return rows[np.array([c not in taken or a in taken[c] for a, c in pairs], dtype=bool)]

    if booked is not everybody:
        rewrite(period, LABELS, period.lake.months(LABELS.table), keep)
    return period, version


def found(period, version):
    commit = monitor(period, version)
    rows = period.lake.read_commits(FINDINGS, [commit]).to_pandas()
    return rows[rows["segment"] == "all"].set_index("metric")


@pytest.fixture(scope="module")
def by_score(tmp_path_factory):
    return found(*lender(tmp_path_factory.mktemp("by-score"), below_the_cut))


def test_a_lender_who_starts_to_lend_by_the_score_sees_no_decay(by_score):
    row = by_score.loc["auc_decay"]
    assert row["state"] in ("green", "amber")
    assert row["lower"] < 0 < row["upper"]
    assert "less what booking by the PD takes" in by_score.loc["auc", "text"]


def test_what_the_accepted_sample_cannot_say_stands_in_the_findings(by_score):
    assert 0.4 < by_score.loc["booked_share", "value"] < 0.9
    unseen = by_score.loc["unseen_share"]
    assert unseen["value"] == pytest.approx(1 - by_score.loc["booked_share", "value"])
    assert "no outcome says how the model ranks them" in unseen["text"]
    assert by_score.loc["door_psi", "value"] > 0.25
    assert by_score.loc["door_auc", "state"] == "insufficient"
    assert "nobody is booked to learn" in by_score.loc["door_auc", "text"]


def test_where_everybody_is_booked_nothing_tells_who_is(tmp_path):
    findings = found(*lender(tmp_path))
    assert findings.loc["booked_share", "value"] == 1
    for metric in ("door_psi", "unseen_share"):
        assert findings.loc[metric, "state"] == "insufficient"
        assert findings.loc[metric, "text"].startswith("every application was booked")
        assert np.isnan(findings.loc[metric, "value"])
    assert "against 0.780 at validation" in findings.loc["auc_decay", "text"]


def test_where_nobody_is_booked_nothing_is_judged(tmp_path):
    findings = found(*lender(tmp_path, lambda pds: pds < 0))
    for metric in ("axis:discrimination", "axis:calibration", "booked_share", "unseen_share"):
        assert findings.loc[metric, "state"] == "insufficient"
    assert "no application" in findings.loc["booked_share", "text"]


def test_too_few_bads_of_validation_at_the_booked_pds_judge_nothing(tmp_path):
    policy = "monitoring: {min_bads: 60, min_reference_bads: 5000}"
    findings = found(*lender(tmp_path, below_the_cut, policy))
    assert findings.loc["axis:discrimination", "state"] == "insufficient"
    assert "validation knew" in findings.loc["axis:discrimination", "text"]


def test_a_random_sample_says_what_the_model_does_for_everybody(tmp_path):
    seed = small_policy().development.seed
    policy = "monitoring: {min_bads: 60, min_reference_bads: 5}\nscoring: {random_accept: 0.4}"
    findings = found(
        *lender(tmp_path, lambda pds: (pds < CUT) | drawn(pds.index, 0.4, seed), policy)
    )
    whole = found(*lender(tmp_path / "all"))
    row = findings.loc["door_auc"]
    assert row["lower"] < whole.loc["auc", "value"] < row["upper"]
    assert findings.loc["door_oe", "lower"] < 1 < findings.loc["door_oe", "upper"]
    assert findings.loc["auc_decay", "state"] in ("green", "amber")
