"""Measure the month, and draw it."""

from kfp.dsl import HTML, Dataset, Input, Metrics, Output

from creditrisk.stages.runtime import component


@component("ml")
def monitor(
    month: str,
    config: str,
    run_id: str,
    champion: str,
    silver: Input[Dataset],
    gold: Input[Dataset],
    scores: Input[Dataset],
    findings: Output[Dataset],
    month_metrics: Output[Metrics],
    data_quality: Output[HTML],
) -> None:
    """Write the findings on the three axes and the portfolio, and which applications are odd."""
    from creditrisk.quality.page import stored_page
    from creditrisk.stages.artifacts import pinned, write_pointer, write_text
    from creditrisk.stages.monitoring.monitor import monitor as monitor_month
    from creditrisk.stages.monitoring.monitor import numbers_of
    from creditrisk.stages.task import task

    with task("monitor", month, config, run_id) as period:
        commit = monitor_month(pinned(period, silver, gold, scores), champion)
        write_pointer(findings, {commit.table: commit})
        for name, value in numbers_of(period, commit).items():
            month_metrics.log_metric(name, value)
        write_text(data_quality, stored_page(period.store, period.as_of))


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
