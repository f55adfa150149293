"""Symbolic links among deliveries."""

from pathlib import Path

import pytest

from creditrisk.deliveries.landing import Landing
from creditrisk.errors import UserError
from creditrisk.storage import open_store
from tests.builders.deliveries import Delivery
from tests.builders.small_lender import small_portfolio


def landing(folder: Path) -> Landing:
    return Landing(open_store(str(folder)), small_portfolio())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(Delivery(2).write(tmp_path / "landing"))


def test_a_folder_of_months_elsewhere_is_refused(folder: Path, tmp_path: Path) -> None:
    Delivery(2).write(tmp_path / "elsewhere", monthly=True)
    (folder / "loan_ledger.csv.gz").unlink()
    (folder / "loan_ledger").symlink_to(tmp_path / "elsewhere" / "loan_ledger")
    with pytest.raises(UserError, match="loan_ledger is a link that leads out of"):
        landing(folder).keys("ledger")


def test_a_link_to_nothing_is_refused_by_its_name(folder: Path, tmp_path: Path) -> None:
    (folder / "loan_ledger.csv.gz").unlink()
    (folder / "loan_ledger.csv.gz").symlink_to(tmp_path / "nowhere")
    with pytest.raises(UserError, match=r"loan_ledger\.csv\.gz is a link"):
        landing(folder).keys("ledger")


def test_a_link_within_the_folder_is_taken(folder: Path) -> None:
    (folder / "ledger_of_today.csv.gz").symlink_to(
        (folder / "loan_ledger.csv.gz").rename(folder / "ledger.csv.gz")
    )
    (folder / "loan_ledger.csv.gz").symlink_to("ledger.csv.gz")
    assert landing(folder).keys("ledger") == ["loan_ledger.csv.gz"]


def test_the_landing_folder_itself_may_be_a_link(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder)
    assert landing(tmp_path / "link").keys("ledger") == ["loan_ledger.csv.gz"]


def test_a_link_to_a_folder_that_is_no_table_is_nobodys_concern(
    folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "archive").mkdir()
    (folder / "latest").symlink_to(tmp_path / "archive")
    assert landing(folder).keys("ledger") == ["loan_ledger.csv.gz"]
