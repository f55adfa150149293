"""The exit task: closes the month's books and draws its page, whatever happened before."""

from kfp.dsl import HTML, Output

from creditrisk.stages.runtime import component


@component("ml")
def close_month(run_id: str, month_report: Output[HTML]) -> None:
    """Record how the run ended, give the lease back, write the month's page, tell people."""
    from creditrisk.errors import UserError
    from creditrisk.records.run import now
    from creditrisk.reports.alerts.send import send_alerts, send_failure
    from creditrisk.reports.write_report import report
    from creditrisk.stages.artifacts import write_text
    from creditrisk.stages.closing.close import close
    from creditrisk.stages.task import one_line

    with one_line("close_month"):
        try:
            period = close(run_id)
        except UserError as error:
            send_failure(run_id, str(error), at=now())
            raise
        try:
            month_report.metadata["audit_head"] = (
                period.trail.witness()
            )  # kept where no run writes later
            write_text(month_report, report(period))
        finally:
            send_alerts(period, at=now())
