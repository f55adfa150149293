"""The exit task: closes the month's books and draws its page, whatever happened before."""

from kfp.dsl import HTML, Output

from creditrisk.runtime import component


@component("ml")
def close_month(run_id: str, page: Output[HTML]) -> None:
    """Record how the run ended, give the lease back, write the month's page, tell people."""
    from creditrisk.artifacts import write_text
    from creditrisk.errors import UserError
    from creditrisk.governance.close import close
    from creditrisk.reporting.alerts.tell import tell, tell_failure
    from creditrisk.reporting.report import report
    from creditrisk.runs import now

    try:
        period = close(run_id)
    except UserError as error:
        tell_failure(run_id, str(error), at=now())
        raise
    try:
        write_text(page, report(period))
    finally:
        tell(period, at=now())
