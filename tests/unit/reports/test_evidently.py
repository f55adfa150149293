"""Evidently's pages: the findings' numbers, seeded samples, and no column that costs a page."""

import json
import os
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
from creditrisk.reports.evidently.columns import set_aside
from creditrisk.reports.evidently.non_fatal import non_fatal
from creditrisk.stages.monitoring.component_evidently import evidently
from creditrisk.stages.monitoring.monitor import monitor
from creditrisk.stages.scoring.score import score
from tests.builders.small_lender import START, Scenario, fill, rewrite, small_period, small_policy
from tests.builders.trained_version import install
from tests.builders.versions import at_month

AS_OF = date(2024, 3, 1)
KINDS = {"income": "number", "home": "category"}
N = 300


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


def rng(seed=1):
    return np.random.default_rng(seed)


def rows(seed=1, **columns):
    base = {
        "income": rng(seed).lognormal(10, 1, N),
        "home": rng(seed).choice(["own", "rent"], N),
    }
    return pd.DataFrame(base | columns)


def drawn(current, reference, kinds=KINDS):
    """The summary of two frames, columns that cannot be drawn set aside."""
    from creditrisk.reports.evidently.evidently_reports import summary
    from creditrisk.reports.evidently.page import draw_page

    def draw(names):
        return summary(current, reference, {name: kinds[name] for name in names}, AS_OF)

    return draw_page("summary", draw, list(kinds), {}, set_aside(kinds, current, reference))


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


@pytest.mark.parametrize(
    ("column", "now", "then", "said"),
    [
        ("income", [None] * N, None, "without any value in the month"),
        ("income", [np.inf, *[1.0] * (N - 1)], None, "with 1 infinite values in the month"),
        ("income", None, [-np.inf] * N, f"with {N} infinite values in the reference"),
        ("income", ["x", *[1.0] * (N - 1)], None, "with 1 values that are no numbers in the month"),
        ("home", ["own", 3, *["rent"] * (N - 2)], None, "of mixed types (int, str) in the month"),
        ("home", None, [None] * N, "without any value in the reference"),
    ],
)  # fmt: skip
def test_a_column_nobody_can_draw_is_named_with_its_fault(column, now, then, said):
    current = rows(**({column: pd.Series(now, dtype=object)} if now else {}))
    reference = rows(2, **({column: pd.Series(then, dtype=object)} if then else {}))
    assert set_aside(KINDS, current, reference) == {column: said}


@pytest.mark.parametrize("side", ["month", "reference"])
def test_a_column_one_side_does_not_have_is_named(side):
    frames = {"month": rows(), "reference": rows(2)}
    del frames[side]["home"]
    assert set_aside(KINDS, *frames.values()) == {"home": f"absent in the {side}"}


def test_a_page_full_of_bad_columns_shows_the_others_and_names_the_bad():
    bad = {
        "empty": pd.Series([None] * N, dtype=object),
        "endless": np.full(N, np.inf),
        "mixed": pd.Series([1.0, *["x"] * (N - 1)], dtype=object),
    }
    kinds = KINDS | dict.fromkeys([*bad, "absent"], "number") | {"constant": "number"}
    page = drawn(rows(constant=1.0, **bad), rows(2, constant=1.0, absent=2.0, **bad), kinds)
    assert set(page.set_aside) == {*bad, "absent"}
    for name, why in page.set_aside.items():
        assert f"{name} is not shown: {why}" in page.html
    assert page.record()["set_aside"] == page.set_aside
    shown = {m["config"].get("column") for m in page.numbers["metrics"]} - {None}
    assert shown == {"income", "home", "constant"}


def test_a_column_that_makes_the_library_fail_is_found_and_left_out():
    from creditrisk.reports.evidently.evidently_reports import summary
    from creditrisk.reports.evidently.page import draw_page

    def draw(names):
        if "income" in names:
            raise ZeroDivisionError
        return summary(rows(), None, {name: KINDS[name] for name in names}, AS_OF)

    page = draw_page("summary", draw, list(KINDS), {}, {})
    assert page.set_aside == {"income": "Evidently: ZeroDivisionError"}
    assert page.drawn


def test_a_column_lost_in_the_delivery_costs_no_page(tmp_path):
    from creditrisk.stages.monitoring.evidently_month import draw_reports

    period = small_period(tmp_path, AS_OF)
    fill(period)
    version = install(period)
    rewrite(
        period, contracts.features(period.portfolio), [AS_OF], lambda f: f.assign(income=np.nan)
    )
    found = draw_reports(period, version)
    assert found["drift"].set_aside["income"] == "without any value in the month"
    assert "debt" in values(found["drift"], "ValueDrift")
    assert found["classification"].drawn


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
        for name in ("drift", "summary", "classification")
    }
    evidently.python_func(f"{period.as_of}", config, "run", champion, findings=None, **out)
    return out


def test_the_task_hands_the_pages_to_the_pipeline(run_months, monkeypatch):
    period = at_month(run_months[0], date(2024, 2, 1))
    monkeypatch.setenv("CREDITRISK_STORE", period.store.uri)
    for artifact in run(period, "").values():
        assert "<section" in Path(artifact.path).read_text("utf-8")
    record = json.loads(period.store.read("runs/run/evidently.json"))
    assert record["status"] == "ok"


def test_the_task_does_nothing_where_the_policy_wants_no_pages(tmp_path, monkeypatch):
    period = small_period(tmp_path, START, small_policy("monitoring: {reports: false}"))
    monkeypatch.setenv("CREDITRISK_STORE", period.store.uri)
    run(period, "")
    assert list(period.store.keys("months/")) == []
    assert list(period.store.keys("runs/")) == []


def test_a_failure_is_told_and_no_failure_of_the_month(tmp_path, capfd):
    period = small_period(tmp_path, START)
    with non_fatal(period):
        raise ImportError("no evidently here")
    key = f"months/{START}/evidently/failed.txt"
    assert period.store.read(key) == b"ImportError: no evidently here"
    assert "the month goes on without" in capfd.readouterr().err
    with non_fatal(period):
        pass
    assert list(period.store.keys("months/")) == []


def test_evidently_tells_its_makers_nothing(pages):
    from evidently.telemetry import DO_NOT_TRACK_ENV

    assert os.environ[DO_NOT_TRACK_ENV] == "1"
