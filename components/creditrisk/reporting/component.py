"""The exit task: closes the month's books and draws its page, whatever happened before."""

from kfp.dsl import HTML, Output

from creditrisk.runtime import component


@component("ml")
def close_month(run_id: str, page: Output[HTML]) -> None:
    """Record how the run ended, write the month's page, give the lease back."""
    from creditrisk.artifacts import write_text
    from creditrisk.governance.close import close
    from creditrisk.reporting.report import report

    period = close(run_id)
    write_text(page, report(period))
