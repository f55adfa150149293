"""Bronze, silver and gold in one Spark driver."""

from kfp.dsl import HTML, Dataset, Output

from creditrisk.stages.runtime import component


@component("spark")
def etl(
    month: str,
    config: str,
    run_id: str,
    landing: str,
    bronze: Output[Dataset],
    silver: Output[Dataset],
    gold: Output[Dataset],
    quality: Output[HTML],
) -> None:
    """Build one month of every table; fails the run where quality blocks it."""
    from creditrisk.stages.artifacts import write_pointer, write_text
    from creditrisk.stages.etl.month import build_month
    from creditrisk.stages.parameter_defaults import INSTALLED, given
    from creditrisk.stages.task import task

    with task("etl", month, config, run_id) as period:
        built = build_month(period, given(landing, INSTALLED))
        write_pointer(bronze, built.bronze)
        write_pointer(silver, built.silver)
        write_pointer(gold, built.gold)
        write_text(quality, built.page)


@component("spark")
def backfill(config: str, run_id: str, landing: str, start: str, end: str) -> int:
    """Build a range of months, one Spark job per layer; returns how many there are."""
    from creditrisk.calendar_month import parse_month
    from creditrisk.stages.etl.month import build_range
    from creditrisk.stages.parameter_defaults import INSTALLED, given
    from creditrisk.stages.task import task

    with task("backfill", end, config, run_id) as period:
        first, last = parse_month(start, "from"), parse_month(end, "to")
        return len(build_range(period, given(landing, INSTALLED), first, last))
