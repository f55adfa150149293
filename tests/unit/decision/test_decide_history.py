"""What a decision looks back on."""

from datetime import date
from pathlib import Path

import pytest

from creditrisk.calendar_month import add_months
from creditrisk.records.card import Label
from tests.builders.documents import approval
from tests.builders.evidence import card
from tests.builders.gold_lender import CHAMPION, NOW, Lender, with_champion
from tests.builders.small_lender import small_policy


@pytest.fixture
def lender(tmp_path: Path) -> Lender:
    return with_champion(tmp_path)


def test_history_is_read_from_the_months_before_and_no_later(lender: Lender) -> None:
    months = [add_months(NOW, -n) for n in (2, 1, 0)]
    for month, states in zip(months, ("rgg", "agg", "rgg"), strict=True):
        lender.measured(states, month)
    earliest = lender.decide(months[0])
    middle = lender.decide(months[1])
    assert (earliest.triggers, middle.triggers) == (
        ("red:discrimination",),
        ("recovery:discrimination",),
    )
    assert lender.decide(months[2]).triggers == ("persistence",)
    lender.measured("agg", months[1], applications=1.0)
    again = lender.decide(months[1], supersede="a look back")
    assert again.triggers == ("recovery:discrimination",)


def test_the_superseding_record_is_what_later_months_look_back_on(lender: Lender) -> None:
    before = add_months(NOW, -1)
    lender.measured("rgg", before)
    lender.decide(before)
    lender.measured("ggg", before)
    lender.decide(before, supersede="corrected")
    lender.measured("rgg")
    assert lender.decide().triggers == ("red:discrimination",)


@pytest.mark.parametrize(
    ("verdict", "width", "expected"),
    [
        ("fail", 1, ("cool_down", "two_of_three")),
        ("fail", 3, ("spent_windows", "two_of_three")),
        ("insufficient", 1, ("cool_down", "two_of_three")),
        ("", 1, ("two_of_three", "persistence")),
    ],
)
def test_what_became_of_the_last_action_holds_back_the_next(
    lender: Lender, verdict: str, width: int, expected: tuple
) -> None:
    before = add_months(NOW, -1)
    lender.measured("rrg", before)
    lender.decide(before)
    if verdict:
        lender.judged("2024-12-retrain-bbbbbbbb", verdict, width)
    lender.measured("rrg")
    assert lender.decide().triggers[:2] == expected


def test_a_challenger_that_found_its_windows_spent_starts_no_cool_down(lender: Lender) -> None:
    before = add_months(NOW, -1)
    lender.measured("rrg", before)
    lender.decide(before)
    lender.judged("2024-12-retrain-bbbbbbbb", "insufficient", width=3, opened=False)
    lender.measured("rrg")
    assert lender.decide().triggers[0] == "two_of_three"


@pytest.mark.parametrize(
    ("width", "hold"), [(3, "spent_windows"), (1, "cool_down")], ids=["wide", "narrow"]
)
def test_superseding_a_month_does_not_erase_its_refused_attempt(
    lender: Lender, width: int, hold: str
) -> None:
    before = add_months(NOW, -1)
    lender.measured("rrg", before)
    lender.decide(before)
    lender.judged("2024-12-retrain-bbbbbbbb", "fail", width)
    lender.measured("ggg", before)
    assert lender.decide(before, supersede="corrected").action == "none"
    lender.measured("rrg")
    decision = lender.decide()
    assert (decision.action, decision.triggers[0]) == ("none", hold)


def test_a_challenger_judged_by_hand_has_spent_its_windows(lender: Lender) -> None:
    before = add_months(NOW, -1)
    lender.measured("ggg", before)
    lender.decide(before)
    lender.judged("2024-12-retrain-bbbbbbbb", "fail", width=2)
    lender.measured("rrr")
    assert lender.decide().triggers[0] == "spent_windows"


def test_a_rejected_challenger_spends_its_windows_like_a_refused_one(lender: Lender) -> None:
    before = add_months(NOW, -1)
    lender.measured("rrg", before)
    lender.decide(before)
    lender.judged("2024-12-retrain-bbbbbbbb", "pass", width=2)
    lender.put("registry/approvals/2024-12-retrain-bbbbbbbb.json", approval("rejected"))
    lender.measured("rrr")
    assert lender.decide().triggers[0] == "spent_windows"


def test_an_old_champion_is_retrained_and_a_rollback_does_not_make_it_young(
    lender: Lender,
) -> None:
    lender.policy = small_policy("rule: {max_model_age: 11}")
    lender.set_champion("2024-06-retrain-bbbbbbbb", date(2024, 6, 1))
    lender.set_champion(CHAMPION, date(2024, 7, 1))
    lender.measured("ggg")
    decision = lender.decide()
    assert decision.triggers == ("model_age",)
    assert "promoted 11 months ago, the limit is 11" in decision.reasons[0]


def test_a_recalibration_is_as_old_as_its_trees_and_recalibrating_makes_none_young(
    lender: Lender,
) -> None:
    lender.policy = small_policy("rule: {max_model_age: 11}")
    newer = "2024-08-recalibrate-bbbbbbbb"
    made = card(kind="recalibrate", parent=CHAMPION).encode()
    lender.store.write(f"registry/versions/{newer}/card.json", made)
    lender.set_champion(newer, date(2024, 8, 1))
    lender.measured("ggg", version=newer)
    decision = lender.decide(version=newer)
    assert decision.triggers == ("model_age",)
    assert "promoted 11 months ago" in decision.reasons[0]


@pytest.mark.parametrize(("cohorts", "action"), [(9, "retrain"), (4, "none")])
def test_a_changed_definition_of_bad_asks_for_a_model_by_it_once_there_can_be_one(
    lender: Lender, cohorts: int, action: str
) -> None:
    made = card(label=Label(mob=6, missed_instalments=1)).encode()
    lender.store.write(f"registry/versions/{CHAMPION}/card.json", made)
    lender.measured("ggg")
    lender.matured(cohorts, loans=60)
    decision = lender.decide()
    assert (decision.triggers, decision.action) == (("definition_changed",), action)
    assert "within 6 months to the champion" in decision.reasons[0]
    assert "within 3 months by the policy" in decision.reasons[0]
