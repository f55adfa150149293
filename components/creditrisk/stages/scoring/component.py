"""Score the month's applications."""

from kfp.dsl import Dataset, Input, Output

from creditrisk.stages.runtime import component


@component("ml")
def score(
    month: str,
    config: str,
    run_id: str,
    version: str,
    rescored: bool,
    gold: Input[Dataset],
    scores: Output[Dataset],
) -> None:
    """Publish PDs, grades and reason codes; without a champion, an empty table of the same type."""
    from creditrisk.records.store_check import require_scorer
    from creditrisk.stages.artifacts import pinned, write_pointer
    from creditrisk.stages.scoring.score import score as score_month
    from creditrisk.stages.task import task

    if rescored and not version:
        return  # approval is pending: the scores of record stay alone
    with task("rescore" if rescored else "score", month, config, run_id) as period:
        require_scorer(period, version)
        commit = score_month(pinned(period, gold), version, rescored)
        write_pointer(scores, {commit.table: commit})
