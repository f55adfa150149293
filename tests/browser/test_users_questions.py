"""Twenty-five questions of five kinds of users, each answered within three clicks of the overview.

On the run that comes with the package. What must then stand on the page is worded here, around
numbers that the store's tables and documents give. Every answer is looked for at 1440 and at 390
pixels, in light and in dark; the clicks are made in these four in turn.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle, product
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

import creditrisk
from creditrisk.calendar_month import add_months, parse_month
from creditrisk.governance.compliance import report as compliance
from creditrisk.policy import Policy
from creditrisk.quality.page import write_page
from creditrisk.records.compliance import month_key, read_month_report
from creditrisk.records.config import read_policy
from creditrisk.records.quality import load_report
from creditrisk.records.run import run_records
from creditrisk.records.validation import Validation, read_validation, validation_page_key
from creditrisk.reports.card_page import write_card_page
from creditrisk.stages.validation import report_page
from creditrisk.storage import Store
from creditrisk.synthetic.stored_run import unpack
from tools.viewer import served

Click = Callable[[Page], None]
SCREENS = tuple(product((1440, 390), ("light", "dark")))
CHANGED = parse_month("2025-08", "month")  # the model was replaced


@dataclass(frozen=True)
class Question:
    """`clicks`: three at most; `answers`: what stands there then, from the store."""

    user: str
    asks: str
    clicks: tuple[Click, ...]
    answers: tuple[str, ...]


class Facts:
    """What the store's tables and documents say, read without a page."""

    def __init__(self, store: Store) -> None:
        self.store, self.view = store, creditrisk.open(store.uri)
        self.newest = self.view.months()[-1]
        decisions = self.view.decisions().to_pandas().set_index("as_of")
        self.decided, self.latest = decisions.loc[CHANGED], decisions.loc[self.newest]
        self.tenure = self.view.champion().to_pylist()[0]
        self.policy: Policy = read_policy(store, self.decided.policy)
        validation = read_validation(store, self.tenure["version"])
        assert validation
        self.validation: Validation = validation

    def finding(self, metric: str, month=None) -> pd.Series:
        """A metric on the whole book."""
        rows = self.view.findings(month or self.newest).to_pandas()
        [found] = rows[(rows.metric == metric) & (rows.segment == "all")].to_dict("records")
        return pd.Series(found)

    def worst_segment(self, metric: str) -> pd.Series:
        rows = self.view.findings(self.newest).to_pandas()
        rows = rows[(rows.metric == metric) & (rows.segment != "all") & rows.value.notna()]
        rows = rows[~rows.segment.str.startswith("cohort=")]
        return rows.sort_values(["value", "segment"]).iloc[0]

    def most_moved(self) -> pd.Series:
        rows = self.view.findings(CHANGED).to_pandas()
        rows = rows[rows.metric.str.startswith("csi:")]
        return rows.loc[rows.value.idxmax()]


def tab(name: str) -> Click:
    pages = "nav[aria-label=Pages]"
    return lambda page: page.locator(pages).get_by_role("link", name=name).click()


def link(name: str) -> Click:
    """A page of the store that belongs to what is shown."""
    near = ".links, .panel"
    return lambda page: page.locator(near).get_by_role("link", name=name).first.click()


def opened(text: str) -> Click:
    """What is folded."""
    return lambda page: page.locator("summary", has_text=text).first.click()


def chosen(label: str, value: str) -> Click:
    def click(page: Page) -> None:
        page.get_by_role("combobox", name=label).fill(value)
        page.keyboard.press("Enter")

    return click


def found(application: str) -> Click:
    def click(page: Page) -> None:
        page.fill("#application", application)
        page.get_by_role("button", name="Find").click()

    return click


PICKER: Click = lambda page: page.locator(".pick summary").click()  # noqa: E731 - one click
CHOICE: Click = lambda page: page.locator(".pick").get_by_role("link", name="August 2025").click()  # noqa: E731 - one click
AUGUST = (PICKER, CHOICE)


