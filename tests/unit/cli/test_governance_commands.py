"""What governance says to a person: of nothing, of what people wrote, of a trail that is gone."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from creditrisk.errors import GateError, UserError
from creditrisk.governance.compliance.report import report_month
from creditrisk.period import Period
from creditrisk.records.findings import open_finding
from creditrisk.records.identity import Identity, Statement
from creditrisk.records.store_check import heads
from creditrisk.storage import open_audit_store
from tests.builders.commands import run_here
from tests.builders.small_lender import small_period
from tests.builders.tampering import add, chain, forged, parsed
from tests.builders.versions import AT, with_version

APRIL = date(2024, 4, 1)


def printed(period: Period, *words: str) -> str:
    """What a command prints, in one line."""
    done = run_here(*words, "--store", period.store.uri)
    return " ".join(done.output.split())


@pytest.mark.parametrize(
    ("words", "nothing"),
    [
        (("override", "list"), "no override in file://"),
        (("contain", "list"), "nothing is contained in file://"),
        (("findings", "list"), "no validation finding in file://"),
        (("registry", "list"), "no model version in file://"),
        (("audit", "list"), "holds no record"),
        (("audit", "verify"), "holds no record"),
    ],
)
def test_a_list_of_nothing_says_so_and_an_empty_one_for_machines_is_empty(
    tmp_path: Path, words: tuple[str, ...], nothing: str
) -> None:
    period = small_period(tmp_path, APRIL)
    assert nothing in printed(period, *words)
    if "audit" not in words:
        assert printed(period, *words, "--json") == "[]"


def test_brackets_in_what_people_wrote_are_printed(tmp_path: Path) -> None:
    period, version = with_version(tmp_path, APRIL)
    found = Statement(Identity("vera", "self-asserted"), "[red]grades[/red] invert [F-1]", AT)
    open_finding(period, version, "low", "ann", None, found)
    assert "ann: [red]grades[/red] invert [F-1]" in printed(period, "findings", "list")


def test_a_trail_that_is_gone_does_not_verify(tmp_path: Path) -> None:
    period = small_period(tmp_path, APRIL)
    period.store.write(f"decisions/{APRIL}/0001.json", b"{}")
    with pytest.raises(GateError, match=r"holds no record, and .* has decided months: it is gone"):
        printed(period, "audit", "verify")


@pytest.fixture
def reported(tmp_path: Path) -> Period:
    """Seven records, and a month's report that names their head."""
    period = small_period(tmp_path, APRIL)
    for number in range(1, 8):
        add(period.trail, number, "noted")
    report_month(period)
    return period


def test_a_trail_rewritten_with_its_anchors_is_found_by_the_head_a_month_s_report_names(
    reported: Period,
) -> None:
    add(reported.trail, 8, "noted")
    assert heads(reported.store) == {7: parsed_trail(reported)[6].sha256}
    assert printed(reported, "audit", "verify").startswith("8 records, whole")
    rewrite(reported)
    with pytest.raises(GateError, match="record 7 was changed: it is not the one"):
        printed(reported, "audit", "verify")


def test_the_newest_record_s_own_anchor_does_not_outweigh_the_report_of_its_month(
    reported: Period,
) -> None:
    rewrite(reported)
    with pytest.raises(GateError, match="record 7 was changed: it is not the one"):
        printed(reported, "audit", "verify")


def parsed_trail(period: Period) -> list:
    kept = open_audit_store(period.store)
    return parsed({key: kept.read(key) for key in kept.keys("records/")})


def rewrite(period: Period) -> None:
    """Forge record 3, renumber and rehash the rest, and lay anchors that fit."""
    records = parsed_trail(period)
    records[2] = forged(records[2])
    kept = open_audit_store(period.store)
    shutil.rmtree(Path(kept.uri.removeprefix("file://")))
    for key, data in chain(records).items():
        kept.create(key, data)
        record = parsed({key: data})[0]
        anchor = {"count": record.sequence, "sha256": record.sha256}
        kept.create(key.replace("records/", "anchors/"), json.dumps(anchor).encode())


@pytest.mark.parametrize("subject", ["other", "2024-09-initial-0badcafe", "2024-13"])
def test_compliance_of_what_is_neither_a_month_nor_a_version_says_both(
    tmp_path: Path, subject: str
) -> None:
    with pytest.raises(UserError, match=f"no model version '{subject}' .* is not a month; write"):
        printed(small_period(tmp_path, APRIL), "compliance", subject)
