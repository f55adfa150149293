"""The month's page: the dashboard as it stood that month, one file in the store."""

from dataclasses import replace
from functools import partial

from creditrisk.errors import UserError
from creditrisk.period import Period
from creditrisk.records import layout
from creditrisk.records.damage import Damage
from creditrisk.reports.card_page import write_card_page
from creditrisk.reports.dashboard.reader import Reader
from creditrisk.reports.dashboard.reading import Reading
from creditrisk.reports.dashboard.static_page import static_page
from creditrisk.reports.month_summary import MONTHS_SHOWN


def report(period: Period) -> str:
    """Write `months/<as_of>/report.html` and return it; `UserError` where nothing can be read."""
    reading = Reader(period.store.uri, last=MONTHS_SHOWN, upto=period.as_of).read()
    if reading.fault:
        raise UserError(reading.fault)
    versions = _versions(reading) if reading.summaries else ()
    damage = Damage()  # a card that cannot be read is named in the reading
    cards = {damage.read(id, partial(write_card_page, period.store, id), "") for id in versions}
    linked = replace(reading, pages=reading.pages | cards - {""})
    page = static_page(linked, layout.month(period.as_of))
    period.store.write(layout.month(period.as_of, "report.html"), page.encode())
    return page


def _versions(reading: Reading) -> list[str]:
    """The month's champion and its challenger, where they are complete."""
    summary, known = reading.newest, {version.id for version in reading.versions}
    judged = summary.challenge.version if summary.challenge else ""
    return sorted({summary.champion, judged} & known)
