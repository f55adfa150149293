"""The retrain branch, composed by a plain function: fit, validate, refit, promote, score again."""

from kfp import dsl
from kfp.dsl.pipeline_channel import PipelineChannel

from creditrisk.stages.promotion.component import promote
from creditrisk.stages.scoring.component import score
from creditrisk.stages.training.component import refit, train
from creditrisk.stages.validation.component import validate
from pipelines.task import LARGE, SMALL, configure


def challenge(  # noqa: PLR0913 - the wires of a sub-graph
    kind: str | PipelineChannel,
    month: PipelineChannel,
    config: PipelineChannel,
    champion: PipelineChannel,
    gold: PipelineChannel,
    run_id: str,
    retries: int,
) -> None:
    """Build a challenger; if it passes three OOT windows, promote it and score the month again.

    1. train      fit on matured cohorts older than the windows
    2. validate   read the three windows once
    3. refit      only on "pass": the version itself, or where the policy asks for one its refit
    4. promote    what refit returned
    5. score      the month again, marked; nothing while approval is pending
    """
    common = {"month": month, "config": config, "run_id": run_id}
    trained = train(**common, kind=kind, champion=champion, gold=gold)
    configure(trained, "Train a challenger", LARGE, retries)
    version = trained.outputs["Output"]
    verdict = validate(**common, version=version, champion=champion, gold=gold)
    configure(verdict, "Validate on three OOT windows", LARGE, retries)
    with dsl.If(verdict.outputs["Output"] == "pass", name="passed"):
        final = refit(**common, version=version, gold=gold)
        configure(final, "Refit on all matured cohorts", LARGE, retries)
        promoted = promote(**common, version=final.outputs["Output"])
        configure(promoted, "Promote", SMALL, retries)
        again = score(**common, version=promoted.output, rescored=True, gold=gold)
        configure(again, "Score again", LARGE, retries)
