"""A lender's only file: what `init` takes its status for, and what `portfolio check` asks."""

from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from creditrisk.cli import app
from creditrisk.errors import UserError
from creditrisk.portfolio import ColumnSpec, parse_portfolio
from creditrisk.quality.portfolio_draft.states import states_of
from creditrisk.quality.portfolio_draft.values import belief_of
from tests.builders.column_of_texts import column_of
from tests.builders.one_file import one_file, write


def drafted(landing: Path) -> tuple[Path, dict[str, dict[str, dict[str, object]]]]:
    path = landing.parent / "portfolio.yaml"
    done = CliRunner().invoke(app, ["init", str(landing), "--portfolio", str(path)])
    assert done.exit_code == 0, done.output or done.exception
    return path, yaml.safe_load(path.read_text("utf-8"))["sources"]


def checked(landing: Path, path: Path) -> Result:
    words = ["portfolio", "check", "--data", str(landing), "--portfolio", str(path)]
    return CliRunner().invoke(app, words, env={"COLUMNS": "400"})


def test_the_day_a_loan_ended_dates_the_default_of_its_status(tmp_path):
    landing = write(tmp_path / "landing", one_file())
    path, sources = drafted(landing)
    outcomes = sources["loans"]
    assert outcomes["columns"]["ClosedDate"]["role"] == "closed_date"
    assert "within" not in outcomes
    assert outcomes["columns"]["LoanStatus"]["spellings"] == {
        "current": ["Current"],
        "written_off": ["Chargedoff"],
        "paid_off": ["Completed"],
    }
    done = checked(landing, path)
    assert done.exit_code == 0, done.output
    assert "usable; 0 to look at" in done.output


def test_a_status_of_the_extracts_day_is_not_one_of_the_first_months(tmp_path):
    landing = write(tmp_path / "landing", one_file().drop(columns="ClosedDate"))
    path, sources = drafted(landing)
    assert sources["loans"]["within"] == 12
    assert "which column says when a loan came to it" in path.read_text("utf-8")
    done = checked(landing, path)
    assert "is it the status of the extract's day?" in done.output
    assert "role: closed_date" in done.output


def test_a_flag_of_the_first_months_is_not_asked_about(tmp_path):
    rows = one_file()
    days = [f"{day[:10]}" for day in rows.LoanOriginationDate]
    rows["LoanStatus"] = ["Chargedoff" if int(day[-2:]) % 9 == 0 else "Current" for day in days]
    landing = write(tmp_path / "landing", rows.drop(columns="ClosedDate"))
    path, _ = drafted(landing)
    assert "extract's day" not in checked(landing, path).output


HEADER = "loan,client,opened,amount,rate,state\n"
ROWS = "".join(f"L{n},C{n},2020-0{1 + n % 9}-01,{900 + n},{4 + n % 3}.5,TX\n" for n in range(60))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Notes offered by prospectus\n\n" + HEADER + ROWS, "below 1 other lines"),
        (",X1,X2,X3,X4,X5\n" + HEADER.replace("client", "age") + "".join(
            f"{n},{20 + n % 50},{n % 3},{900 + n},{n % 7},{n % 2}\n" for n in range(60)
        ), "names its columns in its second line, too"),
        (ROWS, "begins with a row, and no line names its columns"),
    ],
)  # fmt: skip
def test_what_stands_in_the_first_lines_is_no_name(tmp_path, text, message):
    landing = tmp_path / "landing"
    landing.mkdir()
    (landing / "loans.csv").write_text(text)
    path = tmp_path / "portfolio.yaml"
    done = CliRunner().invoke(app, ["init", str(landing), "--portfolio", str(path)])
    assert isinstance(done.exception, UserError)
    assert message in str(done.exception)
    assert not path.exists()


def test_text_with_delimiters_by_another_name_is_told_how_it_is_read(tmp_path):
    (tmp_path / "loan.asc").write_text(HEADER + ROWS)
    done = CliRunner().invoke(app, ["init", str(tmp_path), "--portfolio", str(tmp_path / "p.yaml")])
    assert "loan.asc is none: name it .csv, if it is text with delimiters" in str(done.exception)


def test_files_that_no_description_makes_usable_are_told_what_they_lack(tmp_path):
    rows = one_file()[["CreditScore", "StatedMonthlyIncome"]]
    path = tmp_path / "portfolio.yaml"
    write(tmp_path / "landing", rows.assign(SeriousDlqin2yrs=rows.index % 9 == 0))
    done = CliRunner().invoke(app, ["init", f"{tmp_path}/landing", "--portfolio", str(path)])
    assert "not usable: no column is a date" in done.output
    assert "not usable: nothing that numbers loans says how they turned out" in done.output
    assert "next:" not in done.output


