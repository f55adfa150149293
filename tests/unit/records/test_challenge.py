"""What became of a challenger: one answer for the rule and for whoever reads of it."""

from pathlib import Path

import pytest

from creditrisk.calendar_month import add_months
from creditrisk.records.challenge import ChallengerOutcomes
from creditrisk.reports.month_summary import months
from creditrisk.stages.decision.history import read_history
from tests.builders.documents import approval
from tests.builders.gold_lender import NOW, Lender, with_champion

CHALLENGER, REFIT = "2025-01-retrain-bbbbbbbb", "2025-01-refit-cccccccc"
NEXT = add_months(NOW, 1)


@pytest.fixture
def lender(tmp_path: Path) -> Lender:
    """One whose newest month is to be retrained."""
    lender = with_champion(tmp_path)
    lender.measured("rrg")
    assert lender.decide().action == "retrain"
    return lender


def nothing(lender: Lender) -> None:
    """Cut off before anything was validated."""


def promoted(lender: Lender) -> None:
    lender.judged(CHALLENGER, "pass")
    lender.set_champion(CHALLENGER, NOW)


def promoted_through_a_refit(lender: Lender) -> None:
    lender.judged(CHALLENGER, "pass")
    lender.refitted(REFIT, CHALLENGER)
    lender.set_champion(REFIT, NOW)


def rejected_by_a_person(lender: Lender) -> None:
    lender.judged(CHALLENGER, "pass")
    lender.put(f"registry/approvals/{CHALLENGER}.json", approval("rejected"))


def approved_a_month_later(lender: Lender) -> None:
    lender.judged(CHALLENGER, "pass")
    lender.put(f"registry/approvals/{CHALLENGER}.json", approval("approved"))
    lender.set_champion(CHALLENGER, NEXT)


def without_enough_evidence(lender: Lender) -> None:
    lender.judged(CHALLENGER, "insufficient")


def refused(lender: Lender) -> None:
    lender.judged(CHALLENGER, "fail")


def passed_and_cut_off(lender: Lender) -> None:
    lender.judged(CHALLENGER, "pass")


def waiting(lender: Lender) -> None:
    lender.judged(CHALLENGER, "pass")
    lender.put(f"registry/pending/{CHALLENGER}.json", {"version": CHALLENGER})


def refused_and_tried_again(lender: Lender) -> None:
    lender.judged("2025-01-retrain-dddddddd", "fail")
    lender.judged(CHALLENGER, "insufficient")


@pytest.mark.parametrize(
    ("happened", "outcome"),
    [
        (nothing, ""),
        (promoted, "promoted"),
        (promoted_through_a_refit, "promoted"),
        (rejected_by_a_person, "refused"),
        (approved_a_month_later, "promoted"),
        (without_enough_evidence, "insufficient"),
        (refused, "refused"),
        (passed_and_cut_off, "passed"),
        (waiting, "pending"),
        (refused_and_tried_again, "refused"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_the_rule_and_the_pages_say_the_same_word(lender: Lender, happened, outcome) -> None:
    happened(lender)
    (past,) = read_history(lender.period(add_months(NOW, 2)), None)
    (summary,) = months(lender.store)
    assert (past.as_of, summary.as_of) == (NOW, NOW)
    assert (past.outcome, summary.outcome) == (outcome, outcome)


@pytest.mark.parametrize(("place", "word"), [("pending", "pending"), ("approvals", "refused")])
def test_what_people_did_with_a_refit_counts_for_the_version_it_refits(lender, place, word):
    """Under four eyes the refit is what people are asked about."""
    lender.judged(CHALLENGER, "pass")
    lender.refitted(REFIT, CHALLENGER)
    lender.put(f"registry/{place}/{REFIT}.json", approval("rejected"))
    assert ChallengerOutcomes(lender.store).of_version(CHALLENGER).outcome == word
