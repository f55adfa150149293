"""`creditrisk portfolio check`: given files against their description, before anything is built."""

import gzip
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from creditrisk.cli import app
from tests.builders.deliveries import Delivery, Rows, write_csv
from tests.builders.small_lender import PORTFOLIO

FORM, LEDGER = "application_form", "loan_ledger"


@pytest.fixture
def delivery() -> Delivery:
    """Six good months of the small lender."""
    return Delivery(6)


def check(root: Path, delivery: Delivery, portfolio: str = PORTFOLIO, *more: str):
    """Exit code, and what is found; each finding with the text of the line it points at."""
    description, landing = root / "mine.yaml", root / "landing"
    description.write_text(portfolio)
    if not landing.exists():
        delivery.write(landing)
    words = ["portfolio", "check", "--data", str(landing), "--portfolio", str(description)]
    done = CliRunner().invoke(app, [*words, *(more or ["--json"])])
    if more:
        return done.exit_code, done.output
    body = json.loads(done.stdout)
    assert body["usable"] == (done.exit_code == 0), done.output
    lines = portfolio.splitlines()
    for finding in body["findings"]:
        name, _, number = finding["place"].rpartition(":")
        assert name == str(description)
        finding["line"] = lines[int(number) - 1].strip()
    return done.exit_code, {(f["source"], f["column"]): f for f in body["findings"]}


def change(rows: Rows, column: str, spoil) -> None:
    for number, row in enumerate(rows):
        row[column] = spoil(row[column], number)


def test_good_files_fit(tmp_path, delivery):
    code, found = check(tmp_path, delivery)
    assert (code, found) == (0, {})


def test_a_table_says_what_was_read_and_what_to_write(tmp_path, delivery):
    change(delivery.tables[FORM], "income", lambda text, _: f"${int(text):,}.00 ")
    code, found = check(tmp_path, delivery, PORTFOLIO, "--policy", str(policy(tmp_path)))
    assert code == 2
    assert "form: application_form.csv.gz, 36 rows, 2023-01 to 2023-06" in found
    assert "mine.yaml:11" in found
    assert 'thousands: ",", strip: "$"' in found
    assert "age" in found and "integer, 100.0 % filled, 25 to 30" in found
    assert "not usable: 1 to change, 0 to look at" in found


def policy(root: Path) -> Path:
    path = root / "policy.yaml"
    path.write_text("quality: {max_nulled_share: 0.4}\n")
    return path


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
    assert finding["what"].startswith("36 of 36 (100.0 %) are no number: ")
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


def test_a_count_that_may_be_of_two_kinds_is_not_decided(tmp_path, delivery):
    for table in delivery.tables.values():
        change(table, "month", lambda text, n: "1672531200")
    _, found = check(tmp_path, delivery)
    doubt = "(or sas datetime: '1672531200' is 2023-01-01, or 2012-12-31)"
    assert found["form", "month"]["change"] == f"format: epoch seconds {doubt}"


def test_hours_of_a_half_day_are_recognised_beside_the_doubt_of_day_and_month(tmp_path, delivery):
    for table in delivery.tables.values():
        change(table, "month", lambda text, n: f"{int(text[5:7])}/1/{text[:4]} 12:00:00 AM")
    _, found = check(tmp_path, delivery)
    message = "d/M/yyyy h:mm:ss a (or M/d/yyyy h:mm:ss a: no day above 12 tells them apart)"
    assert found["form", "month"]["change"] == f"format: {message}"


def test_a_date_that_may_be_read_two_ways_is_not_decided(tmp_path, delivery):
    for table in delivery.tables.values():
        change(table, "month", lambda text, n: f"{text[5:7]}/{text[8:]}/{text[:4]}")
    _, found = check(tmp_path, delivery)
    message = "format: dd/MM/yyyy (or MM/dd/yyyy: no day above 12 tells them apart)"
    assert found["form", "month"]["change"] == message


def test_a_file_of_a_header_only_has_no_rows(tmp_path, delivery):
    delivery.write(tmp_path / "landing")
    path = tmp_path / "landing/application_form.csv.gz"
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()).splitlines()[0] + b"\n"))
    code, found = check(tmp_path, delivery)
    assert code == 2
    assert found["form", ""]["what"] == "no row is there"


