"""Places that are not there, or cannot be written, are one line before anything starts."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from creditrisk.cli.app import app
from creditrisk.errors import UserError
from tests.builders.commands import every_command, options
from tests.builders.deliveries import delivered

WRITES = {"run", "backfill", "backtest"}  # they make the store they name
LOOKS = {"doctor"}  # it says what is not there yet
SERVES = {"dashboard"}  # it waits for a store: tests/unit/reports/test_dashboard.py
GIVEN = {
    "explain": ("A-1",), "lineage": ("A-1",), "compliance": ("2024-09",),
    "features get": ("--as-of", "2024-09"), "lake show": ("gold/features", "2024-09"),
    "override give": ("2024-09", "--decision", "keep", "--reason", "x"),
    "override close": ("2024-09", "--outcome", "x"), "contain lift": ("--reason", "x"),
    "findings open": ("v", "--text", "x", "--owner", "x"),
    "findings close": ("F-0001", "--reason", "x"), "lease break": ("--reason", "x"),
    "policy request": ("{file}", "--reason", "x"), "policy approve": ("c", "--reason", "x"),
    "policy reject": ("c", "--reason", "x"), "challenge": ("--out", "{out}"),
    "registry show": ("v",), "registry uses": ("v",), "registry compare": ("v", "w"),
    "registry reproduce": ("v",), "registry rollback": ("--reason", "x"),
    "registry approve": ("v", "--reason", "x"), "registry reject": ("v", "--reason", "x"),
    "registry promote": ("v", "--reason", "x"), "registry retire": ("v", "--reason", "x"),
}  # fmt: skip


OPTIONS = dict(options(every_command()))
READERS = sorted(n for n, options in OPTIONS.items() if "--store" in options)
READERS = [name for name in READERS if name not in WRITES | LOOKS | SERVES]
TAKERS = [
    ("run", "--as-of", "2024-09", "--data", "{data}"),
    ("backfill", "--from", "2024-09", "--to", "2024-09", "--data", "{data}"),
    ("backtest", "--from", "2024-09", "--to", "2024-09", "--data", "{data}"),
    ("portfolio", "check", "--data", "{data}"),
    ("init", "{data}"),
]


def refused(place: Path, *words: str) -> str:
    """The one line a command ends with; nothing was made in the place."""
    before = sorted(place.rglob("*"))
    done = CliRunner().invoke(app, words)
    assert isinstance(done.exception, UserError), (words, done.output, done.exception)
    assert done.exception.exit_code == 2 and done.output == ""
    text = str(done.exception)
    assert "\n" not in text
    assert sorted(place.rglob("*")) == before
    return text


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder that holds a file and an empty folder, and where we are."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    (tmp_path / "empty").mkdir()
    return tmp_path


def filled(place, words, **places):
    names = {"file": f"{place}/file", "out": f"{place}/out"} | places
    return [word.format(**names) for word in words]


@pytest.mark.parametrize("absent", ["nowhere", "file"])
@pytest.mark.parametrize("name", READERS)
def test_a_store_that_is_not_there_is_said_by_every_command(place, name, absent):
    words = [*name.split(), *filled(place, GIVEN.get(name, ()))]
    text = refused(place, *words, "--store", f"{place}/{absent}")
    assert text.startswith(f"there is no store at file://{place}/{absent}; name another with")


def test_every_command_with_a_store_is_tried():
    assert OPTIONS.keys() >= WRITES | LOOKS | SERVES
    assert set(READERS) >= GIVEN.keys()
    assert {"status", "registry list", "explain", "lake verify"} <= {*READERS}


@pytest.mark.parametrize("words", TAKERS, ids=lambda words: words[0])
@pytest.mark.parametrize(
    ("data", "text"), [("nowhere", "is no folder"), ("file", "is no folder"), ("empty", "no file")]
)
def test_deliveries_that_are_not_there_start_nothing(place, words, data, text):
    assert text in refused(place, *filled(place, words, data=f"{place}/{data}"))


@pytest.mark.parametrize("words", [words for words in TAKERS if words[0] in WRITES])
def test_a_store_that_cannot_be_written_starts_nothing(place, words):
    delivered(place / "landing")
    words = filled(place, words, data=f"{place}/landing")
    assert "file is no folder" in refused(place, *words, "--store", f"{place}/file/store")


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("demo", "--folder", "{file}/demo"), "file is no folder"),
        (("dashboard", "--static", "{file}/page.html", "--store", "empty"), "file is no folder"),
        (("dashboard", "--static", "empty", "--store", "empty"), "is a folder; name a file"),
        (("init", "landing", "--portfolio", "{file}/p.yaml"), "file is no folder"),
        (("challenge", "--out", "{file}/out", "--store", "empty"), "file is no folder"),
        (("backtest", "--data", "landing", "--from", "2024-09", "--to", "2024-09", "--beside",
          "nowhere"), "there is no store at"),
        (("deploy", "--package-dir", "nowhere"), "nowhere is no folder"),
        (("schedule", "apply", "--cron", "0 0 6 3 * *", "--package-dir", "nowhere"), "no folder"),
        (("policy", "diff", "nowhere"), "nowhere cannot be read"),
        (("policy", "check", "--policy", "nowhere"), "nowhere cannot be read"),
        (("policy", "check", "--portfolio", "nowhere"), "nowhere cannot be read"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)  # fmt: skip
def test_a_place_that_will_not_do_is_one_line(place, words, text):
    delivered(place / "landing")
    assert text in refused(place, *filled(place, words))


def test_init_writes_where_no_file_is_named(place):
    delivered(place / "landing")
    done = CliRunner().invoke(app, ["init", "landing"])
    assert done.exception is None or isinstance(done.exception, UserError), done.exception


def test_the_trail_of_a_store_that_is_lost_is_read(place):
    (place / "store-audit").mkdir()
    done = CliRunner().invoke(app, ["audit", "verify", "--store", f"{place}/store"])
    assert f"{place}/store-audit holds no record" in done.output
