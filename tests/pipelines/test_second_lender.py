"""Another lender's whole life cycle from a description: no panel, no events, rare and late bads."""

import json
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from creditrisk import contracts
from creditrisk.lake import Lake
from creditrisk.model.version import load_version
from creditrisk.period import freeze
from creditrisk.policy import load_policy
from creditrisk.portfolio import Portfolio, parse_portfolio
from creditrisk.records.audit import Trail
from creditrisk.records.champion_pointer import current_champion
from creditrisk.records.run import RunRecord
from creditrisk.records.trail_check import verify
from creditrisk.reports.month_summary import MonthSummary, months
from creditrisk.reports.status import status, status_lines
from creditrisk.storage import Store, open_audit_store, open_store
from pipelines.local.in_process import replay
from tools.sme_lender import START, Sme

FOLDER = Path(__file__).parents[1] / "portfolios"
DESCRIPTION = (FOLDER / "sme.yaml").read_text("utf-8")
EXCLUDED = DESCRIPTION.replace("FinalTerm: {", "FinalTerm: {excluded: true, ")
WAITS, LEAKS, FIRST = date(2000, 2, 1), date(2000, 3, 1), date(2000, 4, 1)
LAST = date(2000, 7, 1)
MONTHS = 31  # from START to LAST


@dataclass(frozen=True)
class PopulatedStore:
    """What is left of the months, and the records of each."""

    store: Store
    portfolio: Portfolio
    records: dict[date, list[RunRecord]]

    def story(self, month: date) -> MonthSummary:
        return next(story for story in months(self.store) if story.as_of == month)

    def table(self, contract: contracts.Contract, *of: date):
        lake = Lake(self.store)
        return lake.read(contract, of or lake.months(contract.table)).to_pandas()

    def quality(self, month: date) -> list[dict]:
        return json.loads(self.store.read(f"months/{month}/quality.json"))["checks"]


@pytest.fixture(scope="module")
def lender(tmp_path_factory) -> PopulatedStore:
    """Two months with the final term in the description, then four without it."""
    root = tmp_path_factory.mktemp("sme")
    Sme(MONTHS).deliver(root / "landing")
    store = open_store((root / "store").as_uri())
    policy = load_policy(FOLDER / "sme_policy.yaml")
    records: dict[date, list[RunRecord]] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CREDITRISK_STORE", store.uri)
        for text, start, end in ((DESCRIPTION, WAITS, LEAKS), (EXCLUDED, FIRST, LAST)):
            portfolio = parse_portfolio(text, "sme.yaml")
            config = freeze(store, policy, portfolio)
            replay(store, str(root / "landing"), config, start, end, records.__setitem__)
    return PopulatedStore(store, portfolio, records)


def test_the_first_model_waits_until_rare_bads_fill_three_windows(
    lender: PopulatedStore,
) -> None:
    story = lender.story(WAITS)
    assert (story.decision, story.action) == ("wait", "none")
    assert re.search(r"holds \d+ bads, development.oot_min_bads asks for 100", story.reasons[0])
    assert [record.status for record in lender.records[WAITS]] == ["ok"] * 5


def test_a_column_known_only_after_the_outcome_stops_the_training_by_name(
    lender: PopulatedStore,
) -> None:
    train = lender.records[LEAKS][-1]
    assert (train.task, train.status, train.exit_code) == ("train", "blocked", 3)
    assert "sources.applications.columns.FinalTerm" in train.error
    assert "excluded: true" in train.error
    assert current_champion(lender.store) != ""
    assert not [key for key in lender.store.keys("registry/versions/") if "/2000-03-" in key]


def test_without_it_the_first_champion_is_trained_judged_and_promoted(
    lender: PopulatedStore,
) -> None:
    story = lender.story(FIRST)
    assert (story.decision, story.action, story.outcome) == ("retrain", "initial", "promoted")
    assert [r.task for r in lender.records[FIRST]][-5:] == [
        "train",
        "validate",
        "refit",
        "promote",
        "rescore",
    ]
    assert all(len(window.cohorts) > 1 for window in story.challenge.windows), "widened"
    assert all(window.bads >= 100 for window in story.challenge.windows)
    assert all(0.70 < auc < 0.90 for auc in story.challenge.aucs)


