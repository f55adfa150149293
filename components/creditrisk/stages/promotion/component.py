"""Make a challenger the champion."""

from creditrisk.stages.runtime import component


@component("ml")
def promote(month: str, config: str, run_id: str, version: str) -> str:
    """Promote, or ask for approval; returns the version, empty while it waits: nothing to score."""
    from creditrisk.records.run import now
    from creditrisk.stages.promotion.promote import promote as promote_version
    from creditrisk.stages.task import task

    with task("promote", month, config, run_id) as period:
        outcome = promote_version(period, version, actor="pipeline", at=now())
        return version if outcome == "promoted" else ""
