"""Judge a challenger on three out-of-time windows."""

from kfp.dsl import HTML, ClassificationMetrics, Dataset, Input, Metrics, Output

from creditrisk.stages.runtime import component


@component("ml")
def validate(
    month: str,
    config: str,
    run_id: str,
    version: str,
    champion: str,
    gold: Input[Dataset],
    validation_report: Output[HTML],
    validation_metrics: Output[Metrics],
    roc_curve: Output[ClassificationMetrics],
) -> str:
    """Read the windows once, apply the gates; returns pass, fail or insufficient."""
    from creditrisk.records.run import now
    from creditrisk.stages.artifacts import pinned, write_text
    from creditrisk.stages.task import task
    from creditrisk.stages.validation.report_page import page
    from creditrisk.stages.validation.validate import evidence_of
    from creditrisk.stages.validation.validate import validate as validate_version

    with task("validate", month, config, run_id) as period:
        verdict = validate_version(pinned(period, gold), version, champion, at=now())
        found = evidence_of(period, version)
        write_text(validation_report, page(found))
        for name, value in found.numbers().items():
            validation_metrics.log_metric(name, value)
        if found.roc and found.confusion:
            roc_curve.log_roc_curve(*([*points] for points in found.roc.points))
            roc_curve.log_confusion_matrix(["good", "bad"], [[*row] for row in found.confusion])
        return verdict
