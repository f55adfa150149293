"""Four eyes: a challenger waits until someone other than its requester decides."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from creditrisk.errors import GateError, UserError
from creditrisk.governance.inventory import list_versions
from creditrisk.records.approval_answers import reject
from creditrisk.records.approval_requests import ChallengerRequest
from creditrisk.records.champion_pointer import champion_history, current_champion
from creditrisk.records.identity import Identity, Statement
from creditrisk.records.layout import VERSIONS
from creditrisk.stages.promotion.promote import approve, promote
from tests.builders.small_lender import small_period, small_policy
from tests.builders.versions import AT, at_month, judged, with_version

APRIL = date(2024, 4, 1)
NEXT_DAY = "2024-04-03T08:00:00+00:00"
FOUR_EYES = small_policy("promotion: {mode: four_eyes, approval_days: 10}")


@pytest.fixture
def period(tmp_path):
    """A store in which a version that passed waits for approval, asked for by ann."""
    period, version = with_version(tmp_path, APRIL, FOUR_EYES)
    judged(period, version)
    assert promote(period, version, "ann", at=AT) == "pending"
    return period


@pytest.fixture
def version(period):
    return next(iter(list_versions(period.store)))["id"]


def by(name, reason, at=NEXT_DAY):
    return Statement(Identity(name, "self-asserted"), reason, at)


def events(period):
    return [record.event for record in period.trail.records()]


def state(period):
    return list_versions(period.store)[0]["state"]


def test_a_challenger_waits_and_the_champion_stays(period, version):
    assert current_champion(period.store) is None
    assert state(period) == "pending"
    request = json.loads(period.store.read(f"registry/pending/{version}.json"))
    validated, asked = period.trail.records()
    assert request["evidence"] == validated.body["sha256"]
    assert (asked.event, asked.actor) == ("approval_requested", "ann")


def test_asking_twice_is_one_request(period, version):
    assert promote(period, version, "ann", at=NEXT_DAY) == "pending"
    assert events(period).count("approval_requested") == 1


def test_someone_else_approves_and_it_becomes_champion(period, version):
    approve(period, version, by("bob", "gates and report read"))
    (tenure,) = champion_history(period.store)
    assert (tenure.version, tenure.by, tenure.since) == (version, "bob", APRIL)
    assert events(period)[-2:] == ["approved", "promoted"]
    approved = period.trail.find("approved", version).body
    assert (approved["requested_by"], approved["by"]) == ("ann", "bob")
    assert approved["reason"] == "gates and report read"
    assert approved["identity"] == "self-asserted"
    assert state(period) == "champion"
    assert promote(period, version, "ann", at=NEXT_DAY) == "promoted"


@pytest.mark.parametrize("name", ["ann", "Ann", " ANN  ", "\uff41nn", "a\u200bnn"])
def test_the_requester_cannot_approve(period, version, name):
    with pytest.raises(GateError, match="someone else must approve"):
        approve(period, version, by(name, "fine"))
    assert current_champion(period.store) is None
    assert "approved" not in events(period)


@pytest.mark.parametrize(("name", "reason"), [("bob", ""), ("bob", "  "), (" ", "fine")])
def test_an_approval_needs_a_name_and_a_reason(period, version, name, reason):
    with pytest.raises(UserError, match="it goes on record, so it needs a"):
        approve(period, version, by(name, reason))
    assert current_champion(period.store) is None


def test_an_expired_request_is_refused_until_it_is_made_again(period, version):
    late = "2024-04-12T08:00:01+00:00"
    with pytest.raises(GateError, match="older than 10 days"):
        approve(period, version, by("bob", "fine", late))
    assert promote(period, version, "ann", at=late) == "pending"
    assert events(period).count("approval_requested") == 2
    approve(period, version, by("bob", "fine", "2024-04-13T08:00:00+00:00"))
    assert current_champion(period.store) == version


def test_a_request_dated_ahead_of_the_clock_does_not_stay_good_for_years(period, version):
    with pytest.raises(GateError, match="is far ahead of this clock"):
        approve(period, version, by("bob", "fine", "2023-04-02T08:00:00+00:00"))


def test_a_request_is_good_to_its_last_second(period, version):
    approve(period, version, by("bob", "fine", "2024-04-12T08:00:00+00:00"))
    assert current_champion(period.store) == version


@pytest.mark.parametrize("at", ["", "tomorrow", "2024-04-03T08:00:00"])
def test_without_a_clock_nothing_is_approved(period, version, at):
    with pytest.raises(UserError, match="approvals expire"):
        approve(period, version, by("bob", "fine", at))
    assert current_champion(period.store) is None


def test_changed_evidence_is_refused(period, version):
    key = f"{VERSIONS}{version}/validation.json"
    period.store.write(key, period.store.read(key).replace(b"lost", b"kept"))
    with pytest.raises(UserError, match=r"validation\.json is not the one on the audit trail"):
        approve(period, version, by("bob", "fine"))
    assert current_champion(period.store) is None


def test_a_request_for_other_evidence_is_refused(period, version):
    key = f"registry/pending/{version}.json"
    request = json.loads(period.store.read(key)) | {"evidence": "0" * 64}
    period.store.write(key, json.dumps(request).encode())
    with pytest.raises(GateError, match="not what anybody asked for by the audit trail"):
        approve(period, version, by("bob", "fine"))


def test_an_altered_model_is_refused_by_name(period, version):
    period.store.write(f"{VERSIONS}{version}/model.cbm", b"another model")
    with pytest.raises(UserError, match=r"model\.cbm was altered"):
        approve(period, version, by("bob", "fine"))


def test_a_rejection_is_final(period, version):
    reject(period, version, ChallengerRequest, by("bob", "too few months"))
    assert events(period)[-1] == "rejected"
    assert state(period) == "refused"
    with pytest.raises(GateError, match="rejected by bob: too few months"):
        promote(period, version, "ann", at=NEXT_DAY)
    with pytest.raises(UserError, match="does not wait for approval"):
        approve(period, version, by("carol", "fine"))


def test_of_two_deciders_the_first_counts(period, version, tmp_path):
    def decide(name):
        own = small_period(tmp_path, APRIL, FOUR_EYES)
        try:
            if name.startswith("yes"):
                approve(own, version, by(name, "my view"))
            else:
                reject(own, version, ChallengerRequest, by(name, "my view"))
        except UserError:
            return None
        return name

    with ThreadPoolExecutor(8) as pool:
        done = [name for name in pool.map(decide, ["yes 1", "no 1", "yes 2", "no 2"]) if name]
    assert len(done) == 1
    assert (current_champion(period.store) == version) == done[0].startswith("yes")
    assert events(period).count("approved") + events(period).count("rejected") == 1


def test_an_approval_cut_off_before_the_pointer_is_carried_out_by_the_next_run(
    period, version, monkeypatch
):
    def crash(*args, **kwargs):
        raise RuntimeError("the store is away")

    with monkeypatch.context() as patch:
        patch.setattr("creditrisk.stages.promotion.promote.set_champion", crash)
        with pytest.raises(RuntimeError):
            approve(period, version, by("bob", "fine"))
    assert current_champion(period.store) is None
    assert promote(period, version, "ann", at=NEXT_DAY) == "promoted"
    (tenure,) = champion_history(period.store)
    assert tenure.by == "bob"


def test_an_approval_in_a_later_month_counts_from_that_month(period, version):
    may = at_month(period, date(2024, 5, 1), FOUR_EYES)
    approve(may, version, by("bob", "fine"))
    assert champion_history(period.store)[0].since == date(2024, 5, 1)


def test_an_approval_as_of_an_earlier_month_is_refused(period, version):
    march = at_month(period, date(2024, 3, 1), FOUR_EYES)
    with pytest.raises(UserError, match="is earlier"):
        approve(march, version, by("bob", "fine"))
    assert "approved" not in events(period)


def test_what_nobody_asked_for_cannot_be_approved(period):
    with pytest.raises(UserError, match="does not wait for approval"):
        approve(period, "2024-04-initial-00000000", by("bob", "fine"))
