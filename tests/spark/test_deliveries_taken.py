"""What goes through, and where it is counted: exit code 0, no row lost, none taken twice.

All months of `tests.builders.dirty_deliveries` are built at once. Each test is a row of
docs/deliveries.md.
"""

import gzip
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from pyspark.sql import SparkSession

from creditrisk import contracts
from creditrisk.errors import UserError
from creditrisk.portfolio import parse_portfolio
from creditrisk.records.quality import load_report
from creditrisk.stages.etl.month import build_month, build_range
from tests.builders.deliveries import (
    BUREAU,
    Delivery,
    Rows,
    client,
    month,
    period_at,
    table,
    write_csv,
)
from tests.builders.dirty_deliveries import BUSY, CLIENTS, LAST, UNFIT, Lender, dirty, dirty_files
from tests.builders.small_lender import PORTFOLIO


@pytest.fixture(scope="module")
def lender(tmp_path_factory: pytest.TempPathFactory, spark: SparkSession) -> Lender:
    """Built after a first try that was refused: the newest month of a table came late."""
    root = tmp_path_factory.mktemp("taken")
    delivery = Delivery(LAST + 1, clients=CLIENTS)
    delivery.tables["bureau_report"] = [
        {"client": row["client"], "month": row["month"], "points": f"{100 + place}"}
        for place, row in enumerate(delivery.tables["application_form"])
    ]
    dirty(delivery)
    landing = Path(delivery.write(root / "landing", monthly=True))
    for path in (landing / "loan_ledger").iterdir():
        path.unlink()
    dirty_files(landing, delivery)
    portfolio = parse_portfolio(PORTFOLIO.replace("\nderived:", BUREAU), "taken")
    period = replace(period_at(root, LAST), portfolio=portfolio)
    ledger = delivery.tables["loan_ledger"]
    late = [row for row in ledger if row["month"] != str(month(LAST))]
    write_csv(landing / "loan_ledger.csv.gz", late)
    with pytest.raises(UserError, match="loan_ledger has no row of 2023-09-01"):
        build_month(period, str(landing))
    assert list(period.store.keys("lake/")) == []
    write_csv(landing / "loan_ledger.csv.gz", ledger)
    build_month(period, str(landing))
    return Lender(period, landing, delivery)


def ages(rows: Rows) -> dict[str, int]:
    return {row["client"]: int(row["age"]) for row in rows if row["age"]}


def test_a_column_nobody_described_is_there(lender: Lender) -> None:
    checks = lender.checks(0)
    assert ("form", "extra column", "Client") in checks
    assert ("form", "extra column", "") in checks
    assert lender.of("form", 0).age.to_dict() == ages(lender.delivery.of("application_form", 0))


def test_a_column_nobody_described_has_a_reserved_name(lender: Lender) -> None:
    found = {column for _, rule, column in lender.checks(0) if rule == "extra column"}
    assert {"unreadable", "committed_month", "source_file", "snapshot_date"} <= found
    bronze = lender.bronze("form", 0)
    assert set(bronze.source_file) == {f"application_form/{month(0)}.csv.gz"}
    assert bronze.unreadable.isna().all()
    assert lender.aside(0) == []


def test_columns_come_in_another_order(lender: Lender) -> None:
    assert lender.of("form", 1).age.to_dict() == ages(lender.delivery.of("application_form", 1))
    assert lender.aside(1) == [("visits", "conflicting duplicate")] * 2


def test_the_file_begins_with_a_byte_order_mark(lender: Lender) -> None:
    found = lender.of("form", 2)
    assert set(found.index) == {client(2, i) for i in range(CLIENTS)}


def test_lines_end_as_on_windows(lender: Lender) -> None:
    found = lender.of("form", 2).age.dropna().to_dict()
    assert found == ages(lender.delivery.of("application_form", 2))


def test_a_quoted_field_holds_delimiters_quotes_and_line_ends(lender: Lender) -> None:
    assert f'Smith,\n"Jo"_{month(3)}' in lender.features.index


def test_a_value_cannot_be_read(lender: Lender) -> None:
    check = lender.checks(2)["form", "unreadable", "income"]
    assert (check.count, check.rows) == (1, CLIENTS)
    assert pd.isna(lender.of("form", 2).income[client(2, 3)])