def test_the_card_says_what_bad_means_to_this_lender(lender: PopulatedStore) -> None:
    card = load_version(lender.store, current_champion(lender.store)).card_markdown
    assert "sme-term-loans, the probability of being bad: a default within 12 months" in card
    assert "instalment" not in card
    assert "Left out as protected: womanowned" in card


def test_every_application_gets_a_pd_and_reasons_in_the_words_of_the_description(
    lender: PopulatedStore,
) -> None:
    scores = lender.table(contracts.SCORES, LAST)
    applications = lender.table(contracts.features(lender.portfolio), LAST)
    assert sorted(scores.application_id) == sorted(applications.application_id)
    assert applications.customer_id.nunique() < len(applications), "several loans per customer"
    assert scores.pd.between(0, 1).all()
    assert 0.03 < scores.pd.mean() < 0.12
    found = set(scores.filter(like="reason_").stack())
    texts = {feature.text for feature in lender.portfolio.features if not feature.protected}
    assert {reason.rpartition(": ")[0] for reason in found} <= texts
    assert "earnings relative to debt service: low" in found


def test_three_axes_are_measured_on_late_outcomes_and_the_model_is_kept(
    lender: PopulatedStore,
) -> None:
    story = lender.story(LAST)
    assert story.decision in ("keep", "watch")
    assert story.action == "none"
    assert "insufficient" not in story.states.values()
    findings = lender.table(contracts.FINDINGS, LAST)
    axis = findings[findings.metric == "axis:discrimination"].iloc[0]
    assert axis.cohort.endswith("..1999-06"), "twelve months on book and one of reporting"
    assert axis.bads >= 100
    rates = findings.set_index("metric").value
    assert 0.03 < rates["bad_rate_mob12"] < 0.09
    assert 0.01 < rates["bad_rate_mob6"] < rates["bad_rate_mob12"]


def test_pages_status_and_audit_trail_are_those_of_any_lender(lender: PopulatedStore) -> None:
    page = lender.store.read(f"months/{LAST}/report.html").decode()
    assert "July 2000" in page
    assert "sme-term-loans" in page
    assert "<td>1998-10, 1998-11</td>" in page, "a window of two months, told as months"
    assert not re.search(
        r"(?<!missed_)instalment|dpd|clickstream",
        re.sub(r"<script>.*?</script>|<tr><td>outcome\..*?</tr>", "", page, flags=re.S),
    ), "but for what the policy says of its own keys"
    assert status_lines(status(lender.store))["audit"].endswith("verified")
    assert verify(Trail(open_audit_store(lender.store))) == []


def test_dirt_is_counted_and_what_is_natural_here_is_no_warning(lender: PopulatedStore) -> None:
    checks = [check for number in range(18, 31) for check in lender.quality(add(number))]
    found = {(check["column"], check["rule"]) for check in checks}
    assert {
        ("default_date", "before the start"),
        ("default_date", "after its delivery"),
        ("default_date", "unreadable"),
        ("industry", "stripped"),
        ("lowdoc", "respelt"),
        ("snapshot_date", "moved"),
    } <= found
    # of a column; that the description has changed since is a warning of every month before
    assert [c["text"] for c in checks if c["column"] and c["severity"] != "info"] == []


def test_no_code_knows_this_lender() -> None:
    package = Path(contracts.__file__).parents[1]
    names = "LoanNr|FinalTerm|ChargeOffDate|DisbursementDate|WomanOwned|sme"
    found = [p for p in package.rglob("*.py") if re.search(rf"\b({names})\b", p.read_text("utf-8"))]
    assert found == []


def add(number: int) -> date:
    from creditrisk.calendar_month import add_months

    return add_months(START, number)
