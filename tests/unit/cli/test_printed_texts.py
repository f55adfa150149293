"""What people, deliveries and files wrote is shown by every command, and obeyed by none."""

import ast
import csv
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

import creditrisk.cli
from creditrisk.cli.app import app, console, styled
from creditrisk.errors import UserError, printable
from creditrisk.records.alerts import Alert, AlertRecord, Sending, write_record
from creditrisk.records.version_files import brief
from tests.builders import month_findings, populated_store, small_lender
from tests.builders.acts import Desk, closed
from tests.builders.alert_months import AT, LATER
from tests.builders.populated_store import PopulatedStore
from tests.builders.versions import judged, with_version

HOSTILE = "[/b] [red]x[/red] :smile: \x1b[2J\x1b]0;owned\x07\r\n\u202eevil"
SHOWN = r"[/b] [red]x[/red] :smile: \x1b[2J\x1b]0;owned\x07\r\n\u202eevil"
SOURCES = sorted(Path(creditrisk.cli.__file__).parent.glob("*.py"))
ESCAPING = {"printable", "styled", "dumps"}
OBEYING = {"Console", "Text", "from_markup", "rprint", "secho", "prompt", "confirm"}
TEXT_AT = {"echo": 0, "write": 0, "status": 0, "track": 1}  # what takes a text past the console


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _escapes(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        return _name(node) in ESCAPING
    return isinstance(node, ast.Constant)


def unescaped(source: str) -> Iterator[str]:
    """The calls of a command's source that could print a text as it is."""
    for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
        name, options = _name(call), {keyword.arg for keyword in call.keywords}
        printing = name == "print" and isinstance(call.func, ast.Attribute)
        owner = getattr(call.func.value, "id", "") if printing else ""
        if (
            name in OBEYING
            or (name == "print" and owner not in ("console", "progress"))
            or (printing and options & {"markup", "emoji", "highlight"})
            or (name in TEXT_AT and not _escapes(call.args[TEXT_AT[name]]))
        ):
            yield ast.unparse(call)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_a_command_prints_through_the_console_that_escapes(path: Path) -> None:
    found = list(unescaped(path.read_text()))
    assert [one for one in found if path.name != "app.py" or "Text(printable(" not in one] == []


@pytest.mark.parametrize(
    "call",
    [
        'print(f"{x}")', 'Console().print(x)', 'console.print(x, markup=True)', "typer.echo(x)",
        'sys.stderr.write(f"{x}")', 'progress.status(f"{x}")', 'track(y, f"{x}")', "Text(x)",
    ],
)  # fmt: skip
def test_a_call_that_would_print_a_text_as_it_is_is_found(call: str) -> None:
    assert list(unescaped(call))


def printed(*words: str, ends: int = 0) -> str:
    """What a command prints, no control character in it."""
    done = CliRunner().invoke(app, words)
    assert isinstance(done.exception, SystemExit | None), done.exception
    assert done.exit_code == ends, done.output
    assert [c for c in done.output if not c.isprintable() and c != "\n"] == []
    return done.output


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PopulatedStore]:
    """Two years in which every name and reason is hostile."""
    with pytest.MonkeyPatch.context() as patch:
        lender = small_lender.PORTFOLIO.replace("small-lender", json.dumps(HOSTILE))
        patch.setattr(small_lender, "PORTFOLIO", lender)
        decide = populated_store._decision
        patch.setattr(populated_store, "_decision", lambda n: (*decide(n)[:2], HOSTILE))
        for module in (month_findings, populated_store):
            patch.setattr(module, "feature", lambda n: f"feature {n} {HOSTILE}")
        story = populated_store.populated_store(tmp_path_factory.mktemp("hostile"))
        _acts(story, patch)
        yield story


def _acts(story: PopulatedStore, patch: pytest.MonkeyPatch) -> None:
    """What people would write, as they would."""
    newest = story.month(23)
    closed(newest)
    desk = Desk(newest, patch, AT)
    version = populated_store.version(story, 0)
    finding = ("findings", "open", version, "--text", HOSTILE, "--owner", HOSTILE)
    assert SHOWN not in desk.does("ann", *finding)
    desk.does("ann", "findings", "close", "F-0001", "--reason", HOSTILE)
    desk.does(
        "ann", "override", "give", f"{newest.as_of}", "--decision", "keep", "--reason", HOSTILE
    )
    alert = Alert("retrain", "2024-12-01", "warning", "", HOSTILE, (HOSTILE,), HOSTILE)
    sent = (Sending("json", AT, False, HOSTILE, ""),)
    write_record(newest.store, AlertRecord(alert=alert, since=LATER, sent=sent))


TELLING = {("status",), ("findings", "list"), ("override", "list"), ("audit", "list")}
WORDS = [
    ("status",), ("audit", "list"), ("audit", "list", "--json"),
    ("findings", "list"), ("override", "list"), ("contain", "list"), ("alerts", "list"),
    ("compliance", "2024-12-01"), ("lineage", "2024-12-01"), ("lake", "ls"), ("store", "format"),
    ("lake", "show", "monitoring/findings", "2024-12-01"), ("lake", "verify"),
]  # fmt: skip


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_every_listing_shows_hostile_texts_and_obeys_none(
    hostile: PopulatedStore, words: tuple[str, ...]
) -> None:
    output = printed(*words, "--store", hostile.first.store.uri)
    if words in TELLING:
        assert SHOWN in output


def test_a_version_is_shown_with_what_was_written_about_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    period, version = with_version(tmp_path, date(2024, 4, 1))
    judged(period, version)
    closed(period)
    Desk(period, monkeypatch, AT).does("ann", "registry", "retire", version, "--reason", HOSTILE)
    at = ("--store", period.store.uri)
    assert SHOWN in printed("registry", "show", version, *at)
    for words in (("list",), ("uses", version)):
        assert brief(version) in printed("registry", *words, *at)


def test_a_delivery_is_checked_with_its_texts_escaped(tmp_path: Path) -> None:
    lender, landing = tmp_path / "portfolio.yaml", tmp_path / "landing"
    lender.write_text(small_lender.PORTFOLIO.replace("small-lender", json.dumps(HOSTILE)))
    landing.mkdir()
    (landing / "loan_ledger.csv").write_text("loan,client,month,began,mob,due,overdue\n")
    with (landing / "application_form.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["client", "month", "income", "debt", "home", "age", HOSTILE])
        rows.writerow(["c1", "2024-01-01", HOSTILE, "1", HOSTILE, "30", HOSTILE])
    found = printed(
        "portfolio", "check", "--data", f"{landing}", "--portfolio", f"{lender}", ends=2
    )
    assert "[/b]" in found
    assert SHOWN in printed("policy", "check", "--portfolio", f"{lender}")
    assert "small" not in printed("lake", "dictionary", "--portfolio", f"{lender}")


def test_a_refusal_is_one_line_whatever_it_quotes() -> None:
    assert str(UserError(HOSTILE)) == SHOWN == printable(HOSTILE)


def test_a_coloured_text_is_escaped_too(capsys: pytest.CaptureFixture[str]) -> None:
    console.print(styled(HOSTILE, "red"), soft_wrap=True)
    assert capsys.readouterr().out == f"{SHOWN}\n"
