"""`creditrisk init`: a first portfolio file from nothing but a folder of files."""

import gzip
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from creditrisk.cli import app
from creditrisk.errors import UserError
from creditrisk.portfolio import ColumnSpec
from creditrisk.quality.portfolio_draft.folder import tables_of
from creditrisk.quality.portfolio_draft.values import belief_of
from creditrisk.quality.portfolio_draft.words import words
from creditrisk.storage import open_store
from tests.builders import (
    met_lenders,
    plain_lender,
    revolving_lender,
    workshop_lender,
)
from tests.builders.column_of_texts import column_of
from tests.builders.deliveries import Delivery
from tests.builders.described_lenders import LENDERS, described
from tests.builders.one_file import one_file, write
from tools.sme_lender import Sme


def run(*given: str) -> Result:
    return CliRunner().invoke(app, list(given))


def drafted(landing: Path) -> str:
    """What `init` writes of a folder."""
    path = landing.parent / "portfolio.yaml"
    done = run("init", str(landing), "--portfolio", str(path))
    assert done.exit_code == 0, done.output or done.exception
    return path.read_text("utf-8")


def columns(text: str, table: str) -> dict[str, dict[str, object]]:
    """The described columns of a table; those left out are comments."""
    return yaml.safe_load(text)["sources"][table]["columns"]


def line(text: str, column: str) -> str:
    """The first line that names a column."""
    return next(one for one in text.splitlines() if f"{column}:" in one or f'{column}":' in one)


def check(landing: Path) -> Result:
    path = landing.parent / "portfolio.yaml"
    return run("portfolio", "check", "--data", str(landing), "--portfolio", str(path))


@pytest.fixture(scope="module")
def plain(tmp_path_factory) -> tuple[Path, str]:
    """The folder of the bank with spreadsheets, and what is written of it."""
    landing = tmp_path_factory.mktemp("plain") / "landing"
    plain_lender.deliver(landing)
    return landing, drafted(landing)


def test_term_loans_with_outcome_dates_are_usable_without_an_edit(tmp_path):
    Sme(10, applications=200).deliver(tmp_path / "landing")
    text = drafted(tmp_path / "landing")
    roles = {name: spec.get("role") for name, spec in columns(text, "sme_outcomes").items()}
    assert roles == {
        "LoanNr": "loan",
        "Borrower": "customer",
        "AsOf": "snapshot",
        "DisbursementDate": "start",
        "ChargeOffDate": "default_date",
        "PaidInFullDate": "closed_date",
    }
    assert columns(text, "sme_applications")["FinalTerm"]["excluded"] is True
    assert "currency: USD" in text, "dollars stand before amounts"
    assert "missing" not in columns(text, "sme_outcomes")["ChargeOffDate"], "# is no date, not none"
    assert check(tmp_path / "landing").exit_code == 0


def test_cards_seen_each_quarter_are_usable_without_an_edit(tmp_path):
    revolving_lender.deliver(tmp_path / "landing", 9, applications=60)
    text = drafted(tmp_path / "landing")
    assert yaml.safe_load(text)["sources"]["card_accounts"]["every"] == 3
    assert columns(text, "card_accounts")["months_open"] == {
        "role": "month_on_book",
        "type": "integer",
    }
    assert check(tmp_path / "landing").exit_code == 0


def test_numbers_that_count_days_are_found_where_a_table_has_no_date(tmp_path):
    workshop_lender.deliver(tmp_path / "landing", 6, applications=60)
    text = drafted(tmp_path / "landing")
    form = columns(text, "form")
    assert form["asked"] == {"role": "snapshot", "type": "date", "format": "sas date"}
    assert form["owner"] == {"role": "customer"}  # 主000001 names somebody, and counts nothing
    assert "days since 1970-01-01)?" in line(text, "asked")
    assert form["rent"]["type"] == "number"
    started = columns(text, "ledger")["paid_out"]
    assert started["format"] == "epoch seconds" and "sas datetime)?" in line(text, "paid_out")
    # four encodings, of which two are known by their bytes
    assert text.count("any file can be read as that") == 2