def test_a_value_is_out_of_range(lender: Lender) -> None:
    assert lender.checks(2)["form", "out of range", "income"].count == 1
    assert pd.isna(lender.of("form", 2).income[client(2, 4)])


def test_a_number_is_written_in_other_digits_signs_or_blanks(lender: Lender) -> None:
    found = lender.of("form", 2)
    assert (found.income[client(2, 7)], found.age[client(2, 8)]) == (31, 35)


def test_a_category_nobody_described(lender: Lender) -> None:
    assert lender.checks(2)["form", "unknown category", "home"].count == 1
    assert lender.of("form", 2).home[client(2, 5)] == "unknown"


def test_a_row_is_delivered_twice_with_equal_content(lender: Lender) -> None:
    assert lender.checks(4)["form", "equal duplicate", ""].count == 1
    assert client(4, 0) in lender.of("form", 4).index


def test_a_row_is_delivered_twice_with_different_content(lender: Lender) -> None:
    assert lender.aside(4) == [("form", "conflicting duplicate")] * 2
    assert f"{client(4, 1)}_{month(4)}" not in lender.features.index


def test_a_row_is_dated_in_another_month_than_its_file(lender: Lender) -> None:
    aside = lender.aside(5)
    assert aside.count(("form", "of another month")) == 2
    assert not lender.features.index.str.startswith("S0").any()


def test_a_row_has_no_date(lender: Lender) -> None:
    assert ("form", "no snapshot_date") in lender.aside(5)


def test_a_row_does_not_fit_its_header(lender: Lender) -> None:
    assert lender.aside(6) == [("form", "unreadable row")] * 2
    found = set(lender.bronze("form", 6).unreadable.dropna())
    assert found == set(UNFIT.decode().splitlines())


def test_a_date_in_a_file_of_all_months_is_wrong(lender: Lender) -> None:
    """Of the far future, of another century, none, or in another format."""
    found = [reason for source, reason in lender.aside(LAST) if source == "ledger"]
    assert sorted(found) == ["no snapshot_date"] * 2 + ["of another month"] * 2
    assert lender.period.lake.months("silver/ledger") == [month(n) for n in range(LAST + 1)]


def test_every_delivered_row_is_in_bronze_and_kept_or_counted(lender: Lender) -> None:
    for number in range(LAST + 1):
        rows = {source: len(lender.bronze(source, number)) for source in ("form", "ledger")}
        kept = {source: len(lender.of(source, number)) for source in rows}
        aside = lender.aside(number)
        copies = {
            s: c.count
            for (s, rule, _), c in lender.checks(number).items()
            if rule == "equal duplicate"
        }
        for source, count in rows.items():
            gone = sum(1 for where, _ in aside if where == source) + copies.get(source, 0)
            assert kept[source] + gone == count, (source, number)
    delivered = lender.delivery.tables["loan_ledger"]
    assert sum(len(lender.bronze("ledger", n)) for n in range(LAST + 1)) == len(delivered)


def test_a_customer_has_several_events_in_a_month(lender: Lender) -> None:
    """On the 2nd, the 9th (delivered twice) and the 28th; of the 12th nobody knows."""
    rows = lender.silver("visits")
    mine = rows[(rows.customer_id == BUSY) & (rows.snapshot_date == month(1))]
    assert sorted(day.day for day in mine.event_date) == [2, 9, 28]
    history = table(lender.period, contracts.history(lender.period.portfolio.events[0]))
    history = history[history.customer_id == BUSY].set_index("snapshot_date")
    before = history.loc[month(0)]
    assert history.visits_count[month(1)] == before.visits_count + 3
    assert history.visits_pages_sum[month(1)] == before.visits_pages_sum + 1.5 + 2.5 + 0.25
    assert history.visits_count[month(2)] == 3 + before.visits_count + len(
        rows[(rows.customer_id == BUSY) & (rows.snapshot_date == month(2))]
    )


def test_an_application_is_missing_from_a_second_table(lender: Lender) -> None:
    row = lender.features.loc[f"{client(6, 2)}_{month(6)}"]
    assert pd.isna(row.points)
    assert row.income > 0


