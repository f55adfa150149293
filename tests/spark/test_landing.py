"""What is known of delivered files before anything reads their rows."""

import gzip
from pathlib import Path

import pytest

from creditrisk.deliveries.landing import Landing
from creditrisk.storage import open_store
from tests.builders.deliveries import Delivery, month
from tests.builders.small_lender import small_portfolio

FORM = "application_form.csv.gz"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A landing folder with two good months."""
    return Path(Delivery(2).write(tmp_path / "landing"))


def deliveries(folder: Path, *months: int):
    landing = Landing(open_store(str(folder)), small_portfolio())
    return landing.deliveries([month(number) for number in months or (0,)])


def form(folder: Path) -> list[str]:
    return gzip.decompress((folder / FORM).read_bytes()).decode().splitlines()


def rewrite(folder: Path, lines: list[str], encoding: str = "utf-8", end: str = "\n") -> None:
    (folder / FORM).write_bytes(gzip.compress((end.join(lines) + end).encode(encoding)))


def test_a_good_file_is_described(folder: Path) -> None:
    file = deliveries(folder)["form"].whole
    assert file is not None
    assert (file.key, file.rows, file.header[0]) == (FORM, 12, "client")
    assert file.months == {month(0): 6, month(1): 6}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_bom_and_line_ends_of_other_systems_make_no_difference(
    folder: Path, encoding: str, end: str
) -> None:
    good = deliveries(folder)["form"].whole
    rewrite(folder, form(folder), encoding, end)
    found = deliveries(folder)["form"].whole
    assert good and found
    assert (found.header, found.months) == (good.header, good.months)


def test_an_optional_source_may_be_missing(folder: Path) -> None:
    (folder / "web_visits.csv.gz").unlink()
    found = deliveries(folder)["visits"]
    assert found.files == ()
    assert found.months == frozenset()


def test_only_the_months_asked_for_are_read(tmp_path: Path) -> None:
    Delivery(3).write(tmp_path, monthly=True)
    (tmp_path / "application_form" / f"{month(2)}.csv.gz").write_bytes(b"not read")
    found = deliveries(tmp_path, 1)["form"]
    assert [file.key for file in found.files] == [f"application_form/{month(1)}.csv.gz"]
    assert found.months == {month(0), month(1), month(2)}


@pytest.mark.parametrize("stray", ["2099-01-01", "1900-01-01", "2024-02-01"])
@pytest.mark.parametrize("table", ["application_form", "loan_ledger"])
def test_a_date_gone_astray_opens_no_month(tmp_path: Path, table: str, stray: str) -> None:
    delivery = Delivery(2)
    delivery.tables[table].append(delivery.tables[table][0] | {"month": stray})
    found = deliveries(Path(delivery.write(tmp_path)))
    assert {one.span for one in found.values()} == {(month(0), month(1))}
    assert {one.newest for one in found.values()} == {month(1)}


def test_what_arrives_just_before_the_first_application_belongs_to_the_portfolio(
    tmp_path: Path,
) -> None:
    delivery = Delivery(3)
    delivery.drop("application_form", 0)
    found = deliveries(Path(delivery.write(tmp_path)))
    assert found["form"].span == (month(0), month(2))
