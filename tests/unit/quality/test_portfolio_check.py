"""`creditrisk portfolio check`: given tables against their description, before any is built."""

import gzip
from pathlib import Path

import pytest

from tests.builders.checked_deliveries import FORM, LEDGER, change, check
from tests.builders.deliveries import Delivery, month, write_csv
from tests.builders.small_lender import PORTFOLIO


@pytest.fixture
def delivery() -> Delivery:
    """Six good months of the small lender."""
    return Delivery(6)


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
    assert "age" in found and "integer, 100.0% filled, 25 to 30" in found
    assert "not usable: 1 to change, 0 to look at" in found


def policy(root: Path) -> Path:
    path = root / "policy.yaml"
    path.write_text("quality: {max_nulled_share: 0.4}\n")
    return path


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


def test_customers_with_several_applications_a_month_need_numbers(tmp_path, delivery):
    again = [row | {"income": "1"} for row in delivery.tables[FORM][:18]]
    delivery.tables[FORM] += again
    code, found = check(tmp_path, delivery)
    finding = found["form", "client"]
    assert code == 2
    assert finding["what"] == "36 of 54 (66.7%) rows share client and month, and differ"
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
    assert "0 of 36 (0.0%) loans find their application by customer and month" in finding["what"]


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
        "1 of 36 (2.8%) loans began before their application (month)"
    )


def test_a_quarterly_panel_is_recognised(tmp_path, delivery):
    for number in (1, 2, 4, 5):
        delivery.drop(LEDGER, number)
    code, found = check(tmp_path, delivery)
    assert (code, found["ledger", ""]["change"]) == (2, "every: 3")
    assert found["ledger", ""]["line"] == "ledger:"
    portfolio = PORTFOLIO.replace("role: performance", "role: performance\n    every: 3")
    assert check(tmp_path, delivery, portfolio) == (0, {})


def test_a_date_gone_astray_opens_no_gap(tmp_path):
    delivery = Delivery(6, clients=30)
    delivery.tables[FORM][3]["month"] = "2069-01-01"
    code, found = check(tmp_path, delivery)
    assert code == 0
    assert found["form", "month"]["what"] == (
        "1 of 180 (0.6%) rows lie far from all others: 2069-01"
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
        "4 of 40 (10.0%) rows do not split into the header's columns:"
        " row 37 of application_form.csv.gz has 2 fields, not 6"
    )


@pytest.mark.parametrize("line", [b"a,b\n", b"C9,2023-02-01,1,1,rent,30,more\n"])
def test_a_row_that_does_not_split_counts_in_its_month_as_in_the_etl(tmp_path, delivery, line):
    delivery.write(tmp_path / "landing")
    path = tmp_path / "landing/application_form.csv.gz"
    path.write_bytes(path.read_bytes() + gzip.compress(line))
    code, found = check(tmp_path, delivery)
    finding = found["form", ""]  # one of 37 rows, and of the seven of its month
    assert (code, finding["level"]) == (2, "unusable")
    assert finding["change"] == "have texts that hold delimiters or line ends put in quotes"


@pytest.mark.parametrize("kept", [1, 40])
def test_a_month_of_far_fewer_or_more_rows_is_blocked_as_in_the_etl(tmp_path, delivery, kept):
    rows, march = delivery.tables["application_form"], str(month(2))
    found = [row for row in rows if row["month"] == march]
    more = [found[n % 6] | {"client": f"{found[n % 6]['client']}-{n}"} for n in range(kept)]
    delivery.tables["application_form"] = [r for r in rows if r["month"] != march] + more
    code, remarks = check(tmp_path, delivery)
    text = remarks["form", ""]["what"]
    assert code == 2
    assert "rows of 2023-0" in text and "of the month before" in text


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


@pytest.mark.parametrize("column", ["client", "loan", "began", "month"])
def test_a_table_without_a_key_is_judged_by_what_it_has(tmp_path, delivery, column):
    for rows in delivery.tables.values():
        rows[:] = [{f"my {k}" if k == column else k: v for k, v in row.items()} for row in rows]
    code, found = check(tmp_path, delivery)
    assert code == 2
    assert found["ledger", column]["what"].startswith("no such column")


def test_a_cell_without_end_is_shown_shortened(tmp_path, delivery):
    for column in ("income", "home", "month"):
        delivery.tables[FORM][-1][column] = "x" * (1 << 22)
    _, found = check(tmp_path, delivery)
    for column in ("income", "home", "month"):
        assert len(found["form", column]["what"]) < 200
        assert found["form", column]["change"] == ""


def test_another_ending_is_named(tmp_path, delivery):
    delivery.write(tmp_path / "landing")
    (tmp_path / "landing" / f"{FORM}.csv.gz").rename(tmp_path / "landing" / f"{FORM}.csv.zip")
    _, found = check(tmp_path, delivery)
    assert f"it holds {FORM}.csv.zip, which is not read" in found["form", ""]["what"]


def test_a_year_is_written_with_four_digits(tmp_path, delivery):
    for rows in delivery.tables.values():
        change(rows, "month", lambda text, _: text.replace("2023", "0023"))
    _, found = check(tmp_path, delivery, PORTFOLIO, "--policy", str(policy(tmp_path)))
    assert "36 rows, 0023-01 to 0023-06" in found


@pytest.mark.parametrize(("months", "times"), [((4, 5), "0.01"), ((0, 1, 2, 3), "100")])
def test_another_unit_from_a_month_on_is_asked_about(tmp_path, months, times):
    large = Delivery(6, clients=20)
    for number in months:
        change(large.of(FORM, number), "debt", lambda text, _: f"{float(text) / 100}")
    _, found = check(tmp_path, large)
    finding = found["form", "debt"]
    assert finding["level"] == "look"
    assert f"from 2023-05 on they are about {times} times" in finding["what"]


def test_the_file_that_lacks_a_column_is_named(tmp_path, delivery):
    delivery.write(tmp_path / "landing", monthly=True)
    newest = tmp_path / "landing" / FORM / "2023-06-01.csv.gz"
    text = gzip.decompress(newest.read_bytes()).decode()
    newest.write_bytes(gzip.compress(text.replace("debt", "loans", 1).encode()))
    _, found = check(tmp_path, delivery)
    assert found["form", "debt"]["what"].startswith(f"no such column in {FORM}/2023-06-01.csv.gz")
