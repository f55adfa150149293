"""From a number back to the delivered files, and from a file to all that rests on it."""

import json
from datetime import date

import pyarrow as pa
import pytest
from typer.testing import CliRunner

from creditrisk.cli.app import app
from creditrisk.contracts import FINDINGS, LABELS, SCORES
from creditrisk.errors import UserError
from creditrisk.governance.lineage import find, lineage
from creditrisk.governance.lineage_tree import tree
from creditrisk.lake import Commit, Lake
from creditrisk.period import code_version
from creditrisk.records.quality import DeliveredFile, save_report
from creditrisk.records.run import recorded, run_records
from tests.builders import evidence
from tests.builders.documents import decided
from tests.builders.evidence import quality_report
from tests.builders.small_lender import small_period

JANUARY, APRIL = date(2024, 1, 1), date(2024, 4, 1)
POLICY = "ab" * 32


def commit(lake, table, month, inputs, digest):
    """A commit of which only the manifest matters."""
    return lake.publish(
        Commit(table, f"{month}", 0, 5, digest, "", inputs, (), "code-1", f"{month}")
    )


@pytest.fixture
def store(tmp_path):
    """Two delivered months, labels made of them, a version, its scores and a decision."""
    period, version = small_period(tmp_path, APRIL), "2024-03-initial-0badcafe"
    lake = Lake(period.store)
    for n, month in enumerate((JANUARY, date(2024, 2, 1)), start=1):
        commit(lake, "bronze/loans", month, {f"loans/{month}.csv.gz": f"c{n}"}, f"b{n}")
        commit(lake, "silver/loans", month, {f"bronze/loans/{month}": f"b{n}"}, f"s{n}")
        file = DeliveredFile(file=f"loans/{month}.csv.gz", sha256=f"{n}" * 64)
        save_report(period.store, quality_report(month, inputs={"loans": file}))
    commit(lake, "gold/history", JANUARY, {f"silver/loans/{JANUARY}": "s1"}, "h1")
    past = {f"gold/history/{JANUARY}": "h1", "silver/loans/2024-02-01": "s2"}
    made = commit(lake, LABELS.table, APRIL, past, "l1")
    made_from = evidence.lineage(data_version={made.key: "l1"}, policy=POLICY)
    period.store.write(f"registry/versions/{version}/lineage.json", made_from.encode())
    score = dict.fromkeys(SCORES.names) | {
        "application_id": "A-1", "model_version": version, "pd": 0.25, "snapshot_date": APRIL,
        "grade": 6, "reason_1": "debt: high", "reason_2": "age of the account: low",
        "customer_id": "C", "held_back": False, "rescored": False,
    }  # fmt: skip
    table = pa.Table.from_pylist([score], schema=SCORES.arrow)
    sums = f"registry/versions/{version}/SUMS.json"
    lake.write(SCORES, APRIL, table, inputs={sums: "x", "policy": POLICY}, code="code-2")
    commit(lake, FINDINGS.table, APRIL, {made.key: "l1"}, "f1")
    inputs = {FINDINGS.table: "f1", "matured_cohorts": "9"}
    decided(period.store, APRIL, policy=POLICY, champion=version, inputs=inputs)
    return period.store


def files(graph):
    return sorted(node for node in graph.sources if node.startswith("file "))


def test_a_score_is_traced_to_version_policy_code_and_every_delivered_file(store):
    graph = lineage(store)
    found = graph.upstream(*find(graph, store, "A-1"))
    assert files(found) == [
        "file loans/2024-01-01.csv.gz 111111111111",
        "file loans/2024-02-01.csv.gz 222222222222",
    ]
    assert f"policy {POLICY[:16]}" in found.sources
    assert {"code code-1", "code code-2"} <= found.sources.keys()
    assert "version 2024-03-initial-0badcafe" in found.sources


@pytest.mark.parametrize("month", ["2024-04-01", "2024-04", "2024-4"])
def test_a_month_means_its_decision(store, month):
    graph = lineage(store)
    assert find(graph, store, month) == ("decision 2024-04-01/0001",)
    assert "gold/history 2024-01 v1" in graph.upstream("decision 2024-04-01/0001").sources


