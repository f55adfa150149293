"""A year of simulated lenders unlike one another, from their description to each decision.

`python -m bench.lender_years [NAME ...]`: by quarter with a status per month in columns of its own;
the same loans by one extract of outcomes; by season with states and figures of the economy; cards
in months before a date; leases as a spreadsheet saves them; workshops in four encodings.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from creditrisk.period import freeze
from creditrisk.policy import load_policy
from creditrisk.portfolio import load_portfolio
from creditrisk.records.run import RunRecord
from creditrisk.reports.month_summary import month_summary
from creditrisk.storage import Store, open_store
from pipelines.local.in_process import replay
from tests.builders import (
    card_history_lender,
    leasing_lender,
    quarterly_lender,
    seasonal_lender,
    workshop_lender,
)

FOLDER = Path(__file__).parents[1] / "tests" / "portfolios"


@dataclass(frozen=True)
class Year:
    """A lender's files, how they are described and judged, and the year that is run."""

    deliver: Callable[[Path, int], None]
    months: int
    portfolio: str
    policy: str
    first: date
    last: date


_QUARTERLY = quarterly_lender.deliver, 42
_IN_2022 = date(2022, 7, 1), date(2023, 6, 1)
YEARS = {
    "quarterly": Year(*_QUARTERLY, "quarterly", "quarterly_policy", *_IN_2022),
    "extract": Year(*_QUARTERLY, "quarterly_extract", "quarterly_policy", *_IN_2022),
    "seasonal": Year(
        seasonal_lender.deliver,
        30,
        "seasonal",
        "seasonal_policy",
        date(2022, 9, 1),
        date(2023, 8, 1),
    ),
    "card_history": Year(
        card_history_lender.deliver,
        36,
        "card_history",
        "seasonal_policy",
        date(2022, 7, 1),
        date(2023, 6, 1),
    ),
    "leasing": Year(
        leasing_lender.deliver,
        36,
        "leasing",
        "leasing_policy",
        date(2023, 1, 1),
        date(2023, 12, 1),
    ),
    "workshops": Year(workshop_lender.deliver, 42, "workshops", "quarterly_policy", *_IN_2022),
}


def main(names: list[str]) -> None:
    """Run the years named, or all; a line per month."""
    for name in names or YEARS:
        with TemporaryDirectory() as folder:
            _live(name, YEARS[name], Path(folder))


def _live(name: str, year: Year, root: Path) -> None:
    year.deliver(root / "landing", year.months)
    store = open_store((root / "store").as_uri())
    os.environ["CREDITRISK_STORE"] = store.uri
    portfolio = load_portfolio(FOLDER / f"{year.portfolio}.yaml")
    config = freeze(store, load_policy(FOLDER / f"{year.policy}.yaml"), portfolio)
    print(f"{name}: {year.first:%Y-%m} to {year.last:%Y-%m}", flush=True)

    def on_month(month: date, records: list[RunRecord]) -> None:
        print(line(store, month, records), flush=True)

    replay(store, str(root / "landing"), config, year.first, year.last, on_month)


def line(store: Store, month: date, records: list[RunRecord]) -> str:
    story = month_summary(store, month)
    applications = story.value("applications")
    states = " ".join(f"{axis} {state}" for axis, state in story.states.items())
    ended = ", ".join(f"{r.task}: {r.error}" for r in records if r.status != "ok")
    facts = (f"{month:%Y-%m}", f"{applications or 0:.0f} applications", story.decision)
    more = (states, story.outcome, "; ".join(story.reasons), ended)
    return "  " + " | ".join(filter(None, (*facts, *more)))


if __name__ == "__main__":
    main(sys.argv[1:])
