"""Nine months of a lender, each dirty in its own way, and what became of them."""

import csv
import gzip
import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from creditrisk import contracts
from creditrisk.period import Period
from creditrisk.records.quality import Check, load_report
from tests.builders.deliveries import Delivery, client, month, table, write_csv

LAST, CLIENTS = 8, 20
BUSY = client(0, 4)  # has several events in month 1, on these days
DAYS = ("02", "09", "09", "12", "12", "28")
ASTRAY = ("2099-01-01", "1900-01-01", "", "31/01/2023")
OURS = ["unreadable", "committed_month", "source_file", "snapshot_date", "Client", "", ""]
UNFIT = b"short,2023-07-01,1\nlong,2023-07-01,1,2,own,30,x\n"


@dataclass
class Lender:
    """The nine months, built."""

    period: Period
    landing: Path
    delivery: Delivery

    @cached_property
    def features(self) -> pd.DataFrame:
        """By application."""
        found = table(self.period, contracts.features(self.period.portfolio))
        return found.set_index("application_id")

    def silver(self, source: str) -> pd.DataFrame:
        spec = self.period.portfolio.sources[source]
        return table(self.period, contracts.silver(source, spec))

    def bronze(self, source: str, number: int) -> pd.DataFrame:
        contract = contracts.bronze(source, self.period.portfolio.sources[source])
        return self.period.lake.read(contract, [month(number)]).to_pandas()

    def of(self, source: str, number: int) -> pd.DataFrame:
        """Silver of a month, by customer."""
        rows = self.silver(source)
        return rows[rows.snapshot_date == month(number)].set_index("customer_id")

    def aside(self, number: int) -> list[tuple[str, str]]:
        """Source and reason of each row set aside in a month."""
        rows = self.period.lake.read(contracts.QUARANTINE, [month(number)]).to_pandas()
        return sorted(zip(rows.source, rows.reason, strict=True))

    def checks(self, number: int) -> dict[tuple[str, str, str], Check]:
        """The month's quality report by source, rule and column."""
        report = load_report(self.period.store, month(number))
        assert report is not None and not report.blocked
        return {(check.table, check.rule, check.column): check for check in report.checks}


def dirty(delivery: Delivery) -> None:
    """What can be said in rows; the number of a month is in brackets."""
    forms, visits, ledger, bureau = delivery.tables.values()
    two, three, four = (delivery.of("application_form", number) for number in (2, 3, 4))
    two[3]["income"], two[4]["income"], two[5]["home"], two[6]["age"] = "n/a", "2e6", "boat", ""
    two[7]["income"], two[8]["age"] = "\uff13\u0661\u2009", "\u0663\u06f5"
    forms += [
        three[0] | {"client": 'Smith,\n"Jo"'},
        dict(four[0]),
        four[1] | {"income": "1"},
    ]
    visits[:] = [row for row in visits if (row["client"], row["month"]) != (BUSY, str(month(1)))]
    visits += [
        {"client": BUSY, "month": f"2023-02-{day}", "pages": pages, "noise": "1"}
        for day, pages in zip(DAYS, ("1.5", "2.5", "2.5", "4", "8", "0.25"), strict=True)
    ]
    bureau[:] = [row for row in bureau if row["client"] != client(6, 2)]
    bureau.append({"client": "nobody", "month": str(month(6)), "points": "5"})
    loan = delivery.of("loan_ledger", 7)[0]
    alone = loan | {"loan": "alone", "client": "nobody", "began": str(month(7))}
    ledger += [alone | {"month": str(month(7 + mob)), "mob": str(mob)} for mob in (0, 1)]
    ledger += [loan | {"month": one} for one in ASTRAY]


def dirty_files(landing: Path, delivery: Delivery) -> None:
    """What can only be said in files."""
    form, visits = landing / "application_form", landing / "web_visits"
    values = list("abcdefg")
    _rewrite(_file(form, 0), lambda row: row + (OURS if row[0] == "client" else values))
    _rewrite(_file(form, 1), lambda row: row[::-1])
    windows = _read(_file(form, 2)).replace(b"\n", b"\r\n")
    _file(form, 2).with_suffix("").write_bytes(b"\xef\xbb\xbf" + windows)
    _file(form, 2).unlink()
    good = delivery.of("application_form", 5)
    strays = [
        good[0] | {"client": f"S{place}", "month": text}
        for place, text in enumerate(("2023-05-01", "2031-01-01", ""))
    ]
    write_csv(_file(form, 5), [*good, *strays])
    _write(_file(form, 6), _read(_file(form, 6)) + UNFIT)
    days = [row for row in delivery.tables["web_visits"] if row["month"].startswith("2023-02")]
    write_csv(_file(visits, 1), days)
    _file(visits, 7).unlink()
    _write(_file(visits, 8), b"client,month,pages,noise\n")


def _file(folder: Path, number: int) -> Path:
    return folder / f"{month(number)}.csv.gz"


def _read(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes())


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(gzip.compress(data))


def _rewrite(path: Path, change: Callable[[list[str]], list[str]]) -> None:
    text = io.StringIO()
    rows = csv.reader(io.StringIO(_read(path).decode()))
    csv.writer(text, lineterminator="\n").writerows(map(change, rows))
    _write(path, text.getvalue().encode())