def risk_officer(facts: Facts) -> Iterator[tuple[str, tuple[Click, ...], tuple[str, ...]]]:
    oe, worst = facts.finding("oe"), facts.worst_segment("auc")
    cohort = parse_month(oe.cohort.rpartition("..")[2], "cohort")
    loss = facts.finding("expected_loss").value
    yield (
        "Is the model healthy now?",
        (),
        (f"{oe.bads:.0f} defaults where {oe.bads / oe.value:.0f} were expected", "Model kept"),
    )
    yield "Why was the model replaced in August?", AUGUST, (facts.decided.reasons[0],)
    yield (
        "Where does it rank worst?",
        (),
        (f"{worst.segment.replace('=', ': ', 1)}, {worst.rows:,.0f} loans",),
    )
    yield (
        "What happens next month?",
        (),
        (
            f"{add_months(facts.newest, 1):%B %Y} measures the outcomes of cohort"
            f" {add_months(cohort, 1):%Y-%m}",
        ),
    )
    assert facts.tenure["by"] == "pipeline"
    yield "Who approved the new model?", AUGUST, ("no person: automatic",)
    yield "What is expected to be lost?", (), (f"USD {loss:,.0f}",)


def validator(facts: Facts) -> Iterator[tuple[str, tuple[Click, ...], tuple[str, ...]]]:
    judged, report = facts.validation, (tab("Governance"), link("validation"))
    passed = sum(gate.passed for gate in judged.gates)
    gates = f"{passed} of {len(judged.gates)} gates passed"
    floor = next(gate for gate in judged.gates if gate.gate == "auc_floor")
    signals = [group.signal for column in judged.fairness for group in column.groups]
    grade = judged.windows[0].grades[-1]
    against, decay = judged.comparison, facts.finding("auc_decay")
    assert against
    yield "Which gates did it pass?", (*AUGUST, opened(gates)), (f"{floor.value:.3f}", gates)
    yield (
        "Did the PDs come true by grade?",
        (tab("Calibration"), opened("come true, grade by grade")),
        (f"{grade.pd:.1%}", f"{grade.defaults / grade.rows:.1%}"),
    )
    text = f"{signals.count('red')} red, {signals.count('amber')} amber"
    yield "Are groups treated alike?", report, ("Fairness signals", text)
    card = facts.store.read(f"registry/versions/{judged.version}/card.md").decode()
    use = next(line for line in card.splitlines() if line.startswith("Use: "))
    yield "For what may it be used?", (tab("Governance"), link("card")), (use,)
    yield "How much has it lost?", (tab("Performance"),), (f"{decay.value:.3f}",)
    better = f"The challenger is {against.outcome}, on {against.rows:,} rows"
    yield "Is it better than the one before?", report, (better,)


def auditor(facts: Facts) -> Iterator[tuple[str, tuple[Click, ...], tuple[str, ...]]]:
    root = facts.store.uri.removeprefix("file://")
    count = len([*Path(f"{root}-audit/records").iterdir()])
    row = facts.view.scores(CHANGED).to_pylist()[0]
    evidence = read_month_report(facts.store, CHANGED)
    assert evidence
    first = evidence.frameworks[0]
    red = f"red below {facts.policy.monitoring.auc_red:g}"
    by = f"the rule, automatically, by policy {facts.decided.policy[:12]}"
    yield "Is the trail whole?", (tab("Governance"),), (f"whole, {count:,} records",)
    yield "Who decided, by which policy?", AUGUST, (by,)
    yield (
        "What is the evidence by clause?",
        (*AUGUST, link("Evidence")),
        (f"{first.evidenced} of {len(first.lines)}", first.name),
    )
    yield (
        "What was one applicant told?",
        (found(row["application_id"]),),
        (f"{100 * row['pd']:#.3g}%", row["reason_1"]),
    )
    yield "Which limits were in force?", AUGUST, (red,)


