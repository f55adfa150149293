"""Months delivered late, twice or corrected: told by content, said, and built anew when asked."""

import gzip
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from pyspark.sql import SparkSession

from creditrisk import contracts
from creditrisk.deliveries import landing as etl_landing
from creditrisk.deliveries.landing import Landing
from creditrisk.lake import Commit, Lake, combined_digest
from creditrisk.period import Period
from creditrisk.records.quality import DeliveredFile, load_report, save_report
from creditrisk.stages.etl.corrections import RULE, outdated, warning
from creditrisk.stages.etl.inputs import Inputs
from creditrisk.stages.etl.month import build_month, build_range
from creditrisk.storage import open_store
from tests.builders.deliveries import Delivery, month, period_at
from tests.builders.evidence import quality_report
from tests.builders.small_lender import small_policy

LAST = 3
MONTHS = [month(n) for n in range(LAST + 1)]


def pretend(period: Period, folder: str, days: list[date] = MONTHS) -> None:
    """Commit every table from the inputs it has, without rows: what is told needs no more."""
    landing = Landing(open_store(folder), period.portfolio)
    inputs = Inputs(period, landing.deliveries(days))
    for day in days:
        for table, made_from in inputs.tables.items():
            made = made_from(day)
            commit = Commit(table, f"{day}", 0, 0, combined_digest(made), "", made, (), "", "")
            inputs.committed(period.lake.publish(commit))
        files = {s: d.file(day) for s, d in inputs.deliveries.items()}
        arrived = {
            source: DeliveredFile(file=file.key, sha256=file.sha256, arrived=file.arrived)
            for source, file in files.items()
            if file
        }
        save_report(period.store, quality_report(day, inputs=arrived))


def reported(period: Period, folder: str, days: list[date] = MONTHS) -> dict[date, list[str]]:
    landing = Landing(open_store(folder), period.portfolio)
    return {day: list(why) for day, why in outdated(period, landing, days).items()}


def change(delivery: Delivery, number: int, table: str, column: str, value: str) -> None:
    delivery.of(table, number)[0][column] = value


@pytest.mark.parametrize("monthly", [False, True])
def test_a_month_more_changes_no_month_before(tmp_path: Path, monthly: bool) -> None:
    period, folder = period_at(tmp_path, LAST), tmp_path / "in"
    pretend(period, Delivery(LAST + 1).write(folder, monthly))
    grown = Delivery(LAST + 2)
    grown.tables["web_visits"] = [  # not those the new applicants paid before
        *Delivery(LAST + 1).tables["web_visits"],
        *grown.of("web_visits", LAST + 1),
    ]
    grown.write(folder, monthly)
    assert reported(period, str(folder)) == {}


def test_a_row_of_no_known_month_goes_with_the_newest_and_changes_no_other(tmp_path: Path) -> None:
    period, folder = period_at(tmp_path, LAST), tmp_path / "in"
    stray = {**Delivery(1).tables["application_form"][0], "client": "X", "month": "soon"}
    delivery = Delivery(LAST + 1)
    delivery.tables["application_form"].append(stray)
    pretend(period, delivery.write(folder))
    grown = Delivery(LAST + 2)
    grown.tables["web_visits"] = delivery.tables["web_visits"]
    grown.tables["application_form"].append(stray)
    grown.write(folder)
    assert reported(period, str(folder)) == {}
    grown.tables["application_form"][-1]["month"] = f"{month(1)}"
    grown.write(folder)
    assert reported(period, str(folder)) == {month(1): ["was delivered again (form)"]}


@pytest.mark.parametrize("monthly", [False, True])
def test_a_corrected_value_is_told_by_month_and_source(tmp_path: Path, monthly: bool) -> None:
    period, delivery = period_at(tmp_path, LAST), Delivery(LAST + 1)
    folder = delivery.write(tmp_path / "in", monthly)
    pretend(period, folder)
    change(delivery, 1, "application_form", "income", "31001")
    change(delivery, 2, "loan_ledger", "overdue", "300.0")
    delivery.write(tmp_path / "in", monthly)
    assert reported(period, folder) == {
        month(1): ["was delivered again (form)"],
        month(2): ["was delivered again (ledger)"],
    }


def test_the_same_delivered_twice_changes_nothing(tmp_path: Path) -> None:
    period, folder = period_at(tmp_path, LAST), Delivery(LAST + 1).write(tmp_path / "in", True)
    pretend(period, folder)
    for path in (tmp_path / "in").rglob("*.gz"):
        path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()), 1, mtime=12345))
    assert reported(period, folder) == {}


def test_a_source_that_comes_late_is_told(tmp_path: Path) -> None:
    period, delivery = period_at(tmp_path, LAST), Delivery(LAST + 1)
    delivery.drop("web_visits", 2)
    folder = delivery.write(tmp_path / "in", monthly=True)
    pretend(period, folder)
    Delivery(LAST + 1).write(tmp_path / "in", monthly=True)
    assert reported(period, folder) == {month(2): ["was delivered late (visits)"]}


@pytest.mark.parametrize("monthly", [False, True])
def test_files_cleared_away_are_no_correction(tmp_path: Path, monthly: bool) -> None:
    period, delivery = period_at(tmp_path, LAST), Delivery(LAST + 1)
    pretend(period, delivery.write(tmp_path / "in", monthly))
    for table in delivery.tables:
        delivery.drop(table, 0)
    assert reported(period, delivery.write(tmp_path / "other", monthly)) == {}


