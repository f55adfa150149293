"""Answers to a request that somebody made up, took back or used again: none of them promotes."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from creditrisk.errors import GateError
from creditrisk.period import freeze
from creditrisk.records import layout
from creditrisk.records.approval_answers import reject
from creditrisk.records.approval_requests import ChallengerRequest
from creditrisk.records.audit import Trail
from creditrisk.records.audit_record import Record
from creditrisk.records.champion_pointer import champion_history, current_champion
from creditrisk.records.identity import Identity, Statement
from creditrisk.records.store_check import check_store
from creditrisk.stages.promotion import promotion_record
from creditrisk.stages.promotion.promote import approve, promote
from creditrisk.stages.promotion.promotion_record import rollback
from tests.builders.small_lender import small_policy
from tests.builders.versions import AT, at_month, judged, passed, with_version

APRIL, MAY, JUNE = (date(2024, month, 1) for month in (4, 5, 6))
NEXT_DAY = "2024-04-03T08:00:00+00:00"
FOUR_EYES = small_policy("promotion: {mode: four_eyes}")
BOB = Statement(Identity("bob", "self-asserted"), "report read", NEXT_DAY)
ANN = Statement(Identity("ann", "self-asserted"), "it is mine", NEXT_DAY)


@pytest.fixture
def asked(tmp_path):
    """A month and a version that passed, and for which ann asked."""
    period, version = with_version(tmp_path, APRIL, FOUR_EYES)
    judged(period, version)
    assert promote(period, version, "ann", at=AT) == "pending"
    return period, version


def changed(period, key, **fields):
    content = json.loads(period.store.read(key)) | fields
    period.store.write(key, json.dumps(content).encode())


def test_who_asked_cannot_approve_by_a_request_in_another_name(asked):
    period, version = asked
    changed(period, layout.pending(version), requested_by="carl")
    with pytest.raises(GateError, match="is not what anybody asked for by the audit trail"):
        approve(period, version, ANN)
    assert current_champion(period.store) is None


def test_a_request_that_is_not_on_the_trail_can_be_made_again(asked):
    period, version = asked
    changed(period, layout.pending(version), requested_at="2024-04-02T09:00:00+00:00")
    assert promote(period, version, "ann", at=AT) == "pending"
    approve(period, version, BOB)
    assert current_champion(period.store) == version


def test_an_approval_that_nobody_gave_is_not_carried_out(asked):
    period, version = asked
    request = json.loads(period.store.read(layout.pending(version)))
    forged = request | BOB.record() | {"decision": "approved"}
    period.store.write(layout.approval(version), json.dumps(forged).encode())
    with pytest.raises(GateError, match="nobody put 'approved"):
        promote(period, version, "ann", at=AT)
    assert current_champion(period.store) is None


def test_a_rejection_that_was_removed_still_counts(asked):
    period, version = asked
    request = period.store.read(layout.pending(version))
    reject(period, version, ChallengerRequest, BOB)
    period.store.delete(layout.approval(version))
    with pytest.raises(GateError, match="was rejected by bob: report read"):
        promote(period, version, "ann", at=AT)
    period.store.write(layout.pending(version), request)
    with pytest.raises(GateError, match="was already rejected by bob"):
        approve(period, version, Statement(Identity("carl", ""), "why not", NEXT_DAY))
    assert current_champion(period.store) is None


def test_an_approval_counts_for_one_promotion(asked):
    period, second = asked
    first = passed(period, second, "0")
    for version in (first, second):
        if version == first:
            promote(period, version, "ann", at=AT)
        approve(period, version, BOB)
    assert rollback(at_month(period, MAY), "it is too strict", "bob", at=NEXT_DAY) == first

    with pytest.raises(GateError, match="was approved once, to be champion as of 2024-04-01"):
        promote(at_month(period, JUNE), second, "ann", at=AT)
    assert [tenure.version for tenure in champion_history(period.store)] == [first, second, first]


def test_a_promotion_on_an_approval_of_an_earlier_one_is_named(asked):
    period, second = asked
    first = passed(period, second, "0")
    promote(period, first, "ann", at=AT)
    approve(period, first, BOB)
    approve(period, second, BOB)
    rollback(at_month(period, MAY), "it is too strict", "bob", at=NEXT_DAY)
    history = json.loads(period.store.read(layout.CHAMPION))["history"]
    again = history[1] | {"since": f"{JUNE}", "sequence": 4}
    changed(period, layout.CHAMPION, history=[*history, again])
    before = period.trail.find("promoted", "2")
    body = {**before.body, "as_of": f"{JUNE}", "sequence": 4}
    period.trail.append("promoted", before.actor, before.at, body, "4")
    assert any(
        "was given for entry 2, and for no other" in one for one in check_store(period.store).faults
    )


def test_a_version_stays_retired_when_its_retirement_is_removed(asked):
    period, version = asked
    period.trail.append("retired", "bob", NEXT_DAY, {"version": version, "reason": "old"}, version)
    with pytest.raises(GateError, match="is retired"):
        approve(period, version, BOB)


@pytest.mark.parametrize(("days", "late"), [(29, False), (31, True)])
def test_an_approval_after_its_deadline_by_the_server_s_clock_makes_no_champion(
    asked, days, late, monkeypatch
):
    """The approver's own clock was set back, or wrote the document by hand."""
    period, version = asked
    freeze(period.store, period.policy, period.portfolio)
    approve(period, version, BOB)
    began = datetime(2024, 4, 2, tzinfo=UTC)

    def kept_since(_: Trail, record: Record) -> datetime:
        return began + timedelta(days=days if record.event == "approved" else 0)

    assert check_store(period.store, files=False).faults == ()  # a disk keeps no versions
    monkeypatch.setattr(Trail, "kept_since", kept_since)
    faults = check_store(period.store, files=False).faults
    assert any("more than 30 days after its request" in fault for fault in faults) == late
    assert bool(faults) == late


