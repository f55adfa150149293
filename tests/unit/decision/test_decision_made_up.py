"""A decision put there before the month is decided is none that the run takes for its own."""

import json
from pathlib import Path

import pytest

from creditrisk.errors import GateError
from creditrisk.records.findings import escalate
from tests.builders.gold_lender import NOW, Lender, with_champion

KEY = f"decisions/{NOW}/0001.json"


@pytest.fixture
def measured(tmp_path: Path) -> Lender:
    """January is measured, and stability is critical."""
    made = with_champion(tmp_path / "own")
    made.measured("gci")
    return made


@pytest.fixture
def taken(tmp_path: Path) -> dict[str, object]:
    """What the same lender decides on the same, elsewhere."""
    made = with_champion(tmp_path / "other")
    made.measured("gci")
    made.decide()
    found: dict[str, object] = json.loads(made.store.read(KEY))
    return found


@pytest.mark.parametrize(
    "other",
    [
        {"decision": "keep", "triggers": [], "contained": []},
        {"contained": ["channel=web"]},
        {"reasons": ["all is well"]},
        {"measured": {"auc": 0.99}},
    ],
    ids=lambda other: next(iter(other)),
)
def test_it_is_named_and_gets_no_record(measured: Lender, taken, other) -> None:
    measured.put(KEY, taken | other)
    with pytest.raises(GateError, match=f"{KEY} has no record on the audit trail"):
        measured.decide()
    assert measured.trail() == []


def test_also_where_a_bad_delivery_comes_after_it(measured: Lender, taken) -> None:
    measured.put(KEY, taken | {"decision": "keep", "contained": []})
    measured.quality(failure="half the rows are missing")
    with pytest.raises(GateError, match=f"{KEY} has no record on the audit trail"):
        measured.decide()


def test_one_that_a_run_was_cut_off_after_is_taken(measured: Lender, taken) -> None:
    measured.put(KEY, taken)
    assert measured.decide().decision == taken["decision"] == "contain"
    assert [record.event for record in measured.trail()] == ["decided"]


def test_a_finding_for_a_person_put_there_before_its_month_is_not_the_rule_s(
    measured: Lender, taken
) -> None:
    body = {"id": "E-2025-01", "version": taken["champion"], "severity": "low", "text": "nothing",
            "owner": "nobody", "due": "2099-01-01", "by": "pipeline", "identity": "the rule",
            "at": "2025-01-02T00:00:00+00:00"}  # fmt: skip
    measured.put("escalations/E-2025-01.json", body)
    decision = measured.decide()
    escalated = decision.model_copy(update={"decision": "escalate"})
    with pytest.raises(GateError, match="nobody opened it"):
        escalate(measured.period(NOW), escalated, "2025-01-02T00:00:00+00:00")
