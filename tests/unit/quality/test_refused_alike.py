"""What the ETL refuses before it starts, `portfolio check` calls unusable, and nothing else."""

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from creditrisk.errors import UserError
from creditrisk.quality.portfolio_check.survey import survey
from creditrisk.stages.etl import month as etl_month
from creditrisk.storage import open_store
from tests.builders.deliveries import POLICY, Delivery, month, period_at
from tests.builders.small_lender import small_portfolio

FORM, LEDGER = "application_form.csv.gz", "loan_ledger.csv.gz"
MONTHS = 6
Spoil = Callable[[Path], None]


class StartedError(Exception):
    """Spark would start now: the ETL took the files."""


def text(change: Callable[[str], str], encoding: str = "utf-8", name: str = FORM) -> Spoil:
    """Change a file's text."""

    def spoil(folder: Path) -> None:
        path = folder / name
        data = change(gzip.decompress(path.read_bytes()).decode()).encode(encoding)
        path.write_bytes(gzip.compress(data))

    return spoil


def data(change: Callable[[bytes], bytes]) -> Spoil:
    """Change a packed file's bytes."""

    def spoil(folder: Path) -> None:
        path = folder / FORM
        path.write_bytes(change(path.read_bytes()))

    return spoil


def header(change: Callable[[str], str]) -> Spoil:
    """Change the header line alone."""

    def changed(whole: str) -> str:
        first, _, rest = whole.partition("\n")
        return f"{change(first)}\n{rest}"

    return text(changed)


def move(name: str, *others: str) -> Spoil:
    """Move a file, and leave copies under other names."""

    def spoil(folder: Path) -> None:
        kept = (folder / FORM).read_bytes()
        (folder / FORM).unlink()
        for other in (name, *others):
            (folder / other).parent.mkdir(exist_ok=True)
            (folder / other).write_bytes(kept if other.endswith(".gz") else gzip.decompress(kept))

    return spoil


def without_month(whole: str) -> str:
    gone = str(month(2))
    return "\n".join(line for line in whole.splitlines() if gone not in line) + "\n"


def twice(whole: str) -> str:
    """The last column once more."""
    lines = whole.splitlines()
    return "\n".join(f"{line},{line.rpartition(',')[2]}" for line in lines) + "\n"


def link(folder: Path, target: Path) -> None:
    (folder / FORM).rename(target)
    (folder / FORM).symlink_to(target)


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


REFUSED: dict[str, Spoil] = {
    "a required table is missing": lambda folder: (folder / FORM).unlink(),
    "a column is missing": header(lambda line: line.replace("debt", "notes")),
    "a column was renamed": header(lambda line: line.replace("income", "Income")),
    "a column is there twice": text(twice),
    "another delimiter": text(lambda whole: whole.replace(",", ";")),
    "another encoding": text(lambda whole: whole.replace("own", "süß"), "latin-1"),
    "UTF-16": text(lambda whole: whole, "utf-16"),
    "cut short": data(lambda packed: packed[:-9]),
    "no gzip": data(gzip.decompress),
    "empty": data(lambda _: gzip.compress(b"")),
    "a header only": text(lambda whole: whole.partition("\n")[0] + "\n"),
    "no header": text(lambda whole: whole.partition("\n")[2]),
    "both layouts": move(FORM, f"application_form/{month(0)}.csv"),
    "plain and packed": move(FORM, "application_form.csv"),
    "a name that is no month": move("application_form/first.csv"),
    "a header without end": text(lambda whole: "x" * (1 << 18) + whole),
    "sep= names another delimiter": text(lambda whole: "sep=;\n" + whole),
    "a month without a row": text(without_month),
    "another ending": move("application_form.CSV"),
    "a pipe": lambda folder: pipe(folder / FORM),
    "a title above the header": text(lambda whole: "Applications\n" + whole),
    "a link to another place": lambda folder: link(folder, folder.parent / "elsewhere.csv.gz"),
}
TAKEN: dict[str, Spoil] = {
    "nothing": lambda folder: None,
    "a byte order mark": text(lambda whole: whole, "utf-8-sig"),
    "line ends of Windows": text(lambda whole: whole.replace("\n", "\r\n")),
    "line ends of two kinds": text(lambda whole: whole.replace("\n", "\r\n", 9)),
    "several members and padding": data(lambda packed: packed + gzip.compress(b"") + b"\0" * 512),
    "sep= names the delimiter": text(lambda whole: "sep=,\n" + whole),
    "the header again": text(lambda whole: whole + whole.partition("\n")[0] + "\n"),
    "a column nobody described": text(lambda whole: twice(whole).replace("age,age", "age,more")),
    "a plain file": move("application_form.csv"),
    "a link within the folder": lambda folder: link(folder, folder / "form.csv.gz"),
    "a long field left open in the last row": text(lambda whole: whole + 'C,"' + "x" * (1 << 18)),
    "no row of an optional table": lambda folder: (folder / "web_visits.csv.gz").unlink(),
}


def takes(root: Path, patch: pytest.MonkeyPatch) -> bool:
    """Whether the ETL would begin with the newest month."""

    def start(*_: object, **__: object) -> None:
        raise StartedError

    patch.setattr(etl_month, "by_executors", start)
    try:
        etl_month.build_month(period_at(root, MONTHS - 1), str(root / "landing"))
    except UserError:
        return False
    except StartedError:
        return True
    raise AssertionError("neither refused nor begun")


@pytest.mark.parametrize(
    ("spoil", "taken"),
    [pytest.param(spoil, False, id=what) for what, spoil in REFUSED.items()]
    + [pytest.param(spoil, True, id=what) for what, spoil in TAKEN.items()],
)
def test_check_and_etl_take_the_same_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil: Spoil, taken: bool
) -> None:
    folder = Path(Delivery(MONTHS).write(tmp_path / "landing"))
    spoil(folder)
    assert takes(tmp_path, monkeypatch) is taken
    found = survey(open_store(str(folder)), small_portfolio(), POLICY.quality)
    assert found.usable is taken, found.remarks
