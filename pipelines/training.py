"""The retrain branch by hand: a challenger at a chosen month, outside the monthly decision."""

from kfp import dsl
from kfp.dsl.base_component import BaseComponent

from creditrisk.stages.closing.component import close_month
from creditrisk.stages.decision.component import resolve_period
from creditrisk.stages.etl.component import etl
from creditrisk.stages.parameter_defaults import INSTALLED, SCHEDULED
from pipelines.challenge import challenge
from pipelines.task import (
    LARGE,
    LIMITS,
    SMALL,
    configure,
    give_configuration,
    may_alert,
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
        name="training",
        description="Train, validate and promote a challenger by hand.",
        pipeline_config=LIMITS,
    )
    def training(as_of: str = SCHEDULED, landing: str = INSTALLED, config: str = INSTALLED) -> None:
        """A challenger on demand.

        1. resolve_period   which month, under which policy, against which champion
        2. etl              skips what is committed
        3. challenge        train, validate, promote, score again
        4. close_month      always

        Args:
            as_of: The month, as 2024-09-01; scheduled (or empty): the one of the schedule's date.
            landing: Where the delivered files are; installed (or empty): as the installation says.
            config: Policy and portfolio, as frozen in the store; installed (or empty): its files.
        """
        closing = close_month(run_id=run_id)
        may_alert(configure(closing, "Close", SMALL, retries))
        with dsl.ExitHandler(closing, name="challenge"):
            period = resolve_period(
                as_of=as_of, scheduled_at=scheduled_at, config=config, run_id=run_id, lease=True
            )
            configure(period, "Resolve the period", SMALL, retries)
            give_configuration(period)
            month, frozen = period.outputs["month"], period.outputs["config"]
            tables = etl(month=month, config=frozen, run_id=run_id, landing=landing)
            with_pii_key(with_executors(configure(tables, "Bronze, silver, gold", LARGE, retries)))
            champion, gold = period.outputs["champion"], tables.outputs["gold"]
            challenge("retrain", month, frozen, champion, gold, run_id, retries)

    return training
