"""What cleaning sets aside, and what stops a month: nothing is lost, nothing is half done."""

import dataclasses
from pathlib import Path

import pytest

from creditrisk import contracts
from creditrisk.errors import GateError, UserError
from creditrisk.etl.month import build_month
from tests.spark.deliveries import Delivery, month, period_at, table

pytestmark = pytest.mark.usefixtures("spark")


def test_rows_are_set_aside_with_their_reason_and_their_place(tmp_path: Path) -> None:
    delivery = Delivery(1, clients=20)
    forms, visits = delivery.tables["application_form"], delivery.tables["web_visits"]
    forms[3]["client"] = ""
    forms.append(dict(forms[5]))  # equal content: one is kept
    forms.append(forms[6] | {"income": "1"})  # other content: nobody knows which
    visits[0]["month"] = "2023-13-01"
    landing = Path(delivery.write(tmp_path / "in"))
    period = period_at(tmp_path, 0)
    built = build_month(period, str(landing))
    aside = table(period, contracts.QUARANTINE)
    found = sorted(zip(aside.source, aside.reason, aside.source_row, strict=True))
    assert found == [
        ("form", "conflicting duplicate", 7),
        ("form", "conflicting duplicate", 22),
        ("form", "no customer_id", 4),
        ("visits", "no snapshot_date", 1),
    ]
    assert built.silver["form"].rows == 18
    rules = {(c["rule"], c["column"]): c["count"] for c in built.quality["checks"]}
    assert rules["equal duplicate", ""] == 1
    assert rules["set aside", ""] in (1, 3)
    bronze = table(period, contracts.bronze("form", period.portfolio.sources["form"]))
    assert sorted(bronze.source_row) == list(range(1, 23)), "bronze keeps every row"


def test_rows_that_do_not_fit_are_kept_whole_and_counted(tmp_path: Path) -> None:
    delivery = Delivery(1, clients=20)
    folder = Path(delivery.write(tmp_path / "in", monthly=True))
    lines = ["client,month,income,debt,home,age,extra"]
    lines += [f'"A, ""{i}""\nB",2023-01-01,1000{i},2,own,30,x' for i in range(18)]
    lines += [
        "short,2023-01-01,1",
        "long,2023-01-01,1,2,own,30,x,y,z",
        "moved,2023-02-01,1,2,own,3,x",
    ]
    (folder / "application_form" / "2023-01-01.csv.gz").unlink()
    (folder / "application_form" / "2023-01-01.csv").write_text("\n".join(lines))
    period = period_at(tmp_path, 0)
    built = build_month(period, str(folder))
    aside = table(period, contracts.QUARANTINE)
    assert sorted(zip(aside.source_row, aside.reason, strict=True)) == [
        (19, "unreadable row"),
        (20, "unreadable row"),
        (21, "of another month"),
    ]
    bronze = table(period, contracts.bronze("form", period.portfolio.sources["form"]))
    unreadable = bronze.set_index("source_row").unreadable
    assert unreadable[19] == "short,2023-01-01,1"
    silver = table(period, contracts.silver("form", period.portfolio.sources["form"]))
    assert 'A, "3"\nB' in set(silver.customer_id)
    checks = {c["rule"]: c for c in built.quality["checks"]}
    assert "extra" in checks["extra column"]["text"]


def test_a_garbage_column_blocks_the_month_and_leaves_the_lake_alone(tmp_path: Path) -> None:
    delivery = Delivery(3)
    for row in delivery.of("application_form", 1):
        row["income"] = "n/a"
    landing = delivery.write(tmp_path / "in")
    period = period_at(tmp_path, 2)
    with pytest.raises(
        GateError, match=r"2023-02-01 is blocked: form: income unreadable in 6 of 6"
    ):
        build_month(period, landing)
    lake = period.lake
    assert lake.months(contracts.features(period.portfolio).table) == [month(0)], "earlier stands"
    assert lake.months("silver/form") == [month(0)]
    assert b'"blocked": true' in period.store.read(f"months/{month(1)}/quality.json")
    for row in delivery.of("application_form", 1):
        row["income"] = "5"
    build_month(period, delivery.write(tmp_path / "in"))
    assert lake.months("silver/form") == [month(n) for n in range(3)]


@pytest.mark.parametrize(("factor", "rule"), [(0.1, "after 20 a month ago"), (10, "after 20")])
def test_a_tenth_or_ten_times_the_rows_blocks(tmp_path: Path, factor: float, rule: str) -> None:
    delivery = Delivery(2, clients=20)
    rows = delivery.of("application_form", 1)
    delivery.drop("application_form", 1)
    copies = [
        row | {"client": f"{row['client']}-{i}"} for i in range(max(1, int(factor))) for row in rows
    ]
    delivery.tables["application_form"] += copies[: int(20 * factor)]
    with pytest.raises(GateError, match=rule):
        build_month(period_at(tmp_path, 1), delivery.write(tmp_path / "in"))


def test_too_many_rows_set_aside_block(tmp_path: Path) -> None:
    delivery = Delivery(1)
    for row in delivery.of("loan_ledger", 0)[:2]:
        row["overdue"] = ""
    with pytest.raises(GateError, match=r"ledger: 2 of 6 rows set aside \(33.3%, limit 30.0%\)"):
        build_month(period_at(tmp_path, 0), delivery.write(tmp_path / "in"))


@pytest.mark.parametrize("name", ["application_form", "loan_ledger"])
def test_a_month_without_rows_is_named(tmp_path: Path, name: str) -> None:
    delivery = Delivery(3)
    delivery.drop(name, 1)
    with pytest.raises(UserError, match=rf"{name} has no row of 2023-02-01"):
        build_month(period_at(tmp_path, 2), delivery.write(tmp_path / "in"))
    assert not list(period_at(tmp_path, 2).store.keys("lake/"))


def test_names_leave_bronze_only_as_keyed_hashes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDITRISK_PII_KEY", "secret")
    period = period_at(tmp_path, 0)
    form = period.portfolio.sources["form"]
    hidden = form.columns | {"home": form.columns["home"].model_copy(update={"pii": True})}
    sources = period.portfolio.sources | {"form": form.model_copy(update={"columns": hidden})}
    portfolio = period.portfolio.model_copy(update={"sources": sources})
    period = dataclasses.replace(period, portfolio=portfolio)
    build_month(period, Delivery(1).write(tmp_path / "in"))
    silver = table(period, contracts.silver("form", sources["form"]))
    assert silver.home.str.fullmatch("[0-9a-f]{64}").all()
    assert silver.home.nunique() == 2
