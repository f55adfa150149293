"""Evidently's pages: the findings' numbers, seeded samples, and no month that fails by them."""

import base64
import gzip
import json
import os
import re
import shutil
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from creditrisk import contracts
from creditrisk.errors import UserError
from creditrisk.lake import Lake
from creditrisk.model.sample import sampled
from creditrisk.period import freeze
from creditrisk.reports.evidently.digits import few_digits
from creditrisk.reports.figures import STATE_COLOURS
from creditrisk.stages.artifacts import write_pointer
from creditrisk.stages.monitoring.component_evidently import evidently
from creditrisk.stages.monitoring.monitor import monitor
from creditrisk.stages.scoring.score import score
from creditrisk.storage import open_store
from tests.builders.small_lender import START, Scenario, fill, rewrite, small_period, small_policy
from tests.builders.trained_version import install
from tests.builders.versions import at_month

AS_OF = date(2024, 3, 1)


@pytest.fixture(scope="module")
def run_months(tmp_path_factory):
    """A month measured, whose applicants earn more than the reference's."""
    period = small_period(tmp_path_factory.mktemp("lender"), AS_OF, small_policy())
    fill(period, {14: Scenario(shift=1)})
    version = install(period)
    score(period, version)
    monitor(period, version)
    return period, version


@pytest.fixture(scope="module")
def pages(run_months):
    from creditrisk.stages.monitoring.evidently_month import draw_reports

    return draw_reports(*run_months)


@pytest.fixture
def copied(run_months, tmp_path):
    """The month in a store of its own, for a test that draws it badly."""
    period, version = run_months
    shutil.copytree(period.store.uri.removeprefix("file://"), tmp_path / "store")
    return replace(period, store=open_store((tmp_path / "store").as_uri())), version


def values(page, kind):
    """Evidently's values of one kind of metric, by column."""
    metrics = page.numbers["metrics"]
    return {
        metric["config"]["column"]: metric["value"]
        for metric in metrics
        if metric["config"]["type"] == f"evidently:metric_v2:{kind}"
    }


def test_the_drift_page_shows_the_psi_of_the_findings(run_months, pages):
    period, _ = run_months
    found = period.lake.read(contracts.FINDINGS, [AS_OF]).to_pandas()
    found = found[found.segment == "all"].set_index("metric")["value"]
    shown = values(pages["drift"], "ValueDrift")
    assert set(shown) >= {"income", "debt", "home", "visits_count", "visits_evidence", "pd"}
    for column, value in shown.items():
        metric = "score_psi" if column == "pd" else f"csi:{column}"
        assert value == pytest.approx(found[metric], abs=1e-12), column


def test_every_method_and_threshold_is_one_we_chose(run_months, pages):
    limits = run_months[0].policy.monitoring
    for metric in pages["drift"].numbers["metrics"]:
        config = metric["config"]
        if config["type"].endswith("ValueDrift"):
            assert config["method"] == f"psi on frozen bins: {config['column']}"
            assert config["threshold"] == limits.csi_amber
        else:
            assert config["drift_share"] == limits.csi_red_share


def test_the_classification_page_rests_on_matured_cohorts(run_months, pages):
    period, _ = run_months
    metrics = {
        m["config"]["type"].split(":")[-1]: m for m in pages["classification"].numbers["metrics"]
    }
    found = period.lake.read(contracts.FINDINGS, [AS_OF]).to_pandas().set_index("metric")
    assert metrics["RocAuc"]["value"] == pytest.approx(found.loc["auc", "value"], abs=1e-9)
    assert metrics["Precision"]["config"]["probas_threshold"] == period.policy.scoring.cutoff
    assert pages["classification"].rows["rows"] == "all 400 loans of 2023-12..2023-12"


@pytest.mark.parametrize("name", ["drift", "summary", "classification"])
def test_page_and_numbers_are_in_the_store_and_say_what_they_rest_on(run_months, pages, name):
    period, version = run_months
    html = period.store.read(f"months/{AS_OF}/evidently/{name}.html").decode()
    record = json.loads(period.store.read(f"months/{AS_OF}/evidently/{name}.json"))
    assert html == pages[name].html
    assert record["drawn"]
    assert record["rows"]["model"] == version
    assert version in html[: html.index("</section>")]
    assert "http://" not in html[: html.index("</section>")]


