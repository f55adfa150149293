"""Measure the month."""

from kfp.dsl import HTML, Dataset, Input, Metrics, Output

from creditrisk.runtime import component


@component("ml")
def monitor(
    month: str,
    config: str,
    run_id: str,
    champion: str,
    scores: Input[Dataset],
    findings: Output[Dataset],
    numbers: Output[Metrics],
    quality: Output[HTML],
) -> None:
    """Write the findings on the three axes and the portfolio, and which applications are odd."""
    from creditrisk.artifacts import write_pointer, write_text
    from creditrisk.monitoring.monitor import monitor as monitor_month
    from creditrisk.monitoring.monitor import numbers_of
    from creditrisk.quality.page import stored_page
    from creditrisk.runs import task

    with task("monitor", month, config, run_id) as period:
        commit = monitor_month(period, champion)
        write_pointer(findings, {commit.table: commit})
        for name, value in numbers_of(period, commit).items():
            numbers.log_metric(name, value)
        write_text(quality, stored_page(period.store, period.as_of))
