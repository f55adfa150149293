"""How a month's run ended: `months/<as_of>/run.json`, of the newest run of the month."""

from datetime import date

from pydantic import BaseModel, ConfigDict

from creditrisk.records import layout
from creditrisk.records.document import Line
from creditrisk.records.run import RunRecord, Status
from creditrisk.storage import Store

RUN = "run.json"
CLOSED = "run_closed"  # its event on the audit trail


class Closing(BaseModel):
    """When (wall clock), and by which run, a month was first closed."""

    model_config = ConfigDict(frozen=True)

    at: str
    run_id: str


class MonthRun(Line):
    """The newest run of a month.

    `closed`: None while no run of it ended well. `scheduled_at`: the time the first schedule
    meant; empty for a month asked for by name.
    """

    run_id: str
    status: Status
    tasks: tuple[RunRecord, ...] = ()
    closed: Closing | None = None
    scheduled_at: str = ""


def read_month_run(store: Store, as_of: date) -> MonthRun | None:
    """The newest run of a month; None where there was none."""
    return MonthRun.read(store, _key(as_of))


def months_run(store: Store) -> list[date]:
    """Every month that was decided or whose run ended, oldest first."""
    return layout.run_months([*store.keys(layout.DECISIONS), *store.keys(layout.MONTHS)])


def write_month_run(store: Store, as_of: date, run: MonthRun) -> None:
    store.write(_key(as_of), run.encode())


def _key(as_of: date) -> str:
    return layout.month(as_of, RUN)
