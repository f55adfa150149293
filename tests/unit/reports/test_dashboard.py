"""What the dashboard reads of a store, and what it tells machines; no browser."""

import json
import re
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from creditrisk.cli import app
from creditrisk.errors import UserError
from creditrisk.lake import Lake
from creditrisk.reports.dashboard.app import build_app
from creditrisk.reports.dashboard.blocks import Badge, Card, Cards
from creditrisk.reports.dashboard.pages import PAGES, page
from creditrisk.reports.dashboard.reader import Reader
from creditrisk.reports.dashboard.stability import distribution, distribution_text
from creditrisk.reports.dashboard.static_page import static_page, static_ranges
from creditrisk.reports.dashboard.stored_objects import media_type
from creditrisk.reports.dashboard.watch import Watch
from tests.builders.month_findings import START, feature
from tests.builders.populated_store import PopulatedStore, populated_store, run_month
from tests.builders.small_lender import small_period


@pytest.fixture
def young(tmp_path) -> PopulatedStore:
    """Three months of a small model."""
    return populated_store(tmp_path, months=3, features=3)


def folder(summary: PopulatedStore) -> Path:
    return Path(summary.first.store.uri.removeprefix("file://"))


def block(drawn, kind):
    """The first block of a kind on a page."""
    blocks = (found for section in drawn.sections for found in section.blocks)
    return next(found for found in blocks if type(found).__name__ == kind)


def test_nothing_is_read_twice_and_what_lands_is_noticed(young, monkeypatch):
    reader = Reader(young.first.store.uri)
    first = reader.read()
    assert reader.read() is first
    opened = []
    read_commits = Lake.read_commits
    monkeypatch.setattr(
        Lake, "read_commits", lambda *args: opened.extend(args[2]) or read_commits(*args)
    )
    run_month(young, 3)
    assert [f"{m:%Y-%m}" for m in reader.read().months] == [
        "2023-01",
        "2023-02",
        "2023-03",
        "2023-04",
    ]
    assert {commit.month for commit in opened} == {"2023-04-01"}


def test_the_distributions_of_a_cell_are_the_findings_and_the_frozen_profile(young):
    reading = Reader(young.first.store.uri).read()
    explorer = block(page(reading, "stability"), "Explorer")
    then, now = explorer.both(feature(1), "2023-03-01")
    rows = reading.findings[reading.findings.month.astype(str) == "2023-03-01"]
    rows = rows[rows.metric == f"share:{feature(1)}"]
    assert list(rows.value) == list(now)
    assert list(rows.segment) == list(then.labels)
    assert sum(then.shares) == pytest.approx(1)
    figure = distribution(explorer, feature(1), "2023-03-01")
    assert [bars.name for bars in figure.data] == ["reference", "2023-03"]
    assert distribution_text(explorer, "rent", "2023-03-01") == "rent was not compared in 2023-03."


def test_a_page_of_an_earlier_month_knows_nothing_of_later_ones(young):
    first = Reader(young.first.store.uri, upto=START).read()
    assert first.months == [START]
    assert first.findings.month.max() == START


def test_a_broken_trail_is_named_with_its_fault(young):
    record = folder(young).with_name("store-audit") / "records/0000000002.json"
    record.write_text(record.read_text().replace("pipeline", "somebody"))
    reading = Reader(young.first.store.uri).read()
    governance = page(reading, "governance")
    card = block(governance, "Cards").cards[0]
    assert (card.value, card.badge) == ("Broken", "broken")
    assert "record 2 was changed" in card.note


@pytest.mark.parametrize("text", ["{", "null", "[]", "5", "[" * 100_000], ids=lambda t: t[:9])
def test_a_decision_that_cannot_be_read_is_named_and_hides_no_other_month(young, text):
    (folder(young) / "decisions/2023-02-01/0001.json").write_text(text)
    reading = Reader(young.first.store.uri).read()
    assert [f"{month:%Y-%m}" for month in reading.months] == ["2023-01", "2023-02", "2023-03"]
    assert reading.of("2023-02").decision == "unreadable"
    assert "decisions/2023-02-01/0001.json" in block(page(reading, "overview"), "Notice").text


def test_a_store_that_goes_away_leaves_what_was_read_and_says_so(young):
    reader = Reader(young.first.store.uri)
    before = reader.read()
    folder(young).rename(folder(young).with_name("elsewhere"))
    after = reader.read()
    assert after.months == before.months
    assert "Shown is what was read before" in block(page(after, "overview"), "Notice").text


def test_states_are_words_wherever_they_are_shown(young):
    reading = Reader(young.first.store.uri).read()
    for name in PAGES:
        for section in page(reading, name).sections:
            for found in section.blocks:
                if isinstance(found, Cards):
                    assert all(isinstance(card, Card) and card.value for card in found.cards)
    table = block(page(reading, "overview"), "Chart").table
    lights = [cell for row in table.rows for cell in row if isinstance(cell, Badge)]
    assert {badge.state for badge in lights} == {"green", "none"}


