"""What the store holds of a month, and the page and the ten lines drawn from it."""

import io
from datetime import date

import pytest
from plotly.offline import get_plotlyjs
from rich.console import Console

from creditrisk.cli.tables import how_run, side_by_side
from creditrisk.errors import UserError
from creditrisk.records.quality import save_report
from creditrisk.records.validation import validation_key
from creditrisk.reports.month_summary import month_summary, months
from creditrisk.reports.status import status, status_lines
from creditrisk.reports.write_report import report
from tests.builders import documents
from tests.builders.documents import made_champion, ran, record
from tests.builders.evidence import gate, quality_report, validation, window
from tests.builders.small_lender import small_period

FEBRUARY, AS_OF = date(2024, 2, 1), date(2024, 3, 1)
GATE = gate("decay", "red", reason="AUC 0.9 to 0.8")


@pytest.fixture
def period(tmp_path):
    return small_period(tmp_path, AS_OF)


def decided(period, month=AS_OF, **facts):
    documents.decided(period.store, month, **facts)


def judged(period, verdict, version="2024-03-retrain-1"):
    windows = [window(date(2023, 10, 1))] * 3
    gates = [GATE] if verdict == "fail" else []
    found = validation(version, verdict=verdict, windows=windows, gates=gates)
    period.store.write(validation_key(version), found.encode())


def test_the_decision_that_superseded_another_is_the_one_told(period):
    decided(period, n=1)
    decided(period, n=2, decision="watch")
    assert month_summary(period.store, AS_OF).decision == "watch"


def test_a_refused_challenger_is_told_as_refused_with_its_gates(period):
    decided(period, decision="retrain", action="retrain")
    judged(period, "fail")
    summary = month_summary(period.store, AS_OF)
    assert summary.outcome == "refused"
    assert summary.challenge.failed == (GATE,)
    assert summary.after == ""


def test_a_promoted_challenger_is_the_champion_the_month_ends_with(period):
    decided(period, decision="retrain", action="retrain", champion="old")
    judged(period, "pass")
    made_champion(period.store, "2024-03-retrain-1", AS_OF)
    summary = month_summary(period.store, AS_OF)
    assert summary.outcome == "promoted"
    assert summary.after == "2024-03-retrain-1"


def test_a_champion_that_a_later_month_made_is_not_the_one_the_month_ends_with(period):
    decided(period, decision="retrain", action="retrain", champion="old")
    judged(period, "pass")
    made_champion(period.store, "2024-03-retrain-1", date(2024, 4, 1))
    assert month_summary(period.store, AS_OF).after == "old"
    (then,) = months(period.store, upto=AS_OF)
    assert (then.outcome, month_summary(period.store, AS_OF).outcome) == ("passed", "promoted")


def test_a_challenger_that_was_made_by_hand_is_the_month_s(period):
    decided(period)
    judged(period, "fail")
    summary = month_summary(period.store, AS_OF)
    assert (summary.outcome, summary.challenge.version) == ("refused", "2024-03-retrain-1")


def test_months_that_were_only_backfilled_have_no_story(period):
    save_report(period.store, quality_report(date(2024, 1, 1)))
    decided(period)
    assert [summary.as_of for summary in months(period.store)] == [AS_OF]


@pytest.mark.parametrize(
    ("run_id", "text"), [("local-1", "kfp.local"), ("replay-2024-1", "backtest")]
)
def test_a_month_tells_how_it_was_run(period, run_id, text):
    decided(period)
    ran(period.store, AS_OF, run_id=run_id)
    assert how_run(month_summary(period.store, AS_OF)) == text


def test_two_policies_stand_side_by_side_and_months_they_decide_otherwise_are_marked(
    period, tmp_path
):
    other = small_period(tmp_path / "other", AS_OF)
    for month in (FEBRUARY, AS_OF):
        decided(period, month)
    decided(other, AS_OF, decision="retrain", action="retrain", triggers=["two_of_three"])
    ours, theirs = (list(months(one.store, upto=AS_OF)) for one in (other, period))
    table = side_by_side(ours, theirs, ("the other store", ""))
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(table)
    lines = [line.split() for line in console.export_text().splitlines() if line.strip()]
    assert lines[0] == ["month", "the", "other", "store", "this", "run"]
    assert lines[2] == ["2024-02", "keep"]
    assert lines[3] == ["2024-03", "retrain", "(two_of_three)", "keep", "differs"]


def test_the_page_stands_alone_and_says_what_was_decided_and_why(period):
    decided(period, decision="retrain", action="retrain", reasons=["two of three axes are red"])
    judged(period, "fail")
    ran(period.store, AS_OF, record("decide"))
    page = report(period)
    assert period.store.read(f"months/{AS_OF}/report.html").decode() == page
    assert "a challenger was refused" in page
    assert "two of three axes are red" in page
    assert "AUC 0.9 to 0.8" in page
    ours = page.replace(get_plotlyjs(), "")  # which names hosts of maps it never loads here
    assert ours.count("<link") == ours.count('<link rel="icon" href="data:') == 1
    assert "://" not in ours


def test_the_page_of_a_failed_month_says_which_task_failed_and_escapes_what_it_said(period):
    ran(period.store, AS_OF, record("etl", "failed", "loans.csv lacks <due>"), status="failed")
    page = report(period)
    assert "March 2024: the run failed" in page
    assert "loans.csv lacks &lt;due&gt;" in page


def test_the_status_is_ten_lines(period):
    decided(period)
    ran(period.store, AS_OF, record("decide"))
    lines = status_lines(status(period.store))
    assert len(lines) == 10
    assert lines["champion"] == "none yet"
    assert lines["why"] == "all is well"
    assert lines["audit"].startswith("0 records, BROKEN: the audit trail holds no record")


def test_the_status_never_shows_a_replaced_model_s_lights_as_the_champion_s(period):
    made_champion(period.store, "old", FEBRUARY)
    decided(period, champion="old", decision="retrain", action="retrain")
    assert "(of" not in status_lines(status(period.store))["axes"]
    made_champion(period.store, "new", AS_OF)
    lines = status_lines(status(period.store))
    assert lines["champion"].startswith("new")
    assert lines["axes"].endswith("(of old, champion no longer; new is not measured yet)")


def test_the_status_of_an_empty_store_says_how_to_start(period):
    with pytest.raises(UserError, match="start with creditrisk run"):
        status(period.store)
