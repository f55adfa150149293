"""Deliveries, spoilt or sound, through `portfolio check` and the whole ETL of a year.

`make bench-spoilt` says where the two differ: in whether the newest month can be run, or in how
many rows of a table are set aside; and that no row is lost. One Spark process, some two minutes.
"""

import logging
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.compute as pc

from creditrisk import contracts
from creditrisk.errors import UserError
from creditrisk.period import Period, freeze
from creditrisk.portfolio import Portfolio, parse_portfolio
from creditrisk.quality.portfolio_check.blocking import astray, lacking
from creditrisk.quality.portfolio_check.keys import shared_keys
from creditrisk.quality.portfolio_check.months import main_months
from creditrisk.quality.portfolio_check.survey import Survey, survey
from creditrisk.quality.portfolio_check.table import Table
from creditrisk.stages.etl.month import build_month
from creditrisk.storage import open_store
from tests.builders.deliveries import POLICY
from tests.builders.spoilt_lenders import SPOILT, deliver

_STRICTER = ("loans find their application", "are not the months since")


def main() -> None:
    """Print what differs, then how many deliveries agree."""
    logging.disable(logging.WARNING)
    differ = 0
    for name, spoilt in SPOILT.items():
        portfolio = parse_portfolio(spoilt.text, "mine.yaml")
        with TemporaryDirectory() as folder:
            landing = Path(folder) / "landing"
            landing.mkdir()
            deliver(landing, spoilt.files())
            for what in _differences(Path(folder), landing, portfolio):
                print(f"{name}: {what}", flush=True)
                differ += 1
    print(f"{len(SPOILT)} deliveries, {differ} differences")


def _differences(root: Path, landing: Path, portfolio: Portfolio) -> Iterator[str]:
    found = survey(open_store(f"{landing}"), portfolio, POLICY.quality)
    store = open_store(f"{root / 'store'}")
    freeze(store, POLICY, portfolio)
    newest = max(
        (month for table in found.tables for month in main_months(table)), default=date(2023, 12, 1)
    )
    period, refused = Period(newest, POLICY, portfolio, store, "run"), ""
    try:
        build_month(period, f"{landing}")
    except UserError as error:
        refused = f"{error}"
    if found.usable == bool(refused) and (found.usable or not _is_stricter(found)):
        yield f"usable: {found.usable}; the run: {refused or 'done'}"
    if not refused:
        for table in found.tables:
            yield from _rows(period, table)


def _is_stricter(found: Survey) -> bool:
    """Whether all that is unusable is what the ETL takes, though no outcome can come of it."""
    what = [remark.what for remark in found.remarks if remark.level == "unusable"]
    return all(any(one in text for one in _STRICTER) for text in what)


def _rows(period: Period, table: Table) -> Iterator[str]:
    layers = (contracts.bronze, contracts.silver)
    bronze, silver = (_count(period, of(table.source, table.spec)) for of in layers)
    lost = pc.sum(pc.equal(_read(period, contracts.QUARANTINE)["source"], table.source)).as_py()
    shared, told = shared_keys(table), sum(table.misfits.values())
    told += int((shared.conflicts | lacking(table) | astray(table)).sum())
    if (lost or 0) != told:
        yield f"{table.source}: {lost} rows set aside, {told} by the check"
    if bronze != silver + (lost or 0) + shared.copies:
        yield f"{table.source}: of {bronze} rows {silver} are in silver, {lost} set aside"


def _count(period: Period, contract: contracts.Contract) -> int:
    return int(_read(period, contract).num_rows)


def _read(period: Period, contract: contracts.Contract) -> pa.Table:
    return period.lake.read(contract, period.lake.months(contract.table))


if __name__ == "__main__":
    main()
