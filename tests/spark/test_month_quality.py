"""What cleaning sets aside, and what stops a month: nothing is lost, nothing is half done."""

import dataclasses
from pathlib import Path

import pytest

from creditrisk import contracts
from creditrisk.errors import GateError
from creditrisk.period import Period
from creditrisk.portfolio import parse_portfolio
from creditrisk.records.quality import load_report
from creditrisk.stages.etl.month import build_month
from tests.builders.deliveries import Delivery, month, period_at, table
from tests.builders.small_lender import small_period, small_policy

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
        ("visits", "no event_date", 1),
    ]
    assert built.silver["form"].rows == 18
    rules = {(c.rule, c.column): c.count for c in built.quality.checks}
    assert rules["equal duplicate", ""] == 1
    assert rules["set aside", ""] in (1, 3)
    bronze = table(period, contracts.bronze("form", period.portfolio.sources["form"]))
    assert sorted(bronze.source_row) == list(range(1, 23)), "bronze keeps every row"


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


def test_names_leave_bronze_only_as_keyed_hashes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDITRISK_PII_KEY", "not a secret, a key of 33 letters.")
    period = period_at(tmp_path, 0)
    form = period.portfolio.sources["form"]
    hidden = form.columns | {"home": form.columns["home"].model_copy(update={"pii": True})}
    sources = period.portfolio.sources | {"form": form.model_copy(update={"columns": hidden})}
    changed = period.portfolio.model_copy(update={"sources": sources}).model_dump_json()
    period = dataclasses.replace(period, portfolio=parse_portfolio(changed, "with PII"))
    delivery = Delivery(1)
    delivery.tables["application_form"][0]["home"] = "Jane Doe"  # no declared category
    built = build_month(period, delivery.write(tmp_path / "in"))
    silver = table(period, contracts.silver("form", sources["form"]))
    assert silver.home.str.fullmatch("[0-9a-f]{64}").all()
    assert silver.home.nunique() == 3
    text = built.quality.encode().decode()
    assert "Jane" not in text
    assert "Aaaa Aaa" not in text, "nor its shape"


def test_samples_show_the_fault_and_hide_the_value(tmp_path: Path) -> None:
    delivery = Delivery(1)
    delivery.tables["application_form"][0]["income"] = "-45_061.17x"
    built = build_month(period_at(tmp_path, 0), delivery.write(tmp_path / "in"))
    found = {(c.rule, c.column): c.samples for c in built.quality.checks}
    assert found["unreadable", "income"] == ("-99_999.99a",)
    assert "45" not in str(found)


def judged(tmp_path: Path, number: int, rules: str) -> Period:
    """A month under a policy that judges small tables by `rules`."""
    policy = small_policy(f"quality: {{max_quarantined_share: 0.3, min_rows: 5, rules: {rules}}}")
    return small_period(tmp_path, month(number), policy)


def test_a_column_that_moved_blocks_before_silver_where_the_policy_says_so(tmp_path: Path) -> None:
    delivery = Delivery(2)
    for row in delivery.of("application_form", 1):
        row["income"] = f"{float(row['income']) / 12:.2f}"  # a month's income for a year's
    period = judged(tmp_path, 1, "{shift: block}")
    text = r"2023-02-01 is blocked: form: income has mean 2708.*; see .*quality\.html"
    with pytest.raises(GateError, match=text):
        build_month(period, delivery.write(tmp_path / "in"))
    assert period.lake.months("silver/form") == [month(0)]
    report = load_report(period.store, month(1))
    assert report is not None
    assert {p.layer for p in report.profiles} == {"bronze", "silver"}
    assert "blocked" in period.store.read(f"months/{month(1)}/quality.html").decode()
    warned = judged(tmp_path, 1, "{shift: warn}")
    built = build_month(warned, str(tmp_path / "in"))
    moved = {(c.layer, c.column) for c in built.quality.checks if c.rule == "shift"}
    assert {("silver", "income"), ("gold", "debt_to_income")} <= moved
    assert ("gold", "income") not in moved, "told once"


def test_an_outage_blocks_before_gold_where_the_policy_says_so(tmp_path: Path) -> None:
    delivery = Delivery(3)
    delivery.drop("web_visits", 1)
    landing = delivery.write(tmp_path / "in")
    period = judged(tmp_path, 2, "{outage: block}")
    with pytest.raises(GateError, match=r"2023-02-01 is blocked: visits is down"):
        build_month(period, landing)
    gold = contracts.features(period.portfolio).table
    assert period.lake.months(gold) == [month(0)], "no month is built on a blocked one"
    with pytest.raises(GateError, match=r"2023-02-01 is blocked"):
        build_month(period, landing)
    warned = judged(tmp_path, 2, "{outage: warn}")
    assert build_month(warned, landing).quality.outages == ()
    assert period.lake.months(gold) == [month(n) for n in range(3)]
    report = load_report(period.store, month(1))
    assert report is not None
    assert report.outages == ("visits",)
    assert [(c.severity, c.text) for c in report.checks if c.rule == "outage"] == [
        ("warn", "visits is down: its columns are null (0 rows arrived)")
    ]


def test_every_layer_is_described_and_compared_with_the_month_before(tmp_path: Path) -> None:
    period = period_at(tmp_path, 1)
    build_month(period, Delivery(2).write(tmp_path / "in"))
    first, second = (load_report(period.store, month(n)) for n in range(2))
    assert first is not None
    assert second is not None
    assert (first.compared_with, second.compared_with) == (None, month(0))
    tables = {(p.layer, p.table): p for p in second.profiles}
    assert {layer for layer, _ in tables} == {"bronze", "silver", "gold"}
    income = tables["silver", "form"].column("income")
    assert income is not None
    assert income.numbers is not None
    assert income.change is not None
    assert income.change.numbers is not None
    means = income.change.numbers.mean, income.numbers.mean
    assert means == pytest.approx((32500.0, 32501.0))
    home = tables["gold", "features"].column("home")
    assert home is not None
    assert home.values is not None
    assert dict(home.values.shown) == {"own": 3, "rent": 3}
    assert tables["bronze", "visits"].rows == tables["silver", "visits"].rows
