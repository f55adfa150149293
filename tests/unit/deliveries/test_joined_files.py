"""Several files of a month, read as one: a file a day, a file a branch."""

import gzip

import pytest

from creditrisk.deliveries.delivered_file import inspect
from creditrisk.deliveries.joined_files import joined_key, parts_of
from creditrisk.deliveries.landing import Landing
from creditrisk.deliveries.reader import delivered_rows
from creditrisk.errors import UserError
from creditrisk.portfolio import parse_portfolio
from creditrisk.stages.etl.bronze import write_bronze
from creditrisk.storage.file import FileStore
from tests.builders.deliveries import Delivery, month
from tests.builders.form_file import HEADER, SPEC
from tests.builders.small_lender import PORTFOLIO

STARRED = PORTFOLIO.replace("table: loan_ledger", 'table: "ledger/{yyyy-MM}-*"')
MONTHS = [month(number) for number in range(3)]


@pytest.fixture
def landing(tmp_path):
    """A delivery whose ledger comes in three files a month, packed, the last without line end."""
    root = tmp_path / "landing"
    Delivery(3).write(root)
    whole = root / "loan_ledger.csv.gz"
    header, *rows = gzip.decompress(whole.read_bytes()).decode().splitlines()
    whole.unlink()
    (root / "ledger").mkdir()
    for at in MONTHS:
        mine = [row for row in rows if f"{at}" in row.split(",")[2]]
        for part in range(3):
            text = "\n".join([header, *mine[part::3]])
            (root / "ledger" / f"{at:%Y-%m}-0{part + 1}.csv.gz").write_bytes(
                gzip.compress(text.encode())
            )
    return FileStore(root)


def test_a_month_comes_in_several_files(landing, tmp_path):
    folder = Landing(landing, parse_portfolio(STARRED, "mine"))
    assert folder.keys("ledger") == [f"ledger/{at:%Y-%m}-*.csv.gz" for at in MONTHS]
    delivery = folder.deliveries(MONTHS)["ledger"]
    Delivery(3).write(tmp_path / "one")
    one = Landing(FileStore(tmp_path / "one"), parse_portfolio(PORTFOLIO, "mine"))
    assert {at: file.rows for at, file in delivery.monthly.items()} == dict(
        one.deliveries(MONTHS)["ledger"].whole.months
    )
    assert {file.blank for file in delivery.monthly.values()} == {0}, "each file has its header"


def test_bronze_has_each_row_once(landing, tmp_path):
    delivery = Landing(landing, parse_portfolio(STARRED, "mine")).deliveries(MONTHS)["ledger"]
    written = write_bronze(FileStore(tmp_path / "store"), delivery, MONTHS)
    rows = {at: sum(file.rows for file in files) for at, files in written.files.items()}
    assert rows == {at: file.rows for at, file in delivery.monthly.items()}


def test_a_file_with_other_columns_is_refused_by_its_name(landing):
    path = landing.root / "ledger" / f"{MONTHS[1]:%Y-%m}-02.csv.gz"
    header, _, rows = gzip.decompress(path.read_bytes()).decode().partition("\n")
    swapped = ",".join(reversed(header.split(",")))
    path.write_bytes(gzip.compress(f"{swapped}\n{rows}".encode()))
    with pytest.raises(UserError, match=r"2023-02-02\.csv\.gz does not begin with the columns of"):
        Landing(landing, parse_portfolio(STARRED, "mine")).deliveries(MONTHS)


def test_a_file_that_is_cut_is_refused(landing):
    path = landing.root / "ledger" / f"{MONTHS[1]:%Y-%m}-02.csv.gz"
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(UserError, match=r"^ledger/2023-02-02\.csv\.gz is cut short or damaged"):
        Landing(landing, parse_portfolio(STARRED, "mine")).deliveries(MONTHS)


def test_packed_and_plain_files_of_a_month_are_two_deliveries(landing):
    (landing.root / "ledger" / f"{MONTHS[0]:%Y-%m}-09.csv").write_text("loan\n")
    with pytest.raises(UserError, match="is delivered twice"):
        Landing(landing, parse_portfolio(STARRED, "mine")).keys("ledger")