def test_files_nobody_touched_are_not_opened_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    period, delivery = period_at(tmp_path, LAST), Delivery(LAST + 1)
    folder = delivery.write(tmp_path / "in", monthly=True)
    pretend(period, folder)
    opened: list[str] = []
    inspect: Callable = etl_landing.inspect
    monkeypatch.setattr(
        etl_landing, "inspect", lambda *args: opened.append(args[1]) or inspect(*args)
    )
    change(delivery, 1, "application_form", "income", "31001")
    (tmp_path / "one").mkdir()
    delivery.write(tmp_path / "one", monthly=True)
    name = f"application_form/{month(1)}.csv.gz"
    (tmp_path / "in" / name).write_bytes((tmp_path / "one" / name).read_bytes())
    assert list(reported(period, folder)) == [month(1)]
    assert {Path(key).name for key in opened} == {f"{month(1)}.csv.gz"}


def test_months_that_rest_on_a_replaced_one_are_told(tmp_path: Path) -> None:
    period, delivery = period_at(tmp_path, LAST), Delivery(LAST + 1)
    folder = delivery.write(tmp_path / "in", monthly=True)
    pretend(period, folder)
    change(delivery, 1, "web_visits", "pages", "99")
    pretend(period, delivery.write(tmp_path / "in", monthly=True), [month(1)])
    assert reported(period, folder) == {month(2): ["rests on months that were built anew"]}


def test_another_policy_is_told_where_it_changes_content(tmp_path: Path) -> None:
    period, folder = period_at(tmp_path, LAST), Delivery(LAST + 1).write(tmp_path / "in")
    pretend(period, folder)
    limits = replace(period, policy=small_policy("quality: {max_nulled_share: 0.9}"))
    assert reported(limits, folder) == {}
    outcome = replace(period, policy=small_policy("outcome: {mob: 2, early_mob: 1}"))
    assert reported(outcome, folder) == {day: ["was built under another policy"] for day in MONTHS}


def test_what_to_do_is_said_in_one_line() -> None:
    again, rests = ["was delivered again (form)"], ["rests on months that were built anew"]
    reasons = {month(1): again, month(2): again, month(4): [*again, *rests]}
    assert warning(reasons, month(5), "landing") == (
        "2023-02-01 to 2023-03-01, 2023-05-01 was delivered again (form);"
        " 2023-05-01 rests on months that were built anew;"
        " what rests on it in the lake is as it was:"
        " creditrisk backfill --data landing --from 2023-02-01 --to 2023-06-01"
    )


def digests(period: Period, layers: tuple[str, ...] = ("silver", "gold")) -> dict:
    lake = Lake(period.store)
    found = [c for c in contracts.all_contracts(period.portfolio) if c.layer in layers]
    return {(c.table, c.month): c.digest for t in found for c in lake.commits(t.table)}


def warned(period: Period) -> list[str]:
    report = load_report(period.store, period.as_of)
    assert report
    return [check.text for check in report.checks if check.rule == RULE]


def test_a_correction_is_said_and_a_backfill_makes_it_good(
    spark: SparkSession, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    delivery, folder = Delivery(LAST + 1), tmp_path / "in"
    landing = delivery.write(folder)
    build_month(period_at(tmp_path, LAST - 1), landing)
    change(delivery, 1, "application_form", "income", "31001")
    change(delivery, 1, "web_visits", "pages", "77")
    change(delivery, 1, "loan_ledger", "overdue", "300.0")
    delivery.write(folder)
    period = period_at(tmp_path, LAST)
    used = period.lake.need("gold/features", month(1))
    with caplog.at_level(logging.WARNING, "creditrisk.stages.etl"):
        build_month(period, landing)
    command = f"backfill --data {landing} --from {month(1)} --to {month(LAST)}"
    assert f"{month(1)} was delivered again (form, visits, ledger)" in caplog.text
    assert command in caplog.text
    assert [command in text for text in warned(period)] == [True]

    build_range(period, landing, month(1), month(LAST))
    fresh = period_at(tmp_path / "fresh", LAST)
    build_month(fresh, landing)
    assert digests(period) == digests(fresh)
    assert digests(period)["gold/features", f"{month(1)}"] != used.digest
    assert period.lake.manifest(used.key) == used  # a model may have been made from it
    assert period.lake.need("gold/features", month(0)).version == 1
    build_month(period, landing)
    assert warned(period) == []


def test_ranges_in_any_cut_give_what_one_backfill_gives(
    spark: SparkSession, tmp_path: Path
) -> None:
    landing = Delivery(LAST + 2).write(tmp_path / "in", monthly=True)
    whole = period_at(tmp_path / "whole", LAST + 1)
    build_range(whole, landing, month(0), month(LAST + 1))
    rng = np.random.default_rng(4)
    cuts = sorted(int(n) for n in rng.choice(np.arange(1, LAST + 1), 2, replace=False))
    parts = period_at(tmp_path / "parts", LAST + 1)
    for start, end in zip([0, *cuts], [*(n - 1 for n in cuts), LAST + 1], strict=True):
        build_range(parts, landing, month(start), month(end))
    layers = ("bronze", "silver", "gold")
    assert digests(parts, layers) == digests(whole, layers)
    assert {c.version for t in ("gold/features", "bronze/form") for c in parts.lake.commits(t)} == {
        1
    }