@pytest.mark.parametrize("field", ["reason", "identity", "evidence"])
def test_an_approval_put_there_before_its_approver_gives_it_is_not_taken_for_theirs(asked, field):
    period, version = asked
    request = json.loads(period.store.read(layout.pending(version)))
    theirs = request | BOB.record() | {"decision": "approved"}
    period.store.write(layout.approval(version), json.dumps(theirs | {field: "other"}).encode())
    with pytest.raises(GateError, match="was already approved by bob"):
        approve(period, version, BOB)
    assert period.trail.find("approved", version) is None
    period.store.write(layout.approval(version), json.dumps(theirs | {"at": AT}).encode())
    approve(period, version, BOB)  # whose own was cut off before its record
    assert current_champion(period.store) == version


@pytest.mark.parametrize("field", ["by", "reason", "identity"])
def test_a_champion_put_there_before_its_promotion_is_not_taken_for_it(
    tmp_path, field, monkeypatch
):
    monkeypatch.setattr(promotion_record, "_PAUSE", 0)  # nobody is about to put it on record
    period, version = with_version(tmp_path, APRIL)
    judged(period, version)
    assert promote(period, version, "pipeline", at=AT) == "promoted"
    (own,) = json.loads(period.store.read(layout.CHAMPION))["history"]
    trail, number = period.trail.store, period.trail.count()
    indexes = [*trail.keys("events/")]
    mine = [key for key in indexes if json.loads(trail.read(key)) == {"sequence": number}]
    for key in (layout.audit_record(number), layout.audit_anchor(number), *mine):
        trail.delete(key)  # as before its record
    changed(period, layout.CHAMPION, history=[own | {field: "the board"}])
    with pytest.raises(GateError, match="has no record on the audit trail"):
        promote(period, version, "pipeline", at=AT)
    changed(period, layout.CHAMPION, history=[own])
    assert promote(period, version, "pipeline", at=NEXT_DAY) == "promoted"
    assert check_store(period.store, files=False).faults == ()