def data_scientist(facts: Facts) -> Iterator[tuple[str, tuple[Click, ...], tuple[str, ...]]]:
    moved, auc = facts.most_moved(), facts.finding("auc", CHANGED)
    feature = moved.metric.removeprefix("csi:")
    report = load_report(facts.store, CHANGED)
    assert report
    counted = Counter(check.severity for check in report.checks)
    yield (
        "What moved most in August?",
        AUGUST,
        (f"CSI of {feature}", f"{moved.value:.3f}"),
    )
    cell = (chosen("Feature", feature), chosen("Month", f"{CHANGED:%Y-%m}"))
    there = f"{feature}, {CHANGED:%Y-%m}, beside the reference"
    yield "How is it distributed now and then?", (tab("Stability"), *cell), (there,)
    yield (
        "What was wrong with the data?",
        (*AUGUST, link("Data quality")),
        (
            f"{counted['block']} block, {counted['warn']} warn",
            f"{counted['info']} findings within their limits",
        ),
    )
    yield (
        "What was the AUC of each month?",
        (tab("Performance"), opened("Does it still rank?")),
        (f"{auc.value:.3f}", f"{auc.lower:.3f} to {auc.upper:.3f}"),
    )


def platform_engineer(facts: Facts) -> Iterator[tuple[str, tuple[Click, ...], tuple[str, ...]]]:
    runs = [key.split("/")[1] for key in facts.store.keys("runs/") if key.endswith("score.json")]
    records = [one for run in runs for one in run_records(facts.store, run)]
    tasks = [one for one in records if one.as_of == f"{facts.newest}"]
    slowest = max(tasks, key=lambda one: one.seconds)
    hours = facts.finding("trigger_to_promotion").value
    ended = f"{len(tasks)} of {len(tasks)} tasks ok, {sum(t.seconds for t in tasks):,.0f} s"
    yield "Did the newest run end well?", (), (ended,)
    yield (
        "Which task took longest?",
        (opened("tasks ok"),),
        (slowest.task, f"{slowest.seconds:.1f}"),
    )
    yield (
        "How long from decision to promotion?",
        (tab("Portfolio"),),
        ("Decision to promotion", f"{60 * hours:.0f} min"),
    )
    assert not [*facts.store.keys("registry/pending/")]
    yield "Does anything wait for a person?", (), ("nothing waits for approval",)


USERS = (risk_officer, validator, auditor, data_scientist, platform_engineer)


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Store:
    """The run that comes with the package, with the pages that are not packed."""
    kept = unpack(tmp_path_factory.mktemp("stored"))
    version = creditrisk.open(kept.uri).champion().to_pylist()[0]["version"]
    write_card_page(kept, version)
    validation = read_validation(kept, version)
    evidence, quality = read_month_report(kept, CHANGED), load_report(kept, CHANGED)
    assert validation and evidence and quality
    kept.write(validation_page_key(version), report_page.page(validation).encode())
    key = month_key(CHANGED)
    page = compliance.page(evidence, depth=key.count("/"))
    kept.write(f"{key.removesuffix('.json')}.html", page.encode())
    decided = creditrisk.open(kept.uri).decisions(CHANGED).to_pylist()[0]
    write_page(kept, quality, read_policy(kept, decided["policy"]).quality)
    return kept


def test_five_kinds_of_users_find_their_answers_within_three_clicks(store, new_page):
    facts, page, screens = Facts(store), new_page(), cycle(SCREENS)
    questions = [Question(user.__name__, *asked) for user in USERS for asked in user(facts)]
    assert len(questions) == 25
    missing: list[str] = []
    with served(store.uri) as address:
        for question in questions:
            assert len(question.clicks) <= 3
            on(page, next(screens))
            page.goto(address)
            for click in question.clicks:
                click(page)
            missing += unanswered(page, question)
    assert missing == []


def unanswered(page: Page, question: Question) -> list[str]:
    """On which screens an answer is not to be seen; none may have to be moved sideways."""
    expect(page.get_by_text(question.answers[0]).locator("visible=true").first).to_be_visible()
    missing = []
    for screen in SCREENS:
        on(page, screen)
        for answer in question.answers:
            if not page.get_by_text(answer).locator("visible=true").count():
                missing.append(f"{question.user}, {question.asks} {screen}: {answer}")
        # figures follow the window a moment later
        page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")
    return missing


def on(page: Page, screen: tuple[int, str]) -> None:
    width, scheme = screen
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
