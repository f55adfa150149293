"""Bronze from one file of every month: all rows, in their order, whatever waits in memory."""

import pyarrow.parquet as pq

from creditrisk.deliveries import arrow_rows
from creditrisk.deliveries.landing import Landing
from creditrisk.portfolio import parse_portfolio
from creditrisk.stages.etl import bronze
from creditrisk.storage.file import FileStore
from tests.builders.deliveries import Delivery, month
from tests.builders.small_lender import PORTFOLIO


def test_rows_of_every_month_are_written_whether_many_may_wait_for_others_or_none(
    tmp_path, monkeypatch
):
    months = [month(number) for number in range(4)]
    Delivery(4).write(tmp_path / "landing")
    landing = FileStore(tmp_path / "landing")
    portfolio = parse_portfolio(PORTFOLIO, "PORTFOLIO")
    delivery = Landing(landing, portfolio).deliveries(months)["ledger"]
    monkeypatch.setattr(arrow_rows, "LONGEST_ROW", 256)  # of the file's blocks
    found, groups = [], []
    for held in (bronze.HELD, 0):
        monkeypatch.setattr(bronze, "HELD", held)
        store = FileStore(tmp_path / f"store-{held}")
        written = bronze.write_bronze(store, delivery, months)
        files = {at: pq.ParquetFile(store.root / file.key) for at, (file,) in written.files.items()}
        found.append({at: file.read().to_pylist() for at, file in files.items()})
        groups.append({file.num_row_groups > 1 for file in files.values()})
    assert groups == [{False}, {False, True}]
    assert found[0] == found[1]
    assert {at: len(rows) for at, rows in found[0].items()} == delivery.whole.months
