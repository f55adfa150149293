"""Every loan that matures is bad: nothing ranks, the level is critical, no PD is published."""

from creditrisk.calendar_month import add_months
from creditrisk.records.champion_pointer import current_champion
from creditrisk.records.containment import contained_in
from creditrisk.records.quality import save_report
from creditrisk.records.validation import read_validation
from creditrisk.stages.decision.decide import decide
from creditrisk.stages.monitoring.monitor import monitor
from creditrisk.stages.promotion.promote import promote
from creditrisk.stages.training.train import train
from creditrisk.stages.validation.validate import validate
from tests.builders.evidence import quality_report
from tests.builders.small_lender import Scenario, fill
from tests.builders.trained_version import TRAINED_AT, UNSEEN
from tests.builders.versions import AT, at_month, judged, with_version


def test_a_book_that_is_all_bad_is_contained_and_its_challenger_is_not_judged(tmp_path):
    first, champion = with_version(tmp_path, TRAINED_AT)
    period = at_month(first, add_months(TRAINED_AT, 1))
    fill(period, {UNSEEN: Scenario(odds=1e9)})
    judged(first, champion)
    promote(first, champion, "pipeline", at=AT)
    save_report(period.store, quality_report(period.as_of))
    monitor(period, champion)
    decision = decide(period, champion, at=AT)
    states = {name: axis.state for name, axis in decision.axes.items()}
    assert (states["discrimination"], states["calibration"]) == ("insufficient", "critical")
    assert (decision.decision, decision.action) == ("contain", "retrain")
    assert [one.segments for one in contained_in(period.store, period.as_of, champion)] == [
        ("all",)
    ]
    challenger = train(period, decision.branch, champion)
    assert validate(period, challenger, champion, at=AT) == "insufficient"
    (lacking,) = (g for g in read_validation(period.store, challenger).gates if not g.passed)
    assert (lacking.gate, lacking.reason) == (
        "sample", "400 bads and 0 goods, 30 bads needed",
    )  # fmt: skip
    assert current_champion(period.store) == champion
