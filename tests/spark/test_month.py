"""A month from delivered files to gold: what is built, what is set aside, what stops it."""

import dataclasses
import logging
import re
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from pyspark.sql import SparkSession

from creditrisk import contracts
from creditrisk.errors import UserError
from creditrisk.period import Period
from creditrisk.portfolio import parse_portfolio
from creditrisk.records.card import Label
from creditrisk.stages.etl import month as etl_month
from creditrisk.stages.etl.month import build_month, build_range
from tests.builders.deliveries import BUREAU, Delivery, client, month, period_at, table
from tests.builders.documents import made_champion
from tests.builders.evidence import card
from tests.builders.small_lender import PORTFOLIO

pytestmark = pytest.mark.usefixtures("spark")
LAST = 4
CHAMPION = "2022-12-initial-aaaaaaaa"


def features(period: Period) -> pd.DataFrame:
    found = table(period, contracts.features(period.portfolio))
    return found.set_index("application_id")


def digests(period: Period) -> dict[tuple[str, date], str]:
    found = {}
    for contract in contracts.all_contracts(period.portfolio):
        for day in period.lake.months(contract.table):
            found[contract.table, day] = period.lake.need(contract.table, day).digest
    return found


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory, spark: SparkSession) -> tuple[Period, str]:
    """Five months in one backfill, from one file a table."""
    root = tmp_path_factory.mktemp("good")
    landing = Delivery(LAST + 1).write(root / "landing")
    period = period_at(root, LAST)
    built = build_month(period, landing)
    assert set(built.gold) == {"visits_history", "features", "loan_months", "labels"}
    assert built.quality.blocked is False
    return period, landing


def test_a_fresh_store_is_filled_by_one_command(good: tuple[Period, str]) -> None:
    period, _ = good
    contract = contracts.features(period.portfolio)
    assert period.lake.months(contract.table) == [month(n) for n in range(LAST + 1)]
    assert len(features(period)) == 6 * (LAST + 1)
    assert features(period).index.is_unique


