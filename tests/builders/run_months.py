"""Months of the small lender through the stages' own functions, as the pipeline runs its tasks."""

from creditrisk.period import Period
from creditrisk.records.champion_pointer import current_champion
from creditrisk.records.decision import Decision
from creditrisk.records.quality import save_report
from creditrisk.stages.decision.decide import decide
from creditrisk.stages.monitoring.monitor import monitor
from creditrisk.stages.promotion.promote import promote
from creditrisk.stages.scoring.score import score
from creditrisk.stages.training.train import train
from creditrisk.stages.validation.validate import validate
from tests.builders.evidence import quality_report
from tests.builders.versions import AT


def run_month(period: Period) -> Decision:
    """Score, measure, decide and, where that acts, challenge."""
    champion = current_champion(period.store)
    save_report(period.store, quality_report(period.as_of))
    score(period, champion)
    monitor(period, champion)
    decision = decide(period, champion, at=AT)
    if decision.action != "none":
        version = train(period, decision.branch, champion)
        if validate(period, version, champion, at=AT) == "pass":
            promote(period, version, "pipeline", at=AT)
    return decision
