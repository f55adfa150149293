"""A month does not fail by Evidently: a page that is not drawn says why."""

import json
import shutil
import sys
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from creditrisk import contracts
from creditrisk.errors import UserError
from creditrisk.lake import Lake
from creditrisk.stages.monitoring.evidently_month import Material, draw_reports
from creditrisk.storage import open_store
from tests.builders.evidently_pages import values
from tests.builders.small_lender import fill, rewrite, small_period
from tests.builders.trained_version import install
from tests.builders.versions import at_month

AS_OF = date(2024, 3, 1)


@pytest.fixture
def copied(drawn_month, tmp_path):
    """The month in a store of its own, for a test that draws it badly."""
    period, version = drawn_month
    shutil.copytree(period.store.uri.removeprefix("file://"), tmp_path / "store")
    return replace(period, store=open_store((tmp_path / "store").as_uri())), version


def test_a_column_lost_in_the_delivery_costs_no_page(tmp_path):
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
    monkeypatch.setitem(sys.modules, "creditrisk.reports.evidently.evidently_reports", None)
    monkeypatch.delattr("creditrisk.reports.evidently.evidently_reports", raising=False)
    found = draw_reports(*copied)
    assert {"ModuleNotFoundError" in page.why_not for page in found.values()} == {True}


def test_without_a_champion_there_is_a_summary_and_the_rest_says_why_not(drawn_month):
    period = at_month(drawn_month[0], date(2024, 1, 1))
    found = draw_reports(period, "")
    assert found["summary"].drawn
    shown = set(values(found["summary"], "MissingValueCount"))
    assert "income" in shown
    assert "age" not in shown  # protected
    for name in ("drift", "classification"):
        assert found[name].why_not == "there is no champion yet"
        assert "not drawn: there is no champion yet" in found[name].html


def test_what_cannot_be_drawn_on_says_why(drawn_month, monkeypatch):
    period, version = drawn_month
    with pytest.raises(UserError, match="no cohort after 2023-09 has matured with bads and goods"):
        _ = Material(at_month(period, date(2023, 10, 1)), version).matured
    manifest = Lake.manifest
    monkeypatch.setattr(
        Lake, "manifest", lambda lake, key: manifest(lake, "gone" if "/2023-09-01/" in key else key)
    )
    with pytest.raises(UserError, match="gone, which the version was made from, is gone"):
        _ = Material(at_month(period, AS_OF), version).reference
