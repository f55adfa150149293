"""A document that cannot be read is named in a line, and nothing else of a store disappears."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from shutil import copytree

import pytest
from typer.testing import CliRunner

from creditrisk.cli import app
from creditrisk.errors import GateError
from creditrisk.records.damage import Damage
from creditrisk.records.format import open_store
from creditrisk.reports.alerts.firing import firing
from creditrisk.reports.dashboard.metrics import exposition
from creditrisk.reports.dashboard.pages import PAGES, page
from creditrisk.reports.dashboard.reader import Reader
from creditrisk.reports.month_summary import months
from creditrisk.reports.status import status
from creditrisk.reports.write_report import report
from creditrisk.storage import AwayError
from creditrisk.store_view import StoreView
from tests.builders.populated_store import populated_store, version

MONTHS = ["2023-01", "2023-02", "2023-03"]
DOCUMENTS = (  # `*`: the version
    "registry/versions/*/card.json",
    "registry/versions/*/profile.json",
    "registry/versions/*/validation.json",
    "registry/champion.json",
    "registry/pending/x.json",
    "registry/approvals/*.json",
    "registry/findings/F-0001/opened.json",
    "registry/overrides/2023-03-01/0001/given.json",
    "escalations/E-2023-02.json",
    "containment/2023-02-01/0001.json",
    "decisions/2023-02-01/0001.json",
    "decisions/2023-03-01/0001.json",
    "months/2023-02-01/run.json",
    "months/2023-03-01/quality.json",
    "months/2023-02-01/compliance.json",
    "portfolios/*",
    "policies/*",
    "runs/late/etl.json",
)
VALUES = {"cut": b"{", "null": b"null", "list": b"[]", "object": b"{}", "letters": b"\xff\xfe"}
NO_FAULT = {("portfolios/*", "object")}  # a portfolio without a name, as any release reads it
AT = "2023-04-01T06:00:00.000+00:00"


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    """Three months of a small model, never changed."""
    return populated_store(tmp_path_factory.mktemp("three"), months=3, features=3)


@pytest.fixture
def store(three, tmp_path, monkeypatch):
    """A copy of them to spoil."""
    monkeypatch.delenv("CREDITRISK_ALERT_URLS", raising=False)
    there = Path(three.first.store.uri.removeprefix("file://"))
    for folder in (there, there.with_name(f"{there.name}-audit")):
        copytree(folder, tmp_path / folder.name)
    return open_store(f"{tmp_path / there.name}")


def spoil(store, three, name, data):
    """Put bytes in place of a document; returns its key."""
    if name.endswith("/*"):
        (key,) = store.keys(name.removesuffix("*"))
    else:
        key = name.replace("*", version(three, 0))
    store.write(key, data)
    return key


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("value", VALUES)
def test_a_reading_has_the_rest_and_names_it(three, store, name, value):
    key = spoil(store, three, name, VALUES[value])
    reading = Reader(store.uri).read()
    assert not reading.fault
    assert [f"{month:%Y-%m}" for month in reading.months] == MONTHS
    assert [found.id for found in reading.versions] == [version(three, 0)]
    named = [*reading.damaged, *reading.audit.faults]
    assert (name, value) in NO_FAULT or any(key in text for text in named), named


@pytest.mark.parametrize("name", DOCUMENTS)
def test_status_alerts_and_tables_show_the_rest(three, store, name):
    spoil(store, three, name, b"{")
    assert f"{status(store).month:%Y-%m}" == MONTHS[-1]
    assert [f"{one.as_of:%Y-%m}" for one in months(store)] == MONTHS
    assert StoreView(store).findings().num_rows
    assert firing(replace(three.month(2), store=store), AT) is not None


@pytest.mark.parametrize(
    "names", [DOCUMENTS[:1], DOCUMENTS[1:2], DOCUMENTS[2:3], DOCUMENTS], ids=lambda n: n[-1]
)
def test_every_page_is_drawn(three, store, names):
    for name in names:
        spoil(store, three, name, b"{")
    reading = Reader(store.uri).read()
    for one in (*PAGES, "month/2023-03"):
        drawn = page(reading, one)
        assert len(drawn.sections) > 1
        assert drawn.sections[0].blocks[0].text == reading.damaged[0]
    assert exposition(reading)


def test_the_newest_reading_still_names_what_the_first_one_did(three, store):
    key = spoil(store, three, "months/2023-02-01/run.json", b"{")
    reader = Reader(store.uri)
    reader.read()
    store.write("months/2023-03-01/other.html", b"")
    assert any(key in text for text in reader.read().damaged)


def test_an_alert_names_what_cannot_be_read(three, store):
    key = spoil(store, three, "decisions/2023-03-01/0001.json", b"{")
    (alert,) = firing(replace(three.month(2), store=store), AT)
    assert (alert.event, alert.subject, alert.title) == (
        "failed", "damaged", "small-lender 2023-03: documents cannot be read"
    )  # fmt: skip
    assert key in alert.lines[0]


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("status",), "months/2023-03-01/run.json"),
        (("status",), "registry/champion.json"),
        (("registry", "list"), "registry/versions/*/card.json"),
        (("registry", "list"), "registry/versions/*/validation.json"),
        (("findings", "list"), "registry/findings/F-0001/opened.json"),
        (("override", "list"), "registry/overrides/2023-03-01/0001/given.json"),
        (("contain", "list"), "containment/2023-02-01/0001.json"),
        (("alerts", "list"), "alerts/2023-03-01/failed.json"),
    ],
)
def test_a_command_that_lists_prints_the_rest_and_ends_with_3(three, store, words, name):
    key = spoil(store, three, name, b"{")
    for json in ((), ("--json",)):
        done = CliRunner().invoke(app, [*words, *json, "--store", store.uri])
        assert isinstance(done.exception, GateError)
        assert key in str(done.exception)
        assert done.stdout


def test_a_decision_that_cannot_be_read_is_not_called_a_failed_run(three, store):
    spoil(store, three, "decisions/2023-03-01/0001.json", b"{")
    newest = Reader(store.uri).read().newest
    assert (newest.decision, newest.run.status) == ("unreadable", "ok")
    assert status(store).decision == "unreadable"


def test_a_table_of_decisions_leaves_it_out_with_a_warning(three, store):
    key = spoil(store, three, "decisions/2023-02-01/0001.json", b"{")
    with pytest.warns(UserWarning, match=key):
        found = StoreView(store).decisions()
    assert found["as_of"].to_pylist() == [date(2023, 1, 1), date(2023, 3, 1)]
    with pytest.raises(GateError, match=key):
        StoreView(store).decisions("2023-02")


def test_the_page_of_a_month_is_drawn_though_the_champions_card_cannot_be_read(three, store):
    key = spoil(store, three, "registry/versions/*/card.json", b"{")
    drawn = report(replace(three.month(2), store=store))
    assert key in drawn
    assert "March 2023" in drawn


def test_a_server_that_is_away_is_no_damage():
    def away():
        raise AwayError("s3://store does not answer")

    with pytest.raises(AwayError):
        Damage().read("registry/champion.json", away, None)
