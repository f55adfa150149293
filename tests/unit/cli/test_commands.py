"""The list of commands: it is what the modules say, and it loads none of them."""

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import creditrisk.cli
from creditrisk.cli import app
from creditrisk.cli.commands import PANELS, load
from tests.builders import leasing_lender
from tests.builders.populated_store import populated_store

LEASING = Path(__file__).parents[2] / "portfolios/leasing.yaml"
MODULES = {path.stem for path in Path(creditrisk.cli.__file__).parent.glob("*.py")}
LISTED = {name: text for commands in PANELS.values() for name, text in commands.items()}
# what every command may cost before anybody knows which one it is
LIGHT = {"creditrisk", "creditrisk.cli", "creditrisk.cli.app", "creditrisk.cli.commands"}
LIGHT |= {"creditrisk.errors", "creditrisk.cli.absent_packages", "creditrisk.signals"}
HEAVY = ("catboost", "dash", "kfp", "kubernetes", "minio", "numpy", "pandas", "plotly", "pyarrow")
HEAVY += ("pydantic", "pyspark", "scipy", "sklearn", "yaml")


def imported(*words: str) -> set[str]:
    """The modules in memory once the command has ended."""
    code = "import sys; from creditrisk.cli import main\ntry: main()\n"
    code += "finally: print(*sorted(sys.modules), file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=True
    )
    return set(done.stderr.split())


def test_every_command_is_listed_once_under_what_it_is_for():
    code = "\n".join(
        (Path(creditrisk.cli.__file__).parent / f"{name}.py").read_text("utf-8") for name in MODULES
    )
    groups = set(re.findall(r'_app = group\("(\w+)"\)', code))
    single = set(re.findall(r"@app\.command\(\)\ndef (\w+)\(", code))
    assert groups | single == set(LISTED)
    assert sum(map(len, PANELS.values())) == len(LISTED)


@pytest.mark.parametrize("name", LISTED)
def test_the_list_says_of_a_command_what_its_module_says(name):
    assert inspect.cleandoc(load(name).help or "").splitlines()[0] == LISTED[name]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_letter_that_the_terminal_does_not_have_stops_no_command(encoding, tmp_path):
    leasing_lender.deliver(tmp_path, 3, applications=20)
    code = "from creditrisk.cli import main; main()"
    words = ["portfolio", "check", "--data", str(tmp_path), "--portfolio", str(LEASING)]
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, env=environment, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert {"ascii": b"Vertr?ge.csv", "latin-1": "Verträge.csv".encode("latin-1")}[
        encoding
    ] in done.stdout


def test_a_terminal_without_a_size_is_told_what_is_wrong_all_the_same():
    code = "from creditrisk.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "statsu"],
        capture_output=True,
        env=os.environ | {"COLUMNS": "0"},
        check=False,
    )
    assert done.returncode == 2 and b"No such command 'statsu'" in done.stderr


@pytest.mark.parametrize("words", [("--help",), ("--version",)])
def test_help_waits_for_no_command(words):
    found = imported(*words)
    assert {name for name in found if name.partition(".")[0] == "creditrisk"} == LIGHT
    assert found & set(HEAVY) == set()


def test_an_object_that_is_gone_is_named_in_one_line(tmp_path, monkeypatch, capsys):
    store = populated_store(tmp_path, 1, 1).first.store
    for path in tmp_path.rglob("policy.json"):
        path.unlink()
    monkeypatch.setattr(creditrisk.cli, "listen", lambda: None)  # the tests' signals are their own
    monkeypatch.setattr(sys, "argv", ["creditrisk", "registry", "list", "--store", store.uri])
    with pytest.raises(SystemExit) as end:
        creditrisk.cli.main()
    line = capsys.readouterr().err
    assert end.value.code == 3
    assert line.startswith(f"creditrisk: {store.uri}/registry/versions/")
    assert line.endswith("/policy.json is gone; restore it from a backup\n")


def test_help_lists_every_command_in_its_group():
    shown = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "120"}).output
    for panel, commands in PANELS.items():
        assert f" {panel} " in shown
        assert all(text in shown for text in commands.values())


def test_a_misspelt_command_is_told_the_nearest():
    done = CliRunner().invoke(app, ["statsu"])
    assert done.exit_code == 2
    assert "Did you mean 'status'?" in done.output


def test_the_version_is_the_release():
    done = CliRunner().invoke(app, ["--version"])
    assert re.fullmatch(r"creditrisk \d+\.\d+\.\d+\n", done.output)


@pytest.mark.parametrize("name", LISTED)
def test_help_holds_no_bracket_that_the_terminal_would_take_for_a_colour(name):
    command = load(name)
    found = [command, *getattr(command, "commands", {}).values()]
    texts = [
        text
        for one in found
        for text in (one.help, *(p.help for p in one.params if hasattr(p, "help")))
    ]
    assert [text for text in texts if text and "[" in text] == []