@pytest.mark.parametrize(
    ("deliver", "table", "roles"),
    [
        (
            met_lenders.lease,
            "rentals",
            {"PERIOD_DT": "snapshot", "START_DT": "start", "RENT_DUE": "due", "ARREARS": "overdue"},
        ),
        (
            met_lenders.mortgages,
            "performance",
            {"Reporting Quarter": "snapshot", "First Payment Date": "start"},
        ),
        (
            met_lenders.microfinance,
            "pagos",
            {"Socia": "customer", "Mes": "snapshot", "Desembolso": "start", "Cuota": "due"},
        ),
    ],
)
def test_lenders_met_elsewhere_are_usable_without_an_edit(tmp_path, deliver, table, roles):
    deliver(tmp_path / "landing")
    text = drafted(tmp_path / "landing")
    described = columns(text, table)
    assert {name: described[name]["role"] for name in roles} == roles
    done = check(tmp_path / "landing")
    assert done.exit_code == 0, done.output


def test_quarterly_applications_and_days_that_applications_count_are_seen(tmp_path):
    met_lenders.mortgages(tmp_path / "quarters" / "landing")
    text = drafted(tmp_path / "quarters" / "landing")
    assert yaml.safe_load(text)["sources"]["origination"]["every"] == 3
    met_lenders.lease(tmp_path / "days" / "landing")
    asked = columns(drafted(tmp_path / "days" / "landing"), "contracts")["APPL_DT"]
    assert asked == {"role": "snapshot", "type": "date", "format": "sas date"}


def test_a_folder_with_a_file_a_day_is_one_table_of_several_files_a_month(tmp_path):
    landing = tmp_path / "landing"
    met_lenders.lease(landing)
    for number in range(60):
        day = met_lenders.START + timedelta(number)
        rows = [
            {
                "LESSEE_ID": f"P{who * 31 + number % 9:06}",
                "call_id": f"k{number:03}{who:03}",
                "day": day,
                "s": who,
            }
            for who in range(30)
        ]
        met_lenders.save(landing / "calls" / f"{day}.csv", rows, "|")
    text = drafted(landing)
    assert yaml.safe_load(text)["sources"]["calls"]["table"] == "calls/{yyyy-MM}-*"
    assert columns(text, "calls")["call_id"] == {"role": "event"}
    assert "calls: 3 files, 1,800 rows, 2022-01 to 2022-03" in check(landing).output


def test_a_spreadsheets_notation_is_found_out(plain):
    landing, text = plain
    source = yaml.safe_load(text)["sources"]["antraege"]
    assert (source["delimiter"], source["encoding"]) == (";", "windows-1252")
    assert columns(text, "antraege")["Einkommen"] == {
        "type": "number",
        "thousands": ".",
        "decimal": ",",
        "strip": "€",
    }
    assert columns(text, "antraege")["Antrag_Date"]["format"] == "dd.MM.yyyy"
    assert columns(text, "antraege")["Wohnung"]["missing"] == ["n/a"]
    assert columns(text, "konten")["Due_EUR"]["role"] == "due", "equal in every row"
    assert check(landing).exit_code == 0


def test_people_are_left_out_and_no_value_of_theirs_is_written(plain):
    _, text = plain
    assert not {"Name", "E-Mail", "Steuer"} & set(columns(text, "antraege"))
    assert line(text, "Name").strip().startswith("# Name: {pii: true}  # name: left out")
    for value in ("Müller", "example.org", "K00001"):
        assert value not in text


def test_protected_attributes_are_in_no_model(plain):
    assert columns(plain[1], "antraege")["Gender"]["protected"] is True


def test_a_column_that_ranks_outcomes_too_well_is_excluded_with_its_auc(plain):
    assert columns(plain[1], "antraege")["Mahnungen"]["excluded"] is True
    assert "known only later? it alone ranks outcomes with AUC 0.9" in line(plain[1], "Mahnungen")