def test_without_a_star_two_files_of_a_month_are_refused_and_it_says_so(landing):
    named = STARRED.replace("{yyyy-MM}-*", "{yyyy-MM-dd}")
    with pytest.raises(UserError, match=r"delivered twice: .*; or write \* in its name"):
        Landing(landing, parse_portfolio(named, "mine")).keys("ledger")


def test_a_file_that_comes_later_makes_the_month_arrive_later(landing):
    folder = Landing(landing, parse_portfolio(STARRED, "mine"))
    before = folder.arrived(folder.portfolio.sources["ledger"])
    path = landing.root / "ledger" / f"{MONTHS[2]:%Y-%m}-04.csv.gz"
    path.write_bytes((landing.root / "ledger" / f"{MONTHS[2]:%Y-%m}-01.csv.gz").read_bytes())
    again = Landing(landing, folder.portfolio).arrived(folder.portfolio.sources["ledger"])
    assert [at for at in MONTHS if again[at] > before[at]] == [MONTHS[2]]


QUARTERED = PORTFOLIO.replace("table: loan_ledger", 'table: "ledger_*"')


@pytest.fixture
def quarters(tmp_path):
    """Six months whose ledger comes in a file a quarter, plain."""
    root = tmp_path / "landing"
    Delivery(6).write(root)
    whole = root / "loan_ledger.csv.gz"
    header, *rows = gzip.decompress(whole.read_bytes()).decode().splitlines()
    whole.unlink()
    for quarter in (1, 2):
        mine = [r for r in rows if (int(r.split(",")[2][5:7]) - 1) // 3 + 1 == quarter]
        text = "".join(f"{line}\n" for line in (header, *mine))
        (root / f"ledger_2023Q{quarter}.csv").write_text(text)
    return FileStore(root)


def ledger_of(landing, months):
    return Landing(landing, parse_portfolio(QUARTERED, "mine")).deliveries(months)["ledger"]


def test_a_table_comes_in_a_file_a_quarter(quarters, tmp_path):
    months = [month(number) for number in range(6)]
    delivery = ledger_of(quarters, months)
    Delivery(6).write(tmp_path / "one")
    one = Landing(FileStore(tmp_path / "one"), parse_portfolio(PORTFOLIO, "mine"))
    assert delivery.whole.months == one.deliveries(months)["ledger"].whole.months
    written = write_bronze(FileStore(tmp_path / "store"), delivery, months)
    rows = {at: sum(file.rows for file in files) for at, files in written.files.items()}
    assert rows == dict(delivery.whole.months)
    assert delivery.whole.blank == 0, "each file has its header"


def test_a_header_between_the_rows_of_a_quarter_is_still_counted(quarters):
    path = quarters.root / "ledger_2023Q2.csv"
    header, *rows = path.read_text().splitlines(keepends=True)
    path.write_text("".join((header, rows[0], header, *rows[1:])))
    assert ledger_of(quarters, MONTHS).whole.blank == 1


def test_a_quarter_that_comes_later_changes_none_before_it(quarters):
    months = [month(number) for number in range(6)]
    second = quarters.root / "ledger_2023Q2.csv"
    text = second.read_text()
    second.unlink()
    before = ledger_of(quarters, months[:3])
    second.write_text(text)
    after = ledger_of(quarters, months)
    assert [after.content(at) for at in months[:3]] == [before.content(at) for at in months[:3]]
    first = quarters.root / "ledger_2023Q1.csv"
    header, row, *rows = first.read_text().splitlines(keepends=True)
    first.write_text("".join((header, *rows)))
    corrected = ledger_of(quarters, months)
    changed = [at for at in months if corrected.content(at) != after.content(at)]
    assert [f"{at}" for at in changed] == [row.split(",")[2]]


def test_a_quarter_with_other_columns_is_refused_by_its_name(quarters):
    path = quarters.root / "ledger_2023Q2.csv"
    path.write_text("x" + path.read_text())
    with pytest.raises(UserError, match=r"ledger_2023Q2\.csv does not begin with the columns of"):
        ledger_of(quarters, MONTHS)


def test_a_quarter_in_another_encoding_is_refused_by_its_name_and_line(quarters):
    path = quarters.root / "ledger_2023Q2.csv"
    header, *rows = path.read_text().splitlines(keepends=True)
    path.write_bytes("".join((header, "\xdc" + rows[0], *rows[1:])).encode("latin-1"))
    with pytest.raises(UserError, match=r"^ledger_2023Q2\.csv is not UTF-8 in line 2 \(byte dc\)"):
        ledger_of(quarters, MONTHS)


def test_a_quarter_named_in_another_case_is_refused_by_its_name(quarters):
    (quarters.root / "ledger_2023Q2.csv").rename(quarters.root / "ledger_2023Q2.CSV")
    with pytest.raises(UserError, match=r"ledger_2023Q2\.CSV would not be read"):
        ledger_of(quarters, MONTHS)


def test_no_quarter_at_all_is_a_missing_table(quarters):
    for path in quarters.root.glob("ledger_*"):
        path.unlink()
    with pytest.raises(UserError, match=r"holds no ledger_\*\.csv\.gz; deliver it"):
        ledger_of(quarters, MONTHS)


def test_a_link_among_quarters_is_refused(quarters, tmp_path):
    (tmp_path / "elsewhere.csv").write_text("secret")
    (quarters.root / "ledger_2023Q3.csv").symlink_to(tmp_path / "elsewhere.csv")
    with pytest.raises(UserError, match="is a link that leads out of"):
        ledger_of(quarters, MONTHS)


def test_a_star_stands_in_no_folders_name():
    with pytest.raises(UserError, match="not of a folder"):
        parse_portfolio(PORTFOLIO.replace("table: loan_ledger", 'table: "*/loans"'), "mine")


def test_a_link_among_them_is_refused(landing, tmp_path):
    (tmp_path / "elsewhere.csv.gz").write_bytes(gzip.compress(b"secret"))
    (landing.root / "ledger" / f"{MONTHS[0]:%Y-%m}-08.csv.gz").symlink_to(
        tmp_path / "elsewhere.csv.gz"
    )
    with pytest.raises(UserError, match="is a link that leads out of"):
        Landing(landing, parse_portfolio(STARRED, "mine")).keys("ledger")


@pytest.mark.parametrize(("target", "why"), [("nowhere", "link to nothing"), ("", "symbolic")])
def test_a_link_to_nothing_or_to_itself_is_refused(landing, target, why):
    path = landing.root / "ledger" / f"{MONTHS[0]:%Y-%m}-08.csv.gz"
    path.symlink_to(target or path)
    with pytest.raises(UserError, match=why):
        Landing(landing, parse_portfolio(STARRED, "mine")).deliveries(MONTHS)


def test_a_first_file_without_anything_decides_no_columns(landing):
    (landing.root / "ledger" / f"{MONTHS[0]:%Y-%m}-01.csv.gz").write_bytes(b"")
    delivery = Landing(landing, parse_portfolio(STARRED, "mine")).deliveries(MONTHS)["ledger"]
    assert delivery.monthly[MONTHS[0]].rows > 0


def test_a_plain_file_among_them_that_is_cut_shows(tmp_path):
    spec = SPEC.model_copy(update={"table": "form_{yyyyMM}*"})
    store = FileStore(tmp_path)

    def is_cut(first: str) -> bool:
        for day, end in ((1, first), (2, "\n")):
            text = f"{HEADER}c{day},2023-01-0{day},1,ok{end}"
            (tmp_path / f"form_2023010{day}.csv").write_text(text)
        return inspect(store, "form_202301*.csv", "form", spec).cut

    assert is_cut("")
    assert not is_cut("\n")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_each_file_may_begin_with_its_mark(tmp_path, encoding):
    spec = SPEC.model_copy(update={"encoding": encoding, "table": "form_{yyyyMM}*"})
    for day in (1, 2):
        text = f"{HEADER}c{day},2023-01-0{day},1,ok\n"
        (tmp_path / f"form_2023010{day}.csv").write_bytes(text.encode(encoding))
    store = FileStore(tmp_path)
    with delivered_rows(store, "form_202301*.csv", "form", spec) as rows:
        cells = [cell for some in rows for cell in some.cells.column(0).to_pylist()]
    assert cells == ["c1", "c2"]


def test_a_joined_key_stands_for_the_months_files_and_no_others():
    key = joined_key("clicks/{yyyyMMdd}_*", MONTHS[0], "clicks/20230105_x.csv")
    assert key == "clicks/202301*_*.csv"
    others = ["clicks/20230105_a.csv", "clicks/20230205_a.csv", "clicks/20230105_a.csv.gz"]
    assert parts_of(key, others) == ["clicks/20230105_a.csv"]
