"""Evidently's pages: the findings' numbers, seeded samples, and what they rest on."""

import json
import os
from datetime import date

import pytest

from creditrisk import contracts
from creditrisk.reports.figures import STATE_COLOURS
from tests.builders.evidently_pages import colour_of, tables_of, values
from tests.builders.small_lender import small_policy
from tests.builders.versions import at_month

AS_OF = date(2024, 3, 1)


def test_the_drift_page_shows_the_psi_of_the_findings(drawn_month, pages):
    period, _ = drawn_month
    found = period.lake.read(contracts.FINDINGS, [AS_OF]).to_pandas()
    found = found[found.segment == "all"].set_index("metric")["value"]
    shown = values(pages["drift"], "ValueDrift")
    assert set(shown) >= {"income", "debt", "home", "visits_count", "visits_evidence", "pd"}
    for column, value in shown.items():
        metric = "score_psi" if column == "pd" else f"csi:{column}"
        assert value == pytest.approx(found[metric], abs=1e-12), column


def test_every_method_and_threshold_is_one_we_chose(drawn_month, pages):
    limits = drawn_month[0].policy.monitoring
    for metric in pages["drift"].numbers["metrics"]:
        config = metric["config"]
        if config["type"].endswith("ValueDrift"):
            assert config["method"] == f"psi on frozen bins: {config['column']}"
            assert config["threshold"] == limits.csi_amber
        else:
            assert config["drift_share"] == limits.csi_red_share


def test_the_classification_page_rests_on_matured_cohorts(drawn_month, pages):
    period, _ = drawn_month
    metrics = {
        m["config"]["type"].split(":")[-1]: m for m in pages["classification"].numbers["metrics"]
    }
    found = period.lake.read(contracts.FINDINGS, [AS_OF]).to_pandas().set_index("metric")
    assert metrics["RocAuc"]["value"] == pytest.approx(found.loc["auc", "value"], abs=1e-9)
    assert metrics["Precision"]["config"]["probas_threshold"] == period.policy.scoring.cutoff
    assert pages["classification"].rows["rows"] == "all 400 loans of 2023-12..2023-12"


@pytest.mark.parametrize("name", ["drift", "summary", "classification"])
def test_page_and_numbers_are_in_the_store_and_say_what_they_rest_on(drawn_month, pages, name):
    period, version = drawn_month
    html = period.store.read(f"months/{AS_OF}/evidently/{name}.html").decode()
    record = json.loads(period.store.read(f"months/{AS_OF}/evidently/{name}.json"))
    assert html == pages[name].html
    assert record["drawn"]
    assert record["rows"]["model"] == version
    assert version in html[: html.index("</section>")]
    assert "http://" not in html[: html.index("</section>")]


def test_the_reference_is_the_window_the_version_was_made_from(drawn_month, pages):
    model_months = "2023-09..2023-09"
    assert pages["drift"].rows["reference"] == f"all 400 applications of {model_months}"


def test_a_sample_is_seeded_and_recorded(drawn_month):
    from creditrisk.stages.monitoring.evidently_month import Material

    period, version = drawn_month
    small = at_month(period, AS_OF, small_policy("monitoring: {report_rows: 100}"))
    one, two = (Material(small, version).current for _ in range(2))
    assert one.rows.equals(two.rows)
    assert len(one.rows) == 100
    assert one.drawn == "100 of 400 applications of 2024-03, drawn by seed 20240901"


def test_evidently_tells_its_makers_nothing(pages):
    from evidently.telemetry import DO_NOT_TRACK_ENV

    assert os.environ[DO_NOT_TRACK_ENV] == "1"


def test_each_page_has_a_title_leads_back_to_its_month_and_stays_within_two_megabytes(pages):
    html = pages["drift"].html
    assert "<title>Have the applications moved? March 2024, by Evidently</title>" in html
    assert '<a href="../report.html"' in html
    assert max(len(page.html.encode()) for page in pages.values()) < 2_000_000


def test_columns_that_moved_are_red_and_the_others_green(pages):
    colours = {
        row["column_name"]: colour_of(table["columns"])
        for table in tables_of(pages["drift"].html)
        for row in table["data"]
        if "data_drift" in row
    }
    drifted = values(pages["drift"], "ValueDrift")
    assert set(colours.values()) == {STATE_COLOURS["red"], STATE_COLOURS["green"]}
    for column, value in drifted.items():
        assert (colours[column] == STATE_COLOURS["red"]) is (value >= 0.1), column
