"""The month's page: the dashboard as it stood that month, one file in the store."""

from creditrisk.errors import UserError
from creditrisk.period import Period
from creditrisk.records import layout
from creditrisk.reports.dashboard.reader import Reader
from creditrisk.reports.dashboard.static_page import static_page
from creditrisk.reports.month_summary import MONTHS_SHOWN


def report(period: Period) -> str:
    """Write `months/<as_of>/report.html` and return it; `UserError` where nothing can be read."""
    reading = Reader(period.store.uri, last=MONTHS_SHOWN, upto=period.as_of).read()
    if reading.fault:
        raise UserError(reading.fault)
    page = static_page(reading, layout.month(period.as_of))
    period.store.write(layout.month(period.as_of, "report.html"), page.encode())
    return page
