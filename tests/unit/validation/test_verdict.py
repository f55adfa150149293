import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditrisk.stages.validation.gate import REQUIRED, reasons, verdict_of
from tests.builders.evidence import gate


def full(**states):
    names = dict.fromkeys(REQUIRED, "green") | states
    return [gate(name, state) for name, state in names.items()]


def test_a_verdict_needs_every_gate_and_no_red():
    assert verdict_of(full(), "") == "pass"
    assert verdict_of(full(decay="amber", oe="amber"), "") == "pass"
    assert verdict_of(full(decay="red"), "") == "fail"
    assert verdict_of(full(sample="insufficient"), "") == "insufficient"
    assert verdict_of(full(sample="insufficient", decay="red"), "") == "insufficient"
    assert verdict_of([], "") == "insufficient"


def test_with_a_champion_the_comparison_is_needed():
    assert verdict_of(full(), "2024-01-initial-00000000") == "insufficient"
    assert verdict_of(full(champion="green"), "2024-01-initial-00000000") == "pass"
    assert verdict_of(full(champion="red"), "2024-01-initial-00000000") == "fail"


@pytest.mark.parametrize("name", sorted(REQUIRED))
def test_no_gate_may_be_left_out(name):
    assert verdict_of([one for one in full() if one.gate != name], "") == "insufficient"


def test_reasons_name_gate_and_window():
    assert reasons(full(decay="red")) == ("decay, all windows: why",)


@given(st.sampled_from(sorted(REQUIRED)), st.sampled_from(["amber", "red", "insufficient"]))
def test_a_worse_gate_never_gives_a_milder_verdict(name, worse):
    order = ["pass", "fail", "insufficient"]
    assert order.index(verdict_of(full(**{name: worse}), "")) >= order.index(verdict_of(full(), ""))
