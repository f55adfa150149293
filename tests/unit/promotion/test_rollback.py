from datetime import date

import pytest

from creditrisk.errors import GateError, UserError
from creditrisk.records.champion_pointer import (
    champion_at,
    champion_history,
    champions_in_force,
    current_champion,
)
from creditrisk.records.identity import Identity, Statement
from creditrisk.records.layout import VERSIONS
from creditrisk.records.retirement import fallbacks, retire
from creditrisk.stages.decision.options import options
from creditrisk.stages.promotion.promote import promote
from creditrisk.stages.promotion.promotion_record import rollback
from tests.builders.versions import AT, at_month, passed

APRIL, MAY, JUNE = (date(2024, month, 1) for month in (4, 5, 6))


def test_a_rollback_puts_the_previous_champion_back_as_a_new_entry(period, version):
    promote(period, version, "pipeline", at=AT)
    second = passed(period, version, "second")
    promote(at_month(period, MAY), second, "pipeline", at=AT)
    assert rollback(at_month(period, JUNE), "PDs too low", "ann", at=AT) == version
    tenures = [tenure.version for tenure in champion_history(period.store)]
    assert tenures == [version, second, version]
    assert champion_at(period.store, JUNE) == second
    assert champion_at(period.store, date(2024, 7, 1)) == version
    record = period.trail.find("rolled_back", "3")
    assert (record.actor, record.body["left"], record.body["reason"]) == (
        "ann", second, "PDs too low",
    )  # fmt: skip


def test_what_was_rolled_back_is_never_fallen_back_on(period, version):
    second, third = passed(period, version, "second"), passed(period, version, "third")
    for made in (version, second, third):
        promote(period, made, "pipeline", at=AT)
    assert rollback(period, "worse", "ann", at=AT) == second
    assert rollback(period, "worse still", "ann", at=AT) == version
    with pytest.raises(UserError, match="there is no champion before"):
        rollback(period, "and again", "ann", at=AT)


def test_a_rolled_back_version_is_not_promoted_again_by_a_second_run(period, version):
    second = passed(period, version, "second")
    promote(period, version, "pipeline", at=AT)
    promote(period, second, "pipeline", at=AT)
    rollback(period, "worse", "ann", at=AT)
    with pytest.raises(GateError, match="was rolled back"):
        promote(period, second, "pipeline", at=AT)
    assert promote(at_month(period, MAY), second, "ann", at=AT) == "promoted"
    assert current_champion(period.store) == second


def test_a_rollback_needs_a_reason_and_a_whole_predecessor(period, version):
    promote(period, version, "pipeline", at=AT)
    promote(period, passed(period, version, "second"), "pipeline", at=AT)
    with pytest.raises(UserError, match="needs a reason"):
        rollback(period, " ", "ann", at=AT)
    period.store.write(f"{VERSIONS}{version}/model.cbm", b"damaged")
    with pytest.raises(UserError, match=r"model\.cbm was altered"):
        rollback(period, "worse", "ann", at=AT)
    assert len(champion_history(period.store)) == 2


def test_past_a_retired_champion_there_is_one_rollback_and_no_second(period, version):
    second, third = passed(period, version, "second"), passed(period, version, "third")
    for made in (version, second, third):
        promote(period, made, "pipeline", at=AT)
    retire(period, second, Statement(Identity("ann", "self-asserted"), "unfair", AT))
    assert fallbacks(period, champion_history(period.store)) == [version]
    assert rollback(period, "worse", "ann", at=AT) == version
    assert champions_in_force(champion_history(period.store)) == [version]
    with pytest.raises(UserError, match="there is no champion before"):
        rollback(period, "and again", "ann", at=AT)
    assert len(champion_history(period.store)) == 4


def test_an_escalation_names_the_champion_that_a_rollback_would_go_back_to(period, version):
    second, third = passed(period, version, "second"), passed(period, version, "third")
    for made in (version, second, third):
        promote(period, made, "pipeline", at=AT)
    rollback(period, "worse", "ann", at=AT)
    assert f"go back to {version} " in options(period, second, {})[0]  # third was rolled back
    retire(period, version, Statement(Identity("ann", "self-asserted"), "unfair", AT))
    assert options(period, second, {})[0] == "no previous champion to go back to"
