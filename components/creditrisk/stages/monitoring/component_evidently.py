"""Draw the month."""

from kfp.dsl import HTML, Dataset, Input, Output

from creditrisk.stages.runtime import component


@component("ml")
def evidently(
    month: str,
    config: str,
    run_id: str,
    champion: str,
    gold: Input[Dataset],
    drift_report: Output[HTML],
    summary_report: Output[HTML],
    classification_report: Output[HTML],
) -> None:
    """Evidently's pages, where the policy wants them; one that is not drawn says why, no more."""
    from creditrisk.period import Period

    if not Period.open(month, config, run_id).policy.monitoring.reports:
        return  # before what draws them is imported: two seconds of CPU
    from creditrisk.stages.artifacts import pinned, write_text
    from creditrisk.stages.monitoring.evidently_month import draw_reports
    from creditrisk.stages.task import task

    with task("evidently", month, config, run_id) as period:
        pages = draw_reports(pinned(period, gold), champion)
        for name, out in (
            ("drift", drift_report),
            ("summary", summary_report),
            ("classification", classification_report),
        ):
            write_text(out, pages[name].html)
