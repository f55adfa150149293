"""What `--json` prints is one JSON document, and exactly what docs/json_schema.json says."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from pydantic_core import to_jsonable_python
from typer.testing import CliRunner

from creditrisk.cli.app import answer, app
from creditrisk.errors import printable
from creditrisk.records.format import open_store
from creditrisk.reports.month_summary import months
from tests.builders.commands import every_command, options
from tests.builders.old_store import CHAMPION, REFUSED, unpacked
from tools.json_answers import ANSWERS, page

STORED = Path(__file__).parents[3] / "docs/json_schema.json"
SCHEMAS = json.loads(STORED.read_text())
LINES = {"audit list", "features get"}  # a document a line
# they need a cluster, or run a month: what they print is a type of the product's
ELSEWHERE = {
    "backfill", "backtest", "challenge", "deploy", "lake delta", "registry reproduce", "run",
    "schedule apply", "schedule list", "simulate",
}  # fmt: skip
WORDS = {
    "status": (), "alerts list": (), "audit list": (), "contain list": (), "findings list": (),
    "lake ls": (), "override list": (), "registry list": (), "doctor": (),
    "explain": ("C9-101_2023-10-01", "--what-if", "income=30000"),
    "compliance": ("2023-12",),
    "features get": ("--as-of", "2023-9", "--application", "C4-10_2023-05-01"),
    "lake show": ("gold/features", "2023-12"),
    "lineage": ("C9-101_2023-10-01",),
    "audit verify": (), "lake verify": (), "lease show": (), "store format": (),
    "lake vacuum": ("--hours", "0"),
    "registry show": (CHAMPION,), "registry uses": (CHAMPION,),
    "registry compare": (CHAMPION, REFUSED),
}  # fmt: skip

WITHOUT_STORE = {"policy check": (), "policy explain": ("psi_red",), "portfolio keys": ()}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """What release 0.1.0 wrote: every kind of act is in it."""
    return unpacked(tmp_path_factory.mktemp("old"))


def faults(name: str, document: object) -> list[str]:
    found = Draft202012Validator(SCHEMAS[name]).iter_errors(document)
    return [f"{list(one.absolute_path)}: {one.message[:200]}" for one in found]


def reported(name: str, *words: str) -> list[object]:
    done = CliRunner().invoke(app, [*name.split(), *words, "--json"])
    assert isinstance(done.exception, SystemExit | None), done.exception
    assert done.output.isascii()
    lines = done.output.splitlines()
    assert lines and (len(lines) == 1 or name in LINES)
    return [json.loads(line) for line in lines]


def test_every_command_that_offers_json_has_a_schema():
    offered = {name for name, known in options(every_command()) if "--json" in known}
    assert offered == ANSWERS.keys() == SCHEMAS.keys()
    assert (
        WORDS.keys() | ELSEWHERE | WITHOUT_STORE.keys() | {"policy diff", "portfolio check"}
        == offered
    )


def test_the_schemas_stored_are_those_of_the_code():
    assert page() == STORED.read_text(), "make docs"


@pytest.mark.parametrize("name", WORDS)
def test_the_answer_is_as_its_schema_says(store, name):
    for document in reported(name, *WORDS[name], "--store", store.uri):
        assert faults(name, document) == []


@pytest.mark.parametrize("name", WITHOUT_STORE)
def test_the_answer_about_files_is_as_its_schema_says(name):
    (document,) = reported(name, *WITHOUT_STORE[name])
    assert document and faults(name, document) == []


def test_a_threshold_is_told_with_its_default_and_its_value_here(tmp_path):
    policy = tmp_path / "policy.yaml"
    policy.write_text("monitoring: {psi_red: 0.2}\n")
    (document,) = reported("policy explain", "psi_red", "--policy", str(policy))
    assert (document["default"], document["value"]) == (0.25, 0.2)


def test_a_version_s_evidence_is_as_the_schema_says(store):
    (document,) = reported("compliance", CHAMPION, "--store", store.uri)
    assert faults("compliance", document) == []


def test_two_policies_differ_as_the_schema_says(tmp_path):
    (tmp_path / "policy.yaml").write_text("scoring: {cutoff: 0.4}\n")
    (document,) = reported("policy diff", f"{tmp_path}/policy.yaml")
    assert document == [
        {"key": "scoring.cutoff", "before": 0.3, "after": 0.4, "direction": "looser"}
    ]
    assert faults("policy diff", document) == []


def test_a_check_of_a_portfolio_is_as_its_schema_says(tmp_path):
    (tmp_path / "loans.csv").write_text("a,b\n1,2\n")
    done = CliRunner().invoke(app, ["portfolio", "check", "--data", f"{tmp_path}", "--json"])
    assert done.exit_code == 2
    assert faults("portfolio check", json.loads(done.output)) == []


def test_months_are_as_the_schema_of_a_backtest_says(store):
    found = to_jsonable_python(months(open_store(store.uri)))
    assert found and faults("backtest", found) == []
    runs = [task for month in found for task in month["run"]["tasks"]]
    assert runs and faults("run", runs) == []


def test_the_status_is_numbers_and_names_not_sentences(store):
    (found,) = reported("status", "--store", store.uri)
    assert (found["month"], found["champion"], found["decision"]) == (
        "2023-12-01", CHAMPION, "contain",
    )  # fmt: skip
    assert isinstance(found["metrics"]["auc"], float)
    assert found["audit"] == {"records": 33, "faults": []}
    assert [one["id"] for one in found["approvals"]] == ["policy-c5a965e217c16c83-cf98c751d3bae12e"]


def test_a_fault_is_in_the_answer_and_in_the_exit_code(tmp_path):
    broken = unpacked(tmp_path)
    (first,) = Path(tmp_path).rglob("store-audit/records/0000000003.json")
    first.write_bytes(first.read_bytes().replace(b"20", b"21", 1))
    words = ["audit", "verify", "--json", "--store", broken.uri]
    done = CliRunner().invoke(app, words)
    assert done.exception.exit_code == 3
    found = json.loads(done.output)
    assert faults("audit verify", found) == [] and found["faults"]
    assert str(done.exception) == f"audit trail: {printable(found['faults'][0])}"


def test_a_schema_refuses_a_key_that_it_does_not_name(store):
    (found,) = reported("status", "--store", store.uri)
    assert faults("status", found | {"new": 1})
    assert faults("status", found | {"metrics": "auc 0.81"})


def test_a_number_that_is_none_is_null_and_no_text_reaches_the_terminal_raw(capsys):
    answer({"value": float("nan"), "text": "\x1b[2J\u202e\x9b"})
    printed = capsys.readouterr().out
    assert printed.isascii() and "\x1b" not in printed
    assert json.loads(printed) == {"value": None, "text": "\x1b[2J\u202e\x9b"}