def test_metrics_tell_the_newest_month_to_prometheus(young):
    client = build_app(Watch(young.first.store.uri, 60)).server.test_client()
    answer = client.get("/metrics")
    assert answer.content_type.startswith("text/plain; version=")
    text = dict(line.rsplit(" ", 1) for line in answer.text.splitlines() if line[0] != "#")
    assert text["creditrisk_last_month_timestamp_seconds"] == "1.677628" + "8e+09"
    assert text['creditrisk_axis_state{axis="stability",creditrisk_axis_state="green"}'] == "1.0"
    assert text['creditrisk_decision{creditrisk_decision="keep"}'] == "1.0"
    assert text['creditrisk_months_closed{status="ok"}'] == "3.0"
    assert text["creditrisk_audit_verified"] == "1.0"
    assert text["creditrisk_pending_approvals"] == "0.0"
    assert text["creditrisk_run_failed"] == "0.0"
    assert text["creditrisk_champion_age_months"] == "2.0"
    assert text['creditrisk_task_seconds{task="decide"}'] == "4.5"
    assert text['creditrisk_finding{metric="applications"}'] == "1024.0"
    assert not [name for name in text if "csi:" in name or "vintage:" in name]


def test_health_is_the_stores_and_answers_carry_no_foreign_host(young, tmp_path):
    client = build_app(Watch(young.first.store.uri, 60)).server.test_client()
    well = client.get("/healthz")
    assert (well.status_code, well.json["month"]) == (200, "2023-03-01")
    assert "default-src 'self'" in well.headers["Content-Security-Policy"]
    ill = build_app(Watch(f"{tmp_path}/nowhere", 60)).server.test_client().get("/healthz")
    assert ill.status_code == 503
    assert "there is no store" in ill.json["fault"]


def test_only_reports_are_handed_out_of_the_store(young):
    client = build_app(Watch(young.first.store.uri, 60)).server.test_client()
    assert b"March 2023" in client.get("/months/2023-03-01/quality.html").data
    assert client.get("/months/2023-03-01/quality.json").content_type == "application/json"
    for key in ("months/2023-03-01/run.json", "months/../configs/x.json", "registry/champion.json"):
        assert client.get(f"/{key}").status_code == 404
    assert media_type("registry/versions/../../policies/validation.html") == ""


def test_the_static_page_links_from_where_it_lies_and_carries_no_markup_of_the_data(young):
    record = folder(young) / "decisions/2023-03-01/0001.json"
    body = json.loads(record.read_text()) | {"reasons": ["</script><b>bold</b>"]}
    record.write_text(json.dumps(body))
    reading = Reader(young.first.store.uri).read()
    there = static_page(reading, "months/2023-03-01")
    assert '<a href="quality.html">report</a>' in there
    assert '<a href="../2023-02-01/quality.html">report</a>' in there
    assert "<b>bold" not in there
    assert "quality.html</td>" in static_page(reading)


@pytest.mark.parametrize(
    ("store", "text"), [("nowhere", "there is no store at"), ("store", "holds no month yet")]
)
def test_a_static_page_of_nothing_is_an_error_of_one_line(tmp_path, store, text):
    small_period(tmp_path, START)
    arguments = ["dashboard", "--store", f"{tmp_path / store}", "--static", f"{tmp_path}/p.html"]
    result = CliRunner().invoke(app, arguments)
    assert isinstance(result.exception, UserError)
    assert text in f"{result.exception}"
    assert not (tmp_path / "p.html").exists()


def test_a_stored_page_leads_to_the_pages_of_the_months_before_and_to_no_other(young):
    for month in ("2023-01-01", "2023-03-01"):
        (folder(young) / "months" / month / "report.html").write_text("a page")
    reading = Reader(young.first.store.uri).read()
    page = static_page(reading, "months/2023-03-01")
    picker = page.partition('class="pick"')[2].partition("</details>")[0]
    assert re.findall('href="([^"]*)"', picker) == ["report.html", "../2023-01-01/report.html"]
    assert 'href="../2023-02-01/report.html"' not in page
    early = static_page(reading.upto(date(2023, 2, 1)), "months/2023-02-01")
    assert "2023-03-01/report.html" not in early


def test_a_file_that_lies_nowhere_holds_every_month_it_leads_to(young):
    page = static_page(Reader(young.first.store.uri).read())
    picker = page.partition('class="pick"')[2].partition("</details>")[0]
    led = re.findall('href="#([^"]*)"', picker)
    assert led == ["month-2023-03", "month-2023-02", "month-2023-01"]
    assert all(f'<article class="story month" id="{month}"' in page for month in led)
    assert set(re.findall('href="#(month-[^"]*)"', page)) == set(led)


@pytest.mark.parametrize(
    ("drawn", "names"),
    [(12, []), (13, ["12", "all"]), (24, ["12", "24"]), (60, ["12", "24", "all"])],
)
def test_a_stored_page_offers_no_range_that_shows_what_it_does_not_hold(drawn, names):
    assert list(static_ranges(drawn)) == names