def test_payments_of_loans_are_no_panel_beside_dates_of_default(tmp_path):
    """As Bondora publishes them: the day of the report in each row, repayments apart."""
    rows = one_file().rename(columns={"LoanStatus": "Status"})
    rows["DefaultDate"] = rows.ClosedDate.str[:10].where(rows.Status == "Chargedoff", "")
    rows["ReportAsOfEOD"] = "2017-03-31"
    landing = write(tmp_path / "landing", rows.drop(columns="ClosedDate"))
    paid = rows[["LoanKey"]].loc[rows.index.repeat(3)].rename(columns={"LoanKey": "loan_id"})
    paid["Date"] = [f"2017-0{1 + n % 3}-05" for n in range(len(paid))]
    paid["PrincipalRepayment"], paid["LateFeesRepayment"] = (
        10.5,
        [n % 2 * 1.25 for n in range(len(paid))],
    )
    write(landing, paid, "RepaymentsData.csv")
    path, sources = drafted(landing)
    assert sources.keys() == {"loans_applications", "loans"}
    assert sources["loans"]["columns"]["DefaultDate"]["role"] == "default_date"
    assert f"{sources['loans']['extract']}" == "2017-03-31"
    assert "RepaymentsData.csv names neither a customer nor an application" in path.read_text()
    done = checked(landing, path)
    assert done.exit_code == 0, done.output


def test_what_a_japanese_lender_writes_is_read_as_it_was_written(tmp_path):
    rows = one_file().rename(columns={"LoanKey": "申込番号", "MemberKey": "顧客番号"})
    rows["居住形態"] = ["持家" if n % 3 else "賃貸" for n in range(len(rows))]
    _, sources = drafted(write(tmp_path / "landing", rows, encoding="cp932"))
    assert sources["loans"]["encoding"] == "cp932"
    assert sources["loans_applications"]["columns"]["居住形態"]["categories"] == ["持家", "賃貸"]


@pytest.mark.parametrize(
    ("texts", "keys"),
    [
        ([f"{1 + n % 12:02d}{2016 + n % 3}" for n in range(40)], {"format": "MMyyyy"}),
        ([f"{100_002 + n}" for n in range(2000)], {"type": "number"}),
    ],
)
def test_six_digits_are_a_month_of_our_time_or_none(texts, keys):
    belief = belief_of(column_of("x", ColumnSpec(), texts))
    assert keys.items() <= belief.keys.items()
    assert not belief.questions


def test_days_are_no_phone_numbers_and_names_run_together_say_their_words(tmp_path):
    rows = one_file()
    rows["approvaldate"] = [f"{day[5:7]}/{day[8:10]}/{day[:4]}" for day in rows.LoanOriginationDate]
    rows = rows.rename(columns={"LoanStatus": "loanstatus"}).drop(columns="LoanOriginationDate")
    _, sources = drafted(write(tmp_path / "landing", rows))
    found = sources["loans_applications"]["columns"]["approvaldate"]
    assert found == {"role": "snapshot", "type": "date", "format": "MM/dd/yyyy"}


def test_one_strange_letter_of_a_status_makes_all_doubtful():
    asked = states_of(["A", "B", "C", "D"])
    assert asked
    assert not asked.spellings
    assert "which state is each of ['A', 'B', 'C', 'D']?" in asked.questions[0]


def test_what_servicing_fills_is_no_feature_and_one_edit_brings_it_back(tmp_path):
    rows = one_file()
    later = ("PrincipalPaymentsMade", "PrincipalBalance", "ActiveLateCategory", "NextPaymentNr")
    known = ("MonthlyPayment", "ExistingLiabilities", "inq_last_6mths", "delinq_2yrs")
    for place, name in enumerate((*later, *known)):
        rows[name] = (rows.index * (place + 7)) % 97 + 0.5
    rows["NextPaymentNr"] = rows.index % 36
    rows["ActiveLateCategory"] = [f"{n % 3}{n % 3 + 1}-60" for n in rows.index]
    landing = write(tmp_path / "landing", rows)
    path, sources = drafted(landing)
    columns = sources["loans_applications"]["columns"]
    text = path.read_text("utf-8")
    for name in later:
        assert columns[name]["excluded"] is True
        line = next(one for one in text.splitlines() if one.strip().startswith(f"{name}:"))
        assert "known only later, as its name says" in line
    assert not [name for name in known if "excluded" in columns[name]]
    path.write_text(text.replace(", excluded: true", ""))
    portfolio = parse_portfolio(path.read_text("utf-8"), "mine")
    features = portfolio.sources["loans_applications"].values()
    assert {"nextpaymentnr", "activelatecategory"} <= features.keys()


def test_a_balance_in_a_table_of_applications_alone_is_a_feature(tmp_path):
    text = "".join(f"C{n},L{n},2020-0{1 + n % 9}-0{1 + n % 7},{n * 3 % 89}\n" for n in range(200))
    landing = tmp_path / "landing"
    landing.mkdir()
    (landing / "form.csv").write_text(f"client,loan,applied,account_balance\n{text}")
    panel = "".join(
        f"L{n},2020-{10 + m}-01,100,{n % 5 * 20}\n" for n in range(200) for m in range(3)
    )
    (landing / "ledger.csv").write_text(f"loan,month,due,overdue\n{panel}")
    _, sources = drafted(landing)
    assert "excluded" not in sources["form"]["columns"]["account_balance"]
