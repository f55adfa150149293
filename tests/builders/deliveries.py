"""Files as the small lender delivers them, clean or dirty on demand."""

import csv
import gzip
import io
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pandas as pd

from creditrisk.calendar_month import add_months
from creditrisk.contracts import Contract
from creditrisk.period import Period
from tests.builders.small_lender import START, small_period, small_policy

TABLES = ("application_form", "web_visits", "loan_ledger")
Rows = list[dict[str, str]]
DUE = 100.0
# a second table of applications, to be laid over PORTFOLIO in place of `derived:`
BUREAU = """
  bureau:
    table: bureau_report
    role: applications
    columns:
      client: {role: customer}
      month: {role: snapshot, type: date}
      points: {type: number, range: [0, 1000], text: points}
derived:"""
POLICY = small_policy("quality: {max_quarantined_share: 0.3}")


@dataclass
class Delivery:
    """Three tables over some months; change `tables` before `write`."""

    months: int
    clients: int = 6  # new ones each month; client 0 of a cohort misses from its month 2 on
    tables: dict[str, Rows] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tables = {
            "application_form": [r for n in range(self.months) for r in self._forms(n)],
            "web_visits": [r for n in range(self.months) for r in self._visits(n)],
            "loan_ledger": [r for n in range(self.months) for r in self._ledger(n)],
        }

    def of(self, table: str, number: int) -> Rows:
        """A table's rows of a month, to be changed."""
        return [row for row in self.tables[table] if row["month"] == str(month(number))]

    def drop(self, table: str, number: int) -> None:
        """Leave a table's month out."""
        rows = self.tables[table]
        self.tables[table] = [row for row in rows if row["month"] != str(month(number))]

    def write(self, folder: Path, monthly: bool = False, skip: tuple[str, ...] = ()) -> str:
        """Write the files, one per table or one per table and month; returns the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for table, rows in self.tables.items():
            if table in skip:
                continue
            if not monthly:
                write_csv(folder / f"{table}.csv.gz", rows)
                continue
            for number in range(self.months):
                if found := self.of(table, number):
                    write_csv(folder / table / f"{month(number)}.csv.gz", found)
        return str(folder)

    def _forms(self, number: int) -> Rows:
        return [
            {
                "client": client(number, i),
                "month": str(month(number)),
                "income": f"{30000 + 1000 * i + number}",
                "debt": f"{500 * (i + 1)}.5",
                "home": "own" if i % 2 else "rent",
                "age": f"{25 + i % 40}",
            }
            for i in range(self.clients)
        ]

    def _visits(self, number: int) -> Rows:
        return [
            {
                "client": client(cohort, i),
                "month": str(month(number)),
                "pages": f"{number + i + 0.1}",
                "noise": f"{0.3 * (i + 1)}",
            }
            for cohort in range(self.months)
            for i in range(self.clients - 1)  # the last client never visits
            if (cohort + number + i) % 3 or cohort == number
        ]

    def _ledger(self, number: int) -> Rows:
        return [
            self._loan(cohort, i, number - cohort)
            for cohort in range(number + 1)
            for i in range(self.clients)
        ]

    def _loan(self, cohort: int, i: int, mob: int) -> dict[str, str]:
        missed = max(0, mob - 1) if i == 0 else 0
        return {
            "loan": f"L{cohort}-{i}",
            "client": client(cohort, i),
            "month": str(month(cohort + mob)),
            "began": str(month(cohort)),
            "mob": str(mob),
            "due": f"{DUE if mob else 0}",
            "overdue": f"{missed * DUE}",
        }


def month(number: int) -> date:
    """Month `number` of the small lender, 0 is the first."""
    return add_months(START, number)


def client(cohort: int, i: int) -> str:
    """A client's name."""
    return f"C{cohort}-{i}"


def write_csv(path: Path, rows: Rows, delimiter: str = ",", line_end: str = "\n") -> None:
    """Rows as a CSV file, gzipped where the name says so; columns of the first row."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter, lineterminator=line_end)
    writer.writeheader()
    writer.writerows(rows)
    data = text.getvalue().encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)


def period_at(root: Path, number: int) -> Period:
    """Month `number` over a store in `root`."""
    return small_period(root, month(number), POLICY)


def table(period: Period, contract: Contract) -> pd.DataFrame:
    """Every committed month of a table."""
    return period.lake.read(contract, period.lake.months(contract.table)).to_pandas()


def delivered(landing: Path) -> Path:
    """A folder with a file in it, for commands that look no further."""
    landing.mkdir()
    (landing / "loans.csv").write_text("loan\n")
    return landing