def test_a_renamed_column_is_found_by_its_likeness(tmp_path, delivery):
    for row in delivery.tables[FORM]:
        row["Income_"] = row.pop("income")
    code, found = check(tmp_path, delivery)
    assert code == 2
    assert found["form", "income"]["change"] == '"Income_": {name: income, ...}'
    assert found["form", "income"]["what"] == "no such column; not described: Income_"


def test_another_delimiter_and_encoding_are_named_with_their_key(tmp_path, delivery):
    delivery.write(tmp_path / "landing")
    write_csv(tmp_path / "landing/application_form.csv.gz", delivery.tables[FORM], ";")
    ledger = tmp_path / "landing/loan_ledger.csv.gz"
    text = gzip.decompress(ledger.read_bytes()).decode().replace("C0-0", "Zoë")
    ledger.write_bytes(gzip.compress(text.encode("latin-1")))
    code, found = check(tmp_path, delivery)
    assert code == 2
    assert 'sources.form.delimiter: ";"' in found["form", ""]["what"]
    assert "sources.ledger.encoding" in found["ledger", ""]["what"]


def test_strange_categories_are_counted_and_spellings_proposed(tmp_path, delivery):
    portfolio = PORTFOLIO.replace("[own, rent]", '["yes", "no"]').replace("home:", "home:")
    says = {"own": ("yes", "Y", "1"), "rent": ("no", "N", "0")}
    change(delivery.tables[FORM], "home", lambda text, n: says[text][n // 2 % 3])
    code, found = check(tmp_path, delivery, portfolio)
    finding = found["form", "home"]
    assert finding["change"] == 'spellings: {"no": ["N", "0"], "yes": ["Y", "1"]}'
    assert "24 of 36 (66.7 %) are no declared category: 'N' x 6" in finding["what"]
    assert (code, finding["key"]) == (2, "spellings")
    assert finding["line"].startswith("home: {type: category")


def test_a_number_that_means_missing_is_suspected(tmp_path, delivery):
    change(delivery.tables[FORM], "income", lambda text, n: "999999" if n % 12 == 0 else text)
    code, found = check(tmp_path, delivery)
    assert code == 0
    assert found["form", "income"]["what"] == "3 of 36 (8.3 %) are 999999, far from any other value"
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


def test_customers_with_several_applications_a_month_need_numbers(tmp_path, delivery):
    again = [row | {"income": "1"} for row in delivery.tables[FORM][:18]]
    delivery.tables[FORM] += again
    code, found = check(tmp_path, delivery)
    finding = found["form", "client"]
    assert code == 2
    assert finding["what"] == "36 of 54 (66.7 %) rows share client and month, and differ"
    assert finding["change"].startswith("role: application")


def test_rows_delivered_twice_are_told_from_rows_that_differ(tmp_path, delivery):
    delivery.tables[FORM] += delivery.tables[FORM][:5]
    code, found = check(tmp_path, delivery)
    assert code == 0
    assert found["form", "client"]["what"].startswith("5 of 41")


def test_loans_that_do_not_find_their_application_are_counted(tmp_path, delivery):
    change(delivery.tables[LEDGER], "client", lambda text, _: f"0{text}")
    code, found = check(tmp_path, delivery)
    finding = found["ledger", "began"]
    assert code == 2
    assert "0 of 36 (0.0 %) loans find their application by customer and month" in finding["what"]


def test_loans_that_began_before_their_application_are_counted(tmp_path, delivery):
    number = "number: {role: application}"
    numbered = PORTFOLIO.replace("mob: {role", f"{number}\n      mob: {{role").replace(
        "income: {type", f"{number}\n      income: {{type"
    )
    for table in (FORM, LEDGER):
        for row in delivery.tables[table]:
            row["number"] = row["client"]
    assert check(tmp_path, delivery, numbered) == (0, {})
    delivery.tables[FORM][0]["month"] = "2023-02-01"
    delivery.write(tmp_path / "landing")
    code, found = check(tmp_path, delivery, numbered)
    assert (code, found["ledger", "began"]["level"]) == (0, "look")
    assert found["ledger", "began"]["what"] == (
        "1 of 36 (2.8 %) loans began before their application (month)"
    )


def test_a_quarterly_panel_is_recognised(tmp_path, delivery):
    for number in (1, 2, 4, 5):
        delivery.drop(LEDGER, number)
    code, found = check(tmp_path, delivery)
    assert (code, found["ledger", ""]["change"]) == (2, "every: 3")
    assert found["ledger", ""]["line"] == "ledger:"
    portfolio = PORTFOLIO.replace("role: performance", "role: performance\n    every: 3")
    assert check(tmp_path, delivery, portfolio) == (0, {})


def test_a_date_gone_astray_opens_no_gap(tmp_path, delivery):
    delivery.tables[FORM][3]["month"] = "2069-01-01"
    code, found = check(tmp_path, delivery)
    assert code == 0
    assert found["form", "month"]["what"] == (
        "1 of 36 (2.8 %) rows lie far from all others: 2069-01"
    )


def test_a_month_left_out_is_named(tmp_path, delivery):
    delivery.drop(FORM, 2)
    code, found = check(tmp_path, delivery)
    assert code == 2
    assert found["form", ""]["what"] == "no row of 2023-03, between 2023-01 and 2023-06"


def test_months_on_book_that_count_snapshots_are_seen(tmp_path, delivery):
    change(delivery.tables[LEDGER], "mob", lambda text, _: str(int(text) + 1))
    code, found = check(tmp_path, delivery)
    assert code == 2
    assert found["ledger", "mob"]["what"].endswith("are not the months since began")


def test_personal_data_is_shown_by_its_shape(tmp_path, delivery):
    portfolio = PORTFOLIO.replace("age: {type: integer,", "age: {pii: true, type: integer,")
    change(delivery.tables[FORM], "age", lambda text, n: "Ann 12")
    _, found = check(tmp_path, delivery, portfolio)
    assert "'Aaa 99' x 36" in found["form", "age"]["what"]
    assert "Ann" not in json.dumps(list(found.values()))


def test_a_table_that_is_not_there_does_not_hide_the_others(tmp_path, delivery):
    delivery.write(tmp_path / "landing", skip=(LEDGER, "web_visits"))
    code, found = check(tmp_path, delivery)
    assert code == 2
    assert "holds no loan_ledger.csv.gz" in found["ledger", ""]["what"]
    assert found["visits", ""]["level"] == "look"


def test_rows_that_do_not_split_are_counted(tmp_path, delivery):
    delivery.write(tmp_path / "landing")
    path = tmp_path / "landing/application_form.csv.gz"
    path.write_bytes(path.read_bytes() + gzip.compress(b"a,b\n" * 4))
    code, found = check(tmp_path, delivery)
    assert code == 2
    assert found["form", ""]["what"] == (
        "4 of 40 (10.0 %) rows do not split into the header's columns"
    )


def test_an_empty_file_and_one_cut_short_end_in_a_line_each(tmp_path, delivery):
    delivery.write(tmp_path / "landing")
    (tmp_path / "landing/application_form.csv.gz").write_bytes(gzip.compress(b""))
    path = tmp_path / "landing/loan_ledger.csv.gz"
    path.write_bytes(path.read_bytes()[:-12])
    code, found = check(tmp_path, delivery)
    assert code == 2
    assert "is empty" in found["form", ""]["what"]
    assert "cut short" in found["ledger", ""]["what"]


def test_a_column_that_only_an_older_file_lacks_is_named(tmp_path, delivery):
    delivery.write(tmp_path / "landing", monthly=True)
    rows = [{k: v for k, v in row.items() if k != "debt"} for row in delivery.of(FORM, 1)]
    write_csv(tmp_path / "landing/application_form/2023-02-01.csv.gz", rows)
    code, found = check(tmp_path, delivery)
    assert code == 2
    assert "2023-02-01.csv.gz lacks column debt" in found["form", ""]["what"]


def test_of_a_big_table_the_newest_files_are_read_and_that_is_said(tmp_path, delivery, monkeypatch):
    monkeypatch.setattr("creditrisk.quality.portfolio_check.table.MOST_ROWS", 10)
    delivery.write(tmp_path / "landing", monthly=True)
    code, text = check(tmp_path, delivery, PORTFOLIO, "--policy", str(policy(tmp_path)))
    assert code == 0
    assert (
        "form: 2 files, only 10 rows read, joins not checked, 2023-05 to 2023-06,"
        " 4 older files not read" in text
    )
