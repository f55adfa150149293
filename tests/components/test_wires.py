"""A task reads the commits that its inputs name, and no others of its month."""

import ast
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from kfp.dsl import Dataset

import creditrisk.stages
from creditrisk.contracts import FINDINGS, LABELS, QUARANTINE, SCORES, features
from creditrisk.lake import Lake
from creditrisk.model.version import load_version
from creditrisk.records.layout import VERSIONS
from creditrisk.records.run import run_records
from creditrisk.records.version_files import sums_sha256
from creditrisk.stages.decision.component import decide
from creditrisk.stages.monitoring.component import evidently, monitor
from creditrisk.stages.scoring.component import score
from creditrisk.stages.training.component import refit, train
from creditrisk.stages.validation.component import validate
from tests.builders.documents import recorded_champion
from tests.builders.small_lender import rewrite
from tests.builders.versions import variant
from tests.builders.wired_month import AS_OF, ASIDE, ROWS, Lender, month_built_twice, pointer


@pytest.fixture(scope="module")
def built_twice(tmp_path_factory):
    return month_built_twice(tmp_path_factory.mktemp("wires"))


@pytest.fixture
def lender(built_twice, tmp_path, monkeypatch) -> Lender:
    """A copy to run tasks on."""
    shutil.copytree(built_twice.root, tmp_path / "lender")
    copy = replace(built_twice, root=tmp_path / "lender")
    monkeypatch.setenv("CREDITRISK_STORE", copy.period.store.uri)
    return copy


def named(*pointers) -> set[str]:
    """The manifests that some pointers name."""
    bodies = [json.loads(Path(pointer.path).read_text()) for pointer in pointers]
    return {table["manifest"] for body in bodies for table in body.values()}


def of_the_month(keys) -> set[str]:
    return {key for key in keys if f"/manifests/{AS_OF}/" in key}


@pytest.mark.parametrize("wire", ROWS)
def test_scoring_publishes_the_applications_its_wire_names(lender, wire):
    lender.scored(wire)
    assert lender.newest(SCORES).rows == ROWS[wire]


@pytest.mark.parametrize("wire", ROWS)
def test_a_promoted_version_scores_the_same_applications_again(lender, wire):
    lender.scored()
    other = variant(lender.period, lender.version, "promoted")
    recorded_champion(lender.period, other, AS_OF)
    gold = lender.built[wire]["gold"]
    lender.run(score, version=other, rescored=True, gold=gold)
    scores = lender.period.lake.read(SCORES, [AS_OF]).to_pandas()
    assert scores["rescored"].sum() == ROWS[wire]


@pytest.mark.parametrize("gold", ROWS)
@pytest.mark.parametrize("silver", ROWS)
@pytest.mark.parametrize("scores", ROWS)
def test_monitoring_measures_what_each_of_its_wires_names(lender, gold, silver, scores):
    published = {"first": lender.scored()}
    rewrite(lender.period, SCORES, [AS_OF], lambda rows: rows[: ROWS["second"]])
    published["second"] = pointer(lender.root / "scores", lender.newest(SCORES))
    lender.run(
        monitor,
        champion=lender.version,
        gold=lender.built[gold]["gold"],
        silver=lender.built[silver]["silver"],
        scores=published[scores],
    )
    found = lender.period.lake.read(FINDINGS, [AS_OF]).to_pandas().set_index("metric")
    assert found.loc["applications", "value"] == ROWS[gold]
    assert found.loc["quarantined_rows", "value"] == ASIDE[silver]
    assert found.loc["mean_pd", "rows"] == ROWS[scores]


@pytest.mark.parametrize("wire", ROWS)
def test_evidently_draws_the_applications_its_wire_names(lender, wire):
    lender.run(evidently, champion="", gold=lender.built[wire]["gold"])
    drawn = lender.json(f"months/{AS_OF}/evidently/summary.json")
    assert f"all {ROWS[wire]} applications of 2024-01" in json.dumps(drawn)


def test_training_learns_and_validation_judges_by_the_outcomes_their_wires_name(
    lender, tmp_path, monkeypatch
):
    for wire, pointers in lender.built.items():
        trail = shutil.copytree(lender.root / "store-audit", tmp_path / wire)  # no window is spent
        monkeypatch.setenv("CREDITRISK_AUDIT_STORE", str(trail))
        gold = pointers["gold"]
        outcomes = {key for key in named(gold) if LABELS.table in key}
        made = lender.run(train, kind="initial", champion="", gold=gold)["Output"]
        learned = load_version(lender.period.store, made).lineage.data_version
        assert of_the_month(learned) == outcomes, wire
        lender.run(validate, version=made, champion="", gold=gold)
        judged = lender.json(f"{VERSIONS}{made}/validation.json")["data_version"]
        assert of_the_month(judged) == outcomes, wire


