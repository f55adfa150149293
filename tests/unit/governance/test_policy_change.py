"""A looser policy needs two people, where the one in force asks for four eyes."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from creditrisk.calendar_month import add_months
from creditrisk.errors import GateError, UserError
from creditrisk.governance.policy_change import CHANGED, approve, change_to, request
from creditrisk.period import freeze
from creditrisk.records.identity import Identity, Statement
from creditrisk.records.lease import read_lease
from creditrisk.records.run import run_records
from creditrisk.records.version_files import brief
from creditrisk.stages.decision.decide import decide
from creditrisk.stages.decision.resolve import resolve
from tests.builders.documents import recorded_champion
from tests.builders.gold_lender import AT, CHAMPION, NOW, Lender
from tests.builders.small_lender import small_policy, small_portfolio

FOUR_EYES = "promotion: {mode: four_eyes, approval_days: 10}"
LOOSER = FOUR_EYES + "\nmonitoring: {psi_red: 0.4}"
NEXT = add_months(NOW, 1)


def by(name: str, at: str = AT) -> Statement:
    return Statement(Identity(name, "self-asserted"), "the new channel moves every score", at)


def decided(root: Path, policy: str, monkeypatch) -> Lender:
    """January was decided under a policy; the store is this process's."""
    lender = Lender(root, policy)
    recorded_champion(lender.period(NOW), CHAMPION, date(2024, 2, 1))
    lender.measured("ggg")
    lender.decide()
    monkeypatch.setenv("CREDITRISK_STORE", lender.store.uri)
    return lender


@pytest.fixture
def lender(tmp_path: Path, monkeypatch) -> Lender:
    return decided(tmp_path, FOUR_EYES, monkeypatch)


def run(lender: Lender, policy: str, run_id: str = "r1", month=NEXT) -> int:
    """Start a month under a policy; the exit code it ends with."""
    config = freeze(lender.store, small_policy(policy), small_portfolio())
    try:
        resolve(f"{month}", "", config, run_id, lease=True)
    except SystemExit as end:
        return int(end.code)
    return 0


def changes(lender: Lender) -> list[dict]:
    return [record.body for record in lender.trail() if record.event == CHANGED]


def test_a_looser_policy_is_refused_before_the_run_holds_anything(lender: Lender) -> None:
    assert run(lender, LOOSER) == 3
    (record,) = run_records(lender.store, "r1")
    assert record.status == "blocked"
    assert "monitoring.psi_red: 0.25 -> 0.4" in record.error
    assert "policy request FILE" in record.error
    assert read_lease(lender.store) is None
    assert changes(lender) == []


def test_once_someone_else_has_approved_it_the_run_goes_on_and_the_change_is_recorded(
    lender: Lender,
) -> None:
    change = request(lender.period(NOW), small_policy(LOOSER), by("ann"))
    assert run(lender, LOOSER) == 3
    approve(lender.period(NOW), change.id, by("bob"))
    assert run(lender, LOOSER, "r2") == 0
    (found,) = changes(lender)
    assert found["looser"] == ["monitoring.psi_red: 0.25 -> 0.4"]
    assert (found["stricter"], found["as_of"]) == ([], f"{NEXT}")
    approved = lender.period(NOW).trail.find("policy_approved", change.id)
    assert (approved.actor, approved.body["requested_by"]) == ("bob", "ann")


def test_an_approval_is_good_for_that_change_and_no_other(lender: Lender) -> None:
    change = request(lender.period(NOW), small_policy(LOOSER), by("ann"))
    approve(lender.period(NOW), change.id, by("bob"))
    assert run(lender, LOOSER.replace("0.4", "0.41")) == 3
    key = f"registry/approvals/{change.id}.json"
    assert json.loads(lender.store.read(key))["after"] == small_policy(LOOSER).sha


def test_a_change_is_named_by_all_of_both_policies_and_approved_by_the_name_that_is_shown(
    lender: Lender,
) -> None:
    change = request(lender.period(NOW), small_policy(LOOSER), by("ann"))
    before, after = small_policy(FOUR_EYES).sha, small_policy(LOOSER).sha
    assert change.id == f"policy-{before}-{after}"
    shown = brief(change.id)
    assert shown == f"policy-{before[:16]}-{after[:16]}"
    approve(lender.period(NOW), shown, by("bob"))
    assert list(lender.store.keys("registry/pending/")) == []
    assert run(lender, LOOSER) == 0


def test_two_requests_that_are_shown_alike_are_told_apart(lender: Lender) -> None:
    change = request(lender.period(NOW), small_policy(LOOSER), by("ann"))
    alike = f"{change.id[:-1]}{'0' if change.id[-1] != '0' else '1'}"
    data = lender.store.read(f"registry/pending/{change.id}.json")
    lender.store.create(f"registry/pending/{alike}.json", data)
    with pytest.raises(UserError, match=r"begins 2 requests: policy-.*; say which"):
        approve(lender.period(NOW), brief(change.id), by("bob"))