def test_a_file_is_never_written_over(tmp_path):
    revolving_lender.deliver(tmp_path / "landing", 4, applications=20)
    mine = tmp_path / "mine.yaml"
    mine.write_text("mine")
    done = run("init", str(tmp_path / "landing"), "--portfolio", str(mine))
    assert isinstance(done.exception, UserError)
    assert "is there already; name another file with --portfolio" in str(done.exception)
    assert mine.read_text() == "mine"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "holds no file; name the folder with the delivered files"),
        ({"loans.parquet": b"PAR1"}, "holds no CSV file; loans.parquet is none"),
        ({"loans.csv": b""}, "loans.csv is empty"),
        ({"loans.csv.gz": gzip.compress(b"a,b\n1,2\n")[:-9]}, "loans.csv.gz is cut short"),
    ],
    ids=["an empty folder", "no CSV", "an empty file", "a file cut short"],
)
def test_what_cannot_be_read_is_one_line(tmp_path, files, message):
    landing = tmp_path / "landing"
    landing.mkdir()
    for name, data in files.items():
        (landing / name).write_bytes(data)
    done = run("init", str(landing), "--portfolio", str(tmp_path / "p.yaml"))
    assert isinstance(done.exception, UserError)
    assert message in str(done.exception)
    assert not (tmp_path / "p.yaml").exists()


def test_months_in_the_names_of_files_make_one_table(tmp_path):
    landing = tmp_path / "landing"
    landing.mkdir()
    tables = plain_lender.tables(months=4)
    for month, rows in tables["konten"].groupby(tables["konten"].Report_Date.str[3:]):
        rows.to_csv(landing / f"konten_{month[3:]}{month[:2]}.csv", index=False)
    tables["antraege"].to_csv(landing / "antraege.csv", index=False)
    text = drafted(landing)
    assert yaml.safe_load(text)["sources"]["konten"]["table"] == "konten_{yyyyMM}"
    done = check(landing)
    assert done.exit_code == 0, done.output
    assert "konten: 4 files" in done.output


def test_a_name_with_a_number_is_a_name(tmp_path):
    Sme(10, applications=1000).deliver(tmp_path / "landing")
    text = drafted(tmp_path / "landing")
    assert line(text, "Name").strip().startswith("# Name: {pii: true}  # name: left out")
    assert "Company" not in text


def test_the_months_on_book_are_not_what_is_due_whatever_their_name(tmp_path):
    names = {"mob": "installment_num", "due": "due_amt", "overdue": "overdue_amt"}
    delivery = Delivery(6, clients=30)
    ledger = delivery.tables["loan_ledger"]
    ledger[:] = [{names.get(key, key): value for key, value in row.items()} for row in ledger]
    delivery.write(tmp_path / "landing")
    found = columns(drafted(tmp_path / "landing"), "loan_ledger")
    assert {name: found[name]["role"] for name in names.values()} == {
        "installment_num": "month_on_book",
        "due_amt": "due",
        "overdue_amt": "overdue",
    }


def test_what_is_not_read_is_named_in_the_file(tmp_path):
    landing = tmp_path / "landing"
    revolving_lender.deliver(landing, 6, applications=30)
    (landing / "terms.docx").write_bytes(b"PK")
    (landing / "guarantors.csv").write_text("person,name\n")
    text = drafted(landing)
    assert "# not read: terms.docx is no CSV" in text
    assert "# not read: guarantors.csv has no rows" in text


