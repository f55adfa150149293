"""The same data in another notation, described: the same gold."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from pyspark.sql import SparkSession

from creditrisk import contracts
from creditrisk.stages.etl.month import build_month
from tests.builders import small_lender as small
from tests.builders.deliveries import Delivery, period_at, table, write_csv

pytestmark = pytest.mark.usefixtures("spark")
OTHERWISE = (
    small.PORTFOLIO.replace(
        "    table: application_form\n",
        '    table: application_form\n    delimiter: ";"\n    encoding: windows-1252\n',
    )
    .replace(
        "month: {role: snapshot, type: date}\n      income: {type: number,",
        "month: {role: snapshot, type: date, format: dd-MMM-yy}\n"
        '      income: {type: number, strip: €, thousands: ".", decimal: ",",',
    )
    .replace(
        "home: {type: category,",
        'home: {type: category, spellings: {"own": [Eigentümer], "rent": [Mieter, "2"]},',
    )
)
SPELT = {"own": ("Eigentümer", "OWN"), "rent": ("Mieter", "2")}


def written_otherwise(folder: Path, delivery: Delivery) -> str:
    """Semicolons, Windows' own letters, short years, euros, and German for own and rent."""
    plain = delivery.tables["application_form"]
    rows = [
        row
        | {
            "month": f"{date.fromisoformat(row['month']):%d-%b-%y}",
            "income": f"{int(row['income']):,}".replace(",", ".") + ",00 €",
            "home": SPELT[row["home"]][number % 2],
        }
        for number, row in enumerate(plain)
    ]
    landing = delivery.write(folder, skip=("application_form",))
    path = folder / "application_form.csv"
    write_csv(path, rows, ";")
    path.write_bytes(path.read_text("utf-8").encode("windows-1252"))
    return landing


def gold(root: Path, landing: str) -> pd.DataFrame:
    period = period_at(root, 2)
    build_month(period, landing)
    found = table(period, contracts.features(period.portfolio))
    return found.sort_values("application_id", ignore_index=True)


def test_the_same_data_in_another_notation_gives_the_same_gold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spark: SparkSession
) -> None:
    plain = gold(tmp_path / "plain", Delivery(3).write(tmp_path / "in"))
    monkeypatch.setattr(small, "PORTFOLIO", OTHERWISE)
    other = gold(tmp_path / "other", written_otherwise(tmp_path / "other-in", Delivery(3)))
    pd.testing.assert_frame_equal(other, plain)
    assert set(other.home) == {"own", "rent"}
    assert len(other) == 18
