"""Make a challenger the champion."""

from creditrisk.runtime import component


@component("ml")
def promote(month: str, config: str, run_id: str, version: str) -> str:
    """Promote, or ask for approval; returns promoted or pending."""
    from creditrisk.registry.promote import promote as promote_version
    from creditrisk.runs import now, task

    with task("promote", month, config, run_id) as period:
        return promote_version(period, version, actor="pipeline", at=now())