def test_files_are_gathered_into_tables(tmp_path):
    for name in ("a/2024-01-01.csv", "a/2024-02-01.csv.gz", "b.csv", "c_2024.csv", "x.xlsx"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    found, others = tables_of(open_store(str(tmp_path)))
    assert {files.table: len(files.keys) for files in found} == {"a": 2, "b": 1, "c_2024": 1}
    assert others == ["x.xlsx"]


@pytest.mark.parametrize(
    ("names", "tables"),
    [
        (("LoanStats_2016Q1", "LoanStats_2016Q2", "LoanStats_2017Q1"), {"LoanStats_*"}),
        (("part-001", "part-002", "part-010"), {"part-*"}),
        (("LoanStats3a", "LoanStats3b", "LoanStats3c"), {"LoanStats*"}),
        (("q/2016Q1", "q/2016Q2"), {"q/*"}),
        (("2016_North", "2017_North"), {"*_North"}),
        (("LoanStats_2016Q1",), {"LoanStats_2016Q1"}),
        (("loans_2016", "loans_2017", "=loans_notes"), {"loans_2016", "loans_2017", "loans_notes"}),
    ],
)
def test_files_of_one_header_whose_names_differ_in_a_part_are_one_table(tmp_path, names, tables):
    for number, name in enumerate(names):
        path = tmp_path / f"{name.removeprefix('=')}.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"loan,client{',note' * name.startswith('=')}\nL{number},C{number}\n")
    (tmp_path / "other.csv").write_text("client,income\n")
    found, _ = tables_of(open_store(str(tmp_path)))
    assert {files.table for files in found} == tables | {"other"}


def test_a_file_a_quarter_is_described_as_one_table_and_fits(tmp_path):
    rows = one_file()
    for quarter, some in rows.groupby(rows.LoanOriginationDate.str[:4]):
        write(tmp_path / "landing", some, f"LoanStats_{quarter}Q1.csv")
    text = drafted(tmp_path / "landing")
    sources = yaml.safe_load(text)["sources"]
    assert {one["table"] for one in sources.values()} == {"LoanStats_*"}
    assert sources.keys() == {"loanstats_applications", "loanstats"}
    assert check(tmp_path / "landing").exit_code == 0


@pytest.mark.parametrize(
    ("name", "terms"),
    [
        ("ChargeOffDate", {"chargeoff", "date"}),
        ("Customer_ID", {"customer", "id"}),
        ("MIS_DATE", {"mis", "date"}),
        ("charged off at", {"chargedoff", "at"}),
        ("first-name", {"firstname"}),
    ],
)
def test_a_name_says_its_words(name, terms):
    assert words(name) == terms


@pytest.mark.parametrize("lender", LENDERS.values(), ids=LENDERS)
def test_at_most_five_edits_lead_to_a_usable_description(tmp_path, lender):
    landing = tmp_path / "landing"
    lender.deliver(landing)
    described(landing, lender.edits)
    done = check(landing)
    assert done.exit_code == 0, done.output
    assert "usable;" in done.output


@pytest.mark.parametrize(
    ("texts", "keys"),
    [
        (["1yrs 11mon", "0yrs 3mon", "12yrs 0mon"], {"type": "duration"}),
        (["P1Y2M", "P3Y"], {"type": "duration"}),
        (["5m", "6m"], {}),  # months, metres or millions
        (["G0012", "G0047", "G1001"], {}),  # a number of a group
        (["A-0012", "A-0047", "A-1001"], {}),  # nothing below zero
        (["Rs 1,20,000", "Rs 45,000"], {"type": "number", "thousands": ",", "strip": "Rs"}),
        (["12", "5", "7", "x" * (1 << 21)], {"type": "integer"}),
        (["2201", "2205", "2212"], {"type": "number"}),  # no months of 2022
        (["Si", "No"], {"spellings": {"yes": ["Si"], "no": ["No"]}}),
        (["oui", "non"], {"spellings": {"yes": ["oui"], "no": ["non"]}}),
    ],
)
def test_a_column_is_taken_for_what_its_texts_are(texts, keys):
    found = belief_of(column_of("column", ColumnSpec(), [*texts] * 40)).keys
    assert {key: found[key] for key in keys} == keys
    assert bool(keys) or found.get("type") in (None, "category")