def test_a_second_table_has_an_application_the_first_one_lacks(lender: Lender) -> None:
    assert "nobody" in lender.of("bureau", 6).index
    assert f"nobody_{month(6)}" not in lender.features.index


def test_a_loan_has_no_application(lender: Lender) -> None:
    labels = table(lender.period, contracts.LABELS)
    mine = labels[labels.loan_id == "alone"]
    assert list(mine.application_id) == [f"nobody_{month(7)}"]
    assert not set(mine.application_id) & set(lender.features.index)


@pytest.mark.parametrize("number", [7, 8])
def test_an_optional_table_lacks_a_month_or_is_a_header_only(lender: Lender, number: int) -> None:
    report = load_report(lender.period.store, month(number))
    assert report is not None and report.outages == ("visits",)
    rows = lender.features[lender.features.snapshot_date == month(number)]
    assert not rows.visits_available.any()
    assert rows[["visits_count", "visits_pages_sum"]].isna().all().all()


def test_a_month_arrives_late(lender: Lender) -> None:
    """The fixture's first try was refused; nothing of it is in the way of the second."""
    contract = contracts.features(lender.period.portfolio)
    assert lender.period.lake.months(contract.table)[-1] == month(LAST)


def test_a_month_is_delivered_twice(lender: Lender) -> None:
    before = list(lender.period.store.keys("lake/"))
    for path in [lender.landing / "loan_ledger.csv.gz", *lender.landing.glob("*/*.gz")]:
        path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()), 1))
    build_month(lender.period, str(lender.landing))
    assert list(lender.period.store.keys("lake/")) == before


def test_a_month_is_corrected_after_it_was_used(lender: Lender) -> None:
    """It stays as it was used until somebody says so; then both versions are there."""
    period, path = lender.period, lender.landing / "bureau_report" / f"{month(7)}.csv.gz"
    rows = lender.delivery.of("bureau_report", 7)
    write_csv(path, [rows[0] | {"points": "999"}, *rows[1:]])
    build_month(period, str(lender.landing))
    warning = lender.checks(LAST)["features", "changed after use", ""]
    assert warning.severity == "warn"
    assert f"{month(7)} was delivered again (bureau)" in warning.text
    assert f"creditrisk backfill --data {lender.landing} --from {month(7)}" in warning.text
    assert len(period.lake.versions("silver/bureau", month(7))) == 1
    build_range(period, str(lender.landing), month(7), month(LAST))
    old, new = period.lake.versions("silver/bureau", month(7))
    assert (old.version, new.version) == (1, 2)
    contract = contracts.silver("bureau", period.portfolio.sources["bureau"])
    points = [
        set(period.lake.read_commits(contract, [one]).column("points").to_pylist())
        for one in (old, new)
    ]
    assert [999.0 in one for one in points] == [False, True]
    assert len({one.digest for one in period.lake.versions("silver/form", month(7))}) == 1


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory, spark: SparkSession) -> Lender:
    """Two incomes of the newest month in hundreds; the file of its form is cut in its last row."""
    root = tmp_path_factory.mktemp("odd")
    delivery = Delivery(2, clients=80)
    forms = delivery.of("application_form", 1)
    forms[3]["income"], forms[4]["income"] = "330", "340"
    landing = Path(delivery.write(root / "landing", monthly=True))
    path = landing / f"application_form/{month(1)}.csv.gz"
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes())[:-2]))
    period = period_at(root, 1)
    build_month(period, str(landing))
    return Lender(period, landing, delivery)


def test_a_file_ends_within_its_last_field(odd: Lender) -> None:
    check = odd.checks(1)["form", "no line end", ""]
    assert f"application_form/{month(1)}.csv.gz ends without a line end" in check.text
    assert len(odd.bronze("form", 1)) == 80


def test_a_few_rows_are_in_another_unit_or_currency(odd: Lender) -> None:
    check = odd.checks(1)["form", "apart", "income"]
    assert (check.severity, check.count) == ("warn", 2)
    assert odd.of("form", 1).income[client(1, 3)] == 330
