"""What a tenure has spent of its budget of error: its looks, in every part of it."""

from pathlib import Path

from creditrisk.calendar_month import add_months
from creditrisk.records.oot_ledger import WindowReading
from creditrisk.stages.validation.terms import within_budget
from tests.builders.documents import decided, made_champion
from tests.builders.gold_lender import CHAMPION, NOW, Lender, with_champion

OTHER = "2024-09-retrain-bbbbbbbb"
TIGHT = "rule: {error_budget: 0.1, look_budget: 0.005}"  # a look more is a lower level


def level(lender: Lender, champion: str = CHAMPION) -> float:
    period = lender.period(NOW)
    reading = WindowReading(
        version="2025-01-retrain-cccccccc", kind="retrain", champion=champion, windows=(),
        as_of=NOW, policy=period.policy.sha,
    )  # fmt: skip
    return within_budget(period, reading).validation.superiority_p


def lender_of(root: Path) -> Lender:
    made = Lender(root, TIGHT)
    made.set_champion()
    return made


def test_each_decided_month_is_a_look_and_one_that_nobody_ran_is_none(tmp_path):
    lender = lender_of(tmp_path)
    assert level(lender) == (0.1 - 0) / 2
    for number in (8, 4, 0):  # since February 2024, eleven months
        decided(lender.store, add_months(NOW, -number), champion=CHAMPION)
    assert level(lender) == (0.1 - 3 * 0.005) / 2


def test_a_champion_that_came_back_goes_on_with_its_own_looks(tmp_path):
    lender = lender_of(tmp_path)
    decided(lender.store, add_months(NOW, -5), champion=CHAMPION)
    made_champion(lender.store, OTHER, add_months(NOW, -5))
    for number in (4, 3, 2):
        decided(lender.store, add_months(NOW, -number), champion=OTHER)
    made_champion(lender.store, CHAMPION, add_months(NOW, -2))
    decided(lender.store, add_months(NOW, -1), champion=CHAMPION)
    assert level(lender) == (0.1 - 2 * 0.005) / 2
    assert level(lender, OTHER) == (0.1 - 3 * 0.005) / 2


def test_without_a_champion_nothing_was_spent(tmp_path):
    assert (
        level(lender_of(tmp_path), champion="")
        == with_champion(tmp_path / "default").period(NOW).policy.validation.superiority_p
    )
