"""Each way a delivered file can be wrong ends in one line that names the file and the next move."""

import gzip
from pathlib import Path

import pytest

from creditrisk.errors import UserError
from creditrisk.etl.landing import Landing
from creditrisk.storage import open_store
from tests.small import START, small_portfolio
from tests.spark.deliveries import Delivery, month, write_csv

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


def test_a_file_that_is_missing_is_named(folder: Path) -> None:
    (folder / FORM).unlink()
    with pytest.raises(
        UserError, match=r"holds no application_form\.csv\.gz.*sources\.form\.table"
    ):
        deliveries(folder)


def test_an_optional_source_may_be_missing(folder: Path) -> None:
    (folder / "web_visits.csv.gz").unlink()
    found = deliveries(folder)["visits"]
    assert found.files == ()
    assert found.months == frozenset()


def test_a_missing_column_says_what_is_there_and_where_to_map_it(folder: Path) -> None:
    lines = form(folder)
    rewrite(folder, [lines[0].replace("income", "revenue"), *lines[1:]])
    with pytest.raises(UserError, match=r"lacks column income; it has .*revenue.*sources\.form"):
        deliveries(folder)


def test_a_column_delivered_twice_is_refused(folder: Path) -> None:
    rewrite(folder, [line + "," + line.split(",")[2] for line in form(folder)])
    with pytest.raises(UserError, match=r"application_form.*column income more than once"):
        deliveries(folder)


def test_another_delimiter_is_recognised(folder: Path) -> None:
    rewrite(folder, [line.replace(",", ";") for line in form(folder)])
    with pytest.raises(UserError, match=r"application_form.*semicolons; deliver it with commas"):
        deliveries(folder)


def test_an_empty_file_is_refused(folder: Path) -> None:
    (folder / FORM).write_bytes(gzip.compress(b""))
    with pytest.raises(UserError, match=r"application_form.* is empty"):
        deliveries(folder)


def test_a_file_cut_short_is_refused(folder: Path) -> None:
    data = (folder / FORM).read_bytes()
    (folder / FORM).write_bytes(data[: len(data) - 12])
    with pytest.raises(UserError, match=r"application_form.*cut short"):
        deliveries(folder)


def test_a_file_that_is_not_gzip_is_refused(folder: Path) -> None:
    (folder / FORM).write_bytes(b"client,month\n")
    with pytest.raises(UserError, match=r"application_form.*damaged"):
        deliveries(folder)


def test_latin_1_is_refused(folder: Path) -> None:
    lines = form(folder)
    rewrite(folder, [*lines, "Zoë,2023-01-01,1,1,own,30"], encoding="latin-1")
    with pytest.raises(UserError, match=r"application_form.*not UTF-8 \(byte eb\)"):
        deliveries(folder)


def test_a_source_delivered_in_both_layouts_is_refused(folder: Path) -> None:
    Delivery(1).write(folder, monthly=True)
    with pytest.raises(UserError, match=r"application_form is delivered twice"):
        deliveries(folder)


def test_a_month_delivered_plain_and_gzipped_is_refused(tmp_path: Path) -> None:
    delivery = Delivery(1)
    delivery.write(tmp_path, monthly=True)
    write_csv(tmp_path / "application_form" / f"{START}.csv", delivery.of("application_form", 0))
    with pytest.raises(UserError, match="2023-01-01 is delivered twice"):
        deliveries(tmp_path)


def test_a_file_name_that_is_no_month_is_refused(folder: Path, tmp_path: Path) -> None:
    root = tmp_path / "monthly"
    delivery = Delivery(1)
    delivery.write(root, monthly=True)
    write_csv(root / "web_visits" / "january.csv", delivery.of("web_visits", 0))
    with pytest.raises(UserError, match=r"web_visits/january\.csv.*is not a month"):
        deliveries(root)


def test_only_the_months_asked_for_are_read(tmp_path: Path) -> None:
    Delivery(3).write(tmp_path, monthly=True)
    (tmp_path / "application_form" / f"{month(2)}.csv.gz").write_bytes(b"not read")
    found = deliveries(tmp_path, 1)["form"]
    assert [file.key for file in found.files] == [f"application_form/{month(1)}.csv.gz"]
    assert found.months == {month(0), month(1), month(2)}
