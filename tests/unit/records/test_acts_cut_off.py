"""A person's act that was cut off between its document and its record is done again, and whole."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from creditrisk.errors import UserError
from creditrisk.period import Period
from creditrisk.records.audit import Trail
from creditrisk.records.binding import Binding
from creditrisk.records.containment import lift
from creditrisk.records.findings import close_finding, open_finding
from creditrisk.records.identity import Identity, Statement
from creditrisk.records.overrides import close, give
from tests.builders.gold_lender import CHAMPION, NOW, Lender, with_champion

ANN = Statement(Identity("ann", "self-asserted"), "it was looked into", "2025-02-02T08:00:00+00:00")
LATER = replace(ANN, at="2025-02-02T09:30:00+00:00")
Act = Callable[[Period, Statement], object]


def override(period: Period, who: Statement) -> None:
    give(period, NOW, "keep", None, who)


def end_of_override(period: Period, who: Statement) -> None:
    close(period, NOW, who)


def lifting(period: Period, who: Statement) -> None:
    lift(period, who)


def end_of_finding(period: Period, who: Statement) -> None:
    close_finding(period, "F-0001", who)


@pytest.fixture
def lender(tmp_path, monkeypatch) -> Lender:
    """January contains, and its champion has a finding."""
    monkeypatch.setattr("creditrisk.records.findings.read_files", lambda *_: {})  # it has no files
    made = with_champion(tmp_path)
    made.measured("gci")
    made.decide()
    open_finding(made.period(NOW), CHAMPION, "low", "bob", date(2026, 1, 1), ANN)
    return made


@pytest.mark.parametrize("act", [override, end_of_override, lifting, end_of_finding])
def test_it_is_finished_by_who_does_it_again_and_by_nobody_else(
    lender: Lender, act: Act, monkeypatch
) -> None:
    if act is end_of_override:
        override(lender.period(NOW), ANN)
    with monkeypatch.context() as patch:
        patch.setattr(Trail, "append", killed)
        with pytest.raises(KeyboardInterrupt):
            act(lender.period(NOW), ANN)
    records = len(lender.trail())
    with pytest.raises(UserError, match="somebody else did so"):
        act(lender.period(NOW), replace(LATER, reason="another"))
    act(lender.period(NOW), LATER)
    assert len(lender.trail()) == records + 1
    assert list(Binding.of(lender.store, lender.period(NOW).trail).documents()) == []


def finding(period: Period, who: Statement) -> str:
    return open_finding(period, CHAMPION, "high", "bob", None, who).id


def test_a_finding_is_finished_by_who_opens_it_again_and_another_gets_a_number_of_its_own(
    lender: Lender, monkeypatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Trail, "append", killed)
        with pytest.raises(KeyboardInterrupt):
            finding(lender.period(NOW), ANN)
    assert finding(lender.period(NOW), replace(LATER, reason="another")) == "F-0003"
    assert finding(lender.period(NOW), LATER) == "F-0002"
    assert finding(lender.period(NOW), LATER) == "F-0004"  # what was finished is another's copy
    assert list(Binding.of(lender.store, lender.period(NOW).trail).documents()) == []


def test_a_finding_that_somebody_removed_keeps_nobody_from_opening_the_next(lender: Lender) -> None:
    first = finding(lender.period(NOW), ANN)
    finding(lender.period(NOW), replace(ANN, reason="another"))
    lender.store.delete(f"registry/findings/{first}/opened.json")
    assert finding(lender.period(NOW), replace(ANN, reason="a third")) == "F-0004"


def killed(*_: object) -> None:
    raise KeyboardInterrupt