def test_the_reference_is_the_window_the_version_was_made_from(run_months, pages):
    model_months = "2023-09..2023-09"
    assert pages["drift"].rows["reference"] == f"all 400 applications of {model_months}"


def test_a_sample_is_seeded_and_recorded(run_months):
    from creditrisk.stages.monitoring.evidently_material import Material

    period, version = run_months
    small = at_month(period, AS_OF, small_policy("monitoring: {report_rows: 100}"))
    one, two = (Material(small, version).current for _ in range(2))
    assert one.rows.equals(two.rows)
    assert len(one.rows) == 100
    assert one.drawn == "100 of 400 applications of 2024-03, drawn by seed 20240901"


def test_the_same_rows_are_drawn_in_whatever_order_they_lie():
    frame = pd.DataFrame({"application_id": [f"A{i:03d}" for i in range(500)]})
    other = frame.sample(frac=1, random_state=3)
    assert sampled(frame, 50, 7).equals(sampled(other, 50, 7))
    assert not sampled(frame, 50, 7).equals(sampled(frame, 50, 8))
    assert len(sampled(frame, 500, 7)) == 500


def test_a_policy_cannot_ask_for_more_than_a_hundred_thousand_rows():
    with pytest.raises(Exception, match="less than or equal to 100000"):
        small_policy("monitoring: {report_rows: 100001}")


def test_a_column_lost_in_the_delivery_costs_no_page(tmp_path):
    from creditrisk.stages.monitoring.evidently_month import draw_reports

    period = small_period(tmp_path, AS_OF)
    fill(period)
    version = install(period)
    rewrite(
        period, contracts.features(period.portfolio), [AS_OF], lambda f: f.assign(income=np.nan)
    )
    found = draw_reports(period, version)
    assert found["drift"].rows["not compared"].startswith("income (")
    assert "not compared: income (" in found["drift"].html
    assert "debt" in values(found["drift"], "ValueDrift")
    assert "income" in values(found["summary"], "MissingValueCount")
    assert found["classification"].drawn


def test_a_page_that_evidently_cannot_draw_says_the_error_and_costs_no_other(
    copied, monkeypatch, capfd
):
    from creditrisk.reports.evidently import evidently_reports
    from creditrisk.stages.monitoring.evidently_month import draw_reports

    def fails(*_):
        raise ZeroDivisionError("no <rows> left")

    monkeypatch.setattr(evidently_reports, "drift", fails)
    found = draw_reports(*copied)
    why = "ZeroDivisionError: no <rows> left"
    record = json.loads(copied[0].store.read(f"months/{AS_OF}/evidently/drift.json"))
    assert (record["drawn"], record["why_not"]) == (False, why)
    assert "not drawn: ZeroDivisionError: no &lt;rows&gt; left" in found["drift"].html
    assert capfd.readouterr().err == f"evidently: drift is not drawn: {why}\n"
    assert found["summary"].drawn
    assert found["classification"].drawn


def test_a_library_that_does_not_load_is_why_there_are_no_pages(copied, monkeypatch):
    from creditrisk.stages.monitoring.evidently_month import draw_reports

    monkeypatch.setitem(sys.modules, "creditrisk.reports.evidently.evidently_reports", None)
    monkeypatch.delattr("creditrisk.reports.evidently.evidently_reports", raising=False)
    found = draw_reports(*copied)
    assert {"ModuleNotFoundError" in page.why_not for page in found.values()} == {True}


def test_without_a_champion_there_is_a_summary_and_the_rest_says_why_not(run_months):
    from creditrisk.stages.monitoring.evidently_month import draw_reports

    period = at_month(run_months[0], date(2024, 1, 1))
    found = draw_reports(period, "")
    assert found["summary"].drawn
    shown = set(values(found["summary"], "MissingValueCount"))
    assert "income" in shown
    assert "age" not in shown  # protected
    for name in ("drift", "classification"):
        assert found[name].why_not == "there is no champion yet"
        assert "not drawn: there is no champion yet" in found[name].html


def test_what_cannot_be_drawn_on_says_why(run_months, monkeypatch):
    from creditrisk.stages.monitoring.evidently_material import Material

    period, version = run_months
    with pytest.raises(UserError, match="no cohort after 2023-09 has matured with bads and goods"):
        _ = Material(at_month(period, date(2023, 10, 1)), version).matured
    manifest = Lake.manifest
    monkeypatch.setattr(
        Lake, "manifest", lambda lake, key: manifest(lake, "gone" if "/2023-09-01/" in key else key)
    )
    with pytest.raises(UserError, match="gone, which the version was made from, is gone"):
        _ = Material(at_month(period, AS_OF), version).reference


