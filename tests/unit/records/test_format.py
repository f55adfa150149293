"""A store says which format it has, and a release that does not know it touches nothing."""

import ast
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from typer.testing import CliRunner

import creditrisk.cli
from creditrisk.errors import UserError
from creditrisk.records.format import (
    RELEASE,
    Migration,
    begin,
    format_of,
    open_store,
    read_format,
    require_current,
)
from creditrisk.records.layout import FORMAT
from creditrisk.reports.dashboard.reader import Reader
from creditrisk.stages.task import task
from creditrisk.storage.file import FileStore
from tests.builders.commands import every_command
from tests.builders.deliveries import delivered
from tests.builders.small_lender import START, small_period

AT, LATER = "2024-04-02T08:00:00.000+00:00", "2024-05-02T08:00:00.000+00:00"
NEWER = b'{"format": 7, "release": "9.1.0", "at": "2031-01-01T00:00:00+00:00", "more": [1]}'
REFUSAL = rf"has format 7, written by creditrisk 9.1.0; this is creditrisk {RELEASE}, .*upgrade"
MORE = {  # what a command asks for before it looks at the store, though it is no required option
    ("run",): ("--data", "landing"),
    ("backfill",): ("--data", "landing"),
    ("backtest",): ("--data", "landing", "--from", "2024-03-01", "--to", "2024-03-01"),
    ("dashboard",): ("--static", "page.html"),
}
LOOK = {("store", "format"), ("doctor",)}  # they say what is wrong, and go on


def commands(command, path=()) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Every command that takes `--store`, with words enough for it to start."""
    if hasattr(command, "commands"):
        groups = [commands(one, (*path, name)) for name, one in command.commands.items()]
        return {path: words for group in groups for path, words in group.items()}
    if not any(option.name == "store" for option in command.params):
        return {}
    words = list[str]()
    for one in (one for one in command.params if one.required):
        option = [one.opts[0]] if one.param_type_name == "option" else []
        words += [*option, "2024-03-01"]
    return {path: (*words, *MORE.get(path, ()))}


COMMANDS = commands(every_command())


@pytest.fixture
def newer(tmp_path: Path) -> FileStore:
    store = FileStore(tmp_path / "store")
    store.write(FORMAT, NEWER)
    return store


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys a store on a disk is asked for."""
    asked, read = list[str](), FileStore.read
    monkeypatch.setattr(FileStore, "read", lambda self, key: asked.append(key) or read(self, key))
    return asked


def test_the_first_task_of_a_run_says_the_format(tmp_path, monkeypatch):
    period = small_period(tmp_path, START)
    monkeypatch.setenv("CREDITRISK_STORE", period.store.uri)
    with task("etl", f"{START}", period.config, "run") as begun:
        found = read_format(begun.store)
    assert (found.format, found.release) == (1, RELEASE)


def test_a_store_says_it_once(tmp_path):
    store = FileStore(tmp_path)
    begin(store, AT)
    begin(store, LATER)
    assert read_format(store).at == AT


def test_two_runs_that_begin_at_the_same_time_both_go_on(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        begun = [pool.submit(begin, FileStore(tmp_path), f"{AT}{n}") for n in range(40)]
    assert [one.exception() for one in begun] == [None] * 40
    assert read_format(FileStore(tmp_path)).format == 1


def test_a_store_with_runs_that_does_not_say_its_format_has_the_first(tmp_path, monkeypatch):
    old, empty = FileStore(tmp_path / "old"), FileStore(tmp_path / "empty")
    old.write("runs/r1/etl.json", b"{}")
    with_second_format(monkeypatch)
    assert (format_of(old), format_of(empty)) == (1, 2)


def test_an_older_store_is_read_and_not_run(tmp_path, monkeypatch):
    store = FileStore(tmp_path)
    store.write("runs/r1/etl.json", b"{}")
    with_second_format(monkeypatch)
    assert open_store(store.uri).uri == store.uri
    for refused in (lambda: require_current(store), lambda: begin(store, AT)):
        with pytest.raises(UserError, match=r"has format 1, .* writes format 2; .*store migrate"):
            refused()
    assert read_format(store) is None


def test_a_damaged_format_is_no_format(tmp_path):
    store = FileStore(tmp_path)
    for damaged in (b"", b"[]", b'{"format": 0, "release": "1", "at": ""}', b'{"format": 1}'):
        store.write(FORMAT, damaged)
        with pytest.raises(UserError, match=r"format.json does not say a format; restore it"):
            open_store(store.uri)


def test_a_process_asks_a_store_once(tmp_path, reads):
    begin(FileStore(tmp_path), AT)
    reads.clear()
    for _ in range(3):
        begin(open_store(tmp_path.as_uri()), LATER)
    assert reads == [FORMAT]


@pytest.mark.parametrize("path", sorted(COMMANDS.keys() - LOOK), ids=" ".join)
def test_a_newer_store_is_refused_by(path, newer, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    delivered(tmp_path / "landing")
    before = sorted(path for path in tmp_path.rglob("*"))
    done = CliRunner().invoke(
        creditrisk.cli.app, [*path, *COMMANDS[path], "--store", newer.uri], catch_exceptions=True
    )
    assert isinstance(done.exception, UserError), done.output
    with pytest.raises(UserError, match=REFUSAL) as refused:
        raise done.exception
    assert "\n" not in str(refused.value)
    assert refused.value.exit_code == 2
    assert sorted(tmp_path.rglob("*")) == before


def test_the_doctor_names_the_format_as_what_is_wrong(newer):
    done = CliRunner().invoke(creditrisk.cli.app, ["doctor", "--store", newer.uri, "--json"])
    assert done.exit_code == 1
    assert "has format 7, written by creditrisk 9.1.0" in done.output


def test_a_dashboard_that_is_open_says_that_the_store_has_become_newer(tmp_path):
    period = small_period(tmp_path, START)
    reader = Reader(period.store.uri)
    assert not reader.read().fault
    period.store.write(FORMAT, NEWER)
    period.store.write(f"decisions/{START}/0001.json", b"{}")
    assert "has format 7" in reader.read().fault


def test_format_of_a_newer_store_is_told(newer):
    done = CliRunner().invoke(creditrisk.cli.app, ["store", "format", "--store", newer.uri])
    assert done.exit_code == 0
    assert "format 7, by creditrisk 9.1.0 at 2031-01-01" in done.output
    assert f"creditrisk {RELEASE}: reads format 1, writes format 1" in done.output


def test_only_deliveries_and_the_look_at_a_format_open_a_store_without_asking_for_it():
    root = Path(creditrisk.cli.__file__).parents[1]
    direct = {
        f"{path.relative_to(root)}"
        for path in root.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module == "creditrisk.storage"
        if any(name.name == "open_store" for name in node.names)
    }
    assert direct == {"cli/places.py", "cli/store.py", "stages/etl/month.py"}


def with_second_format(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a release that changed a format."""
    change = Migration(1, 2, "a change", lambda _: None)
    monkeypatch.setattr("creditrisk.records.format.MIGRATIONS", (change,))