def test_who_waits_reads_a_line_for_each_table_with_its_rows_and_seconds(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    period = period_at(tmp_path, 0)
    with caplog.at_level(logging.INFO, "creditrisk.stages.etl"):
        build_month(period, Delivery(1).write(tmp_path / "landing"))
    printed = dict(line.split(": ") for line in caplog.messages)
    written = ("bronze/form", "silver/form", "gold/features", "gold/labels")
    assert set(written) < set(printed)
    for name in written:
        rows = period.lake.need(name, month(0)).rows
        assert re.fullmatch(rf"{rows} rows, \d+\.\d s", printed[name])


def test_history_at_application_is_what_came_up_to_that_month(good: tuple[Period, str]) -> None:
    period, landing = good
    visits = pd.read_csv(f"{landing}/web_visits.csv.gz")
    for name, row in features(period).iterrows():
        who, when = str(name).split("_")
        known = visits[(visits.client == who) & (visits.month <= when)]
        assert row.visits_count == len(known), name
        assert row.visits_pages_sum == pytest.approx(known.pages.sum())


def test_up_and_no_events_is_zero_and_not_null(good: tuple[Period, str]) -> None:
    row = features(good[0]).loc[f"{client(2, 5)}_{month(2)}"]
    assert row.visits_available
    assert (row.visits_count, row.visits_pages_sum) == (0, 0.0)


def test_labels_mature_in_their_month_and_find_who_missed(good: tuple[Period, str]) -> None:
    labels = table(good[0], contracts.LABELS)
    three = labels[labels.mob == 3]
    assert sorted(three.snapshot_date.unique()) == [month(3), month(4)]
    assert set(three[three.bad == 1].loan_id) == {"L0-0", "L1-0"}
    assert set(three.application_id) <= set(features(good[0]).index)
    assert labels[labels.mob == 1].bad.sum() == 0


def test_a_second_run_does_nothing_and_needs_no_spark(
    good: tuple[Period, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    period, landing = good
    before = list(period.store.keys())
    monkeypatch.delattr(etl_month, "by_executors")
    built = build_month(period, landing)
    assert built.gold["features"].version == 1
    assert list(period.store.keys()) == before


def test_month_by_month_gives_what_the_backfill_gives(
    good: tuple[Period, str], tmp_path: Path
) -> None:
    backfilled, landing = good
    for number in range(LAST + 1):
        build_month(period_at(tmp_path, number), landing)
    one_by_one = period_at(tmp_path, LAST)
    assert digests(one_by_one) == digests(backfilled)
    for number in range(LAST + 1):
        for kind in ("json", "html"):
            key = f"months/{month(number)}/quality.{kind}"
            assert one_by_one.store.read(key) == backfilled.store.read(key), key
    table_ = contracts.features(one_by_one.portfolio).table
    for number in range(LAST + 1):
        here, there = (p.lake.need(table_, month(number)) for p in (one_by_one, backfilled))
        assert here.inputs == there.inputs


def test_a_later_snapshot_never_changes_an_earlier_month(
    good: tuple[Period, str], tmp_path: Path
) -> None:
    """Built from three months of files, and from five: silver and gold of month 3 agree."""
    delivery = Delivery(LAST + 1)
    for number in (3, 4):
        for name in delivery.tables:
            delivery.drop(name, number)
    period = period_at(tmp_path, 2)
    build_month(period, delivery.write(tmp_path / "landing"))
    early, late = digests(period), digests(good[0])
    same = {key: value for key, value in early.items() if not key[0].startswith("bronze/")}
    assert same
    assert same == {key: late[key] for key in same}


def test_one_file_a_month_gives_the_same_silver_and_gold(
    good: tuple[Period, str], tmp_path: Path
) -> None:
    landing = Delivery(LAST + 1).write(tmp_path / "landing", monthly=True)
    period = period_at(tmp_path, LAST)
    assert build_range(period, landing, month(0), month(LAST)) == [month(n) for n in range(5)]
    here, there = digests(period), digests(good[0])
    layers = [key for key in here if not key[0].startswith("bronze/")]
    assert {key: here[key] for key in layers} == {key: there[key] for key in layers}


def test_a_source_that_did_not_arrive_is_down_and_its_columns_are_null(tmp_path: Path) -> None:
    delivery = Delivery(3)
    delivery.drop("web_visits", 1)
    period = period_at(tmp_path, 2)
    assert build_month(period, delivery.write(tmp_path / "in")).quality.outages == ()
    found = features(period).groupby("snapshot_date")
    assert [bool(rows.visits_available.all()) for _, rows in found] == [True, False, True]
    down = found.get_group(month(1))
    assert down[["visits_count", "visits_pages_sum"]].isna().all().all()
    report = period.store.read(f"months/{month(1)}/quality.json")
    assert b'"outages": [\n  "visits"\n ]' in report


def test_a_source_that_covers_hardly_anyone_is_down(tmp_path: Path) -> None:
    delivery = Delivery(2)
    applicants = {client(1, i) for i in range(6)}
    visits = delivery.tables["web_visits"]
    delivery.tables["web_visits"] = [row for row in visits if row["client"] not in applicants]
    built = build_month(period_at(tmp_path, 1), delivery.write(tmp_path / "in"))
    assert built.quality.outages == ("visits",)


def test_an_optional_source_never_delivered_is_down_from_the_start(tmp_path: Path) -> None:
    landing = Delivery(1).write(tmp_path / "in", skip=("web_visits",))
    period = period_at(tmp_path, 0)
    built = build_month(period, landing)
    assert built.quality.outages == ("visits",)
    assert built.bronze["visits"].rows == 0
    assert not features(period).visits_available.any()


def test_a_month_not_yet_delivered_is_named(tmp_path: Path, good: tuple[Period, str]) -> None:
    with pytest.raises(
        UserError, match=r"no row of 2023-06-01 in .*the newest there is 2023-05-01"
    ):
        build_month(dataclasses.replace(good[0], as_of=month(5)), good[1])


def test_outcomes_by_the_champions_definition_go_on_being_built(
    tmp_path: Path, good: tuple[Period, str]
) -> None:
    landing = good[1]
    first = period_at(tmp_path, 0)
    made_champion(first.store, CHAMPION, month(0))
    label = Label(mob=2, missed_instalments=1)
    made = card(label=label).encode()
    first.store.write(f"registry/versions/{CHAMPION}/card.json", made)
    period = period_at(tmp_path, LAST)
    built = build_month(period, landing)
    assert "champion_labels" in built.gold
    own, usual = table(period, contracts.CHAMPION_LABELS), table(period, contracts.LABELS)
    assert set(own.mob) == {1, 2} and 2 not in set(usual.mob)
    assert sorted(own[own.mob == 2].snapshot_date.unique()) == [month(2), month(3), month(4)]
    pd.testing.assert_frame_equal(usual, table(good[0], contracts.LABELS))
    before = digests(period)
    build_month(period, landing)
    assert digests(period) == before


def test_an_application_of_two_months_meets_the_second_tables_row_of_each(tmp_path: Path) -> None:
    """Built together or one by one: a row of another month would double it."""
    who = "      client: {role: customer}\n"
    numbered = f"      number: {{role: application}}\n{who}"
    text = PORTFOLIO.replace(who, numbered, 1)
    text = text.replace("\nderived:", BUREAU.replace(who, numbered))
    portfolio = parse_portfolio(text, "two")
    delivery = Delivery(2)
    for row in delivery.tables["application_form"]:
        row["number"] = row["client"]
    again = [row | {"month": str(month(1))} for row in delivery.of("application_form", 0)]
    delivery.tables["application_form"] += again
    delivery.tables["bureau_report"] = [
        {name: row[name] for name in ("number", "client", "month")} | {"points": row["month"][6]}
        for row in delivery.tables["application_form"]
    ]
    period = dataclasses.replace(period_at(tmp_path, 1), portfolio=portfolio)
    build_month(period, delivery.write(tmp_path / "landing"))
    found = table(period, contracts.features(portfolio))
    assert len(found) == len(delivery.tables["application_form"])
    assert [f"{day.month}" for day in found.snapshot_date] == [f"{x:.0f}" for x in found.points]