def test_a_file_is_followed_forward_by_its_name_or_its_sha256(store):
    graph = lineage(store)
    (node,) = find(graph, store, "loans/2024-01")
    assert (node,) == find(graph, store, "1" * 64)
    users = graph.downstream(node).sources
    assert "decision 2024-04-01/0001" in users
    assert "scores/applications 2024-04 v1" in users
    assert "silver/loans 2024-02 v1" not in users


def test_the_tree_shows_each_node_once_and_a_table_s_months_on_one_line(store):
    graph = lineage(store)
    lines = [text for _, text in tree(graph, find(graph, store, f"{APRIL}"))]
    assert lines[0] == "decision 2024-04-01/0001  (decision keep, action none)"
    first = [text for text in lines if not text.endswith("(above)")]
    assert len(first) == len(set(first))
    assert sum(text.startswith("file loans") for text in first) == 2


@pytest.mark.parametrize(
    ("environment", "image"),
    [
        ({}, "none: this process"),
        ({"CREDITRISK_IMAGE": "ml:1@sha256:ab"}, "none: this process"),  # kfp.local on a laptop
        ({"CREDITRISK_CODE": "1+ab", "CREDITRISK_IMAGE": "ml:1@sha256:ab"}, "ml:1@sha256:ab"),
        ({"CREDITRISK_CODE": "1+ab"}, "one that its pipeline does not name"),
    ],
)
def test_a_run_names_the_image_its_task_ran_in_and_code_is_traced_to_it(
    store, monkeypatch, environment, image
):
    for name in ("CREDITRISK_CODE", "CREDITRISK_IMAGE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with recorded(store, "score", f"{APRIL}", "r1"):
        pass
    (record,) = run_records(store, "r1")
    assert (record.code, record.image) == (code_version(), image)
    graph = lineage(store)
    assert f"image {image}" in graph.upstream(f"code {code_version()}").sources
    lines = [text for _, text in tree(graph, find(graph, store, code_version()))]
    assert lines == [f"code {code_version()}", f"image {image}"]


def test_records_of_runs_that_named_no_image_are_still_read(store):
    record = {"run_id": "r0", "task": "score", "as_of": f"{APRIL}", "status": "ok", "started": "",
              "seconds": 1.0, "peak_mb": 1, "exit_code": 0, "error": ""}  # fmt: skip
    store.write("runs/r0/score.json", json.dumps(record).encode())
    assert run_records(store, "r0")[0].image == ""
    assert not [node for node in lineage(store).details if node.startswith("image")]


def test_what_is_not_known_or_not_clear_is_one_line(store):
    graph = lineage(store)
    with pytest.raises(UserError, match="knows no 'A-2': give a month"):
        find(graph, store, "A-2")
    kinds = "'bronze/loans', 'file loans/2024-01-01.csv.gz 111111111111', 'silver/loans'"
    with pytest.raises(UserError, match=f"6 things of 3 kinds; say which, such as {kinds}"):
        find(graph, store, "loans")
    with pytest.raises(UserError, match="has no decision on 2024-02; name a table of it"):
        find(graph, store, "2024-2")
    with pytest.raises(UserError, match="'2024-13' is not a month"):
        find(graph, store, "2024-13")
    with pytest.raises(UserError, match="lineage of nothing: give a month"):
        find(graph, store, " ")


def test_the_command_prints_a_tree_or_a_graph(store):
    words = ["lineage", "A-1", "--store", store.uri]
    line = "score A-1 2024-04  (pd 25.0%, grade 6, reasons: debt: high; age of the account: low)"
    assert line in CliRunner().invoke(app, words).output
    body = json.loads(CliRunner().invoke(app, [*words, "--json"]).output)
    assert body["roots"] == ["score A-1 2024-04"]
    assert body["nodes"]["score A-1 2024-04"] == {
        "pd": 0.25, "grade": 6, "reasons": ["debt: high", "age of the account: low"],
    }  # fmt: skip
    assert body["nodes"]["gold/labels 2024-04 v1"]["rows"] == 5
    assert {edge[0] for edge in body["edges"]} <= body["nodes"].keys() | {"score A-1 2024-04"}
