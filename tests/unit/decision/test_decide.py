"""A month is decided once, on record."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from creditrisk.errors import UserError
from creditrisk.records.trail_check import verify
from tests.builders.documents import approval
from tests.builders.gold_lender import AT, NOW, Lender, with_champion
from tests.builders.small_lender import small_policy


@pytest.fixture
def lender(tmp_path: Path) -> Lender:
    return with_champion(tmp_path)


def test_a_decision_is_in_the_store_and_on_the_trail_with_states_numbers_and_limits(
    lender: Lender,
) -> None:
    lender.measured("rgr", applications=400.0)
    decision = lender.decide()
    assert (decision.decision, decision.action) == ("retrain", "retrain")
    assert (decision.branch, decision.replayed) == ("retrain", False)
    record = json.loads(lender.store.read("decisions/2025-01-01/0001.json"))
    assert record["triggers"] == ["two_of_three"]
    assert record["axes"]["discrimination"] == {
        "state": "red", "text": "discrimination text", "cohorts": ["2024-10-01"],
    }  # fmt: skip
    assert record["measured"] == {"applications": 400.0}
    assert record["thresholds"]["rule"]["red_axes"] == 2
    assert record["policy"] == lender.policy.sha
    assert set(record["inputs"]) == {"gold/features", "gold/labels", "monitoring/findings"}
    (entry,) = lender.trail()
    assert (entry.event, entry.id, entry.body) == ("decided", "2025-01-01/0001", record)
    assert entry.at == AT
    assert verify(lender.period(NOW).trail) == []


def test_the_page_and_the_numbers_of_a_decision_can_be_shown(lender: Lender) -> None:
    lender.measured("rga", auc=0.61)
    decision = lender.decide()
    page = decision.markdown()
    facts = [line for line in page.splitlines() if line.startswith("- ") and ": " in line]
    assert {fact.split(":")[0] for fact in facts} >= {"- triggers", "- champion", "- record"}
    assert "# 2025-01-01: watch" in page
    assert "| discrimination | red | discrimination text |" in page
    assert decision.numbers() | {"auc": 0.61, "red_axes": 1.0} == decision.numbers()


def test_the_same_month_on_the_same_inputs_gives_the_old_record_and_acts_once(
    lender: Lender,
) -> None:
    lender.measured("rrg")
    first = lender.decide()
    lender.judged("2025-01-retrain-bbbbbbbb", "fail")
    again = lender.decide(run="another")
    assert again.record() == first.record()
    assert (again.replayed, again.action, again.effective_action) == (True, "retrain", "none")
    assert again.branch == "none"
    assert len(lender.trail()) == 1
    assert list(lender.store.keys("decisions/")) == ["decisions/2025-01-01/0001.json"]


def test_an_action_cut_off_before_its_end_is_finished_by_the_next_run(lender: Lender) -> None:
    lender.measured("rrg")
    lender.decide()
    assert lender.decide().branch == "retrain"  # cut off before training ended
    version = "2025-01-retrain-bbbbbbbb"
    lender.put(f"registry/versions/{version}/card.json", {})
    assert lender.decide().branch == "retrain"  # before validation ended
    lender.judged(version, "pass")
    assert lender.decide().branch == "retrain"  # before promotion
    lender.set_champion(version, NOW)
    assert lender.decide().branch == "retrain"  # before the month was scored again
    lender.scored(version)
    assert lender.decide().branch == "none"


@pytest.mark.parametrize("place", ["pending", "approvals"])
def test_a_challenger_that_waits_for_approval_or_was_rejected_leaves_nothing_to_do(
    lender: Lender, place: str
) -> None:
    lender.measured("rrg")
    lender.decide()
    lender.judged("2025-01-retrain-bbbbbbbb", "pass")
    lender.put(f"registry/{place}/2025-01-retrain-bbbbbbbb.json", approval("rejected"))
    assert lender.decide().branch == "none"


def test_a_refit_that_was_promoted_counts_for_the_version_it_refits(lender: Lender) -> None:
    lender.measured("rrg")
    lender.decide()
    lender.judged("2025-01-retrain-bbbbbbbb", "pass")
    refit = "2025-01-refit-cccccccc"
    lender.refitted(refit, "2025-01-retrain-bbbbbbbb")
    lender.set_champion(refit, NOW)
    lender.scored(refit)
    assert lender.decide().branch == "none"


def test_other_inputs_are_refused_by_name_unless_a_reason_is_given(lender: Lender) -> None:
    lender.measured("rrg")
    lender.decide()
    lender.judged("2025-01-retrain-bbbbbbbb", "fail")
    lender.measured("ggg")
    with pytest.raises(UserError) as error:
        lender.decide()
    assert "is decided (retrain, decisions/2025-01-01/0001.json)" in str(error.value)
    assert "monitoring/findings" in str(error.value)
    assert "--supersede" in str(error.value)
    with pytest.raises(UserError):
        lender.decide(supersede="   ")
    decision = lender.decide(supersede="the servicer corrected December")
    assert (decision.n, decision.supersedes, decision.decision) == (2, 1, "keep")
    assert decision.reason == "the servicer corrected December"
    assert [entry.id for entry in lender.trail()] == ["2025-01-01/0001", "2025-01-01/0002"]
    assert lender.decide().record() == decision.record()


def test_a_superseding_action_is_carried_out_though_the_superseded_one_was(lender: Lender) -> None:
    lender.measured("rrg")
    lender.decide()
    lender.judged("2025-01-retrain-bbbbbbbb", "fail")
    lender.measured("rrr")
    assert lender.decide(supersede="corrected").branch == "retrain"
    assert lender.decide().branch == "retrain"
    lender.judged("2025-01-retrain-cccccccc", "fail")
    assert lender.decide().branch == "none"


def test_another_policy_is_refused_by_name(lender: Lender) -> None:
    lender.measured("rrg")
    lender.decide()
    lender.policy = small_policy("rule: {red_axes: 3}")
    with pytest.raises(UserError, match="on other policy; it stays decided"):
        lender.decide()


def test_two_runs_that_decide_at_once_leave_one_record(lender: Lender) -> None:
    lender.measured("rrg")
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda n: lender.decide(run=f"run{n}"), range(4)))
    assert len({json.dumps(decision.record(), sort_keys=True) for decision in found}) == 1
    assert sum(not decision.replayed for decision in found) == 1
    assert len(lender.trail()) == 1


def test_a_crash_between_record_and_trail_is_made_good(lender: Lender, monkeypatch) -> None:
    lender.measured("rrg")
    with monkeypatch.context() as patch:
        patch.setattr("creditrisk.records.audit.Trail.append", _die)
        with pytest.raises(RuntimeError):
            lender.decide()
    assert lender.trail() == []
    again = lender.decide()
    assert (again.replayed, again.branch) == (True, "retrain")
    assert lender.trail()[0].body == again.record()


def _die(*args: object, **more: object) -> None:
    raise RuntimeError


def test_an_altered_record_is_refused(lender: Lender) -> None:
    lender.measured("rrg")
    lender.decide()
    key = "decisions/2025-01-01/0001.json"
    record = json.loads(lender.store.read(key))
    lender.put(key, record | {"action": "none", "decision": "keep"})
    with pytest.raises(UserError, match=r"decided 2025-01-01/0001 is record 1 .* another action"):
        lender.decide()
    lender.put(key, {"as_of": "2025-01-01"})
    with pytest.raises(UserError, match="is not a decision record"):
        lender.decide()
