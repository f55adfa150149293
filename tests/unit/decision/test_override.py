"""A person's word against the rule's: both stay on record, and it ends."""

from datetime import date
from pathlib import Path

import pytest

from creditrisk.calendar_month import add_months
from creditrisk.errors import UserError
from creditrisk.records.containment import contained_in
from creditrisk.records.decision import Recommendation
from creditrisk.records.identity import Identity, Statement
from creditrisk.records.overrides import close, give, overrides
from tests.builders.gold_lender import AT, NOW, Lender, with_champion

NEXT, LATER, LAST = (add_months(NOW, count) for count in (1, 2, 3))
WHO = Identity("ann", "self-asserted")
STATEMENT = Statement(WHO, "the servicer posts late", AT)


@pytest.fixture
def lender(tmp_path: Path) -> Lender:
    """January is decided: recalibrate."""
    made = with_champion(tmp_path)
    made.measured("ggr")
    made.decide()
    return made


def override(lender: Lender, decision: str, until: date | None = None, month: date = NOW):
    return give(lender.period(month), month, decision, until, STATEMENT)


def decided(lender: Lender, states: str, month: date):
    lender.measured(states, month)
    return lender.decide(month)


def test_a_superseding_decision_is_the_person_s_and_the_rule_s_stays_visible(
    lender: Lender,
) -> None:
    override(lender, "keep")
    decision = lender.decide(supersede="overridden")
    assert (decision.decision, decision.action, decision.triggers) == (
        "keep",
        "none",
        ("override",),
    )
    assert decision.recommended == Recommendation(
        decision="recalibrate", action="recalibrate", triggers=("recalibrate",)
    )
    assert decision.reasons[:2] == (
        "ann (self-asserted) overrides until 2025-01: the servicer posts late",
        "the rule recommends recalibrate",
    )
    assert "the rule recommended: recalibrate" in decision.markdown()
    record = lender.trail()[-1]
    assert record.body["recommended"]["decision"] == "recalibrate"
    assert lender.decide().record() == decision.record()


def test_a_decided_month_stays_decided_until_it_is_superseded(lender: Lender) -> None:
    override(lender, "keep")
    with pytest.raises(UserError, match="on other override; it stays decided"):
        lender.decide()


def test_a_person_may_act_where_the_rule_would_not(tmp_path: Path) -> None:
    lender = with_champion(tmp_path)
    lender.measured("rgg")
    lender.decide()
    override(lender, "retrain")
    assert lender.decide(supersede="the bureau changed its scale").branch == "retrain"
    assert decided(lender, "ggg", NEXT).triggers == ("recovery:discrimination",)


def test_it_holds_to_its_last_month_and_no_longer(lender: Lender) -> None:
    override(lender, "watch", LATER)
    lender.decide(supersede="overridden")
    found = [decided(lender, "ggr", month) for month in (NEXT, LATER, LAST)]
    assert [one.decision for one in found] == ["watch", "watch", "retrain"]
    assert [bool(one.recommended) for one in found] == [True, True, False]
    assert found[2].triggers == ("persistence",)


def test_it_does_not_hold_against_what_is_worse_than_it_was_given_for(lender: Lender) -> None:
    override(lender, "keep", LAST)
    lender.decide(supersede="overridden")
    critical = decided(lender, "rgr", NEXT)
    assert (critical.decision, critical.recommended) == ("retrain", None)
    assert critical.reasons[-1] == (
        "the override of 2025-01 does not hold: discrimination has become worse"
    )


def test_closing_it_records_the_outcome_and_ends_it(lender: Lender) -> None:
    given = override(lender, "keep", LAST)
    lender.decide(supersede="overridden")
    decided(lender, "ggr", NEXT)
    close(lender.period(NEXT), NOW, Statement(WHO, "O/E is 1.02 since", AT))
    assert decided(lender, "ggr", LATER).decision == "retrain"
    (found,) = overrides(lender.store)
    assert (found.closed, found.outcome) == (f"{NEXT}", "O/E is 1.02 since")
    events = [(record.event, record.id) for record in lender.trail()]
    assert ("overridden", given.id) in events and ("override_closed", given.id) in events
    with pytest.raises(UserError, match="no open override"):
        close(lender.period(NEXT), NOW, STATEMENT)


def test_the_newest_override_of_a_month_counts(lender: Lender) -> None:
    override(lender, "keep", LAST)
    override(lender, "retrain")
    decision = lender.decide(supersede="overridden")
    assert (decision.decision, decision.inputs["override"]) == ("retrain", "2025-01-01/0002")


def test_a_person_may_contain_and_may_take_a_containment_back(tmp_path: Path) -> None:
    lender = with_champion(tmp_path)
    lender.measured("gci")
    lender.decide()
    override(lender, "watch", NEXT)
    lender.decide(supersede="a campaign, known")
    assert contained_in(lender.store, NOW) == []
    assert decided(lender, "gcg", NEXT).decision == "watch"
    override(lender, "contain", month=NEXT)
    lender.decide(NEXT, supersede="it was no campaign")
    assert [found.segments for found in contained_in(lender.store, LATER)] == [("all",)]


@pytest.mark.parametrize(
    ("decision", "until", "text"),
    [
        ("keep", date(2024, 12, 1), "is not between 2025-01-01 and 2025-07-01"),
        ("keep", date(2025, 8, 1), r"governance\.override_months: 6"),
        ("retrain", NEXT, "retrain is done once, in 2025-01: give no --until"),
    ],
)
def test_an_end_that_cannot_be_is_refused(lender: Lender, decision, until, text) -> None:
    with pytest.raises(UserError, match=text):
        override(lender, decision, until)
    assert overrides(lender.store) == []


def test_only_the_newest_decided_month_can_be_overridden(lender: Lender) -> None:
    decided(lender, "ggg", NEXT)
    with pytest.raises(UserError, match="2025-02 is the newest decided month"):
        override(lender, "keep")
    with pytest.raises(UserError, match="2025-03 cannot be overridden"):
        override(lender, "keep", month=LATER)


def test_what_quality_blocked_and_what_has_no_champion_cannot_be_overridden(
    tmp_path: Path,
) -> None:
    blocked = with_champion(tmp_path / "blocked")
    blocked.quality(failure="form: 90 of 100 rows set aside")
    blocked.decide()
    fresh = Lender(tmp_path / "fresh")
    fresh.measured("", version="")
    fresh.decide(version="")
    for lender in (blocked, fresh):
        with pytest.raises(UserError, match="nothing to override"):
            override(lender, "keep")


def test_an_override_needs_a_reason(lender: Lender) -> None:
    with pytest.raises(UserError, match="needs a reason"):
        give(lender.period(NOW), NOW, "keep", None, Statement(WHO, " ", AT))


def test_a_decision_without_override_or_containment_says_nothing_of_them(lender: Lender) -> None:
    record = lender.decide().record()
    assert "recommended" not in record and "contained" not in record
