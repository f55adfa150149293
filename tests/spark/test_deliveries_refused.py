"""What a person has to put right before anything starts: one line, exit code 2, nothing written.

Each test is a row of docs/deliveries.md.
"""

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from creditrisk.errors import UserError
from creditrisk.portfolio import parse_portfolio
from creditrisk.stages.etl import executors
from creditrisk.stages.etl.month import build_month
from tests.builders.deliveries import Delivery, month, period_at, write_csv
from tests.builders.small_lender import PORTFOLIO

FORM = "application_form.csv.gz"
Refused = Callable[[str], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A landing folder with two good months, one file a table."""
    return Path(Delivery(2).write(tmp_path / "landing"))


@pytest.fixture
def refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Refused:
    """Builds month 1 and says what it must be refused with."""
    monkeypatch.delattr(executors, "spark_session")  # it never comes to that

    def build(text: str) -> None:
        period = period_at(tmp_path, 1)
        with pytest.raises(UserError, match=text) as error:
            build_month(period, str(tmp_path / "landing"))
        assert error.value.exit_code == 2
        assert "\n" not in str(error.value)
        assert list(period.store.keys("lake/")) == []

    return build


def lines(folder: Path) -> list[str]:
    return gzip.decompress((folder / FORM).read_bytes()).decode().splitlines()


def rewrite(folder: Path, rows: list[str], encoding: str = "utf-8") -> None:
    (folder / FORM).write_bytes(gzip.compress(("\n".join(rows) + "\n").encode(encoding)))


def test_a_required_table_is_missing(folder: Path, refused: Refused) -> None:
    (folder / FORM).unlink()
    refused(r"holds no application_form\.csv\.gz.*sources\.form\.table")


def test_a_required_table_lacks_a_month(folder: Path, refused: Refused) -> None:
    delivery = Delivery(2)
    delivery.drop("loan_ledger", 1)
    delivery.write(folder)
    refused(r"loan_ledger has no row of 2023-02-01 in loan_ledger\.csv\.gz \(the newest.*2023-01")


def test_the_folder_holds_no_month_as_old_as_the_one_asked_for(
    folder: Path, refused: Refused
) -> None:
    late = [row | {"month": "2031-01-01"} for row in Delivery(1).tables["application_form"]]
    write_csv(folder / FORM, late)
    refused(r"no row of 2023-02-01 or before; is .* the right landing folder")


def test_a_column_is_missing(folder: Path, refused: Refused) -> None:
    rewrite(folder, [line.partition(",")[2] for line in lines(folder)])
    refused(r"application_form.* lacks column client; deliver it, or take it out under sources")


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("income", "Income ", r'if "Income " is income, write "Income : \{name: income, ...\}" '),
        ("income", "yearly_income", r'write "yearly_income: \{name: income, ...\}" under sources'),
        ("debt", "verschuldung", r'if "verschuldung" is debt, write "verschuldung: \{name: debt'),
        ("client", "client_no", r'if "client_no" is client, write "client_no: \{\.\.\.\}" under'),
    ],
)
def test_a_column_was_renamed(
    folder: Path, refused: Refused, old: str, new: str, text: str
) -> None:
    head, *rows = lines(folder)
    rewrite(folder, [head.replace(old, new), *rows])
    refused(text)


def test_a_column_is_there_twice(folder: Path, refused: Refused) -> None:
    rewrite(folder, [line + "," + line.split(",")[2] for line in lines(folder)])
    refused(r"application_form.*column income more than once")


def test_the_delimiter_is_not_the_one_described(folder: Path, refused: Refused) -> None:
    rewrite(folder, [line.replace(",", ";") for line in lines(folder)])
    refused(r'application_form.*semicolons.*sources\.form\.delimiter: ";"')


def test_the_encoding_is_not_the_one_described(folder: Path, refused: Refused) -> None:
    rewrite(folder, [*lines(folder), "Zoë,2023-01-01,1,1,own,30"], encoding="latin-1")
    refused(r"application_form.* is not UTF-8 in line \d+ \(byte eb\).*sources\.form\.encoding")


def test_a_gzip_file_is_cut_short(folder: Path, refused: Refused) -> None:
    data = (folder / FORM).read_bytes()
    (folder / FORM).write_bytes(data[: len(data) - 12])
    refused(r"application_form.*cut short")


def test_a_file_is_named_gz_and_is_not(folder: Path, refused: Refused) -> None:
    (folder / FORM).write_bytes(b"client,month\n")
    refused(r"application_form.*damaged")


def test_a_file_is_a_link_to_another_place(folder: Path, refused: Refused, tmp_path: Path) -> None:
    elsewhere = (folder / FORM).rename(tmp_path / "elsewhere.csv.gz")
    (folder / FORM).symlink_to(elsewhere)
    refused(r"application_form\.csv\.gz is a link that leads out of .*; deliver what it leads to")


@pytest.mark.parametrize("text", [b"", b"\n\n"])
def test_a_file_is_empty(folder: Path, refused: Refused, text: bytes) -> None:
    (folder / FORM).write_bytes(gzip.compress(text))
    refused(r"application_form.* is empty")


def test_a_required_file_is_a_header_only(tmp_path: Path, refused: Refused) -> None:
    Delivery(2).write(tmp_path / "landing", monthly=True)
    path = tmp_path / "landing/application_form" / f"{month(1)}.csv.gz"
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()).splitlines()[0]))
    refused(r"application_form/2023-02-01\.csv\.gz has no rows: if nobody applied .* pauses: true")


def test_a_table_is_delivered_in_both_layouts(folder: Path, refused: Refused) -> None:
    Delivery(1).write(folder, monthly=True)
    refused(r"application_form is delivered twice: .* keep one")


def test_a_month_is_delivered_plain_and_gzipped(tmp_path: Path, refused: Refused) -> None:
    delivery = Delivery(2)
    folder = Path(delivery.write(tmp_path / "landing", monthly=True))
    path = folder / "application_form" / f"{month(1)}.csv"
    write_csv(path, delivery.of("application_form", 1))
    refused("2023-02-01 is delivered twice: .* keep one")


def test_a_file_name_is_no_month(tmp_path: Path, refused: Refused) -> None:
    delivery = Delivery(2)
    root = Path(delivery.write(tmp_path / "landing", monthly=True))
    write_csv(root / "web_visits" / "january.csv", delivery.of("web_visits", 0))
    refused(r"web_visits/january\.csv.*is not a month")


@pytest.mark.parametrize("name", ["2023-01-01.CSV", "2023-01-01.csv.GZ"])
def test_a_file_is_named_in_another_case(tmp_path: Path, refused: Refused, name: str) -> None:
    root = Path(Delivery(2).write(tmp_path / "landing", monthly=True))
    (root / "web_visits/2023-01-01.csv.gz").rename(root / "web_visits" / name)
    refused(rf"web_visits/{re.escape(name)} would not be read: .* rename it")


@pytest.mark.parametrize(
    ("column", "found"),
    [
        ("source_file: {type: number}", "source_file: bronze has a column of that name"),
        ("unreadable: {name: other}", "unreadable: bronze has a column of that name"),
        ("committed_month: {name: other}", "committed_month: bronze has a column of that name"),
        ("snapshot_date: {type: date}", "two columns are called snapshot_date"),
        ("bad: {type: number}", "bad is a name of ours; give it another"),
        ("Client ID: {name: customer_id}", "two columns are called customer_id"),
        ("visits_count: {type: number}", "two features are called visits_count"),
        ("debt_to_income: {type: number}", "two features are called debt_to_income"),
    ],
)
def test_a_described_column_has_a_reserved_name(column: str, found: str) -> None:
    text = PORTFOLIO.replace("      home:", f"      {column}\n      home:")
    with pytest.raises(UserError, match=found) as error:
        parse_portfolio(text, "mine.yaml")
    assert "mine.yaml: line" in str(error.value)


def test_a_name_that_must_be_hashed_identifies_rows_and_there_is_no_key(
    folder: Path, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = PORTFOLIO.replace("client: {role: customer}", "client: {role: customer, pii: true}")
    monkeypatch.setattr("tests.builders.small_lender.PORTFOLIO", named)
    refused("is PII and a key: set CREDITRISK_PII_KEY")
