"""Build a challenger; after a pass, fit it again where the policy asks for it."""

from kfp.dsl import Dataset, Input, Markdown, Metrics, Model, Output

from creditrisk.stages.runtime import component


@component("ml")
def train(
    month: str,
    config: str,
    run_id: str,
    kind: str,
    champion: str,
    gold: Input[Dataset],
    model_version: Output[Model],
    model_card: Output[Markdown],
    training_metrics: Output[Metrics],
) -> str:
    """Fit, tune and calibrate; returns the version's id."""
    from creditrisk.model.version import load_version
    from creditrisk.records.run import now
    from creditrisk.stages.artifacts import pinned, write_text, write_version
    from creditrisk.stages.task import task
    from creditrisk.stages.training.train import train as train_version

    with task("train", month, config, run_id) as period:
        version = train_version(
            pinned(period, gold), kind if champion else "initial", champion, at=now()
        )
        trained = load_version(period.store, version)
        write_text(model_card, trained.card_markdown)
        for name, value in trained.metrics.headlines().items():
            training_metrics.log_metric(name, value)
        write_version(model_version, period.store, version)
        return version


@component("ml")
def refit(
    month: str,
    config: str,
    run_id: str,
    version: str,
    gold: Input[Dataset],
    model_version: Output[Model],
) -> str:
    """Fit a version that passed on all matured cohorts; returns what to promote (default: it)."""
    from creditrisk.records.run import now
    from creditrisk.stages.artifacts import pinned, write_version
    from creditrisk.stages.task import task
    from creditrisk.stages.training.train import refit_after_pass

    with task("refit", month, config, run_id) as period:
        final = refit_after_pass(pinned(period, gold), version, at=now())
        write_version(model_version, period.store, final)
        return final