def approved_by_0_1_0(lender: Lender, after: str) -> None:
    """An approval under sixteen digits of each policy, as that release gave it."""
    before, wanted = small_policy(FOUR_EYES).sha, small_policy(LOOSER).sha
    id = f"policy-{before[:16]}-{wanted[:16]}"
    asked = {"change": id, "before": before, "after": after} | by("ann").record()
    lender.period(NOW).trail.append("policy_requested", "ann", AT, asked, f"{id}:{AT}")
    body = {"change": id, "after": after, "requested_by": "ann"} | by("bob").record()
    lender.store.create(f"registry/approvals/{id}.json", json.dumps(body).encode())
    lender.period(NOW).trail.append("policy_approved", "bob", AT, body, id)


def test_an_approval_that_0_1_0_gave_counts_for_the_policy_it_names(lender: Lender) -> None:
    approved_by_0_1_0(lender, small_policy(LOOSER).sha)
    assert run(lender, LOOSER) == 0


def test_another_policy_of_the_same_sixteen_digits_is_not_approved_with_it(lender: Lender) -> None:
    wanted = small_policy(LOOSER).sha
    approved_by_0_1_0(lender, wanted[:16] + "0" * 48)
    assert run(lender, LOOSER) == 3


@pytest.mark.parametrize("name", ["ann", " Ann "])
def test_who_asked_cannot_approve(lender: Lender, name: str) -> None:
    change = request(lender.period(NOW), small_policy(LOOSER), by("ann"))
    with pytest.raises(GateError, match="someone else must approve"):
        approve(lender.period(NOW), change.id, by(name))
    assert run(lender, LOOSER) == 3


def test_a_request_expires(lender: Lender) -> None:
    change = request(lender.period(NOW), small_policy(LOOSER), by("ann"))
    with pytest.raises(GateError, match="older than 10 days"):
        approve(lender.period(NOW), change.id, by("bob", "2025-01-12T00:00:01+00:00"))


def test_what_nobody_asked_for_cannot_be_approved_nor_what_needs_no_approval_requested(
    lender: Lender,
) -> None:
    with pytest.raises(UserError, match="policy-0-1 does not wait for approval"):
        approve(lender.period(NOW), "policy-0-1", by("bob"))
    for policy in (FOUR_EYES, FOUR_EYES + "\nmonitoring: {psi_red: 0.2}"):
        with pytest.raises(UserError, match="needs no approval: it is no looser"):
            request(lender.period(NOW), small_policy(policy), by("ann"))


def test_a_policy_cannot_excuse_itself_from_four_eyes(lender: Lender) -> None:
    assert run(lender, "promotion: {mode: automatic, approval_days: 10}") == 3


def test_a_stricter_policy_needs_nobody_and_is_recorded(lender: Lender) -> None:
    assert run(lender, FOUR_EYES + "\nmonitoring: {psi_red: 0.2}") == 0
    assert changes(lender)[0]["stricter"] == ["monitoring.psi_red: 0.25 -> 0.2"]


def test_the_same_policy_is_no_change(lender: Lender) -> None:
    assert run(lender, FOUR_EYES) == 0
    assert changes(lender) == []


def test_a_decided_month_cannot_be_run_again_under_a_looser_policy_either(lender: Lender) -> None:
    assert run(lender, LOOSER, month=NOW) == 3


def test_in_automatic_mode_a_looser_policy_is_recorded_and_runs(
    tmp_path: Path, monkeypatch
) -> None:
    lender = decided(tmp_path, "", monkeypatch)
    assert run(lender, "monitoring: {psi_red: 0.4}") == 0
    assert run(lender, "monitoring: {psi_red: 0.4}", "r1") == 0
    assert [found["looser"] for found in changes(lender)] == [["monitoring.psi_red: 0.25 -> 0.4"]]


def test_before_the_first_decision_there_is_nothing_to_loosen(tmp_path: Path, monkeypatch) -> None:
    lender = Lender(tmp_path, FOUR_EYES)
    monkeypatch.setenv("CREDITRISK_STORE", lender.store.uri)
    assert change_to(lender.store, small_policy(LOOSER)) is None
    assert run(lender, LOOSER) == 0


def test_a_run_that_began_under_an_approved_policy_is_not_decided_under_another(
    lender: Lender,
) -> None:
    assert run(lender, FOUR_EYES) == 0
    lender.measured("ggg", NEXT)
    swapped = replace(lender.period(NEXT), policy=small_policy(LOOSER))
    with pytest.raises(GateError, match="is looser than"):
        decide(swapped, CHAMPION, at=AT)
    assert list(lender.store.keys(f"decisions/{NEXT}/")) == []
