"""`creditrisk portfolio check` on the values of a column: notations, dates, categories, missing."""

import json

import pytest

from tests.builders.checked_deliveries import FORM, change, check
from tests.builders.deliveries import Delivery
from tests.builders.small_lender import PORTFOLIO


@pytest.fixture
def delivery() -> Delivery:
    """Six good months of the small lender."""
    return Delivery(6)


@pytest.mark.parametrize(
    ("spoil", "keys"),
    [
        (lambda text: f"${int(text):,}.00 ", 'thousands: ",", strip: "$"'),
        (lambda text: f"{text},50", 'decimal: ","'),
        (lambda text: f"{int(text):,}".replace(",", ".") + ",50 €", 'thousands: ".", decimal: ","'),
        (lambda text: f"{text} EUR", 'strip: "'),
        (lambda text: f"({text})", 'negative: "brackets"'),
        (lambda text: f"(${int(text):,}.00)", 'negative: "brackets", strip: "$"'),
        (lambda text: f"{text},00-", 'decimal: ",", negative: "behind"'),
        (lambda text: f"{text} CR", 'negative: "CR"'),
        (lambda text: f"{text} Dr", 'negative: "DR"'),
        (
            lambda text: f"{text} {'CR' if int(text) % 2 else 'DR'}",
            'negative: "CR" (or DR: which of them is less?)',
        ),
    ],
    ids=[
        *("dollars", "decimal comma", "euros", "a word behind"),
        *("brackets", "dollars in brackets", "minus behind", "credits", "debits", "both"),
    ],
)
def test_amounts_in_another_notation_are_recognised(tmp_path, delivery, spoil, keys):
    change(delivery.tables[FORM], "income", lambda text, _: spoil(text))
    code, found = check(tmp_path, delivery)
    finding = found["form", "income"]
    assert code == 2
    assert finding["what"].startswith("36 of 36 (100.0%) are no number: ")
    assert keys in finding["change"]
    assert finding["line"].startswith("income: {type: number")


def test_amounts_that_may_be_thousands_are_read_as_fractions_and_asked_about(tmp_path, delivery):
    change(delivery.tables[FORM], "income", lambda text, _: f"{int(text):,}".replace(",", "."))
    code, found = check(tmp_path, delivery)
    finding = found["form", "income"]
    assert (code, finding["level"]) == (0, "look")
    assert finding["change"] == 'thousands: ".", decimal: ",", if they are thousands'


@pytest.mark.parametrize(
    ("written", "format_"),
    [
        ("{:%d-%b-%y}", "dd-MMM-yy"),
        ("{:%d.%m.%Y}", "dd.MM.yyyy"),
        ("{:%Y%m%d}", "yyyyMMdd"),
        ("{:%d%b%Y}", "ddMMMyyyy"),
        ("{:%Y-%m-%d}T00:00:00", "iso"),
        ("{:%Y-%m-%d} 00:00:00.000", "iso"),
        ("{:%Y-%m-%d}T00:00:00+05:30", "iso"),
        ("{:%d%b%Y}:00:00:00.00", "ddMMMyyyy:HH:mm:ss.S"),
        ("{0.year}Q{1}", "\"yyyy'Q'Q\""),
        ("{2}", "excel 1900"),
        ("{3}000", "epoch milliseconds"),
        ("{4}", "sas date"),
    ],
)
def test_dates_in_another_format_are_recognised(tmp_path, delivery, written, format_):
    from datetime import date

    def spelt(text, _):
        day = date.fromisoformat(text)
        days = (day - date(1970, 1, 1)).days
        quarter = (day.month + 2) // 3
        return written.format(day, quarter, days + 25569, days * 86400, days + 3653)

    for table in delivery.tables.values():
        change(table, "month", spelt)
    code, found = check(tmp_path, delivery)
    assert code == 2
    for source in ("form", "visits", "ledger"):
        assert found[source, "month"]["change"].partition(" (")[0] == f"format: {format_}"
        assert found[source, "month"]["line"] == "month: {role: snapshot, type: date}"


DAY_OR_MONTH = "no day above 12 tells them apart"


@pytest.mark.parametrize(
    ("spelled", "format_", "doubt"),
    [
        (
            lambda text: "1672531200",
            "epoch seconds",
            "sas datetime: '1672531200' is 2023-01-01, or 2012-12-31",
        ),
        (
            lambda text: f"{int(text[5:7])}/1/{text[:4]} 12:00:00 AM",
            "d/M/yyyy h:mm:ss a",
            f"M/d/yyyy h:mm:ss a: {DAY_OR_MONTH}",
        ),
        (
            lambda text: f"{text[5:7]}/{text[8:]}/{text[:4]}",
            "dd/MM/yyyy",
            f"MM/dd/yyyy: {DAY_OR_MONTH}",
        ),
    ],
    ids=["a count", "a half day", "a date"],
)
def test_what_may_be_read_two_ways_is_not_decided(spelled, format_, doubt, tmp_path, delivery):
    for table in delivery.tables.values():
        change(table, "month", lambda text, n: spelled(text))
    _, found = check(tmp_path, delivery)
    assert found["form", "month"]["change"] == f"format: {format_} (or {doubt})"


def test_strange_categories_are_counted_and_spellings_proposed(tmp_path, delivery):
    portfolio = PORTFOLIO.replace("[own, rent]", '["yes", "no"]').replace("home:", "home:")
    spelled = {"own": ("yes", "Y", "1"), "rent": ("no", "N", "0")}
    change(delivery.tables[FORM], "home", lambda text, n: spelled[text][n // 2 % 3])
    code, found = check(tmp_path, delivery, portfolio)
    finding = found["form", "home"]
    assert finding["change"] == 'spellings: {"no": ["N", "0"], "yes": ["Y", "1"]}'
    assert "24 of 36 (66.7%) are no declared category: 'N' x 6" in finding["what"]
    assert (code, finding["key"]) == (2, "spellings")
    assert finding["line"].startswith("home: {type: category")


def test_a_number_that_means_missing_is_suspected(tmp_path, delivery):
    change(delivery.tables[FORM], "income", lambda text, n: "999999" if n % 12 == 0 else text)
    code, found = check(tmp_path, delivery)
    assert code == 0
    assert found["form", "income"]["what"] == "3 of 36 (8.3%) are 999999, far from any other value"
    assert '"999999"' in found["form", "income"]["change"]


def test_a_word_that_means_missing_is_proposed(tmp_path, delivery):
    change(delivery.tables[FORM], "debt", lambda text, n: "N/A" if n % 9 == 0 else text)
    _, found = check(tmp_path, delivery)
    assert found["form", "debt"]["change"] == 'add to missing: ["N/A"]'


def test_one_bad_month_among_good_ones_is_not_averaged_away(tmp_path, delivery):
    for row in delivery.of(FORM, 3):
        row["income"] = "abc"
    code, found = check(tmp_path, delivery)
    assert code == 2
    assert found["form", "income"]["level"] == "unusable"


def test_personal_data_is_shown_by_its_shape(tmp_path, delivery):
    portfolio = PORTFOLIO.replace("age: {type: integer,", "age: {pii: true, type: integer,")
    change(delivery.tables[FORM], "age", lambda text, n: "Ann 12")
    _, found = check(tmp_path, delivery, portfolio)
    assert "'Aaa 99' x 36" in found["form", "age"]["what"]
    assert "Ann" not in json.dumps(list(found.values()))
