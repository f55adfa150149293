"""What release 0.1.0 stored is read as it was written, marked, and stays decided."""

import json
import re
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

import creditrisk.cli
from creditrisk.errors import UserError
from creditrisk.records.audit import Trail
from creditrisk.records.champion_pointer import champion_at
from creditrisk.records.decision import newest_decision
from creditrisk.records.format import RELEASE, format_of, read_format
from creditrisk.records.format_migration import migrate, plan
from creditrisk.records.identity import Identity, Statement
from creditrisk.records.layout import FORMAT
from creditrisk.records.resolved import closed_period
from creditrisk.records.trail_check import verify
from creditrisk.reports.dashboard.reader import Reader
from creditrisk.reports.dashboard.static_page import static_page
from creditrisk.stages.decision.decide import decide
from creditrisk.storage import open_audit_store
from creditrisk.storage.file import FileStore
from tests.builders.old_store import ARCHIVE, CHAMPION, NEWEST, RECORDS, REFUSED, objects, unpacked
from tests.builders.small_lender import small_policy

AT = "2027-01-02T08:00:00.000+00:00"
ANN = Statement(Identity("ann", "self-asserted"), "the new release", AT)


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return unpacked(tmp_path)


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    """One store for those that only read it; it is as before when they have."""
    store = unpacked(tmp_path_factory.mktemp("old"))
    before = objects(store)
    yield store
    assert objects(store) == before


def text(store: FileStore, *words: str) -> str:
    """What a command prints, spaces squeezed."""
    done = CliRunner().invoke(creditrisk.cli.app, [*words, "--store", store.uri])
    assert done.exception is None, done.output
    return " ".join(done.output.split())


def test_the_archive_holds_relative_names_and_no_place_of_the_machine_that_made_it():
    with tarfile.open(ARCHIVE) as archive:
        for member in archive:
            assert re.match(r"(store|store-audit|landing)/[a-z]", member.name)
            assert (member.uid, member.gid, member.mtime) == (0, 0, 0)
            data = archive.extractfile(member).read()
            assert not re.search(rb"/(tmp|home|root|work|usr)/", data), member.name


def test_its_format_is_the_first_though_it_does_not_say_so(read):
    assert read_format(read) is None
    assert format_of(read) == 1
    assert "store: format 1, without format.json" in text(read, "store", "format")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("status",), ("2023-12", CHAMPION, "contain", "O/E 0.84", f"{RECORDS} records")),
        (("status",), ("policy-c5a965e217c16c83-cf98c751d3bae12e", "1 open")),
        (("audit", "verify"), (f"{RECORDS} records", "896e040ebcc2")),
        (("audit", "list"), ("promoted", "overridden", "lifted", "run_closed")),
        (("registry", "list"), (f"{CHAMPION} 2023-09-01 pass champion",)),
        (("registry", "list"), (f"{REFUSED} 2023-11-01 fail retired",)),
        (("registry", "show", CHAMPION), ("champion", "21 of 21", "validator")),
        (("registry", "uses", CHAMPION), ("2023-12-01", "200", "contain")),
        (("registry", "compare", CHAMPION, REFUSED), ("oot3_auc 0.826 0.823",)),
        (("lineage", "2023-12-01"), ("2023-12-01/0002", "2023-12-01.csv.gz ac9eaa036206")),
        (("lineage", CHAMPION), ("gold/features", "application_form")),
        (("lake", "verify"), ("140 commits", "2 model versions")),
        (("findings", "list"), ("F-0001 low", "F-0002 medium", "2026-11-29")),
        (("override", "list"), ("2023-11-01/0001 retrain instead of keep", "2023-12-01/0001")),
        (("contain", "list"), ("contained since 2023-12", "lifted")),
        (("alerts", "list"), ("2023-12 contain critical",)),
        (("features", "get", "--as-of", "2023-12-01"), ("2023-12-01 200 1 73f402064cd0",)),
        (("compliance", "2023-12-01"), ("approval by validator (self-asserted), findings",)),
    ],
    ids=lambda value: " ".join(value[:2]),
)
def test_it_is_told_by(read, words, expected):
    found = text(read, *words)
    assert [one for one in expected if one not in found] == []


def test_the_dashboard_shows_every_month_and_none_of_it_is_damaged(read):
    reading = Reader(read.uri).read()
    assert (reading.fault, reading.damaged, reading.audit.faults) == ("", (), ())
    shown = [(f"{one.as_of:%Y-%m}", one.decision, one.champion) for one in reading.summaries]
    assert shown == [
        ("2023-09", "retrain", ""),
        ("2023-10", "keep", CHAMPION),
        ("2023-11", "retrain", CHAMPION),
        ("2023-12", "contain", CHAMPION),
    ]
    assert {version.id for version in reading.versions} == {CHAMPION, REFUSED}
    assert len(reading.findings) > 500
    assert "December 2023" in static_page(reading)


def test_a_month_decided_in_it_stays_decided(store):
    before = objects(store)
    period = closed_period(store, NEWEST)
    decision = decide(period, champion_at(store, NEWEST) or "", at=AT)
    assert (decision.decision, decision.replayed, decision.branch) == ("contain", True, "none")
    assert objects(store) == before


def test_it_is_not_decided_otherwise_without_a_reason(store):
    period = closed_period(store, NEWEST)
    other = replace(period, policy=small_policy())
    with pytest.raises(
        UserError, match=r"is decided \(contain, .*on other .*policy; it stays decided"
    ):
        decide(other, CHAMPION, at=AT)
    assert newest_decision(store, NEWEST).n == 2


def test_to_migrate_it_is_to_mark_it(store):
    before, trail = objects(store), Trail(open_audit_store(store))
    assert [one.title for one in plan(store)] == ["write format.json"]
    migrate(store, trail, ANN)
    after = objects(store)
    marked = {key for key in after if before.get(key) != after[key] and store.uri + "/" in key}
    assert marked == {
        f"{store.uri}/{FORMAT}",
        f"{store.uri}/lease.json",
        f"{store.uri}/leases/store-migrate",
    }
    assert json.loads(store.read(FORMAT)) == {"format": 1, "release": RELEASE, "at": AT}
    assert trail.count() == RECORDS + 1
    assert verify(trail) == []
    assert plan(store) == []
