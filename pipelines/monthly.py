"""The monthly life cycle."""

from kfp import dsl
from kfp.dsl.base_component import BaseComponent

from creditrisk.stages.closing.component import close_month
from creditrisk.stages.decision.component import decide, resolve_period
from creditrisk.stages.etl.component import etl
from creditrisk.stages.monitoring.component import evidently, monitor
from creditrisk.stages.parameter_defaults import INSTALLED, NO, SCHEDULED
from creditrisk.stages.scoring.component import score
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
    """The pipeline; a local run passes literals, because kfp.local knows no schedule time."""

    @dsl.pipeline(
        name="monthly-lifecycle",
        description="Feed, score, measure, decide, replace.",
        pipeline_config=LIMITS,
    )
    def monthly_lifecycle(
        as_of: str = SCHEDULED,
        landing: str = INSTALLED,
        config: str = INSTALLED,
        supersede: str = NO,
    ) -> None:
        """One month of a credit-risk model.

        1. resolve_period   which month, under which policy, with which champion
        2. etl              bronze, silver, gold; fails the run when quality blocks the month
        3. score            the month's applications
        4. monitor          discrimination, stability, calibration
        5. decide           the 2/3 rule
        6. challenge        only where the action is retrain or recalibrate
        7. evidently        beside 5 and 6, for people: nothing waits for it
        8. close_month      always: the record, the page, the lease, alerts

        Args:
            as_of: The month, as 2024-09-01; scheduled (or empty): the one of the schedule's date.
            landing: Where the delivered files are; installed (or empty): as the installation says.
            config: Policy and portfolio, as frozen in the store; installed (or empty): its files.
            supersede: Why a month that is decided is decided again; no (or empty): it is not.
        """
        closing = close_month(run_id=run_id)
        may_alert(configure(closing, "Close the month", SMALL, retries))
        with dsl.ExitHandler(closing, name="month"):
            period = resolve_period(
                as_of=as_of, scheduled_at=scheduled_at, config=config, run_id=run_id, lease=True
            )
            configure(period, "Resolve the period", SMALL, retries)
            give_configuration(period)
            month, frozen = period.outputs["month"], period.outputs["config"]
            champion = period.outputs["champion"]
            common = {"month": month, "config": frozen, "run_id": run_id}

            tables = etl(**common, landing=landing)
            with_pii_key(with_executors(configure(tables, "Bronze, silver, gold", LARGE, retries)))
            silver, gold = tables.outputs["silver"], tables.outputs["gold"]
            scored = score(**common, version=champion, rescored=False, gold=gold)
            configure(scored, "Score", LARGE, retries)
            scores = scored.outputs["scores"]
            measured = monitor(**common, champion=champion, silver=silver, gold=gold, scores=scores)
            configure(measured, "Monitor", LARGE, retries)
            findings = measured.outputs["findings"]
            read = {"gold": gold, "scores": scores, "findings": findings}
            decided = decide(**common, champion=champion, supersede=supersede, **read)
            # a second try finds the record of the first: a month is decided once
            configure(decided, "Decide", SMALL, retries)
            drawn = evidently(**common, champion=champion, gold=gold)
            # it reads nothing of the measuring, and must not compete with it for memory
            configure(drawn, "Evidently's pages", LARGE, retries).after(measured)
            action = decided.outputs["Output"]

            wires = (month, frozen, champion, gold, run_id, retries)
            # one branch for both: an Elif adds a level that kfp names condition-branches-1
            with dsl.If(action != "none", name="challenge"):
                challenge(action, *wires)

    return monthly_lifecycle