def run(period, champion):
    """The task as kfp calls it; what it wrote, by name."""
    config = freeze(period.store, period.policy, period.portfolio)
    out = {
        name: SimpleNamespace(path=f"{period.store.uri.removeprefix('file://')}/{name}.html")
        for name in ("drift_report", "summary_report", "classification_report")
    }
    gold = SimpleNamespace(path=f"{period.store.uri.removeprefix('file://')}/gold", metadata={})
    commit = period.lake.commit("gold/features", period.as_of)
    write_pointer(gold, {"features": commit} if commit else {})
    evidently.python_func(f"{period.as_of}", config, "run", champion, gold=gold, **out)
    return out


def test_the_task_hands_the_pages_to_the_pipeline(run_months, monkeypatch):
    period = at_month(run_months[0], date(2024, 2, 1))
    monkeypatch.setenv("CREDITRISK_STORE", period.store.uri)
    for artifact in run(period, "").values():
        assert "<h1" in Path(artifact.path).read_text("utf-8")
    record = json.loads(period.store.read("runs/run/evidently.json"))
    assert record["status"] == "ok"


def test_the_task_does_nothing_where_the_policy_wants_no_pages(tmp_path, monkeypatch):
    period = small_period(tmp_path, START, small_policy("monitoring: {reports: false}"))
    monkeypatch.setenv("CREDITRISK_STORE", period.store.uri)
    run(period, "")
    assert list(period.store.keys("months/")) == []
    assert list(period.store.keys("runs/")) == []


def test_evidently_tells_its_makers_nothing(pages):
    from evidently.telemetry import DO_NOT_TRACK_ENV

    assert os.environ[DO_NOT_TRACK_ENV] == "1"


def test_each_page_has_a_title_leads_back_to_its_month_and_stays_within_two_megabytes(pages):
    html = pages["drift"].html
    assert "<title>Have the applications moved? March 2024, by Evidently</title>" in html
    assert '<a href="../report.html"' in html
    assert max(len(page.html.encode()) for page in pages.values()) < 2_000_000


def test_columns_that_moved_are_red_and_the_others_green(pages):
    tables = [
        table["params"]
        for table in _tables(_scripts(pages["drift"].html))
        if table["type"] == "big_table"
    ]
    colours = {
        row["column_name"]: _colour(table["columns"])
        for table in tables
        for row in table["data"]
        if "data_drift" in row
    }
    drifted = values(pages["drift"], "ValueDrift")
    assert set(colours.values()) == {STATE_COLOURS["red"], STATE_COLOURS["green"]}
    for column, value in drifted.items():
        assert (colours[column] == STATE_COLOURS["red"]) is (value >= 0.1), column


def _scripts(html):
    packed = re.search(r'id="packed">([^<]+)<', html)[1]
    return json.loads(gzip.decompress(base64.b64decode(packed)))


def _tables(scripts):
    """Every widget of the page, however deep."""
    data = next(text for text in scripts if "    var " in text)
    widget = json.loads(re.search(r"^    var \w+ = (.*);$", data, re.MULTILINE)[1])
    found = [widget]
    for each in found:
        found += each.get("widgets") or []
    return found[1:]


def _colour(columns):
    return next(c["options"]["color"] for c in columns if c["field"] == "current_distribution")


@pytest.mark.parametrize(
    ("given", "short"),
    [
        ([0.10969194157, 0.31, 1.0], [0.1097, 0.31, 1.0]),
        ([1234567.891, 1234569.125], [1234567.891, 1234569.125]),  # a narrow span far from nothing
        ([20250101, 20250201], [20250101, 20250201]),
        ([0.123456789, 0.123456789], [0.1235, 0.1235]),
        ([None, float("inf"), 3.14159], [None, float("inf"), 3.142]),
        ([], []),
        ({"y": [1e-9, 3e-9], "z": 0.123456789}, {"y": [1e-9, 3e-9], "z": 0.123457}),
        ([True, "a", [0.5]], [True, "a", [0.5]]),
    ],
)
def test_a_figure_has_as_many_digits_as_can_be_seen(given, short):
    assert few_digits(given) == short
