"""Validation findings: who closes what until when, and what is overdue."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from creditrisk.errors import UserError
from creditrisk.records.findings import close_finding, open_finding, read_validation_findings
from creditrisk.records.identity import Identity, Statement
from creditrisk.records.trail_check import verify
from creditrisk.reports.status import _findings, _open_findings
from tests.builders.small_lender import small_period
from tests.builders.versions import with_version

APRIL = date(2024, 4, 1)
AT = "2024-04-02T08:00:00+00:00"


def statement(text: str, at: str = AT) -> Statement:
    return Statement(Identity("vera", "self-asserted"), text, at)


@pytest.fixture
def lender(tmp_path):
    return with_version(tmp_path, APRIL)


@pytest.mark.parametrize(
    ("severity", "due"), [("high", "2024-05-02"), ("medium", "2024-07-01"), ("low", "2024-09-29")]
)
def test_a_finding_is_due_when_the_policy_says(lender, severity, due):
    period, version = lender
    found = open_finding(
        period, version, severity, "ann", None, statement("no test of collinearity")
    )
    assert (found.id, found.due, found.by) == ("F-0001", due, "vera")
    assert read_validation_findings(period.store) == [found]
    assert found.overdue(date.fromisoformat(due)) is False
    assert found.overdue(date(2025, 1, 1)) is True


def test_a_closed_finding_keeps_what_was_done_and_is_never_overdue(lender):
    period, version = lender
    open_finding(period, version, "high", "ann", date(2024, 4, 10), statement("grades invert"))
    close_finding(period, "F-0001", statement("two grades merged", "2024-04-20T08:00:00+00:00"))
    (found,) = read_validation_findings(period.store)
    assert (found.closed, found.resolution) == ("2024-04-20", "two grades merged")
    assert not found.overdue(date(2030, 1, 1))
    assert [r.event for r in period.trail.records()][-2:] == ["finding_opened", "finding_closed"]
    with pytest.raises(UserError, match="no open finding F-0001"):
        close_finding(period, "F-0001", statement("again"))


def test_high_ones_that_are_overdue_show_in_the_status(lender):
    period, version = lender
    assert _findings(_open_findings(period.store)) == "none open"
    open_finding(period, version, "high", "ann", date(2024, 4, 10), statement("grades invert"))
    open_finding(period, version, "low", "ann", date(2024, 4, 10), statement("a typing error"))
    assert _findings(_open_findings(period.store)) == "2 open, high and overdue: F-0001"


def test_a_finding_needs_a_version_an_owner_and_a_text(lender):
    period, version = lender
    with pytest.raises(UserError, match="holds no model version"):
        open_finding(period, "other", "low", "ann", None, statement("text"))
    with pytest.raises(UserError, match="needs an owner"):
        open_finding(period, version, "low", " ", None, statement("text"))
    with pytest.raises(UserError, match="say why"):
        open_finding(period, version, "low", "ann", None, statement(" "))
    with pytest.raises(UserError, match="2024-04-01 is over"):
        open_finding(period, version, "low", "ann", date(2024, 4, 1), statement("text"))
    assert read_validation_findings(period.store) == []


def test_people_who_open_findings_at_once_get_numbers_of_their_own(lender, tmp_path):
    period, version = lender

    def work(number: int) -> str:
        own = small_period(tmp_path, APRIL)
        return open_finding(own, version, "low", "ann", None, statement(f"{number}")).id

    with ThreadPoolExecutor(6) as pool:
        ids = list(pool.map(work, range(6)))
    assert sorted(ids) == [f"F-{n:04d}" for n in range(1, 7)]
    assert {one.text for one in read_validation_findings(period.store)} == {
        f"{n}" for n in range(6)
    }
    assert verify(period.trail) == []