def test_a_version_is_handed_on_as_a_model_that_names_it(lender):
    done = lender.run(train, kind="initial", champion="", gold=lender.built["first"]["gold"])
    model = done["model_version"]
    body = json.loads(Path(model.path).read_text())
    assert body == model.metadata
    assert body["version"] == done["Output"]
    assert body["sha256"] == sums_sha256(lender.period.store, done["Output"])
    assert body["folder"] == f"{lender.period.store.uri}/{VERSIONS}{done['Output']}/"


def test_while_approval_is_pending_the_scores_of_record_stay_alone(lender):
    lender.scored()
    before = lender.newest(SCORES)
    lender.run(score, version="", rescored=True, gold=lender.built["first"]["gold"])
    assert lender.newest(SCORES) == before
    assert "rescore" not in {record.task for record in run_records(lender.period.store, "run")}


def test_a_retry_sees_what_the_first_try_saw(lender):
    inputs = lender.built["first"] | {"scores": lender.scored()}
    lender.run(monitor, champion=lender.version, **inputs)
    first = lender.newest(FINDINGS)
    for contract in (SCORES, QUARANTINE, features(lender.period.portfolio)):
        rewrite(lender.period, contract, [AS_OF], lambda rows: rows[:2])
    lender.run(monitor, champion=lender.version, **inputs)
    assert lender.newest(FINDINGS) == first


def test_no_task_reads_of_its_month_what_no_wire_names(lender, monkeypatch):
    gold, silver = lender.built["first"]["gold"], lender.built["first"]["silver"]
    scores = lender.scored()
    measured = {"silver": silver, "gold": gold, "scores": scores}
    findings = lender.run(monitor, champion=lender.version, **measured)["findings"]
    made = lender.run(train, kind="initial", champion="", gold=gold)["Output"]
    decided = {"gold": gold, "scores": scores, "findings": findings, "supersede": ""}
    tasks = {
        score: {"version": lender.version, "rescored": False, "gold": gold},
        monitor: {"champion": lender.version, **measured},
        evidently: {"champion": lender.version, "gold": gold},
        decide: {"champion": lender.version, **decided},
        train: {"kind": "retrain", "champion": lender.version, "gold": gold},
        validate: {"version": made, "champion": "", "gold": gold},
        refit: {"version": made, "gold": gold},
    }
    own = {score: SCORES.table, monitor: FINDINGS.table}
    for component, inputs in tasks.items():
        opened = manifests_opened(lender, component, inputs, monkeypatch)
        wires = [given for given in inputs.values() if isinstance(given, Dataset)]
        written = {key for key in opened if own.get(component, "nothing") in key}
        assert opened, component.name
        assert opened - written <= named(*wires), component.name


def manifests_opened(lender, component, inputs, monkeypatch) -> set[str]:
    """Of the month, while a task runs."""
    opened, plain = set(), Lake.manifest
    with monkeypatch.context() as patch:
        patch.setattr(Lake, "manifest", lambda lake, key: opened.add(key) or plain(lake, key))
        lender.run(component, **inputs)
    return of_the_month(opened)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "2"),
        ("", "2"),
        ("{}", "2"),
        ("[1]", "2"),
        ('{"features": {"digest": "0", "rows": 1}}', "2"),
        ('{"features": {"manifest": "lake/gone.json", "digest": "0", "rows": 1}}', "3"),
    ],
)
def test_a_damaged_or_missing_pointer_ends_the_task_with_one_line(lender, content, code, capsys):
    gold = Dataset(uri=str(lender.root / "gold"))
    if content is not None:
        Path(gold.path).write_text(content)
    with pytest.raises(SystemExit, match=code):
        lender.run(score, version=lender.version, rescored=False, gold=gold)
    (line,) = capsys.readouterr().err.splitlines()
    (record,) = run_records(lender.period.store, "run")
    assert line == f"score: {record.error}"
    assert (gold.path if "gone" not in str(content) else "lake/gone.json") in line
    assert list(lender.period.store.keys(f"lake/{SCORES.table}/")) == []


def test_a_damaged_pointer_ends_evidently_with_one_line_too(lender, capsys):
    with pytest.raises(SystemExit):
        lender.run(evidently, champion="", gold=Dataset(uri=str(lender.root / "gold")))
    assert "names no commit to read" in capsys.readouterr().err.strip().splitlines()[-1]


def test_every_input_of_every_component_is_used_in_its_body():
    inputs = [
        (path.parent.name, function, argument)
        for path in Path(creditrisk.stages.__path__[0]).rglob("component*.py")
        for function in ast.parse(path.read_text("utf-8")).body
        if isinstance(function, ast.FunctionDef)
        for argument in function.args.args
        if ast.unparse(argument.annotation).startswith("Input[")
    ]
    assert len(inputs) >= 7
    for stage, function, argument in inputs:
        names = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
        assert argument.arg in names, f"{stage}: {function.name} does not read {argument.arg}"
