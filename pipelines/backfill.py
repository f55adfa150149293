"""A range of months into the lake: one Spark job per layer."""

from kfp import dsl
from kfp.dsl.base_component import BaseComponent

from creditrisk.stages.decision.component import resolve_period
from creditrisk.stages.etl.component import backfill as backfill_months
from creditrisk.stages.parameter_defaults import INSTALLED
from pipelines.task import (
    LIMITS,
    SMALL,
    YEARS,
    configure,
    give_configuration,
    with_executors,
    with_pii_key,
)


def build(
    scheduled_at: str = dsl.PIPELINE_JOB_SCHEDULE_TIME_UTC_PLACEHOLDER,
    run_id: str = dsl.PIPELINE_JOB_ID_PLACEHOLDER,
    retries: int = 2,
) -> BaseComponent:
    """The pipeline; see `pipelines.monthly.build` for the arguments."""

    @dsl.pipeline(
        name="backfill",
        description="Build a range of months of every table.",
        pipeline_config=LIMITS,
    )
    def backfill(start: str, end: str, landing: str = INSTALLED, config: str = INSTALLED) -> None:
        """Months into the lake.

        1. resolve_period   freezes policy and portfolio
        2. backfill         bronze, silver, gold of every month from `start` to `end`

        Args:
            start: The first month, as 2024-09-01.
            end: The last month, as 2025-02-01.
            landing: Where the delivered files are; installed (or empty): as the installation says.
            config: Policy and portfolio, as frozen in the store; installed (or empty): its files.
        """
        period = resolve_period(
            as_of=end, scheduled_at=scheduled_at, config=config, run_id=run_id, lease=False
        )
        configure(period, "Resolve the period", SMALL, retries)
        give_configuration(period)
        built = backfill_months(
            config=period.outputs["config"], run_id=run_id, landing=landing, start=start, end=end
        )
        with_pii_key(with_executors(configure(built, "Backfill", YEARS, retries)))

    return backfill
