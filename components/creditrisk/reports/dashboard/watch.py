"""Looks at the store again and again, so that a page never waits for it."""

from datetime import date
from functools import cache, cached_property
from threading import Event, Thread

from creditrisk.calendar_month import parse_month
from creditrisk.reports.applicant.explanation import explained
from creditrisk.reports.applicant.page import applicant_page
from creditrisk.reports.applicant.score_of_record import score_of_record
from creditrisk.reports.dashboard.blocks import Page
from creditrisk.reports.dashboard.pages import MONTH, is_page, page
from creditrisk.reports.dashboard.reader import Reader
from creditrisk.reports.dashboard.reading import Reading


class Shown:
    """A reading and its pages, each drawn once; `months` shown, 0: all."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self._kept = cache(self._drawn)

    @cached_property
    def stamp(self) -> str:
        """Another stamp, other pages."""
        return f"{self.reading.stamp}{self.reading.fault}{len(self.reading.expired)}"

    def page(self, name: str, months: int = 0) -> Page:
        """A page by its name; one that is none is not kept: there is no end of such names."""
        return (self._kept if is_page(self.reading, name) else self._drawn)(name, months)

    def _drawn(self, name: str, months: int) -> Page:
        return page(self.reading.last(months), name)


class Watch:
    """What is shown now; `every`: seconds between two looks at the store."""

    def __init__(self, uri: str, every: float) -> None:
        self._reader, self.every = Reader(uri), every
        self._stopped = Event()
        self.shown = Shown(self._reader.read())

    def start(self) -> None:
        """Look from now on, beside whatever else is done."""
        Thread(target=self._look, name="watch", daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()

    def look(self) -> None:
        """Read what changed, if anything did."""
        seen = Shown(self._reader.read())
        if seen.stamp != self.shown.stamp:
            self.shown = seen

    def file(self, key: str) -> bytes:
        """An object of the store; `KeyError` when there is none."""
        return self._reader.opened().read(key)

    def month_of(self, application: str) -> date:
        """The newest month that scored it; a `UserError` says why there is none."""
        return score_of_record(self._reader.opened(), application).month

    def applicant(self, month: str, application: str) -> str:
        """The page of an application of a month; a `UserError` says why there is none.

        Not its delivered rows: they hold what a person wrote, and whole files are read.
        """
        store = self._reader.opened()
        found = score_of_record(store, application, parse_month(month, "month"))
        near = {"Overview": "/", f"{found.month:%B %Y}": f"/{MONTH}{found.month:%Y-%m}"}
        return applicant_page(explained(store, found, traced=False), near)

    def _look(self) -> None:
        while not self._stopped.wait(self.every):
            self.look()
